SELECT
  items.brand,
  sold.retailer,
  sold.week_start,
  CAST(week.fiscal_year AS INTEGER) AS fiscal_year,
  CAST(week.fiscal_week AS INTEGER) AS fiscal_week,
  min(items.category) AS category,
  CAST(sum(sold.net_units) AS BIGINT) AS net_units,
  CAST(sum(sold.net_sales) AS DECIMAL(18, 2)) AS net_sales,
  CAST(sum(sold.net_sales) / nullif(sum(sold.net_units), 0) AS DECIMAL(18, 2)) AS average_price,
  CAST(
    sum(CASE WHEN sold.on_promotion THEN sold.units_sold ELSE 0 END) / nullif(sum(sold.units_sold), 0)
    AS DECIMAL(9, 4)
  ) AS promoted_share,
  CAST(count(DISTINCT CASE WHEN sold.units_sold > 0 THEN sold.store_gln END) AS INTEGER) AS stores_selling
FROM sales.sell_out AS sold
JOIN product.items AS items ON items.gtin = sold.gtin
JOIN finance.retail_weeks AS week ON week.week_start = sold.week_start
WHERE sold.data_quality = 'ok'
GROUP BY items.brand, sold.retailer, sold.week_start, week.fiscal_year, week.fiscal_week
