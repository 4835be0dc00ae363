"""The shops: receipts, returns at the till, the day's report over them, and the cash carried to the office."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

from ingestion.sandbox.clock import at
from ingestion.sandbox.generate.chance import Timeline, counted, likely
from ingestion.sandbox.generate.deals import Basket
from ingestion.sandbox.generate.orders import ZERO, make_line
from ingestion.sandbox.goods import Product, Warehouse
from ingestion.sandbox.people import Manager
from ingestion.sandbox.trade import Payment, PaymentSplit, RetailReceipt, RetailReport


def make_receipts(
    rng: Random, scale: float, timeline: Timeline, shops: list[Warehouse], managers: tuple[Manager, ...], products: tuple[Product, ...]
) -> list[RetailReceipt]:
    """Receipts (600 at scale 1) in the order of time; one in thirty is taken back at the till some days later."""
    basket = Basket(tuple(one for one in products if one.price < 20_000))
    cashier = next(one.number for one in managers if not one.is_sales)
    drawn = sorted((timeline.pick(rng), rng.randrange(600, 1200), rng.choice(shops).number) for _ in range(counted(600, scale, least=6)))
    organisation = {one.number: one.organisation for one in shops}
    found: list[RetailReceipt] = []
    for day, minute, shop in drawn:
        lines = tuple(
            make_line(product, quantity, product.price, ZERO, product.cost * quantity) for product, quantity in basket.pick(rng, 3)
        )
        total = sum((line.amount for line in lines), ZERO)
        moment = at(day, minute // 60, minute % 60, rng.randrange(60))
        fate = rng.random()
        card = total if fate < 0.6 else ZERO if fate < 0.95 else Decimal(int(total) // 2)
        found.append(RetailReceipt(0, "", moment, organisation[shop], shop, cashier, lines, total - card, card))
    back = [
        replace(
            one,
            at=one.at + timedelta(days=rng.randrange(0, 9), minutes=25),
            lines=one.lines[:1],
            cash=one.lines[0].amount,
            card=ZERO,
            is_return=True,
            original=index,
        )
        for index, one in enumerate(found)
        if likely(rng, 0.03)
    ]
    order = sorted(
        [*enumerate(found), *((-1, one) for one in back if one.at.date() <= timeline.last)],
        key=lambda pair: (pair[1].at, pair[1].warehouse),
    )
    number_of = {index: number for number, (index, _) in enumerate(order, 1) if index >= 0}
    return [
        replace(
            one,
            number=number,
            code=f"Ч{one.warehouse:02d}-{number:06d}",
            original=None if one.original is None else number_of[one.original],
        )
        for number, (_, one) in enumerate(order, 1)
    ]


def report_on(receipts: list[RetailReceipt], first: int = 1) -> list[RetailReport]:
    """One report for each shop and day, dated at closing time."""
    by_day = sorted(receipts, key=lambda one: (one.at.date(), one.warehouse, one.number))
    found: list[RetailReport] = []
    for (day, shop), group in groupby(by_day, key=lambda one: (one.at.date(), one.warehouse)):
        same = [one for one in group if one.is_posted]
        if same:
            number = first + len(found)
            numbers = tuple(one.number for one in same)
            found.append(
                RetailReport(number, f"Р{shop:02d}-{number:06d}", at(day, 21, shop), same[0].organisation, shop, same[0].manager, numbers)
            )
    return found


def carry_cash(reports: list[RetailReport], receipts: list[RetailReceipt]) -> list[Payment]:
    """The till's cash brought to the office at closing: an internal movement, not a second receipt of money."""
    by_number = {one.number: one for one in receipts}
    found = []
    for report in reports:
        cash = sum((by_number[number].cash * (-1 if by_number[number].is_return else 1) for number in report.receipts), ZERO)
        if cash > 0:
            found.append(
                Payment(
                    number=0,
                    kind="cash_in",
                    operation="retail_cash",
                    code="",
                    at=report.at + timedelta(minutes=10),
                    organisation=report.organisation,
                    customer=None,
                    partner=None,
                    counterparty=None,
                    currency="RUB",
                    rate=Decimal(1),
                    amount=cash,
                    splits=(PaymentSplit(None, cash),),
                    purpose="Розничная выручка",
                )
            )
    return found
