WITH notice AS (
  -- One carrier sends some notices twice.
  SELECT *
  FROM warehouse.ship_notices
  QUALIFY row_number() OVER (PARTITION BY shipment_no ORDER BY CAST(shipped_at AS VARCHAR)) = 1
),
pallet AS (
  SELECT
    shipment_no, po_no, ship_from_gln, ship_to_gln, carrier, shipped_at, delivered_at,
    unnest(pallets) AS pallet
  FROM notice
),
line AS (
  SELECT
    shipment_no, po_no, ship_from_gln, ship_to_gln, carrier, shipped_at, delivered_at,
    pallet.sscc AS sscc,
    unnest(pallet.lines) AS line
  FROM pallet
)
SELECT
  -- Some scanners keep the application identifier (00) of the label.
  CAST(replace(CAST(sscc AS VARCHAR), '(00)', '') AS VARCHAR) AS sscc,
  lpad(CAST(line.gtin AS VARCHAR), 14, '0') AS case_gtin,
  CAST(shipment_no AS VARCHAR) AS shipment_no,
  CAST(po_no AS VARCHAR) AS po_no,
  lpad(CAST(ship_from_gln AS VARCHAR), 13, '0') AS ship_from_gln,
  lpad(CAST(ship_to_gln AS VARCHAR), 13, '0') AS ship_to_gln,
  CAST(carrier AS VARCHAR) AS carrier,
  CAST(CAST(CAST(shipped_at AS VARCHAR) AS TIMESTAMP) AS DATE) AS shipped_on,
  CAST(CAST(shipped_at AS VARCHAR) AS TIMESTAMP) AS shipped_at,
  CAST(CAST(delivered_at AS VARCHAR) AS TIMESTAMP) AS delivered_at,
  CAST(line.lot AS VARCHAR) AS lot_no,
  CAST(CAST(line.best_before AS VARCHAR) AS DATE) AS best_before,
  CAST(line.cases AS INTEGER) AS cases
FROM line
