"""What a day brings to the books."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from ingestion.sandbox.generate import retail
from ingestion.sandbox.generate.advertising import make_campaign_days
from ingestion.sandbox.generate.chance import Timeline, cents, money
from ingestion.sandbox.generate.evolving import during, following, note, share, some, swap, without
from ingestion.sandbox.generate.fulfilment import Fulfilment, Papers, number_papers
from ingestion.sandbox.generate.orders import ZERO, Ledger, OrderMaker, number_orders
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.trade import ExchangeRate, Payment, PaymentSplit, Shipment

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company


def _numbered(company: "Company", papers: Papers) -> Papers:
    """New documents under the next free numbers; new returns must come after their shipments are numbered, so there are none here."""
    first = (following(company.shipments), following(company.returns), following(company.payments))
    return number_papers(papers, company.organisations, first)


def new_rates(company: "Company", rng: Random) -> "Company":
    """The day's exchange rates, if it is a workday."""
    if company.today.weekday() > 4:
        return company
    last = {one.currency: one for one in company.rates}
    rates = [
        ExchangeRate(currency, company.today, (one.rate * Decimal(rng.randrange(992, 1009)) / 1000).quantize(Decimal("0.0001")))
        for currency, one in last.items()
    ]
    return replace(company, rates=tuple(sorted((*company.rates, *rates), key=lambda one: (one.currency, one.day))))


def new_papers(company: "Company", rng: Random) -> "Company":
    """New orders, one of them dated three weeks back; shipments of open orders; a shop's day."""
    end = company.now + timedelta(days=1)
    ledger, rates = Ledger(company.cards), Rates(company.rates, company.currency)
    maker = OrderMaker(rng, end, ledger, company.customers, company.managers, company.products, rates)
    buyers = some(rng, company.customers, share(4, company.scale), lambda one: bool(one.home) and ledger.knows(one.number))
    made = [maker.repeat(one, company.today) for one in buyers]
    made = [replace(one, at=during(rng, company.now), changed_at=during(rng, company.now)) for one in made]
    late = made[0]
    made[0] = replace(late, at=late.at - timedelta(days=21), changed_at=late.at)
    fresh = number_orders(made, company.organisations, following(company.orders))
    company = replace(company, orders=(*company.orders, *fresh), changes=note(company, "order_backdated", [fresh[0].number]))

    worker = Fulfilment(rng, end, company.customers, company.products, rates)
    shipped_orders = {one.order for one in company.shipments if one.is_posted}
    waiting = some(
        rng,
        company.orders,
        share(5, company.scale),
        lambda one: one.is_posted and one.status == "open" and one.number not in shipped_orders and bool(one.lines),
    )
    shipments: list[Shipment] = []
    for order in waiting:
        done = worker.ship(replace(order, at=company.now - timedelta(days=30)))[:1]
        shipments += [replace(one, at=during(rng, company.now), rate=rates.on(one.currency, company.today)) for one in done]
    papers = _numbered(company, Papers(shipments=shipments))
    touched = {one.order for one in papers.shipments}
    orders = [replace(one, status="shipped", changed_at=during(rng, company.now)) for one in company.orders if one.number in touched]
    company = replace(company, shipments=(*company.shipments, *papers.shipments), orders=swap(company.orders, orders))
    return _shop_day(company, rng)


def _shop_day(company: "Company", rng: Random) -> "Company":
    day = Timeline(company.today, company.today)
    shops = [one for one in company.warehouses if one.is_shop]
    made = retail.make_receipts(rng, company.scale / 200, day, shops, company.managers, company.products)[:2]
    first = following(company.receipts)
    fresh = [
        replace(one, number=first + index, code=f"Ч{one.warehouse:02d}-{first + index:06d}", is_return=False, original=None)
        for index, one in enumerate(made)
    ]
    reports = retail.report_on(fresh, following(company.reports))
    return replace(company, receipts=(*company.receipts, *fresh), reports=(*company.reports, *reports))


def edit_papers(company: "Company", rng: Random) -> "Company":
    """Old documents change: posted again with fewer lines, moved to another date, dearer, unposted."""
    returned = {one.shipment for one in company.returns} | {one.shipment for one in company.corrections}

    def is_old(one: Shipment) -> bool:
        age = (company.today - one.at.date()).days
        return one.is_posted and one.number not in returned and 10 < age < 120

    shorter = [
        replace(one, lines=one.lines[:-1]) for one in some(rng, company.shipments, 2, lambda one: is_old(one) and len(one.lines) > 1)
    ]
    company = replace(
        company, shipments=swap(company.shipments, shorter), changes=note(company, "shipment_fewer_lines", [one.number for one in shorter])
    )
    done = {one.number for one in shorter}
    moved = [
        replace(one, at=one.at - timedelta(days=40))
        for one in some(rng, company.shipments, 1, lambda one: is_old(one) and one.number not in done)
    ]
    company = replace(
        company, shipments=swap(company.shipments, moved), changes=note(company, "shipment_moved_back", [one.number for one in moved])
    )
    done |= {one.number for one in moved}
    unposted = [
        replace(one, is_posted=False) for one in some(rng, company.shipments, 1, lambda one: is_old(one) and one.number not in done)
    ]
    company = replace(
        company, shipments=swap(company.shipments, unposted), changes=note(company, "shipment_unposted", [one.number for one in unposted])
    )
    return _edit_orders(company, rng)


def _edit_orders(company: "Company", rng: Random) -> "Company":
    dearer = []
    for order in some(
        rng, company.orders, 2, lambda one: one.is_posted and 5 < (company.today - one.at.date()).days < 90 and bool(one.lines)
    ):
        first = order.lines[0]
        more = replace(first, quantity=first.quantity + 1, amount=first.amount + first.price)
        vat = cents(more.amount * company.product[first.product].vat_rate / (1 + company.product[first.product].vat_rate))
        dearer.append(replace(order, lines=(replace(more, vat=vat), *order.lines[1:]), changed_at=during(rng, company.now)))
    shipped = {one.order for one in company.shipments} | {split.order for one in company.payments for split in one.splits}
    free = some(rng, company.orders, 2, lambda one: one.is_posted and one.number not in shipped and one.changed_at < company.now)
    unposted = [replace(one, is_posted=False, changed_at=during(rng, company.now)) for one in free[:1]]
    marked = [replace(one, is_posted=False, is_marked=True, changed_at=during(rng, company.now)) for one in free[1:]]
    refused = [
        replace(one, is_posted=False, is_conducted=False, bank_on=None)
        for one in some(rng, company.payments, 1, lambda one: one.is_posted and one.operation == "customer_payment")
    ]
    company = replace(company, orders=swap(company.orders, [*dearer, *unposted, *marked]), payments=swap(company.payments, refused))
    for what, numbers in (
        ("order_edited", [one.number for one in dearer]),
        ("order_unposted", [one.number for one in unposted]),
        ("order_marked", [one.number for one in marked]),
        ("payment_unposted", [one.number for one in refused]),
    ):
        company = replace(company, changes=note(company, what, numbers))
    return company


def erase_papers(company: "Company", rng: Random) -> "Company":
    """Documents marked for deletion are erased, and a posted payment and a return as well: nothing is left of them."""
    used = {one.shipment for one in company.returns} | {one.shipment for one in company.corrections}
    named = {one.order for one in company.shipments} | {split.order for one in company.payments for split in one.splits}
    named |= {one.order for one in company.claims}
    fresh = {one.number for one in company.changes if one.what in ("order_marked", "payment_unposted")}
    orders = some(rng, company.orders, 1, lambda one: one.is_marked and one.number not in named | fresh)
    shipments = some(rng, company.shipments, 1, lambda one: one.is_marked and one.number not in used)
    payments = some(rng, company.payments, 1, lambda one: one.is_posted and one.operation == "customer_payment" and one.number not in fresh)
    returns = some(rng, company.returns, 1 if len(company.returns) > 3 else 0, lambda one: one.is_posted)
    gone = {
        "order_erased": [one.number for one in orders],
        "shipment_erased": [one.number for one in shipments],
        "payment_erased": [one.number for one in payments],
        "return_erased": [one.number for one in returns],
    }
    company = replace(
        company,
        orders=without(company.orders, set(gone["order_erased"])),
        shipments=without(company.shipments, set(gone["shipment_erased"])),
        payments=without(company.payments, set(gone["payment_erased"])),
        returns=without(company.returns, set(gone["return_erased"])),
    )
    for what, numbers in gone.items():
        company = replace(company, changes=note(company, what, numbers))
    return company


def settle(company: "Company", rng: Random) -> "Company":
    """The bank conducts what waited, debtors pay, one of them without naming an order."""
    rates = Rates(company.rates, company.currency)
    conducted = [
        replace(one, is_conducted=True, bank_on=company.today, rate=rates.on(one.currency, company.today))
        for one in company.payments
        if one.is_posted and not one.is_conducted and one.kind.startswith("bank")
    ]
    paid: dict[int | None, Decimal] = {}
    for payment in company.payments:
        for split in payment.splits:
            paid[split.order] = paid.get(split.order, ZERO) + split.amount
    made: list[Payment] = []
    for order in some(
        rng, company.orders, share(5, company.scale), lambda one: one.is_posted and one.status == "shipped" and one.currency == "RUB"
    ):
        left = sum((line.amount for line in order.lines if not line.is_cancelled), ZERO) - paid.get(order.number, ZERO)
        if left > 0:
            split = PaymentSplit(order.number if made else None, left)
            moment = during(rng, company.now)
            made.append(
                Payment(
                    0,
                    "bank_in",
                    "customer_payment",
                    "",
                    moment,
                    order.organisation,
                    order.customer,
                    order.partner,
                    order.counterparty,
                    "RUB",
                    Decimal(1),
                    left,
                    (split,),
                    "Доплата",
                    bank_on=company.today,
                )
            )
    papers = _numbered(company, Papers(payments=made))
    return replace(
        company,
        payments=(*swap(company.payments, conducted), *papers.payments),
        changes=note(company, "payment_conducted", [one.number for one in conducted]),
    )


def reference(company: "Company", rng: Random) -> "Company":
    """Costs of the day, costs of the last days restated, stock moved; the day is over."""
    day = Timeline(company.today, company.today)
    running = tuple(replace(one, ended_on=company.today) for one in company.campaigns if one.ended_on >= company.today - timedelta(days=1))
    campaigns = {one.number: one for one in company.campaigns} | {one.number: one for one in running}
    recent = company.today - timedelta(days=3)
    costs = tuple(
        replace(one, cost=cents(one.cost * Decimal("1.01")))
        if one.day >= recent and company.campaign[one.campaign].system == "yandex_direct"
        else one
        for one in company.campaign_days
    )
    stock = tuple(
        replace(one, quantity=one.quantity + 1, cost=one.cost + money(float(one.cost / one.quantity)))
        if index % 50 == company.step % 50
        else one
        for index, one in enumerate(company.stock)
    )
    return replace(
        company,
        today=company.today + timedelta(days=1),
        campaigns=tuple(campaigns.values()),
        campaign_days=(*costs, *make_campaign_days(rng, company.scale, running, day)),
        stock=stock,
    )
