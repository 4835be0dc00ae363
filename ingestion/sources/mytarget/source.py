"""myTarget.

`campaign_costs`: one record per day and campaign (`campaigns`) with impressions, clicks or spendings, key `<date>:<id>`; `base` as sent.
The last days are read again, for costs are corrected; a day that is no longer reported is deleted.
"""

from __future__ import annotations

from pydantic import Field

from ingestion.sources.vk_ads.statistics import StatisticsOptions, connect
from ingestion.spec import Source, Stream


class MyTargetOptions(StatisticsOptions):
    """`[sources.<name>]` of type mytarget."""

    url: str = Field(default="https://target.my.com/api/v2", pattern="^https?://.+$", description="the API's address")
    level: str = Field(default="campaigns", pattern="^[a-z_]+$", description="which objects are campaigns")


SOURCE = Source(
    type="mytarget",
    system="mytarget",
    title="myTarget",
    streams=(
        Stream(
            "campaign_costs",
            "by quarter at first, then the last days again each time; days no longer reported are deleted",
            ("fct_campaign_costs", "marketing_roi"),
        ),
    ),
    options=MyTargetOptions,
    connect=connect,
    dbt_options=("currency", "include_vat"),
)
