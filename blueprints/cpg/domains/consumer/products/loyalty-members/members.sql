SELECT
  CAST(member_id AS VARCHAR) AS member_id,
  CAST(first_name AS VARCHAR) AS first_name,
  CAST(last_name AS VARCHAR) AS last_name,
  lower(CAST(email AS VARCHAR)) AS email,
  CAST(CAST(birth_date AS VARCHAR) AS DATE) AS birth_date,
  CAST(city AS VARCHAR) AS city,
  CAST(postal_code AS VARCHAR) AS postal_code,
  CAST(country AS VARCHAR) AS country,
  CAST(CAST(joined_on AS VARCHAR) AS DATE) AS joined_on,
  CAST(tier AS VARCHAR) AS tier,
  CAST(marketing_consent AS VARCHAR) IN ('yes', 'true') AS marketing_consent
FROM loyalty_club.members
-- Signed up twice: the later line counts.
QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY CAST(updated_at AS VARCHAR) DESC) = 1
