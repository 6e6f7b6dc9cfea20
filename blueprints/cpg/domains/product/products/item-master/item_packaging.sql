WITH current_item AS (
  SELECT *
  FROM item_system.trade_items
  QUALIFY row_number() OVER (
    PARTITION BY gtin ORDER BY CAST(CAST(modified_at AS VARCHAR) AS TIMESTAMP) DESC
  ) = 1
),
level AS (
  SELECT gtin AS item_gtin, unnest(packaging) AS pack
  FROM current_item
),
flat AS (
  SELECT
    lpad(CAST(item_gtin AS VARCHAR), 14, '0') AS item_gtin,
    lpad(CAST(pack.gtin AS VARCHAR), 14, '0') AS gtin,
    CAST(pack.level AS VARCHAR) AS level,
    lpad(CAST(pack.child_gtin AS VARCHAR), 14, '0') AS child_gtin,
    CAST(pack.child_quantity AS INTEGER) AS child_quantity
  FROM level
)
SELECT
  flat.gtin,
  flat.level,
  flat.item_gtin,
  flat.child_gtin,
  flat.child_quantity,
  -- A pallet holds cases, a case holds consumer units.
  CAST(flat.child_quantity * coalesce(inner_pack.child_quantity, 1) AS INTEGER) AS consumer_units
FROM flat
LEFT JOIN flat AS inner_pack ON inner_pack.gtin = flat.child_gtin
