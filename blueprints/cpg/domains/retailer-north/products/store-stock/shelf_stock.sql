SELECT
  lpad(CAST(store_gln AS VARCHAR), 13, '0') AS store_gln,
  lpad(CAST(gtin AS VARCHAR), 14, '0') AS gtin,
  CAST(CAST(counted_on AS VARCHAR) AS DATE) - 6 AS week_start,
  CAST(CAST(counted_on AS VARCHAR) AS DATE) AS counted_on,
  CAST(on_hand_units AS INTEGER) AS on_hand_units,
  CAST(days_out_of_stock AS INTEGER) AS days_out_of_stock
FROM shelf_stock_feed.weekly_count
