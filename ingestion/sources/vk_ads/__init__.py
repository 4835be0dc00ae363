"""VK Ads: campaign costs by day. What a campaign's cost means belongs to dbt."""
