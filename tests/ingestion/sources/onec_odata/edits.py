"""What somebody does to one shipment of the company, for tests of changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ingestion.sandbox.company import Company
from ingestion.sandbox.trade import Shipment

STREAMS = ("orders", "shipments", "sales_register")
Alter = Callable[[Shipment], Shipment | None]


def shipped(company: Company, *, ago: tuple[int, int], lines: int = 1) -> Shipment:
    """A posted shipment so many days old that has at least so many lines."""
    low, high = (company.now - timedelta(days=days) for days in reversed(ago))
    return next(one for one in company.shipments if one.is_posted and low <= one.at < high and len(one.lines) >= lines)


def altered(company: Company, target: Shipment, alter: Alter) -> Company:
    """The company after one shipment was changed, or erased (None)."""
    changed = (alter(one) if one.number == target.number else one for one in company.shipments)
    return replace(company, shipments=tuple(one for one in changed if one is not None))


def fewer_lines(one: Shipment) -> Shipment:
    return replace(one, lines=one.lines[:1])


def unposted(one: Shipment) -> Shipment:
    return replace(one, is_posted=False)


def marked(one: Shipment) -> Shipment:
    return replace(one, is_posted=False, is_marked=True)


def erased(_: Shipment) -> None:
    return None


def dated(moment: datetime) -> Alter:
    return lambda one: replace(one, at=moment)
