"""Plans and discount tiers, as somebody keeps them in a spreadsheet."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ingestion.sandbox.clock import month_start
from ingestion.sandbox.generate.chance import SEASON
from ingestion.sandbox.people import Manager
from ingestion.sandbox.planning import DiscountTier, Plan
from ingestion.sandbox.trade import Shipment

TIERS = (
    DiscountTier("Бронза", Decimal(100_000), Decimal("0.03")),
    DiscountTier("Серебро", Decimal(400_000), Decimal("0.05")),
    DiscountTier("Золото", Decimal(1_500_000), Decimal("0.08")),
    DiscountTier("Платина", Decimal(5_000_000), Decimal("0.12")),
)


CONTACTS_OF_SELLER = 40
DEALS_OF_SELLER = 7
CATEGORY_PARTS = {"Компрессоры": Decimal("0.35"), "Электроинструмент": Decimal("0.25")}


def make_plans(rng: Random, shipments: list[Shipment], managers: tuple[Manager, ...], today: date) -> tuple[Plan, ...]:
    """Plans for every month of the history and the running one: revenue by manager and of the company, and other figures.

    Those of revenue are drawn around the average month with its season, rounded to 10,000 as people do.
    """
    months: dict[date, None] = {}
    day = month_start(min(one.at.date() for one in shipments))
    while day <= today:
        months[day] = None
        day = month_start(day + timedelta(days=32))
    sellers = [one for one in managers if one.is_sales]
    total = sum(float(line.amount * one.rate) for one in shipments if one.is_posted for line in one.lines)
    average = total / len(months)
    shares = [rng.uniform(0.6, 1.4) for _ in sellers]
    found = []
    for index, month in enumerate(months):
        level = average * SEASON[month.month - 1] * (0.85 + 0.35 * index / max(1, len(months) - 1))
        values = [Decimal(max(10_000, round(level * share / sum(shares), -4))) for share in shares]
        found.append(Plan(month, "revenue", "company", "", sum(values, Decimal(0))))
        found += [Plan(month, "revenue", "manager", seller.code, value) for seller, value in zip(sellers, values, strict=True)]
        found += _of_other_figures(month, sum(values, Decimal(0)), sellers)
    return tuple(found)


def _of_other_figures(month: date, revenue: Decimal, sellers: list[Manager]) -> list[Plan]:
    """Plans of the same month by other metrics and cuts, some of them set from the revenue as people do."""
    departments: dict[str, int] = {}
    for seller in sellers:
        departments[seller.department] = departments.get(seller.department, 0) + 1
    found = [
        Plan(month, "gross_profit", "company", "", round(revenue * Decimal("0.25"), -4)),
        Plan(month, "cash", "company", "", round(revenue * Decimal("0.95"), -4)),
        Plan(month, "average_sale", "company", "", Decimal(95_000)),
        Plan(month, "contacts", "company", "", Decimal(CONTACTS_OF_SELLER * len(sellers))),
    ]
    found += [Plan(month, "deals_won", "department", name, Decimal(DEALS_OF_SELLER * people)) for name, people in departments.items()]
    found += [Plan(month, "revenue", "product_category", name, round(revenue * part, -4)) for name, part in CATEGORY_PARTS.items()]
    return found
