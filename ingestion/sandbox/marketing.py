"""Where customers come from: campaigns, what they cost by day, and the origin that is written on a deal."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Campaign:
    """An advertising campaign. system: yandex_direct (costs come from its API; `id` is CampaignId) or spreadsheet (`id` 0).

    channel: paid_search | paid_social | offline | email | referral, as the seed of channels names them.
    """

    number: int
    system: str
    id: int
    name: str
    channel: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    started_on: date
    ended_on: date
    pull: float


@dataclass(frozen=True, slots=True)
class CampaignDay:
    """One campaign's day. `cost` is without VAT in the company currency."""

    campaign: int
    day: date
    impressions: int
    clicks: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a deal or a lead says it came from, as the CRM holds it: empty strings where nothing is known.

    `campaign` is the truth (Campaign.number) even where the marks are missing or misspelt. crm_source is the CRM's own list value:
    site | call | recommendation | exhibition | email | social | repeat | '' .
    """

    campaign: int | None = None
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_content: str = ""
    utm_term: str = ""
    crm_source: str = ""
    promo_code: str = ""
