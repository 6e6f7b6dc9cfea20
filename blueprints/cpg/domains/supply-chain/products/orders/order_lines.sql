-- The order system writes days first and decimal commas.
SELECT
  CAST("PO_NO" AS VARCHAR) AS po_no,
  CAST("LINE_NO" AS INTEGER) AS line_no,
  CAST(coalesce(
    try_strptime(CAST("PO_DATE" AS VARCHAR), '%d.%m.%Y'),
    try_strptime(CAST("PO_DATE" AS VARCHAR), '%Y-%m-%d')
  ) AS DATE) AS ordered_on,
  CAST(coalesce(
    try_strptime(CAST("REQUESTED_DELIVERY" AS VARCHAR), '%d.%m.%Y'),
    try_strptime(CAST("REQUESTED_DELIVERY" AS VARCHAR), '%Y-%m-%d')
  ) AS DATE) AS requested_delivery_on,
  lpad(CAST("BUYER_GLN" AS VARCHAR), 13, '0') AS buyer_gln,
  lpad(CAST("SHIP_TO_GLN" AS VARCHAR), 13, '0') AS ship_to_gln,
  lpad(CAST("CASE_GTIN" AS VARCHAR), 14, '0') AS case_gtin,
  CAST("CASES_ORDERED" AS INTEGER) AS cases_ordered,
  CAST("CASE_PRICE" AS DECIMAL(18, 2)) AS case_price
FROM order_system.purchase_orders
