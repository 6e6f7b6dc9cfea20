import { quoteIdentifier } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import type { AccessPlan, PlannedColumn } from '../access-plan-model.ts';
import { duckdbFilter } from './duckdb-filter.ts';
import { duckdbMask } from './duckdb-mask.ts';

export interface DuckdbSource {
  /** SQL of the raw relation as it stands after FROM, for example `read_parquet(['…'])` or `"raw"."t"`. */
  relation: string;
  /** Secret, new for each query, at least 16 characters; sha-256-query-local uses it. */
  querySalt: string;
}

/**
 * The plan as the SELECT of a view. The filter reads unmasked values of the relation, first; then come the
 * masked columns, in the table's order, and no other.
 *
 * @throws MeshError `policy.nothing-visible` when every column is hidden.
 */
export function compileDuckdbView(plan: AccessPlan, source: DuckdbSource): string {
  if (plan.columns.length === 0) {
    throw new MeshError('policy.nothing-visible', { facts: { dataset: plan.dataset } });
  }
  const names = namesOf(plan);
  checkDistinct(names);
  const alias = freeAlias(names);
  const columns = plan.columns.map((column) => columnSql(column, { alias, querySalt: source.querySalt }));
  const filter = duckdbFilter(plan.rowFilter, { columns: plan.filterColumns, alias });
  return `SELECT ${columns.join(', ')} FROM ${source.relation} AS ${quoteIdentifier(alias)} WHERE ${filter}`;
}

function columnSql(column: PlannedColumn, scope: { alias: string; querySalt: string }): string {
  const name = quoteIdentifier(column.name);
  const raw = `${quoteIdentifier(scope.alias)}.${name}`;
  if (!column.mask) return `${raw} AS ${name}`;
  return `${duckdbMask(column.mask, raw, { type: column.type, querySalt: scope.querySalt })} AS ${name}`;
}

function namesOf(plan: AccessPlan): string[] {
  return [...plan.columns, ...plan.hidden].map(({ name }) => name);
}

/** DuckDB ignores case in names: of `a` and `A` it could show the hidden one, so it shows neither. */
function checkDistinct(names: string[]): void {
  const distinct = new Set(names.map((name) => name.toLowerCase()));
  if (distinct.size < names.length) {
    throw new MeshError('internal', { detail: `column names differ only in case: ${names.join(', ')}` });
  }
}

/** An alias that is no column, so that `alias.column` cannot mean a field of a struct. */
function freeAlias(names: string[]): string {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  let alias = 'raw';
  while (taken.has(alias)) alias += '_';
  return alias;
}
