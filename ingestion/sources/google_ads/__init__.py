"""Google Ads: campaign costs by day from exported reports. What a campaign's cost means belongs to dbt."""
