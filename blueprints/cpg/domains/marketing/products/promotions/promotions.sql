SELECT
  CAST(id AS VARCHAR) AS promotion_id,
  CAST(name AS VARCHAR) AS promotion_name,
  lpad(CAST(retailer.gln AS VARCHAR), 13, '0') AS retailer_gln,
  CAST(retailer.name AS VARCHAR) AS retailer,
  CAST(mechanic AS VARCHAR) AS mechanic,
  CAST(CAST(discount_percent AS DECIMAL(9, 4)) / 100 AS DECIMAL(9, 4)) AS discount,
  CAST(CAST(starts_on AS VARCHAR) AS DATE) AS starts_on,
  CAST(CAST(ends_on AS VARCHAR) AS DATE) AS ends_on,
  CAST(funding.amount AS DECIMAL(18, 2)) AS funding
FROM trade_planning.promotions
