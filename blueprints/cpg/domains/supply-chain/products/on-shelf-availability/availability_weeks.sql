WITH store_week AS (
  SELECT
    stock.gtin,
    stock.week_start,
    stock.store_gln,
    stock.days_out_of_stock,
    coalesce(sold.units_sold, 0) AS units_sold
  FROM "retailer-north".shelf_stock AS stock
  LEFT JOIN sales.sell_out AS sold
    ON sold.store_gln = stock.store_gln AND sold.gtin = stock.gtin AND sold.week_start = stock.week_start
)
SELECT
  store_week.gtin,
  store_week.week_start,
  min(items.brand) AS brand,
  min(items.description) AS description,
  CAST(count(*) AS INTEGER) AS stores_listing,
  CAST(sum(days_out_of_stock) AS INTEGER) AS out_of_stock_days,
  CAST(1 - sum(days_out_of_stock) / (count(*) * 7) AS DECIMAL(9, 4)) AS availability,
  CAST(sum(units_sold) AS BIGINT) AS units_sold,
  CAST(round(sum(units_sold * days_out_of_stock / nullif(7 - days_out_of_stock, 0))) AS BIGINT) AS lost_units
FROM store_week
JOIN product.items AS items ON items.gtin = store_week.gtin
GROUP BY store_week.gtin, store_week.week_start
