"""Deals of both CRMs and the enquiries that came before them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random

from ingestion.sandbox.clock import at
from ingestion.sandbox.generate import pipelines as ways
from ingestion.sandbox.generate.advertising import Origins
from ingestion.sandbox.generate.buyers import Crowd
from ingestion.sandbox.generate.chance import Timeline, cents, counted, likely, weighted, work_moment
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.goods import Product
from ingestion.sandbox.marketing import Origin
from ingestion.sandbox.people import Card, Customer, Manager
from ingestion.sandbox.sales import Deal, DealLine, IncomingLead, LossReason, Pipeline, ResponsibleChange
from ingestion.sandbox.trade import Order

FIRST_ID = {"amocrm": 30_000_001, "bitrix24": 101}


class Basket:
    """Draws what is bought: popular goods more often, small things in quantity."""

    def __init__(self, products: tuple[Product, ...]) -> None:
        """From the catalogue."""
        self._products = products
        self._upto = list(accumulate(one.popularity for one in products))

    def pick(self, rng: Random, most: int = 5) -> list[tuple[Product, Decimal]]:
        """Between one and `most` different products with quantities."""
        found: dict[int, tuple[Product, Decimal]] = {}
        for _ in range(min(most, 1 + int(rng.expovariate(0.40)))):
            product = weighted(rng, self._products, self._upto)
            if product.is_service or product.price > 50_000:
                quantity = 1
            else:
                quantity = max(1, round(rng.lognormvariate(1.2 if product.price > 3_000 else 2.6, 0.55)))
            half = Decimal("0.5") if product.unit == "л" and likely(rng, 0.3) else Decimal(0)
            found[product.number] = (product, Decimal(quantity) + half)
        return list(found.values())


class DealMaker:
    """Makes deals one by one; numbers and CRM ids are given when all are known (`number_deals`)."""

    def __init__(
        self,
        rng: Random,
        now: datetime,
        pipelines: tuple[Pipeline, ...],
        reasons: tuple[LossReason, ...],
        managers: tuple[Manager, ...],
        cards: tuple[Card, ...],
        products: tuple[Product, ...],
        origins: Origins,
        rates: Rates,
    ) -> None:
        """From the parts of the company that exist before deals."""
        self._rng, self._now, self._pipelines, self._reasons = rng, now, pipelines, reasons
        self._basket, self._origins, self._rates = Basket(products), origins, rates
        self._sellers = {
            system: [one.number for one in managers if one.is_sales and one.is_active and getattr(one, attribute)]
            for system, attribute in (("amocrm", "amo_id"), ("bitrix24", "b24_id"))
        }
        self._cards: dict[tuple[str, int], list[Card]] = {}
        for card in cards:
            if card.system != "onec":
                self._cards.setdefault((card.system, card.customer), []).append(card)
        self.line_id = 70_000

    def knows(self, customer: Customer) -> bool:
        """Whether the customer's CRM holds a card of it."""
        return (customer.home, customer.number) in self._cards

    def _pipeline(self, system: str, is_repeat: bool) -> Pipeline:
        first, second = (one for one in self._pipelines if one.system == system)
        return second if likely(self._rng, (0.6 if is_repeat else 0.04) if system == "amocrm" else 0.2) else first

    def make(self, customer: Customer, created: datetime, is_repeat: bool) -> Deal:
        """One deal of the customer begun at the moment, followed to its end or to now."""
        rng, system = self._rng, customer.home
        pipeline = self._pipeline(system, is_repeat)
        manager = customer.manager if likely(rng, 0.85) else rng.choice(self._sellers[system])
        way = ways.walk(rng, self._pipelines, pipeline, created, self._now, manager, is_repeat)
        if system == "amocrm" and len(way.entries) > 1 and likely(rng, 0.06 if is_repeat else 0.5):
            gap = timedelta(minutes=int((way.entries[1].at - created).total_seconds() // 180))
            way = ways.accepted_from_unsorted(way, pipeline, gap)
        currency = rng.choice(("EUR", "USD", "EUR")) if system == "bitrix24" and likely(rng, 0.10) else "RUB"
        rate = self._rates.on(currency, created.date())
        lines = []
        for product, quantity in self._basket.pick(rng):
            self.line_id += 1
            lines.append(
                DealLine(
                    self.line_id, product.number, quantity, cents(product.price * Decimal(rng.choice(("1", "1", "0.95", "0.9"))) / rate)
                )
            )
        amount = sum((cents(line.price * line.quantity) for line in lines), Decimal(0))
        if way.status != "won" and likely(rng, 0.12):
            amount = Decimal(0)
        if system == "amocrm":
            amount = amount.quantize(Decimal(1))
        company, contacts = self._parties(customer)
        changes = self._changes(way.entries[-1].at, created, manager, system)
        last = max([way.entries[-1].at, *(change.at for change in changes)])
        return Deal(
            number=0,
            system=system,
            crm_id=0,
            name=f"{rng.choice(('Заявка', 'Заказ', 'Поставка', 'Запрос'))}: {customer.name}" if likely(rng, 0.7) else "Новая сделка",
            pipeline_id=way.entries[-1].pipeline_id,
            stage_id=way.entries[-1].stage_id,
            status=way.status,
            customer=customer.number if company or contacts else None,
            company_card=company,
            contact_cards=contacts,
            manager=changes[-1].after if changes else manager,
            amount=amount,
            currency=currency,
            created_at=created,
            updated_at=min(last + timedelta(minutes=rng.randrange(0, 600)), self._now - timedelta(minutes=1)),
            closed_at=way.closed_at,
            entries=way.entries,
            origin=self._origin(created.date(), is_repeat),
            manager_changes=changes,
            loss_reason=rng.choice(self._reasons).name if way.status == "lost" and likely(rng, 0.8) else "",
            lines=tuple(lines),
            is_repeat=is_repeat,
        )

    def _origin(self, day: date, is_repeat: bool) -> Origin:
        return Origin(crm_source="repeat") if is_repeat and likely(self._rng, 0.45) else self._origins.pick(self._rng, day)

    def _parties(self, customer: Customer) -> tuple[int | None, tuple[int, ...]]:
        """The cards a deal names: nearly always the company with a contact, sometimes the contact alone, now and then nobody."""
        cards = self._cards[customer.home, customer.number]
        company = next((card.id for card in cards if card.kind == "company"), None)
        contacts = [card.id for card in cards if card.kind == "contact"]
        fate = self._rng.random()
        if fate < 0.02:
            return None, ()
        if fate < 0.12:
            return None, tuple(contacts[:1])
        if len(contacts) > 1 and fate < 0.3:
            contacts.reverse()
        return company, tuple(contacts)

    def _changes(self, last: datetime, created: datetime, manager: int, system: str) -> tuple[ResponsibleChange, ...]:
        if not likely(self._rng, 0.08) or last <= created:
            return ()
        after = self._rng.choice(self._sellers[system])
        when = created + (last - created) * self._rng.uniform(0.2, 0.9)
        return (ResponsibleChange(when.replace(microsecond=0), manager, after, manager),) if after != manager else ()


def make_deals(
    maker: DealMaker, rng: Random, scale: float, timeline: Timeline, customers: tuple[Customer, ...], now: datetime
) -> list[Deal]:
    """Every known customer's first deal, then repeat deals drawn by the customers' weight and the days' weight."""
    known = [one for one in customers if one.home and maker.knows(one)]
    total = counted(2500, scale, least=30)
    plan: list[tuple[datetime, Customer, bool]] = []
    for customer in known:
        is_old = customer.since < timeline.first
        plan.append((_enquiry(rng, timeline.pick(rng) if is_old else customer.since), customer, is_old))
    crowd = Crowd(known)
    while len(plan) < total:
        day = timeline.pick(rng)
        customer = crowd.pick(rng, day)
        plan.append((_enquiry(rng, max(day, customer.since)), customer, True))
    plan.sort(key=lambda one: (one[0], one[1].number))
    return [maker.make(customer, min(created, now - timedelta(minutes=11)), is_repeat) for created, customer, is_repeat in plan]


def _enquiry(rng: Random, day: date) -> datetime:
    return work_moment(rng, day) if likely(rng, 0.85) else at(day, rng.randrange(24), rng.randrange(60), rng.randrange(60))


def number_deals(deals: list[Deal], first: int = 1, taken: dict[str, int] | None = None) -> list[Deal]:
    """The deals with numbers and CRM ids, both growing with the moment of creation."""
    upto = dict(taken or FIRST_ID)
    found = []
    for number, deal in enumerate(deals, first):
        found.append(replace(deal, number=number, crm_id=upto[deal.system]))
        upto[deal.system] += 2 if deal.system == "amocrm" else 1
    return found


def with_references(rng: Random, deals: list[Deal], leads: list[IncomingLead], orders: list[Order]) -> tuple[Deal, ...]:
    """The deals with their lead and, where the manager wrote it down (six in ten), the number of their first order."""
    lead_of = {lead.deal: lead.number for lead in leads if lead.deal}
    code_of: dict[int, str] = {}
    for order in orders:
        if order.deal and order.is_posted and order.deal not in code_of and likely(rng, 0.6):
            code_of[order.deal] = order.code
    return tuple(replace(deal, lead=lead_of.get(deal.number), order_number=code_of.get(deal.number, "")) for deal in deals)
