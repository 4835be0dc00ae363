"""The books' papers that follow no order, and the dirt among those that do."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from ingestion.sandbox.clock import at, month_end
from ingestion.sandbox.generate.chance import Timeline, cents, counted, likely, money, shift_to_workday, work_moment
from ingestion.sandbox.generate.deals import Basket
from ingestion.sandbox.generate.fulfilment import Papers
from ingestion.sandbox.generate.orders import ZERO, Ledger, make_line
from ingestion.sandbox.generate.words import CLAIM_REASONS
from ingestion.sandbox.goods import Product
from ingestion.sandbox.people import Customer
from ingestion.sandbox.trade import Claim, CostCorrection, Line, Order, Payment, PaymentSplit, Shipment


def sold_without_order(
    rng: Random, scale: float, timeline: Timeline, customers: list[Customer], own: Customer, ledger: Ledger, products: tuple[Product, ...]
) -> list[Shipment]:
    """Shipments with no order behind them: 90 at scale 1 to customers, a few to the company's own second organisation."""
    basket = Basket(products)
    found = []
    for index in range(counted(90, scale, least=3) + counted(5, scale, least=1)):
        customer = rng.choice(customers) if index < counted(90, scale, least=3) else own
        moment = work_moment(rng, shift_to_workday(timeline.pick(rng, customer.since)))
        if moment.date() > timeline.last:
            continue
        buyer = ledger.buyer(rng, customer.number)
        lines = [make_line(product, quantity, product.price, ZERO, product.cost * quantity) for product, quantity in basket.pick(rng, 3)]
        found.append(
            Shipment(
                0,
                "",
                moment,
                1,
                customer.number,
                buyer.partner,
                buyer.counterparty,
                customer.manager,
                1,
                "RUB",
                Decimal(1),
                tuple(lines),
                None,
            )
        )
    return found


def unposted_copies(rng: Random, papers: Papers) -> None:
    """Adds drafts and mistakes beside the real documents: copies never posted, some marked for deletion."""
    for shipment in list(papers.shipments):
        if likely(rng, 0.008):
            papers.shipments.append(replace(shipment, at=shipment.at + timedelta(minutes=9), is_posted=False, is_marked=likely(rng, 0.5)))
    for payment in list(papers.payments):
        if likely(rng, 0.006):
            papers.payments.append(replace(payment, is_posted=False, is_marked=likely(rng, 0.6), is_conducted=False, bank_on=None))


def pay_besides(rng: Random, timeline: Timeline, orders: list[Order], scale: float) -> list[Payment]:
    """Money no order explains: advances of buyers, suppliers, own transfers, a loan."""
    found = []
    buyers = [order for order in orders if order.is_posted and order.currency == "RUB"]
    for _ in range(counted(30, scale, least=2)):
        order = rng.choice(buyers)
        moment = work_moment(rng, shift_to_workday(timeline.pick(rng, order.at.date())))
        if moment.date() > timeline.last:
            continue
        found.append(_bank("bank_in", "customer_payment", moment, money(rng.randrange(5, 90) * 1000), "Аванс", order))
    for day in timeline.days:
        if day.weekday() in (1, 3):
            amount = money(rng.uniform(60_000, 400_000) * scale)
            found.append(_bank("bank_out", "supplier_payment", work_moment(rng, day), amount, "Оплата поставщику за товар"))
        if day.day == 15:
            amount = money(rng.randrange(100, 900) * 1000 * scale)
            moment = at(day, 12, 30)
            found.append(_bank("bank_out", "own_transfer", moment, amount, "Перевод между своими счетами"))
            found.append(_bank("bank_in", "own_transfer", moment + timedelta(minutes=4), amount, "Перевод между своими счетами"))
    found.append(
        _bank("bank_in", "loan", at(timeline.days[len(timeline.days) // 3], 11), money(1_500_000 * scale), "Поступление по договору займа")
    )
    return found


def _bank(kind: str, operation: str, moment: datetime, amount: Decimal, purpose: str, order: Order | None = None) -> Payment:
    return Payment(
        number=0,
        kind=kind,
        operation=operation,
        code="",
        at=moment,
        organisation=order.organisation if order else 1,
        customer=order.customer if order else None,
        partner=order.partner if order else None,
        counterparty=order.counterparty if order else None,
        currency="RUB",
        rate=Decimal(1),
        amount=amount,
        splits=(PaymentSplit(None, amount),),
        purpose=purpose,
        bank_on=moment.date(),
    )


def close_months(rng: Random, shipments: list[Shipment], timeline: Timeline, share: float = 0.06) -> list[CostCorrection]:
    """What closing a month adds to the sales register: cost up or down on some of its lines; the running month is not closed yet."""
    found = []
    for shipment in shipments:
        closing = month_end(shipment.at.date())
        if not shipment.is_posted or closing >= timeline.last:
            continue
        for line in shipment.lines:
            if likely(rng, share) and line.cost:
                change = cents(line.cost * Decimal(rng.randrange(-40, 90)) / 1000)
                if change:
                    found.append((closing, shipment, line, change))
    found.sort(key=lambda one: (one[0], one[1].number))
    return [
        CostCorrection(number, at(closing, 23, 59, 59), shipment.organisation, shipment.number, line.product, change)
        for number, (closing, shipment, line, change) in enumerate(found, 1)
    ]


def make_claims(rng: Random, scale: float, shipments: list[Shipment], timeline: Timeline) -> list[Claim]:
    """Claims about shipments: 30 at scale 1, the younger ones still open."""
    posted = [one for one in shipments if one.is_posted and one.order]
    chosen = sorted(rng.sample(posted, min(len(posted), counted(30, scale, least=2))), key=lambda one: one.number)
    found = []
    for number, one in enumerate(chosen, 1):
        moment = min(work_moment(rng, one.at.date() + timedelta(days=rng.randrange(1, 14))), at(timeline.last, 17))
        resolved = moment.date() + timedelta(days=rng.randrange(1, 25))
        is_open = resolved > timeline.last
        line: Line = one.lines[0]
        found.append(
            Claim(
                number=number,
                code=f"00-{number:08d}",
                at=moment,
                customer=one.customer,
                partner=one.partner,
                counterparty=one.counterparty,
                manager=one.manager,
                order=one.order,
                kind=rng.choice(("claim", "claim", "return", "discrepancy")),
                reason=rng.choice(CLAIM_REASONS),
                amount=cents(line.amount * Decimal(rng.choice(("0.1", "0.5", "1")))),
                status=rng.choice(("registered", "in_work")) if is_open else rng.choice(("satisfied", "satisfied", "rejected")),
                resolved_on=None if is_open else resolved,
            )
        )
    return found
