SELECT
  CAST(id AS VARCHAR) AS promotion_id,
  lpad(CAST(gtin AS VARCHAR), 14, '0') AS gtin,
  lpad(CAST(retailer_gln AS VARCHAR), 13, '0') AS retailer_gln
FROM (
  SELECT id, retailer.gln AS retailer_gln, unnest(items) AS gtin
  FROM trade_planning.promotions
)
