WITH shipped AS (
  SELECT
    po_no,
    case_gtin,
    sum(cases) AS cases,
    CAST(max(delivered_at) AS DATE) AS delivered_on
  FROM "supply-chain".shipment_lines
  GROUP BY po_no, case_gtin
),
-- The orders of the two newest weeks may still be on the road.
settled AS (
  SELECT max(requested_delivery_on) - 14 AS last_day
  FROM "supply-chain".order_lines
),
line AS (
  SELECT
    ordered.ship_to_gln,
    ordered.buyer_gln,
    week.week_start,
    ordered.cases_ordered,
    coalesce(shipped.cases, 0) AS cases_shipped,
    (ordered.cases_ordered - coalesce(shipped.cases, 0)) * items.units_per_case AS units_short,
    coalesce(shipped.cases, 0) >= ordered.cases_ordered AS in_full,
    coalesce(shipped.delivered_on <= ordered.requested_delivery_on, false) AS on_time
  FROM "supply-chain".order_lines AS ordered
  JOIN settled ON ordered.requested_delivery_on <= settled.last_day
  JOIN product.items AS items ON items.case_gtin = ordered.case_gtin
  JOIN finance.retail_weeks AS week
    ON ordered.requested_delivery_on BETWEEN week.week_start AND week.week_end
  LEFT JOIN shipped ON shipped.po_no = ordered.po_no AND shipped.case_gtin = ordered.case_gtin
)
SELECT
  ship_to_gln,
  week_start,
  min(buyer_gln) AS buyer_gln,
  CAST(count(*) AS INTEGER) AS order_lines,
  CAST(count(*) FILTER (WHERE in_full) AS INTEGER) AS lines_in_full,
  CAST(count(*) FILTER (WHERE on_time) AS INTEGER) AS lines_on_time,
  CAST(count(*) FILTER (WHERE in_full AND on_time) / count(*) AS DECIMAL(9, 4)) AS otif_share,
  CAST(sum(cases_ordered) AS BIGINT) AS cases_ordered,
  CAST(sum(cases_shipped) AS BIGINT) AS cases_shipped,
  CAST(sum(units_short) AS BIGINT) AS units_short,
  CAST(sum(cases_shipped) / sum(cases_ordered) AS DECIMAL(9, 4)) AS fill_rate
FROM line
GROUP BY ship_to_gln, week_start
