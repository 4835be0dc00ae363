"""myTarget: campaign costs by day, from the service that VK Ads grew out of. What a campaign's cost means belongs to dbt."""
