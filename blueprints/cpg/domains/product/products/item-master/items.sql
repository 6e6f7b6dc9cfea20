-- The export still holds older versions of an item: the last change counts.
WITH current_item AS (
  SELECT *
  FROM item_system.trade_items
  QUALIFY row_number() OVER (
    PARTITION BY gtin ORDER BY CAST(CAST(modified_at AS VARCHAR) AS TIMESTAMP) DESC
  ) = 1
),
level AS (
  SELECT gtin, unnest(packaging) AS pack
  FROM current_item
)
SELECT
  lpad(CAST(item.gtin AS VARCHAR), 14, '0') AS gtin,
  CAST(item.sku AS VARCHAR) AS sku,
  CAST(item.description AS VARCHAR) AS description,
  trim(CAST(item.brand AS VARCHAR)) AS brand,
  CAST(item.category AS VARCHAR) AS category,
  CAST(item.variant AS VARCHAR) AS variant,
  CAST(item.net_content.value AS DECIMAL(18, 3)) AS net_content,
  CAST(item.net_content.uom AS VARCHAR) AS net_content_unit,
  lpad(CAST(in_case.pack.gtin AS VARCHAR), 14, '0') AS case_gtin,
  CAST(in_case.pack.child_quantity AS INTEGER) AS units_per_case,
  lpad(CAST(on_pallet.pack.gtin AS VARCHAR), 14, '0') AS pallet_gtin,
  CAST(on_pallet.pack.child_quantity AS INTEGER) AS cases_per_pallet,
  CAST(CAST(item.available_from AS VARCHAR) AS DATE) AS available_from
FROM current_item AS item
JOIN level AS in_case ON in_case.gtin = item.gtin AND in_case.pack.level = 'CASE'
JOIN level AS on_pallet ON on_pallet.gtin = item.gtin AND on_pallet.pack.level = 'PALLET'
