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


def make_plans(rng: Random, shipments: list[Shipment], managers: tuple[Manager, ...], today: date) -> tuple[Plan, ...]:
    """Revenue plans by manager and for the company, for every month of the history and the running one.

    They are drawn around the average month with its season, rounded to 10,000 as people do.
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
    return tuple(found)
