"""What payment services know: the company's card payments, some that 1C has not seen yet, tests, refunds, abandoned baskets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from ingestion.sandbox.company import Company


@dataclass(frozen=True, slots=True)
class OnlinePayment:
    """A payment or a refund at a service.

    order_code: the number of the 1C order that the shop hands over, else ''. document: number of the company's payment in 1C, 0 where
    1C has none. status: succeeded | pending | canceled. of: id of the payment that a refund pays back.
    """

    id: str
    number: int
    created_at: datetime
    captured_at: datetime
    amount: Decimal
    currency: str
    status: str
    order_code: str
    document: int
    is_refund: bool = False
    is_test: bool = False
    of: str = ""


def online_payments(company: Company, unseen: int = 8) -> list[OnlinePayment]:
    """Every card payment of 1C as its service saw it, and `unseen` paid ones that 1C has no document of."""
    rng = Random(company.seed + 7)
    found: list[OnlinePayment] = []

    def add(
        at: datetime,
        amount: Decimal,
        currency: str,
        status: str,
        code: str,
        document: int,
        *,
        refund: bool = False,
        test: bool = False,
        of: str = "",
    ) -> None:
        made = at - timedelta(minutes=rng.randrange(2, 240))
        identity = str(UUID(int=rng.getrandbits(128), version=4))
        found.append(OnlinePayment(identity, len(found) + 1, made, at, amount, currency, status, code, document, refund, test, of))

    parents: dict[int, str] = {}
    cards = [one for one in company.payments if one.kind == "card" and one.is_posted]
    for payment in cards:
        refund = payment.operation == "customer_refund"
        order = company.order.get(payment.splits[0].order or 0)
        # half of the shop's payments name the order
        code = order.code if order is not None and rng.random() < 0.5 else ""
        parent = parents.get(order.number, "") if refund and order is not None else ""
        add(payment.at, payment.amount, payment.currency, "succeeded", code, payment.number, refund=refund, of=parent)
        if order is not None and not refund:
            parents[order.number] = found[-1].id
    last = company.now - timedelta(hours=30)
    for number in range(unseen):
        at = last - timedelta(days=number * 11, minutes=number * 17)
        add(at, Decimal(10_000 + 137 * number) + Decimal("0.37"), company.currency, "succeeded", "", 0)
    for number in range(4):
        at = last - timedelta(days=number * 9)
        add(at, Decimal("999.00"), company.currency, ("canceled", "pending")[number % 2], "", 0)
        add(at, Decimal("100.00"), company.currency, "succeeded", "", 0, test=True)
    return sorted(found, key=lambda one: (one.created_at, one.id))


def counted_payments(payments: Iterable[OnlinePayment]) -> list[OnlinePayment]:
    """Those that are money: paid, and no tests."""
    return [one for one in payments if one.status == "succeeded" and not one.is_test]
