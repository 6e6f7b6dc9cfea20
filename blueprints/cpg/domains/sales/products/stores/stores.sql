SELECT
  lpad(CAST(store_gln AS VARCHAR), 13, '0') AS store_gln,
  CAST(store_number AS VARCHAR) AS store_number,
  CAST(store_name AS VARCHAR) AS store_name,
  lpad(CAST(retailer_gln AS VARCHAR), 13, '0') AS retailer_gln,
  CAST(retailer AS VARCHAR) AS retailer,
  CAST(format AS VARCHAR) AS format,
  CAST(city AS VARCHAR) AS city,
  CAST(postal_code AS VARCHAR) AS postal_code,
  CAST(country AS VARCHAR) AS country,
  CAST(region AS VARCHAR) AS region,
  CAST(latitude AS DECIMAL(9, 5)) AS latitude,
  CAST(longitude AS DECIMAL(9, 5)) AS longitude,
  CAST(CAST(opened_on AS VARCHAR) AS DATE) AS opened_on
FROM store_master.stores
