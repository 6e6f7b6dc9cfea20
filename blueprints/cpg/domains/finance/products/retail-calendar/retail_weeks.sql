SELECT
  CAST(CAST(week_start AS VARCHAR) AS DATE) AS week_start,
  CAST(CAST(week_end AS VARCHAR) AS DATE) AS week_end,
  CAST(fiscal_year AS INTEGER) AS fiscal_year,
  CAST(fiscal_quarter AS INTEGER) AS fiscal_quarter,
  CAST(fiscal_period AS INTEGER) AS fiscal_period,
  CAST(period_name AS VARCHAR) AS period_name,
  CAST(fiscal_week AS INTEGER) AS fiscal_week,
  CAST(week_of_period AS INTEGER) AS week_of_period,
  CAST(iso_week AS VARCHAR) AS iso_week
FROM reference_book.retail_weeks
