"""Orders: those that deals become, and the regular buyers' own."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from ingestion.sandbox.generate.buyers import Crowd
from ingestion.sandbox.generate.chance import Timeline, cents, counted, likely, work_moment
from ingestion.sandbox.generate.deals import Basket
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.goods import Product
from ingestion.sandbox.people import Card, Customer, Manager, Organisation
from ingestion.sandbox.sales import Deal
from ingestion.sandbox.trade import Line, Order, PaymentStage

ZERO = Decimal(0)
# Terms: stage kinds with shares in percent and days from the order; how often they are agreed on.
TERMS: tuple[tuple[float, tuple[tuple[str, int, int], ...]], ...] = (
    (0.40, (("prepayment", 100, 3),)),
    (0.22, (("advance", 30, 2), ("credit", 70, 21))),
    (0.08, (("advance", 30, 2), ("prepayment", 40, 10), ("credit", 30, 30))),
    (0.30, (("credit", 100, 14),)),
)


def make_line(product: Product, quantity: Decimal, price: Decimal, discount: Decimal, cost: Decimal = ZERO) -> Line:
    """A line with its amount and the VAT inside it."""
    amount = cents(price * quantity) - discount
    vat = cents(amount * product.vat_rate / (1 + product.vat_rate))
    return Line(product.number, quantity, price, discount, amount, vat, cents(cost))


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as 1C documents name it: partner and counterparty card ids."""

    partner: int
    counterparty: int


class Ledger:
    """Which 1C cards a customer's documents may name."""

    def __init__(self, cards: tuple[Card, ...]) -> None:
        """From all cards."""
        self._buyers: dict[int, list[Buyer]] = {}
        for card in cards:
            if card.kind == "counterparty" and card.parent is not None:
                self._buyers.setdefault(card.customer, []).append(Buyer(card.parent, card.id))

    def knows(self, customer: int) -> bool:
        """Whether 1C has a card of the customer."""
        return customer in self._buyers

    def buyer(self, rng: Random, customer: int) -> Buyer:
        """The first cards mostly, a second entity or a duplicate now and then."""
        found = self._buyers[customer]
        return found[0] if len(found) == 1 or likely(rng, 0.75) else rng.choice(found[1:])


class OrderMaker:
    """Makes orders without numbers; `number_orders` gives those when all dates are known."""

    def __init__(
        self,
        rng: Random,
        now: datetime,
        ledger: Ledger,
        customers: tuple[Customer, ...],
        managers: tuple[Manager, ...],
        products: tuple[Product, ...],
        rates: Rates,
    ) -> None:
        """From the parts of the company that exist before orders."""
        self._rng, self._now, self._ledger, self._rates = rng, now, ledger, rates
        self._customers = {one.number: one for one in customers}
        self._products = {one.number: one for one in products}
        self._delivery = next(one for one in products if one.is_service)
        self._basket = Basket(products)
        self._sellers = [one.number for one in managers if one.is_sales]

    def _order(self, customer: int, when: datetime, manager: int, currency: str, lines: list[Line], channel: str) -> Order:
        rng = self._rng
        buyer = self._ledger.buyer(rng, customer)
        fate = rng.random()
        terms: tuple[tuple[str, int, int], ...] = TERMS[-1][1]
        for share, candidate in TERMS:
            fate -= share
            if fate < 0:
                terms = candidate
                break
        total = sum((line.amount for line in lines if not line.is_cancelled), ZERO)
        stages, left = [], total
        for kind, percent, days in terms:
            part = left if (kind, percent, days) == terms[-1] else cents(total * percent / 100)
            left -= part
            stages.append(PaymentStage(kind, when.date() + timedelta(days=days), percent, part))
        return Order(
            number=0,
            code="",
            at=when,
            organisation=1 if likely(rng, 0.85) else 2,
            customer=customer,
            partner=buyer.partner,
            counterparty=buyer.counterparty,
            manager=manager,
            warehouse=1 if likely(rng, 0.75) else 2,
            currency=currency,
            rate=self._rates.on(currency, when.date()),
            lines=tuple(lines),
            stages=tuple(stages),
            status="open",
            channel=channel,
            changed_at=when,
            ship_by=when.date() + timedelta(days=rng.randrange(2, 12)),
        )

    def _discount(self, price: Decimal, quantity: Decimal) -> Decimal:
        return cents(price * quantity * Decimal(self._rng.choice((3, 5, 7, 10))) / 100) if likely(self._rng, 0.2) else ZERO

    def from_deal(self, deal: Deal) -> Order | None:
        """The order a deal became, or None: some never reach the books. An open deal has one only at its last steps."""
        rng = self._rng
        if deal.customer is None or not self._ledger.knows(deal.customer) or not deal.lines:
            return None
        if deal.status == "lost" or not likely(rng, 0.94 if deal.status == "won" else 0.35 if len(deal.entries) > 3 else 0):
            return None
        begun = deal.entries[-2].at if deal.status == "won" and len(deal.entries) > 1 else deal.entries[-1].at
        when = min(begun + timedelta(minutes=rng.randrange(4, 300)), self._now - timedelta(minutes=3))
        lines = []
        for line in deal.lines:
            product = self._products[line.product]
            lines.append(make_line(product, line.quantity, line.price, ZERO))
        if likely(rng, 0.05):
            lines.append(
                make_line(self._delivery, Decimal(1), cents(self._delivery.price / self._rates.on(deal.currency, when.date())), ZERO)
            )
        channel = "manager" if deal.origin.crm_source != "site" or likely(rng, 0.6) else "site"
        order = self._order(deal.customer, when, deal.manager, deal.currency, lines, channel)
        reference = str(deal.crm_id) if likely(rng, 0.25) else ""
        return replace(order, deal=deal.number, deal_reference=reference)

    def repeat(self, customer: Customer, day: date) -> Order:
        """A regular buyer's order that no deal stands behind."""
        rng = self._rng
        when = min(work_moment(rng, day), self._now - timedelta(minutes=3))
        lines: list[Line] = []
        for product, quantity in self._basket.pick(rng):
            line = make_line(product, quantity, product.price, self._discount(product.price, quantity))
            lines.append(replace(line, is_cancelled=True) if lines and likely(rng, 0.02) else line)
        manager = customer.manager if likely(rng, 0.9) else rng.choice(self._sellers)
        return self._order(
            customer.number, when, manager, "RUB", lines, rng.choice(("manager", "manager", "site", "self_service", "agent"))
        )

    def again(self, order: Order, deal: Deal) -> Order:
        """A second order of the same deal: its first line once more, told apart by the deal's id written on it."""
        when = min(order.at + timedelta(days=self._rng.randrange(2, 20)), self._now - timedelta(minutes=2))
        more = self._order(order.customer, when, order.manager, order.currency, list(order.lines[:1]), order.channel)
        return replace(more, deal=deal.number, deal_reference=str(deal.crm_id))

    def draft(self, order: Order) -> Order:
        """The order never posted, or marked for deletion: a draft, a mistake."""
        return replace(order, is_posted=False, is_marked=likely(self._rng, 0.4), comment="Черновик")


def make_orders(
    maker: OrderMaker, rng: Random, scale: float, timeline: Timeline, deals: list[Deal], customers: list[Customer]
) -> list[Order]:
    """All orders by date, numbered: 3,000 at scale 1. About 3 in 100 are drafts, 2 in 100 cancelled."""
    found = [order for deal in deals if (order := maker.from_deal(deal))]
    by_deal = {deal.number: deal for deal in deals}
    second = [maker.again(order, by_deal[order.deal or 0]) for order in found if likely(rng, 0.02)]
    crowd = Crowd(customers)
    total = counted(3000, scale, least=40)
    found += second
    while len(found) < total:
        day = timeline.pick(rng)
        customer = crowd.pick(rng, day)
        found.append(maker.repeat(customer, max(day, customer.since)))
    shaped = []
    for order in found:
        fate = rng.random()
        shaped.append(maker.draft(order) if fate < 0.03 else replace(order, status="cancelled") if fate < 0.05 else order)
    shaped.sort(key=lambda one: (one.at, one.customer, one.deal or 0))
    return shaped


def number_orders(orders: list[Order], organisations: tuple[Organisation, ...], first: int = 1) -> list[Order]:
    """The orders with numbers; document codes open with the organisation's prefix."""
    prefix = {one.number: one.prefix for one in organisations}
    return [
        replace(order, number=number, code=f"{prefix[order.organisation]}00-{number:06d}") for number, order in enumerate(orders, first)
    ]
