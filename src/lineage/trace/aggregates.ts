/** DuckDB's aggregate functions, and the library's names of their nodes. */
export const AGGREGATES: ReadonlySet<string> = new Set(
  `aggregate_function any_value approx_count_distinct approx_distinct approx_quantile approx_top_k arg_max arg_max_null
  arg_min arg_min_null argmax argmin array_agg avg bit_and bit_or bit_xor bitstring_agg bitwise_and_agg bitwise_or_agg
  bitwise_xor_agg bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg first fsum
  geometric_mean group_concat histogram histogram_exact json_array_agg json_group_array json_group_object
  json_object_agg kahan_sum kurtosis kurtosis_pop last list listagg logical_and logical_or mad map_agg max max_by mean
  median min min_by mode percentile_cont percentile_disc product quantile quantile_cont quantile_disc regr_avgx
  regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness
  stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop var_samp variance`.split(
    /\s+/,
  ),
);
