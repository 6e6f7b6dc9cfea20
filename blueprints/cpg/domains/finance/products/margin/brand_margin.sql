WITH sold AS (
  SELECT
    items.brand,
    sold.retailer,
    week.fiscal_year,
    week.fiscal_period,
    sum(sold.net_units) AS units,
    sum(sold.net_units * cost.list_price) AS net_revenue,
    sum(sold.net_units * cost.standard_cost) AS cost_of_goods
  FROM sales.sell_out AS sold
  JOIN product.items AS items ON items.gtin = sold.gtin
  JOIN finance.retail_weeks AS week ON week.week_start = sold.week_start
  JOIN finance.standard_costs AS cost
    ON cost.gtin = sold.gtin AND sold.week_start BETWEEN cost.valid_from AND cost.valid_to
  WHERE sold.data_quality = 'ok'
  GROUP BY items.brand, sold.retailer, week.fiscal_year, week.fiscal_period
),
item_funding AS (
  SELECT
    promotion.retailer,
    promotion.starts_on,
    item.gtin,
    promotion.funding / count(*) OVER (PARTITION BY promotion.promotion_id) AS funding
  FROM marketing.promotions AS promotion
  JOIN marketing.promotion_items AS item ON item.promotion_id = promotion.promotion_id
),
spend AS (
  SELECT items.brand, item_funding.retailer, week.fiscal_year, week.fiscal_period, sum(item_funding.funding) AS trade_spend
  FROM item_funding
  JOIN product.items AS items ON items.gtin = item_funding.gtin
  JOIN finance.retail_weeks AS week ON item_funding.starts_on BETWEEN week.week_start AND week.week_end
  GROUP BY items.brand, item_funding.retailer, week.fiscal_year, week.fiscal_period
)
SELECT
  sold.brand,
  sold.retailer,
  sold.fiscal_year,
  sold.fiscal_period,
  CAST(sold.units AS BIGINT) AS units,
  CAST(sold.net_revenue AS DECIMAL(18, 2)) AS net_revenue,
  CAST(sold.cost_of_goods AS DECIMAL(18, 2)) AS cost_of_goods,
  CAST(coalesce(spend.trade_spend, 0) AS DECIMAL(18, 2)) AS trade_spend,
  CAST(sold.net_revenue - sold.cost_of_goods - coalesce(spend.trade_spend, 0) AS DECIMAL(18, 2)) AS gross_margin,
  CAST(
    (sold.net_revenue - sold.cost_of_goods - coalesce(spend.trade_spend, 0)) / nullif(sold.net_revenue, 0)
    AS DECIMAL(9, 4)
  ) AS margin_share
FROM sold
LEFT JOIN spend
  ON spend.brand = sold.brand
  AND spend.retailer = sold.retailer
  AND spend.fiscal_year = sold.fiscal_year
  AND spend.fiscal_period = sold.fiscal_period
