"""The CRMs' facts as they must stand in the marts: deals with origins and rates, leads, stage entries, calls, what people did."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from ingestion.sandbox.clock import wall
from ingestion.sandbox.company import Company
from ingestion.sandbox.company_systems import SOURCE_NAMES
from ingestion.sandbox.marketing import Origin
from ingestion.sandbox.sales import Call, Deal, Pipeline, Stage
from tests.marts.expected import ZERO, cents, month
from tests.marts.keys import Keys, e164, key

# what the CRM's own list says when no mark is there (seed channels)
CRM_CHANNELS = {
    "site": "direct",
    "call": "direct",
    "repeat": "direct",
    "recommendation": "referral",
    "exhibition": "offline",
    "email": "email",
    "social": "social",
    "": None,
}
MEDIUMS = {"organic": "organic", "referral": "referral"}


def truncated(moment: datetime) -> datetime:
    """To the second, as the CRMs keep it."""
    return moment.replace(microsecond=0)


@dataclass(frozen=True)
class Visit:
    """One uninterrupted stay of a deal in a stage."""

    deal: Deal
    number: int
    pipeline: Pipeline
    stage: Stage
    position: int
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class ExpectedCrm:
    """Facts of the CRMs by the end of as_of (which is the company's now).

    Attributes:
        company: the truth.
        keys: names of its things.
        campaign_keys: campaign_key by the campaign's number; only the warehouse can name a spreadsheet's campaign.
    """

    company: Company
    keys: Keys
    campaign_keys: dict[int, str]

    @cached_property
    def _rates(self) -> dict[str, tuple[list[date], list[Decimal]]]:
        found: dict[str, tuple[list[date], list[Decimal]]] = defaultdict(lambda: ([], []))
        for one in sorted(self.company.rates, key=lambda rate: rate.day):
            found[one.currency][0].append(one.day)
            found[one.currency][1].append(one.rate)
        return found

    def rate(self, currency: str, day: date) -> Decimal | None:
        """The rate of the day, else the last earlier one."""
        if currency == self.company.currency:
            return Decimal(1)
        days, rates = self._rates[currency]
        place = bisect_right(days, day)
        return rates[place - 1] if place else None

    def origin(self, origin: Origin) -> tuple[str | None, str | None]:
        """(campaign_key, channel) of what a record says about where it came from."""
        if origin.utm_campaign and origin.campaign is not None:
            campaign = self.company.campaign[origin.campaign]
            return self.campaign_keys[campaign.number], campaign.channel
        channel: str | None
        if origin.utm_medium:
            channel = self.company.campaign[origin.campaign].channel if origin.campaign else MEDIUMS[origin.utm_medium]
        else:
            channel = CRM_CHANNELS[origin.crm_source]
        return (f"channel:{channel}" if channel else None), channel

    def amount_base(self, deal: Deal) -> Decimal | None:
        """In the company currency at the rate of the day of creation."""
        rate = self.rate(deal.currency, wall(deal.created_at).date())
        return None if rate is None else cents(deal.amount * rate)

    @cached_property
    def pipelines(self) -> dict[tuple[str, int], Pipeline]:
        """By system and id."""
        return {(one.system, one.id): one for one in self.company.pipelines}

    def pipeline_of(self, deal: Deal) -> Pipeline:
        """The deal's current pipeline."""
        return self.pipelines[deal.system, deal.pipeline_id]

    @staticmethod
    def stage_key(pipeline: Pipeline, stage: Stage) -> str:
        """stage_key of a stage."""
        return f"{SOURCE_NAMES[pipeline.system]}:{pipeline.id}:{stage.id}"

    @staticmethod
    def position(pipeline: Pipeline, stage: Stage) -> int:
        """1, 2, … in the pipeline's own order."""
        return 1 + [one.id for one in pipeline.stages].index(stage.id)

    @cached_property
    def visits(self) -> dict[int, list[Visit]]:
        """Stays in stages by the deal's number."""
        found: dict[int, list[Visit]] = {}
        for deal in self.keys.live_deals:
            stays = [
                one
                for before, one in zip((None, *deal.entries), deal.entries, strict=False)
                if before is None or one.stage_id != before.stage_id or one.pipeline_id != before.pipeline_id
            ]
            rows = []
            for number, entry in enumerate(stays, 1):
                pipeline = self.pipelines[deal.system, entry.pipeline_id]
                stage = next(one for one in pipeline.stages if one.id == entry.stage_id)
                left = truncated(stays[number].at) if number < len(stays) else None
                entered = truncated(deal.created_at if number == 1 else entry.at)
                rows.append(Visit(deal, number, pipeline, stage, self.position(pipeline, stage), entered, left))
            found[deal.number] = rows
        return found

    def hours(self, visit: Visit) -> float | None:
        """Hours of the stay; the present one of an open deal lasts to the end of as_of, closed stages have none."""
        if visit.stage.kind in ("won", "lost"):
            return None
        return ((visit.left_at or self.company.now) - visit.entered_at).total_seconds() / 3600

    @staticmethod
    def manager_at_close(deal: Deal) -> int:
        """Who was responsible when the deal closed, where the CRM keeps it (amoCRM), else who is now."""
        if deal.system != "amocrm" or deal.closed_at is None:
            return deal.manager
        later = [change for change in deal.manager_changes if change.at > deal.closed_at]
        return later[0].before if later else deal.manager

    @cached_property
    def _phone_owners(self) -> dict[str, str | None]:
        owners: dict[str, set[str]] = defaultdict(set)
        for card in self.company.cards:
            customer = self.keys.components.get((card.system, card.kind, card.id))
            for phone in card.phones:
                number = e164(phone)
                if number and customer:
                    owners[number].add(customer)
        return {number: min(found) if len(found) == 1 else None for number, found in owners.items()}

    def call_customer(self, call: Call) -> str | None:
        """Of the card the call hangs on, else of its deal, else the only customer with that number."""
        if call.direction == "internal":
            return None
        cards = [(call.card_kind, call.card_id)] if call.card_id is not None else []
        cards += [call.second_card] if call.second_card is not None else []
        found = [self.keys.components[(call.system, kind, card or 0)] for kind, card in sorted(cards)]
        deal = self.company.deal.get(call.deal or 0)
        if deal is not None and deal.deleted_at is None:
            found.append(self.keys.deal_customer(deal))
        return next((one for one in found if one), self._phone_owners.get(call.phone))

    def call_deal(self, call: Call, customer: str | None) -> str | None:
        """The deal the system links, else the customer's only open deal at that moment."""
        linked = self.company.deal.get(call.deal or 0)
        if linked is not None and linked.deleted_at is None:
            return self.keys.deal(linked)
        if customer is None or call.direction == "internal":
            return None
        open_then = [
            deal
            for deal in self._deals_by_customer[customer]
            if truncated(deal.created_at) <= call.started_at
            and (deal.closed_at is None or truncated(deal.closed_at) > call.started_at)
            and self.stood_open(deal, call.started_at)
        ]
        return self.keys.deal(open_then[0]) if len(open_then) == 1 else None

    def stood_open(self, deal: Deal, moment: datetime) -> bool:
        """Whether the deal's stage at a moment was an open one: a lost deal may be opened again."""
        kinds = [visit.stage.kind for visit in self.visits[deal.number] if truncated(visit.entered_at) <= moment]
        return not kinds or kinds[-1] not in ("won", "lost")

    @cached_property
    def _deals_by_customer(self) -> dict[str, list[Deal]]:
        found: dict[str, list[Deal]] = defaultdict(list)
        for deal in self.keys.live_deals:
            found[str(self.keys.deal_customer(deal))].append(deal)
        return found

    def call_manager(self, call: Call, customer: str | None) -> str | None:
        """Who talked, or the last extension rung, or for a missed call the customer's manager."""
        missed = call.direction == "in" and call.result != "answered"
        fallback = self.keys.customer_manager.get(str(customer)) if missed else None
        return key("manager", call.manager) or fallback

    def work(self) -> Iterator[tuple[str, datetime, str | None, str | None, str]]:
        """(type, moment, deal, manager, source) of what people did and finished."""
        now = self.company.now
        for call in self.company.calls:
            if call.result == "answered" and call.direction != "internal":
                deal = self.call_deal(call, self.call_customer(call))
                yield "call", truncated(call.started_at), deal, key("manager", call.manager), SOURCE_NAMES[call.system]
        for task in self.company.tasks:
            if task.completed_at is not None and task.completed_at < now:
                # both CRMs keep it as they keep everything: to the second
                kind = "meeting" if task.system == "amocrm" and task.kind == "meeting" else "task"
                yield kind, truncated(task.completed_at), self.live(task.deal), key("manager", task.manager), SOURCE_NAMES[task.system]
        for one in self.company.activities:
            sent = one.kind == "meeting" or one.direction == "out"
            if sent and one.is_done and not one.is_automatic and one.at < now:
                yield one.kind, truncated(one.at), self.live(one.deal), key("manager", one.manager), SOURCE_NAMES[one.system]

    def live(self, number: int | None) -> str | None:
        """deal_key of a deal that still exists."""
        deal = self.company.deal.get(number or 0)
        return None if deal is None or deal.deleted_at is not None else self.keys.deal(deal)

    def cohort(self, deal: Deal) -> date:
        """Business month of the deal's creation."""
        return month(wall(deal.created_at).date())

    def funnel_amount(self, deal: Deal) -> Decimal:
        """amount_base, 0 where unknown."""
        return self.amount_base(deal) or ZERO
