"""The fake company: one truth from which every system's records, and the figures tests expect, are drawn.

`build_company` makes about 18 months of history that ends before the morning of `today`; the same arguments give the same company, byte for
byte. `Company.evolve(steps)` gives the company so many days later, with the edits, unpostings and deletions that happen in between.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random

from ingestion.sandbox.clock import at
from ingestion.sandbox.generate import advertising, besides, cards, fulfilment, leads, orders, pipelines, plans, rates, retail, staff, talks
from ingestion.sandbox.generate import deals as dealing
from ingestion.sandbox.generate import goods as stocking
from ingestion.sandbox.generate.buyers import make_customers
from ingestion.sandbox.generate.chance import Timeline
from ingestion.sandbox.generate.evolution import next_day
from ingestion.sandbox.goods import Product, ProductGroup, StockRow, Warehouse
from ingestion.sandbox.marketing import Campaign, CampaignDay
from ingestion.sandbox.people import Card, Customer, Manager, Organisation
from ingestion.sandbox.planning import Change, CustomerMatch, DiscountTier, Plan
from ingestion.sandbox.sales import Activity, Call, Deal, IncomingLead, LossReason, Pipeline, Task
from ingestion.sandbox.trade import (
    Claim,
    CostCorrection,
    ExchangeRate,
    Order,
    Payment,
    RetailReceipt,
    RetailReport,
    Return,
    Shipment,
)

HISTORY_DAYS = 548
CURRENCY = "RUB"


@dataclass(frozen=True)
class Company:
    """The whole company at one moment. `now` is the midnight that opens `today`: nothing in the history is later.

    Tuples are in the order of `number` (or of time); the lookups below find a record by its number.
    """

    seed: int
    scale: float
    step: int
    today: date
    started_on: date
    name: str
    currency: str
    organisations: tuple[Organisation, ...]
    managers: tuple[Manager, ...]
    customers: tuple[Customer, ...]
    cards: tuple[Card, ...]
    warehouses: tuple[Warehouse, ...]
    groups: tuple[ProductGroup, ...]
    products: tuple[Product, ...]
    stock: tuple[StockRow, ...]
    campaigns: tuple[Campaign, ...]
    campaign_days: tuple[CampaignDay, ...]
    pipelines: tuple[Pipeline, ...]
    loss_reasons: tuple[LossReason, ...]
    deals: tuple[Deal, ...]
    leads: tuple[IncomingLead, ...]
    calls: tuple[Call, ...]
    tasks: tuple[Task, ...]
    activities: tuple[Activity, ...]
    orders: tuple[Order, ...]
    shipments: tuple[Shipment, ...]
    returns: tuple[Return, ...]
    payments: tuple[Payment, ...]
    receipts: tuple[RetailReceipt, ...]
    reports: tuple[RetailReport, ...]
    corrections: tuple[CostCorrection, ...]
    claims: tuple[Claim, ...]
    rates: tuple[ExchangeRate, ...]
    plans: tuple[Plan, ...]
    tiers: tuple[DiscountTier, ...]
    matches: tuple[CustomerMatch, ...]
    changes: tuple[Change, ...] = ()

    @property
    def now(self) -> datetime:
        """The moment the company is seen at."""
        return at(self.today)

    @cached_property
    def manager(self) -> dict[int, Manager]:
        """Managers by number."""
        return {one.number: one for one in self.managers}

    @cached_property
    def customer(self) -> dict[int, Customer]:
        """Customers by number."""
        return {one.number: one for one in self.customers}

    @cached_property
    def card(self) -> dict[tuple[str, str, int], Card]:
        """Cards by (system, kind, id)."""
        return {(one.system, one.kind, one.id): one for one in self.cards}

    @cached_property
    def product(self) -> dict[int, Product]:
        """Products by number."""
        return {one.number: one for one in self.products}

    @cached_property
    def warehouse(self) -> dict[int, Warehouse]:
        """Warehouses by number."""
        return {one.number: one for one in self.warehouses}

    @cached_property
    def campaign(self) -> dict[int, Campaign]:
        """Campaigns by number."""
        return {one.number: one for one in self.campaigns}

    @cached_property
    def deal(self) -> dict[int, Deal]:
        """Deals by number."""
        return {one.number: one for one in self.deals}

    @cached_property
    def order(self) -> dict[int, Order]:
        """Orders by number."""
        return {one.number: one for one in self.orders}

    @cached_property
    def shipment(self) -> dict[int, Shipment]:
        """Shipments by number."""
        return {one.number: one for one in self.shipments}

    @cached_property
    def receipt(self) -> dict[int, RetailReceipt]:
        """Retail receipts by number."""
        return {one.number: one for one in self.receipts}

    def cards_of(self, system: str) -> tuple[Card, ...]:
        """The cards one system holds."""
        return tuple(card for card in self.cards if card.system == system)

    def deals_of(self, system: str) -> tuple[Deal, ...]:
        """The deals one CRM holds, the deleted ones among them."""
        return tuple(deal for deal in self.deals if deal.system == system)

    def evolve(self, steps: int = 1) -> "Company":
        """The company so many days later; evolving by 2 equals evolving twice by 1."""
        company = self
        for _ in range(steps):
            company = next_day(company)
        return company


def build_company(seed: int = 1, scale: float = 1.0, today: date = date(2026, 3, 31), history_days: int = HISTORY_DAYS) -> Company:
    """The company as it is at the opening of `today`.

    Args:
        seed: any integer; other seeds give other companies.
        scale: 1.0 is about 400 customers, 2,500 deals, 3,000 orders, 9,000 sale lines and 5,000 calls; counts grow in proportion.
        today: the day the history leads up to; its last records are of the day before.
        history_days: how many days back the history begins.

    Raises:
        ValueError: the scale is not positive or the history is shorter than 60 days.
    """
    if scale <= 0 or history_days < 60:
        reason = (
            f"The sandbox cannot be built with scale {scale} and {history_days} days of history: use a positive scale and at least 60 days"
        )
        raise ValueError(reason)
    rng, started_on = Random(seed), today - timedelta(days=history_days)
    now, timeline = at(today), Timeline(started_on, today - timedelta(days=1))
    organisations, warehouses = staff.make_organisations(), staff.make_warehouses()
    managers = staff.make_managers(rng, scale, started_on)
    customers = make_customers(rng, scale, timeline, managers, organisations)
    campaigns = advertising.make_campaigns(rng, scale, timeline)
    origins = advertising.Origins(campaigns)
    products = stocking.make_products(rng, scale)
    all_rates = rates.make_rates(rng, started_on, timeline.last)
    rate = rates.Rates(all_rates, CURRENCY)
    ways, reasons = pipelines.make_pipelines(), pipelines.make_loss_reasons()

    all_cards = cards.make_cards(rng, customers, now)
    deal_maker = dealing.DealMaker(rng, now, ways, reasons, managers, all_cards, products, origins, rate)
    all_deals = dealing.number_deals(dealing.make_deals(deal_maker, rng, scale, timeline, customers, now))
    all_cards = cards.add_winners(rng, customers, all_cards, all_deals)
    lead_maker = leads.LeadMaker(rng, now, customers, managers, ways, origins)
    all_leads = leads.make_leads(lead_maker, rng, scale, timeline, all_deals)

    ledger = orders.Ledger(all_cards)
    real = [one for one in customers if one.home and ledger.knows(one.number)]
    order_maker = orders.OrderMaker(rng, now, ledger, customers, managers, products, rate)
    all_orders = orders.number_orders(orders.make_orders(order_maker, rng, scale, timeline, all_deals, real), organisations)
    worker = fulfilment.Fulfilment(rng, now, customers, products, rate)
    all_orders = fulfilment.fulfil_all(worker, rng, all_orders)
    worker.papers.shipments += besides.sold_without_order(rng, scale, timeline, real, customers[-1], ledger, products)
    worker.papers.payments += besides.pay_besides(rng, timeline, all_orders, scale)
    besides.unposted_copies(rng, worker.papers)
    receipts = retail.make_receipts(rng, scale, timeline, [one for one in warehouses if one.is_shop], managers, products)
    reports = retail.report_on(receipts)
    worker.papers.payments += retail.carry_cash(reports, receipts)
    papers = fulfilment.number_papers(worker.papers, organisations)

    talk_maker = talks.TalkMaker(rng, now, customers, managers, all_cards)
    calls = talks.make_calls(talk_maker, rng, scale, timeline, all_deals)
    tasks = talks.number_tasks([task for deal in all_deals for task in talk_maker.tasks(deal)])
    activities = talks.number_activities([one for deal in all_deals for one in talk_maker.activities(deal)])
    return Company(
        seed=seed,
        scale=scale,
        step=0,
        today=today,
        started_on=started_on,
        name="Сандал",
        currency=CURRENCY,
        organisations=organisations,
        managers=managers,
        customers=customers,
        cards=all_cards,
        warehouses=warehouses,
        groups=stocking.make_groups(),
        products=products,
        stock=stocking.make_stock(rng, products, warehouses),
        campaigns=campaigns,
        campaign_days=advertising.make_campaign_days(rng, scale, campaigns, timeline),
        pipelines=ways,
        loss_reasons=reasons,
        deals=dealing.with_references(rng, all_deals, all_leads, all_orders),
        leads=tuple(all_leads),
        calls=tuple(calls),
        tasks=tuple(tasks),
        activities=tuple(activities),
        orders=tuple(all_orders),
        shipments=tuple(papers.shipments),
        returns=tuple(papers.returns),
        payments=tuple(papers.payments),
        receipts=tuple(receipts),
        reports=tuple(reports),
        corrections=tuple(besides.close_months(rng, papers.shipments, timeline)),
        claims=tuple(besides.make_claims(rng, scale, papers.shipments, timeline)),
        rates=all_rates,
        plans=plans.make_plans(rng, papers.shipments, managers, today),
        tiers=plans.TIERS,
        matches=cards.make_matches(all_cards),
    )
