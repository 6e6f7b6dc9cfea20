WITH item_week AS (
  SELECT retailer_gln, gtin, week_start, sum(net_units) AS units
  FROM sales.sell_out
  GROUP BY retailer_gln, gtin, week_start
),
promoted_week AS (
  SELECT
    promotion.promotion_id,
    promotion.retailer_gln,
    item.gtin,
    week.week_start,
    week.fiscal_year,
    week.fiscal_period
  FROM marketing.promotions AS promotion
  JOIN marketing.promotion_items AS item ON item.promotion_id = promotion.promotion_id
  JOIN finance.retail_weeks AS week ON week.week_start BETWEEN promotion.starts_on AND promotion.ends_on
),
ordinary_week AS (
  SELECT item_week.*
  FROM item_week
  ANTI JOIN promoted_week
    ON promoted_week.retailer_gln = item_week.retailer_gln
    AND promoted_week.gtin = item_week.gtin
    AND promoted_week.week_start = item_week.week_start
),
promoted AS (
  SELECT
    promoted_week.promotion_id,
    promoted_week.retailer_gln,
    promoted_week.gtin,
    min(promoted_week.week_start) AS first_week,
    min(promoted_week.fiscal_year * 100 + promoted_week.fiscal_period) AS fiscal,
    count(*) AS weeks,
    sum(item_week.units) AS units
  FROM promoted_week
  JOIN item_week
    ON item_week.retailer_gln = promoted_week.retailer_gln
    AND item_week.gtin = promoted_week.gtin
    AND item_week.week_start = promoted_week.week_start
  GROUP BY promoted_week.promotion_id, promoted_week.retailer_gln, promoted_week.gtin
),
baseline AS (
  SELECT promoted.promotion_id, promoted.gtin, avg(ordinary_week.units) AS weekly_units
  FROM promoted
  JOIN ordinary_week
    ON ordinary_week.retailer_gln = promoted.retailer_gln
    AND ordinary_week.gtin = promoted.gtin
    AND ordinary_week.week_start BETWEEN promoted.first_week - 56 AND promoted.first_week + 56
  GROUP BY promoted.promotion_id, promoted.gtin
)
SELECT
  promoted.promotion_id,
  promoted.gtin,
  promoted.retailer_gln,
  promotion.retailer,
  items.brand,
  promotion.mechanic,
  promotion.discount,
  CAST(promoted.fiscal // 100 AS INTEGER) AS fiscal_year,
  CAST(promoted.fiscal % 100 AS INTEGER) AS fiscal_period,
  CAST(promoted.weeks AS INTEGER) AS weeks,
  CAST(promoted.units AS BIGINT) AS promoted_units,
  CAST(round(baseline.weekly_units * promoted.weeks) AS BIGINT) AS baseline_units,
  CAST(promoted.units - round(baseline.weekly_units * promoted.weeks) AS BIGINT) AS incremental_units,
  CAST(promoted.units / nullif(baseline.weekly_units * promoted.weeks, 0) - 1 AS DECIMAL(9, 4)) AS uplift
FROM promoted
JOIN baseline ON baseline.promotion_id = promoted.promotion_id AND baseline.gtin = promoted.gtin
JOIN marketing.promotions AS promotion ON promotion.promotion_id = promoted.promotion_id
JOIN product.items AS items ON items.gtin = promoted.gtin
