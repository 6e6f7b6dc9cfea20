SELECT
  lpad(CAST(gtin AS VARCHAR), 14, '0') AS gtin,
  CAST(CAST(valid_from AS VARCHAR) AS DATE) AS valid_from,
  coalesce(
    lead(CAST(CAST(valid_from AS VARCHAR) AS DATE)) OVER (PARTITION BY gtin ORDER BY CAST(valid_from AS VARCHAR)) - 1,
    DATE '9999-12-31'
  ) AS valid_to,
  CAST(list_price AS DECIMAL(18, 2)) AS list_price,
  CAST(standard_cost AS DECIMAL(18, 2)) AS standard_cost
FROM reference_book.standard_costs
