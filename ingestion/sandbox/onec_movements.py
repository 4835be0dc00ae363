"""What posted documents do: rows of the sales register, and who owes what.

The same movements stand behind every profile's registers; only their shapes differ.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ingestion.sandbox.company import Company
from ingestion.sandbox.generate.chance import cents
from ingestion.sandbox.trade import Line, RetailReport, Return, Shipment

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the sales register, in the company currency; a return's figures are negative.

    recorder: (kind, number) of the document: shipment | return | report | closing. document: the (kind, number) it is about. A closing's
    number is made of its day and organisation.
    """

    recorder: tuple[str, object]
    document: tuple[str, object]
    line: int
    at: datetime
    organisation: int
    warehouse: int
    customer: int
    counterparty: int
    manager: int
    product: int
    order: int | None
    quantity: Decimal
    revenue: Decimal
    vat: Decimal
    cost: Decimal
    is_active: bool = True


def sale_movements(company: Company) -> Iterator[Movement]:
    """All rows of the sales register, recorder by recorder.

    A shipment marked for deletion keeps its rows switched off (Active false): the platform allows it and bases have such rows.
    """
    for shipment in company.shipments:
        if shipment.is_posted or shipment.is_marked:
            yield from _of_document(("shipment", shipment.number), shipment, shipment.order, 1)
    for back in company.returns:
        if back.is_posted:
            yield from _of_document(("return", back.number), back, back.order, -1)
    buyer = next(one.number for one in company.customers if one.is_technical)
    for report in company.reports:
        yield from _of_report(company, report, buyer)
    by_closing: dict[tuple[datetime, int], int] = defaultdict(int)
    for one in company.corrections:
        source = company.shipment.get(one.shipment)
        if source is None:
            continue
        by_closing[one.at, one.organisation] += 1
        yield Movement(
            recorder=("closing", f"{one.at:%Y-%m}/{one.organisation}"),
            document=("shipment", one.shipment),
            line=by_closing[one.at, one.organisation],
            at=one.at,
            organisation=one.organisation,
            warehouse=source.warehouse,
            customer=source.customer,
            counterparty=source.counterparty,
            manager=source.manager,
            product=one.product,
            order=source.order,
            quantity=ZERO,
            revenue=ZERO,
            vat=ZERO,
            cost=one.cost,
        )


def _of_document(recorder: tuple[str, object], one: Shipment | Return, order: int | None, sign: int) -> Iterator[Movement]:
    for index, line in enumerate(one.lines, 1):
        yield Movement(
            recorder=recorder,
            document=recorder,
            line=index,
            at=one.at,
            organisation=one.organisation,
            warehouse=one.warehouse,
            customer=one.customer,
            counterparty=one.counterparty,
            manager=one.manager,
            product=line.product,
            order=order,
            quantity=sign * line.quantity,
            revenue=sign * cents(line.amount * one.rate),
            vat=sign * cents(line.vat * one.rate),
            cost=sign * line.cost,
            is_active=one.is_posted,
        )


def report_lines(company: Company, report: RetailReport) -> list[tuple[bool, Line]]:
    """The report's rows: (is it a return, the receipts' lines added up by product and price)."""
    found: dict[tuple[bool, int, Decimal], Line] = {}
    for number in report.receipts:
        receipt = company.receipt[number]
        for line in receipt.lines:
            name = (receipt.is_return, line.product, line.price)
            before = found.get(name)
            found[name] = line if before is None else _added(before, line)
    return [(is_return, line) for (is_return, _, _), line in found.items()]


def _added(left: Line, right: Line) -> Line:
    return Line(
        left.product,
        left.quantity + right.quantity,
        left.price,
        left.discount + right.discount,
        left.amount + right.amount,
        left.vat + right.vat,
        left.cost + right.cost,
    )


def _of_report(company: Company, report: RetailReport, buyer: int) -> Iterator[Movement]:
    for index, (is_return, line) in enumerate(report_lines(company, report), 1):
        sign = -1 if is_return else 1
        yield Movement(
            recorder=("report", report.number),
            document=("report", report.number),
            line=index,
            at=report.at,
            organisation=report.organisation,
            warehouse=report.warehouse,
            customer=buyer,
            counterparty=buyer,
            manager=report.manager,
            product=line.product,
            order=None,
            quantity=sign * line.quantity,
            revenue=sign * line.amount,
            vat=sign * line.vat,
            cost=sign * line.cost,
        )


@dataclass(frozen=True, slots=True)
class Debt:
    """What a counterparty owes (or, negative, has paid ahead) on one settlement object, in its currency and in the company currency.

    about: ("order", number), ("shipment", number) without an order, or ("payment", number) that names no order.
    """

    about: tuple[str, int]
    organisation: int
    counterparty: int
    currency: str
    amount: Decimal
    base: Decimal


def debts(company: Company, upto: date | None = None) -> list[Debt]:
    """Balances of settlements with buyers that are not zero, at the end of a day (default: now)."""
    sums: dict[tuple[tuple[str, int], int, int, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])

    def add(about: tuple[str, int], one: Shipment | Return, sign: int) -> None:
        total = sum((line.amount for line in one.lines), ZERO) * sign
        kept = sums[about, one.organisation, one.counterparty, one.currency]
        kept[0] += total
        kept[1] += cents(total * one.rate)

    for shipment in company.shipments:
        if shipment.is_posted and (upto is None or shipment.at.date() <= upto):
            add(("order", shipment.order) if shipment.order else ("shipment", shipment.number), shipment, 1)
    for back in company.returns:
        if back.is_posted and (upto is None or back.at.date() <= upto):
            add(("order", back.order) if back.order else ("shipment", back.shipment), back, -1)
    for payment in company.payments:
        counts = payment.is_posted and payment.is_conducted and payment.operation in ("customer_payment", "customer_refund")
        if not counts or payment.counterparty is None or (upto is not None and (payment.bank_on or payment.at.date()) > upto):
            continue
        sign = -1 if payment.operation == "customer_payment" else 1
        for split in payment.splits:
            about = ("order", split.order) if split.order else ("payment", payment.number)
            kept = sums[about, payment.organisation, payment.counterparty, payment.currency]
            kept[0] += sign * split.amount
            kept[1] += sign * cents(split.amount * payment.rate)
    return [Debt(about, organisation, card, currency, *kept) for (about, organisation, card, currency), kept in sums.items() if kept[0]]
