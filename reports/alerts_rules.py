"""The rules that alerts are made of: each asks its questions and gives the findings that its condition holds for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from reports.access import Scope
from reports.delivery.worktime import Worktime
from reports.formatting import Kind
from reports.periods import instant, period_of
from reports.published import Published, Row
from reports.questions import load_question

By = Literal["company", "manager", "channel"]

CONFLICTS = frozenset(
    {
        "won_deal_without_order",
        "order_without_deal",
        "amount_differs",
        "paid_not_shipped",
        "paid_order_open_deal",
        "payment_without_order",
        "control_total_differs",
        "contradictory_record",
        "counted_twice",
    }
)
# A call missed on a Friday evening is still waited for on Monday.
CALL_DAYS = 4


@dataclass(frozen=True)
class Finding:
    """Something that a rule's condition holds for.

    Attributes:
        entity: what it is about, the same in every publication.
        places: values by the name of their place in the rule's sentence, with their kinds.
        occurrence: tells one occasion from the next for frequency `each`; empty: every publication is one.
    """

    entity: str
    places: Mapping[str, tuple[Kind, Any]] = field(default_factory=dict)
    occurrence: str = ""


@dataclass(frozen=True)
class Failing:
    """A source that cannot be read.

    Attributes:
        source: its name.
        since: when that began.
        error: the last sentence about it.
    """

    source: str
    since: datetime
    error: str


@dataclass(frozen=True)
class Asked:
    """What a rule reckons with: the publication under a reader's scope, the rule's own numbers, the company's hours, the last readings."""

    published: Published
    scope: Scope
    worktime: Worktime
    over: float
    minutes: int
    days: int
    by: By
    failing: tuple[Failing, ...] = ()

    @property
    def as_of(self) -> date:
        """The business day of the data."""
        return self.published.publication.as_of_date

    def rows(self, question: str, first: date | None = None, last: date | None = None) -> list[Row]:
        """A question for days from first to last, under the reader's scope."""
        first, last = first or self.as_of, last or self.as_of
        zone = self.published.publication.zone
        params = {
            "from_date": first,
            "to_date": last,
            "month": period_of("month", last).start,
            "from_instant": instant(first, zone),
            "to_instant": instant(last + timedelta(days=1), zone),
        }
        return self.published.query(question, params, self.scope)


@dataclass(frozen=True)
class Rule:
    """A kind of alert.

    Attributes:
        name: as in skvoz.toml.
        title: the word of its heading.
        line: the word of one finding's sentence.
        over: the word of the sentence that it is over.
        questions: what it asks.
        find: gives the findings.
        threshold: the default of `over`.
        baseline: what is there when the rule is first reckoned is known already and not told: only what is new is.
        frequency: how often it tells, unless skvoz.toml says otherwise.
        of_readings: it is about the last readings of the systems, and is reckoned when these change, published or not.
        scopes: what one alert of it may be about; the first is the default.
    """

    name: str
    title: str
    line: str
    over: str
    questions: tuple[str, ...]
    find: Callable[[Asked], list[Finding]]
    threshold: float = 0.0
    baseline: bool = False
    frequency: str = "once"
    of_readings: bool = False
    scopes: tuple[By, ...] = ("company",)

    @property
    def tables(self) -> frozenset[str]:
        """The published tables that it reads."""
        return frozenset[str]().union(*(load_question(question).tables for question in self.questions))


def revenue_below_plan(asked: Asked) -> list[Finding]:
    """Yesterday's revenue against the month's plan spread evenly over its workdays; `over` is the share that is still all right."""
    day = asked.as_of - timedelta(days=1)
    if not asked.worktime.is_workday(day):
        return []
    workdays = asked.rows("calendar/workdays", day, day)[0]["workdays"]
    plans = {row["manager_key"]: row["plan_revenue"] for row in asked.rows("plan/by_manager", day, day) if row["plan_revenue"]}
    revenue = {row["manager_key"]: row["revenue"] or Decimal(0) for row in asked.rows("revenue/by_manager", day, day)}
    if not plans or not workdays:
        return []
    if asked.by == "manager":
        # who sold nothing stands in no sale, and is the first whom this alert is about
        names = {row["manager_key"]: row["manager_name"] for row in asked.rows("managers/everybody")}
        pairs = [(key, names.get(key) or key, revenue.get(key, Decimal(0)), plan / workdays) for key, plan in plans.items()]
    else:
        name = asked.published.publication.company_name
        pairs = [("company", name, sum(revenue.values(), Decimal(0)), sum(plans.values()) / workdays)]
    return [
        Finding(
            str(entity),
            {"label": ("text", label), "day": ("date", day), "value": ("money", value), "plan": ("money", plan)},
            day.isoformat(),
        )
        for entity, label, value, plan in pairs
        if value < plan * Decimal(str(asked.over))
    ]


def debt_past_thirty(asked: Asked) -> list[Finding]:
    """Customers, or managers with all of theirs, whose debt of more than thirty days past due exceeds `over`."""
    entity, label = ("manager_key", "manager_name") if asked.by == "manager" else ("customer_key", "customer_name")
    debts: dict[str, Decimal] = {}
    names: dict[str, str | None] = {}
    oldest: dict[str, int] = {}
    for row in asked.rows("alerts/debts_past_thirty"):
        key = str(row[entity])
        debts[key] = debts.get(key, Decimal(0)) + row["debt"]
        names[key] = row[label]
        oldest[key] = max(oldest.get(key, 0), row["overdue_days"])
    return [
        Finding(key, {"label": ("text", names[key]), "value": ("money", debt), "days": ("integer", oldest[key])})
        for key, debt in debts.items()
        if debt > asked.over
    ]


def missed_call_not_returned(asked: Asked) -> list[Finding]:
    """Calls that nobody returned within `minutes` of working time before the publication."""
    moment = asked.published.publication.published_at
    findings = []
    for row in asked.rows("alerts/missed_calls", asked.as_of - timedelta(days=CALL_DAYS), asked.as_of):
        waited = asked.worktime.minutes(row["started_at"], moment)
        if waited > asked.minutes:
            label = row["customer_name"] or row["phone"]
            places: dict[str, tuple[Kind, Any]] = {
                "label": ("text", label),
                "moment": ("datetime", row["started_at"]),
                "waited": ("integer", waited),
            }
            findings.append(Finding(str(row["call_key"]), places))
    return findings


def source_stale(asked: Asked) -> list[Finding]:
    """Sources with a stream that was not loaded in time."""
    loaded: dict[str, Any] = {}
    for row in asked.rows("data/freshness"):
        if row["is_stale"]:
            known, moment = loaded.get(row["source"]), row["last_loaded_at"]
            loaded[row["source"]] = moment if known is None or moment is None else min(known, moment)
    return [Finding(source, {"label": ("text", source), "moment": ("datetime", moment)}) for source, moment in sorted(loaded.items())]


def source_down(asked: Asked) -> list[Finding]:
    """Sources that could not be read, or suddenly brought next to nothing, for longer than `minutes`."""
    return [
        Finding(down.source, {"label": ("text", down.source), "moment": ("datetime", down.since), "details": ("text", down.error)})
        for down in asked.failing
    ]


def campaign_without_leads(asked: Asked) -> list[Finding]:
    """Campaigns (or channels) that cost more than `over` in the last `days` and brought no lead."""
    first = asked.as_of - timedelta(days=asked.days - 1)
    key = "channel" if asked.by == "channel" else "campaign_key"
    costs = asked.rows("alerts/campaign_costs", first, asked.as_of)
    leads = {row["campaign_key"] for row in asked.rows("alerts/campaign_leads", first, asked.as_of) if row["leads"]}
    served = {row[key] for row in costs if row["campaign_key"] in leads}
    spent: dict[str, Decimal] = {}
    names: dict[str, str] = {}
    for row in costs:
        entity = str(row[key])
        spent[entity] = spent.get(entity, Decimal(0)) + (row["cost"] or Decimal(0))
        names[entity] = entity if key == "channel" else str(row["campaign_name"] or entity)
    return [
        Finding(entity, {"label": ("text", names[entity]), "value": ("money", cost), "days": ("integer", asked.days)})
        for entity, cost in spent.items()
        if entity not in served and cost > asked.over
    ]


def duplicate_customer(asked: Asked) -> list[Finding]:
    """Customers that stand twice in the systems."""
    return [
        Finding(str(row["issue_key"]), {"label": ("text", row["customer_name"]), "details": ("text", row["details"])})
        for row in asked.rows("alerts/disagreements")
        if row["check_name"] == "duplicate_customer"
    ]


def conflict(asked: Asked) -> list[Finding]:
    """Disagreements of 1C and the CRM about more money than `over`."""
    return [
        Finding(
            str(row["issue_key"]),
            {
                "label": ("text", row["customer_name"]),
                "value": ("money", row["amount"]),
                "details": ("text", row["details"]),
            },
        )
        for row in asked.rows("alerts/disagreements")
        if row["check_name"] in CONFLICTS and abs(row["amount"] or 0) > asked.over
    ]


_PLAN_QUESTIONS = ("revenue/by_manager", "plan/by_manager", "calendar/workdays", "managers/everybody")
_CAMPAIGN_QUESTIONS = ("alerts/campaign_costs", "alerts/campaign_leads")
_ISSUES = ("alerts/disagreements",)
RULES = {
    rule.name: rule
    for rule in (
        Rule("revenue_below_plan", "alert.revenue", "alert.revenue_line", "alert.revenue_over", _PLAN_QUESTIONS, revenue_below_plan, 1.0,
             frequency="each", scopes=("company", "manager")),
        Rule("debt_past_30_days", "alert.debt", "alert.debt_line", "alert.debt_over", ("alerts/debts_past_thirty",), debt_past_thirty, 0.0,
             baseline=True, scopes=("company", "manager")),
        Rule("missed_call_not_returned", "alert.call", "alert.call_line", "alert.call_over", ("alerts/missed_calls",),
             missed_call_not_returned),
        Rule("source_stale", "alert.stale", "alert.stale_line", "alert.stale_over", ("data/freshness",), source_stale),
        Rule("source_down", "alert.down", "alert.down_line", "alert.down_over", (), source_down, of_readings=True),
        Rule("campaign_without_leads", "alert.campaign", "alert.campaign_line", "alert.campaign_over", _CAMPAIGN_QUESTIONS,
             campaign_without_leads, scopes=("company", "channel")),
        Rule("duplicate_customer", "alert.duplicate", "alert.duplicate_line", "alert.duplicate_over", _ISSUES, duplicate_customer,
             baseline=True),
        Rule("conflict", "alert.conflict", "alert.conflict_line", "alert.conflict_over", _ISSUES, conflict, 0.0, baseline=True),
    )
}  # fmt: skip
