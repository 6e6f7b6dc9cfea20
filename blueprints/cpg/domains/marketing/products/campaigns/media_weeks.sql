SELECT
  CAST(campaign_id AS VARCHAR) AS campaign_id,
  CAST(country AS VARCHAR) AS country,
  CAST(channel AS VARCHAR) AS channel,
  CAST(CAST(week_start AS VARCHAR) AS DATE) AS week_start,
  CAST(brand AS VARCHAR) AS brand,
  CAST(spend_eur AS DECIMAL(18, 2)) AS spend,
  CAST(impressions AS BIGINT) AS impressions,
  CAST(clicks AS BIGINT) AS clicks
FROM media_agency.media_weeks
