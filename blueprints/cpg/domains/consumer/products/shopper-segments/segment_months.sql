WITH bought AS (
  SELECT
    members.member_id,
    members.country,
    items.brand,
    CAST(date_trunc('month', purchases.purchased_on) AS DATE) AS month,
    -- By year of birth only: the day of birth is masked for everybody.
    year(purchases.purchased_on) - year(members.birth_date) AS age,
    purchases.quantity,
    purchases.amount
  FROM consumer.purchases AS purchases
  JOIN consumer.members AS members ON members.member_id = purchases.member_id
  JOIN product.items AS items ON items.gtin = purchases.gtin
),
grouped AS (
  SELECT
    CASE
      WHEN age IS NULL THEN 'not given'
      WHEN age < 30 THEN 'under 30'
      WHEN age < 45 THEN '30 to 44'
      WHEN age < 60 THEN '45 to 59'
      ELSE '60 and over'
    END AS age_group,
    country, brand, month, member_id, quantity, amount
  FROM bought
)
SELECT
  age_group,
  country,
  brand,
  month,
  CAST(count(DISTINCT member_id) AS INTEGER) AS members,
  CAST(sum(quantity) AS BIGINT) AS units,
  CAST(sum(amount) AS DECIMAL(18, 2)) AS amount
FROM grouped
GROUP BY age_group, country, brand, month
HAVING count(DISTINCT member_id) >= 5
