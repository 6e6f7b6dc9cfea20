-- Five retailers, three forms, one table. S is a sale, R a return; quantities are positive in both.
WITH activity AS (
  SELECT
    lpad(CAST(store_gln AS VARCHAR), 13, '0') AS store_gln,
    lpad(CAST(retailer_gln AS VARCHAR), 13, '0') AS retailer_gln,
    lpad(CAST(gtin AS VARCHAR), 14, '0') AS gtin,
    CAST(CAST(reporting_start_date AS VARCHAR) AS DATE) AS week_start,
    CASE activity_code WHEN 'QU' THEN 'R' ELSE 'S' END AS movement,
    CAST(quantity AS INTEGER) AS quantity,
    CAST(retail_value AS DECIMAL(18, 2)) AS value,
    CAST(promo_flag AS VARCHAR) IN ('Y', 'true') AS on_promotion
  FROM retailer_pos.product_activity
  -- Sent twice, or sent again as a correction: the line received last counts.
  QUALIFY row_number() OVER (
    PARTITION BY store_gln, gtin, reporting_start_date, activity_code
    ORDER BY CAST(received_at AS VARCHAR) DESC
  ) = 1
),
bonpre AS (
  SELECT
    stores.store_gln,
    stores.retailer_gln,
    lpad(CAST(line.ean AS VARCHAR), 14, '0') AS gtin,
    -- Franchise stores write days first.
    CAST(coalesce(
      try_strptime(CAST(line.semaine_du AS VARCHAR), '%Y-%m-%d'),
      try_strptime(CAST(line.semaine_du AS VARCHAR), '%d/%m/%Y')
    ) AS DATE) AS week_start,
    CASE WHEN line.quantite < 0 THEN 'R' ELSE 'S' END AS movement,
    abs(line.quantite) AS quantity,
    abs(line.value) AS value,
    line.promo = 'oui' AS on_promotion
  FROM (
    SELECT DISTINCT
      magasin,
      ean,
      semaine_du,
      CAST(quantite AS INTEGER) AS quantite,
      CAST(ca_ht AS DECIMAL(18, 2)) AS value,
      CAST(promo AS VARCHAR) AS promo
    FROM retailer_pos.ventes_bonpre
  ) AS line
  JOIN sales.stores AS stores ON stores.store_number = line.magasin
),
tierra_lines AS (
  SELECT
    lpad(CAST(tienda.gln AS VARCHAR), 13, '0') AS store_gln,
    -- From Monday; our week begins the day before.
    CAST(CAST(semana_desde AS VARCHAR) AS DATE) - 1 AS week_start,
    unnest(ventas) AS venta
  FROM retailer_pos.ventas_tierra_fresca
),
tierra AS (
  SELECT
    line.store_gln,
    stores.retailer_gln,
    lpad(CAST(line.venta.ean AS VARCHAR), 14, '0') AS gtin,
    line.week_start,
    CAST(line.venta.unidades AS INTEGER) AS units_sold,
    CAST(line.venta.devoluciones AS INTEGER) AS units_returned,
    CAST(line.venta.importe AS DECIMAL(18, 2)) AS net_sales,
    CAST(line.venta.promocion AS BOOLEAN) AS on_promotion
  FROM tierra_lines AS line
  JOIN sales.stores AS stores ON stores.store_gln = line.store_gln
),
all_lines AS (
  SELECT
    store_gln, retailer_gln, gtin, week_start, on_promotion,
    CASE WHEN movement = 'S' THEN quantity ELSE 0 END AS units_sold,
    CASE WHEN movement = 'R' THEN quantity ELSE 0 END AS units_returned,
    CASE WHEN movement = 'S' THEN value ELSE 0 END AS gross_sales,
    CASE WHEN movement = 'S' THEN value ELSE -value END AS net_sales
  FROM (SELECT * FROM activity UNION ALL BY NAME SELECT * FROM bonpre)
  UNION ALL BY NAME
  SELECT
    store_gln, retailer_gln, gtin, week_start, on_promotion,
    units_sold,
    units_returned,
    -- Tierra Fresca sends net values only; its returns are valued at the price of what was sold.
    CASE
      WHEN units_sold > units_returned
        THEN round(net_sales * units_sold / (units_sold - units_returned), 2)
      ELSE net_sales
    END AS gross_sales,
    net_sales
  FROM tierra
),
weekly AS (
  SELECT
    store_gln,
    gtin,
    week_start,
    min(retailer_gln) AS retailer_gln,
    sum(units_sold) AS units_sold,
    sum(units_returned) AS units_returned,
    sum(gross_sales) AS gross_sales,
    sum(net_sales) AS net_sales,
    bool_or(on_promotion) AS on_promotion
  FROM all_lines
  GROUP BY store_gln, gtin, week_start
),
-- GS1 check digit: with weights 3, 1, 3, 1 ... from the left, a right GTIN-14 sums to a multiple of ten.
gtin_check AS (
  SELECT
    gtin,
    sum(CAST(substr(gtin, place, 1) AS INTEGER) * CASE WHEN place % 2 = 1 THEN 3 ELSE 1 END) % 10 = 0
      AS check_digit_holds
  FROM (SELECT DISTINCT gtin FROM weekly)
  CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14)) AS places (place)
  GROUP BY gtin
)
SELECT
  weekly.store_gln,
  weekly.gtin,
  weekly.week_start,
  weekly.retailer_gln,
  stores.retailer,
  stores.country,
  stores.region,
  CAST(weekly.units_sold AS INTEGER) AS units_sold,
  CAST(weekly.units_returned AS INTEGER) AS units_returned,
  CAST(weekly.units_sold - weekly.units_returned AS INTEGER) AS net_units,
  CAST(weekly.gross_sales AS DECIMAL(18, 2)) AS gross_sales,
  CAST(weekly.net_sales AS DECIMAL(18, 2)) AS net_sales,
  weekly.on_promotion,
  CASE
    WHEN NOT gtin_check.check_digit_holds THEN 'invalid-gtin'
    WHEN stores.store_gln IS NULL THEN 'unknown-store'
    ELSE 'ok'
  END AS data_quality
FROM weekly
JOIN gtin_check ON gtin_check.gtin = weekly.gtin
LEFT JOIN sales.stores AS stores ON stores.store_gln = weekly.store_gln
