"""What becomes of orders: shipments in parts, returns, payments, refunds."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from ingestion.sandbox.generate.chance import cents, likely, shift_to_workday, work_moment
from ingestion.sandbox.generate.orders import ZERO, make_line
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.generate.words import RETURN_REASONS
from ingestion.sandbox.goods import Product
from ingestion.sandbox.people import Customer, Organisation
from ingestion.sandbox.trade import Line, Order, Payment, PaymentSplit, Return, Shipment


@dataclass
class Papers:
    """The documents made so far, not yet numbered: a return names its shipment by place in the list until `numbered`."""

    shipments: list[Shipment] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


class Fulfilment:
    """Follows an order to the present: ships it, takes some of it back, waits for the money."""

    def __init__(self, rng: Random, now: datetime, customers: tuple[Customer, ...], products: tuple[Product, ...], rates: Rates) -> None:
        """From the parts of the company that exist before shipments."""
        self._rng, self._now, self._rates = rng, now, rates
        self._customers = {one.number: one for one in customers}
        self._products = {one.number: one for one in products}
        self.papers = Papers()

    def _with_cost(self, line: Line, share: Decimal = Decimal(1)) -> Line:
        product = self._products[line.product]
        quantity = (line.quantity * share).quantize(Decimal(1)) if share != 1 and not product.is_service else line.quantity
        quantity = quantity or line.quantity
        cost = product.cost * quantity * Decimal(self._rng.randrange(940, 1070)) / 1000
        discount = line.discount if quantity == line.quantity else cents(line.discount * quantity / line.quantity)
        return make_line(product, quantity, line.price, discount, cost)

    def _day_after(self, day: date, low: int, high: int) -> datetime:
        return work_moment(self._rng, shift_to_workday(day + timedelta(days=self._rng.randrange(low, high))))

    def ship(self, order: Order) -> list[Shipment]:
        """The order's shipments up to now: one, or two with the quantities split, or none yet."""
        rng = self._rng
        lines = [line for line in order.lines if not line.is_cancelled]
        moments = [self._day_after(order.at.date(), 1, 10)]
        portions: list[list[Line]] = []
        if likely(rng, 0.03):
            return []
        if likely(rng, 0.10) and any(line.quantity >= 4 for line in lines):
            moments.append(self._day_after(moments[0].date(), 4, 25))
            first = [self._with_cost(line, Decimal("0.5")) for line in lines]
            given = {line.product: line for line in first}
            rest = [
                replace(line, quantity=line.quantity - given[line.product].quantity, discount=line.discount - given[line.product].discount)
                for line in lines
                if line.quantity > given[line.product].quantity
            ]
            portions = [first, [self._with_cost(line) for line in rest]]
        else:
            portions = [[self._with_cost(line) for line in lines]]
        return [self._shipment(order, moment, part) for moment, part in zip(moments, portions, strict=True) if part and moment < self._now]

    def _shipment(self, order: Order, moment: datetime, lines: list[Line]) -> Shipment:
        return Shipment(
            number=0,
            code="",
            at=max(moment, order.at + timedelta(minutes=20)),
            organisation=order.organisation,
            customer=order.customer,
            partner=order.partner,
            counterparty=order.counterparty,
            manager=order.manager,
            warehouse=order.warehouse,
            currency=order.currency,
            rate=self._rates.on(order.currency, moment.date()),
            lines=tuple(lines),
            order=order.number or None,
        )

    def take_back(self, shipment: Shipment, place: int, share: float = 0.035) -> Return | None:
        """A return of the shipment's first line or of half of it, in that share of the cases."""
        rng = self._rng
        line = shipment.lines[0]
        moment = self._day_after(shipment.at.date(), 2, 25)
        if not likely(rng, share) or moment >= self._now or self._products[line.product].is_service:
            return None
        quantity = line.quantity if likely(rng, 0.5) or line.quantity < 2 else (line.quantity / 2).quantize(Decimal(1))
        part = quantity / line.quantity
        back = make_line(self._products[line.product], quantity, line.price, cents(line.discount * part), line.cost * part)
        return Return(
            number=0,
            code="",
            at=moment,
            organisation=shipment.organisation,
            customer=shipment.customer,
            partner=shipment.partner,
            counterparty=shipment.counterparty,
            manager=shipment.manager,
            warehouse=shipment.warehouse,
            currency=shipment.currency,
            rate=shipment.rate,
            lines=(back,),
            shipment=place,
            order=shipment.order,
            reason=rng.choice(RETURN_REASONS),
        )

    def pay(self, order: Order, shipments: list[Shipment]) -> list[Payment]:
        """Payments by the schedule: most in time, some late, some never; credit is paid only for what was shipped."""
        rng = self._rng
        found = []
        bad = likely(rng, 0.05)
        for stage in order.stages:
            due = stage.due_on
            if stage.kind == "credit":
                if not shipments or bad:
                    continue
                due = max(due, shipments[0].at.date() + timedelta(days=7))
            late = int(rng.expovariate(1 / 18)) + 1 if likely(rng, 0.22) else -rng.randrange(0, 3)
            moment = work_moment(rng, shift_to_workday(max(order.at.date(), due + timedelta(days=late))))
            moment = max(moment, order.at + timedelta(minutes=30))
            if stage.amount <= 0 or moment >= self._now:
                continue
            named = order.number if likely(rng, 0.92) else None
            found.append(self._payment(order, moment, stage.amount, named, "customer_payment"))
        return found

    def refund(self, back: Return, order: Order) -> Payment | None:
        """Money given back for a return, more often than not."""
        moment = self._day_after(back.at.date(), 1, 9)
        amount = sum((line.amount for line in back.lines), ZERO)
        if moment >= self._now or not likely(self._rng, 0.55):
            return None
        return self._payment(order, moment, amount, order.number, "customer_refund")

    def _payment(self, order: Order, moment: datetime, amount: Decimal, named: int | None, operation: str) -> Payment:
        rng = self._rng
        fate = rng.random()
        if self._customers[order.customer].kind == "company" or order.currency != "RUB":
            way = "bank" if fate < 0.93 or order.currency != "RUB" else "cash" if fate < 0.97 else "card"
        else:
            way = "cash" if fate < 0.4 else "card" if fate < 0.8 else "bank"
        kind = "card" if way == "card" else f"{way}_{'in' if operation == 'customer_payment' else 'out'}"
        waits = way == "bank" and (self._now - moment) < timedelta(days=2) and likely(rng, 0.3)
        bank_on = None
        if way == "bank" and not waits:
            bank_on = min(moment.date() + timedelta(days=1 if likely(rng, 0.15) else 0), self._now.date() - timedelta(days=1))
        purpose = f"Оплата по заказу {order.code} от {order.at:%d.%m.%Y}" if named else "Оплата по счёту, в т.ч. НДС"
        return Payment(
            number=0,
            kind=kind,
            operation=operation,
            code="",
            at=moment,
            organisation=order.organisation,
            customer=order.customer,
            partner=order.partner,
            counterparty=order.counterparty,
            currency=order.currency,
            rate=self._rates.on(order.currency, bank_on or moment.date()),
            amount=amount,
            splits=(PaymentSplit(named, amount),),
            purpose=purpose if operation == "customer_payment" else f"Возврат по заказу {order.code}",
            is_conducted=not waits,
            bank_on=bank_on,
        )


def fulfil_all(worker: Fulfilment, rng: Random, orders: list[Order]) -> list[Order]:
    """Fulfils every order that stands and gives the orders with their final status; the papers gather in the worker."""
    papers = worker.papers
    found = []
    for order in orders:
        if not order.is_posted or order.status == "cancelled":
            found.append(order)
            continue
        shipped = worker.ship(order)
        for shipment in shipped:
            papers.shipments.append(shipment)
            back = worker.take_back(shipment, len(papers.shipments) - 1)
            if back:
                papers.returns.append(back)
                refund = worker.refund(back, order)
                if refund:
                    papers.payments.append(refund)
        paid = worker.pay(order, shipped)
        papers.payments.extend(paid)
        total = sum((line.amount for line in order.lines if not line.is_cancelled), ZERO)
        given = sum((line.amount for one in shipped for line in one.lines), ZERO)
        received = sum((one.amount for one in paid), ZERO)
        status = ("closed" if received >= total else "shipped") if given >= total else "open"
        touched = [one.at for one in shipped] + [one.at for one in paid]
        found.append(replace(order, status=status, changed_at=max([order.at, *touched])))
    for place, shipment in enumerate(papers.shipments if not papers.returns else ()):
        back = worker.take_back(shipment, place, share=1.0)
        if back:
            papers.returns.append(back)
            break
    _join_some(rng, papers.payments)
    return found


def _join_some(rng: Random, payments: list[Payment]) -> None:
    """Makes one payment over two orders out of neighbours of the same buyer, way and currency."""
    last: dict[tuple[int | None, str, str, int, int | None], int] = {}
    gone = set()
    for index, one in enumerate(payments):
        if one.operation != "customer_payment" or one.splits[0].order is None:
            continue
        key = (one.customer, one.kind, one.currency, one.organisation, one.counterparty)
        other = last.get(key)
        near = other is not None and abs((payments[other].at - one.at).days) < 20 and payments[other].splits[0].order != one.splits[0].order
        if other is not None and near and likely(rng, 0.25):
            first = payments[other]
            payments[other] = replace(
                first, amount=first.amount + one.amount, splits=(*first.splits, *one.splits), purpose="Оплата по двум счетам"
            )
            gone.add(index)
            del last[key]
        else:
            last[key] = index
    payments[:] = [one for index, one in enumerate(payments) if index not in gone]


def number_papers(papers: Papers, organisations: tuple[Organisation, ...], first: tuple[int, int, int] = (1, 1, 1)) -> Papers:
    """The documents in the order of time with numbers and codes; returns point to their shipments' numbers."""
    prefix = {one.number: one.prefix for one in organisations}
    order = sorted(range(len(papers.shipments)), key=lambda index: (papers.shipments[index].at, index))
    number_of = {index: number for number, index in enumerate(order, first[0])}
    shipments = [
        replace(one, number=number_of[index], code=f"{prefix[one.organisation]}00-{number_of[index]:06d}")
        for index, one in ((index, papers.shipments[index]) for index in order)
    ]
    returns = [
        replace(one, number=number, code=f"{prefix[one.organisation]}00-{number:06d}", shipment=number_of[one.shipment])
        for number, one in enumerate(sorted(papers.returns, key=lambda one: (one.at, one.shipment)), first[1])
    ]
    ordered = sorted(enumerate(papers.payments), key=lambda pair: (pair[1].at, pair[0]))
    payments = [
        replace(one, number=number, code=f"{prefix[one.organisation]}00-{number:06d}") for number, (_, one) in enumerate(ordered, first[2])
    ]
    return Papers(shipments, returns, payments)
