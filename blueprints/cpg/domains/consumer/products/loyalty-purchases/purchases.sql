SELECT
  CAST(receipt_line_id AS VARCHAR) AS receipt_line_id,
  CAST(member_id AS VARCHAR) AS member_id,
  lpad(CAST(store_gln AS VARCHAR), 13, '0') AS store_gln,
  lpad(CAST(gtin AS VARCHAR), 14, '0') AS gtin,
  CAST(CAST(purchased_on AS VARCHAR) AS DATE) AS purchased_on,
  CAST(quantity AS INTEGER) AS quantity,
  CAST(amount_eur AS DECIMAL(18, 2)) AS amount
FROM loyalty_club.receipts
