"""VK Ads.

`campaign_costs`: one record per day and campaign (`ad_plans`) with impressions, clicks or spendings, key `<date>:<id>`; `base` as sent.
The last days are read again, for costs are corrected; a day that is no longer reported is deleted.
"""

from __future__ import annotations

from pydantic import Field

from ingestion.sources.vk_ads.statistics import StatisticsOptions, connect
from ingestion.spec import Source, Stream


class VkAdsOptions(StatisticsOptions):
    """`[sources.<name>]` of type vk_ads."""

    url: str = Field(default="https://ads.vk.com/api/v2", pattern="^https?://.+$", description="the API's address")
    level: str = Field(default="ad_plans", pattern="^[a-z_]+$", description="which objects are campaigns")


SOURCE = Source(
    type="vk_ads",
    system="vk_ads",
    title="VK Ads",
    streams=(
        Stream(
            "campaign_costs",
            "by quarter at first, then the last days again each time; days no longer reported are deleted",
            ("fct_campaign_costs", "marketing_roi"),
        ),
    ),
    options=VkAdsOptions,
    connect=connect,
    dbt_options=("currency", "include_vat"),
)
