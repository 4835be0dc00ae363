"""Facts as they must stand in the marts, row by row, made from the truth and the keys; nothing here has seen a raw table or SQL."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.trade import Order, Return, Shipment
from tests.marts.keys import BOOKS, Keys, key

ZERO = Decimal(0)
MONEY = pl.Decimal(18, 2)


def cents(value: Decimal) -> Decimal:
    """Two places, half away from zero (marts.yml, Money)."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def back_months(day: date, months: int) -> date:
    """The day so many months earlier, subtracted once: the 31st becomes the month's last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), month % 12 + 2 if month < 11 else 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def month(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


@dataclass(frozen=True)
class Debt:
    """What an order is owed, in its currency: shipped net of returns, paid by name, and since when."""

    order: str
    customer: str | None
    manager: str | None
    currency: str
    rate: Decimal
    since: date
    shipped: Decimal
    named: Decimal


@dataclass(frozen=True)
class Expected:
    """Facts of a company whose 1C base is УТ.

    Attributes:
        company: the truth at the end of as_of.
        as_of: the day of the build.
        now: the truth when it was loaded, if that was later: a payment names its order and so its manager, even one that is dated later.
    """

    company: Company
    as_of: date
    now: Company | None = None

    @cached_property
    def keys(self) -> Keys:
        """Names of its things."""
        return Keys(self.company)

    @cached_property
    def sales(self) -> pl.DataFrame:
        """Sales with keys: truth's lines, shops' receipts included, so document and line are those of the receipts there."""
        partners = {f"shipment:{one.number}": one for one in self.company.shipments}
        returns = {f"return:{one.number}": one for one in self.company.returns}
        closings = {f"closing:{one.number}": one for one in self.company.corrections}
        lines: dict[str, int] = defaultdict(int)
        rows = []
        for row in truth.sales(self.company).iter_rows(named=True):
            name, kind = row["document"], row["document"].partition(":")[0]
            lines[name] += 1
            paper = partners.get(name) or returns.get(name)
            if kind == "closing":
                paper = self.company.shipment[closings[name].shipment]
            order = None if paper is None else self.keys.order_of(paper)
            number = None if paper is None else paper.order
            identity = ref(kind, int(name.partition(":")[2]))
            rows.append(
                {
                    "kind": kind,
                    "document_key": f"{BOOKS}:{identity}",
                    "sale_key": f"{BOOKS}:{identity}:{lines[name]}",
                    "sale_date": row["sale_date"],
                    "organisation_key": key("organisation", row["organisation"]),
                    "warehouse_key": key("warehouse", row["warehouse"]),
                    "customer_key": None if paper is None else self.keys.buyer(paper.partner),
                    "product_key": key("product", row["product"]),
                    "manager_key": key("manager", row["manager"]),
                    "order_key": order,
                    "deal_key": None if order is None else self.keys.deal_of_order(number),
                    "quantity": row["quantity"],
                    "revenue_base": row["revenue_base"],
                    "vat_base": row["vat_base"],
                    "cost_base": row["cost_base"],
                    "gross_profit_base": row["revenue_base"] - row["vat_base"] - row["cost_base"],
                    "is_return": row["is_return"],
                    "is_sale": kind != "closing" and not row["is_return"],
                }
            )
        money = dict.fromkeys(("revenue_base", "vat_base", "cost_base", "gross_profit_base"), MONEY)
        return pl.DataFrame(rows, schema_overrides=money | {"quantity": pl.Decimal(18, 3)}, infer_schema_length=None)

    @cached_property
    def known_sales(self) -> pl.DataFrame:
        """Sales by as_of with a customer."""
        return self.sales.filter(pl.col("customer_key").is_not_null(), pl.col("sale_date") <= self.as_of)

    @cached_property
    def payments(self) -> pl.DataFrame:
        """Payments with keys, one row per split line."""
        documents = {one.number: one for one in self.company.payments}
        lines: dict[int, int] = defaultdict(int)
        rows = []
        for row in truth.payments(self.company).iter_rows(named=True):
            one = documents[row["payment"]]
            lines[one.number] += 1
            order = (self.now or self.company).order.get(row["order"] or 0)
            counted = order is not None and self.keys.counts(order)
            # of an order of a later day it is an advance until then
            exists = order is not None and counted and order.number in self.company.order
            customer = self.keys.buyer(one.partner)
            manager = key("manager", order.manager) if order is not None and counted else None
            rows.append(
                {
                    "payment_key": f"{key('payment', one.number)}:{lines[one.number]}",
                    "document_key": key("payment", one.number),
                    "payment_date": row["payment_date"],
                    "organisation_key": key("organisation", one.organisation),
                    "customer_key": customer,
                    "manager_key": manager or self.keys.customer_manager.get(str(customer)),
                    "order_key": key("order", order.number) if order is not None and exists else None,
                    "deal_key": self.keys.deal_of_order(row["order"]) if exists else None,
                    "amount": row["amount"],
                    "currency_code": row["currency"],
                    "amount_base": row["amount_base"],
                    "payment_method": row["method"],
                    "direction": row["direction"],
                }
            )
        return pl.DataFrame(rows, schema_overrides={"amount": MONEY, "amount_base": MONEY}, infer_schema_length=None)

    @cached_property
    def debts(self) -> list[Debt]:
        """Every order (and shipment that is its own order), with what moved on it by as_of."""
        own = {one.number for one in self.company.customers if one.organisation is not None}
        moved: dict[str, list[tuple[date, Decimal, Shipment | Return]]] = defaultdict(list)
        goods: tuple[Shipment | Return, ...] = (*self.company.shipments, *self.company.returns)
        for one in goods:
            if one.is_posted and one.customer not in own and one.at.date() <= self.as_of:
                sign = 1 if isinstance(one, Shipment) else -1
                moved[self.keys.order_of(one)].append((one.at.date(), sign * sum((line.amount for line in one.lines), ZERO), one))
        named: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for row in self.payments.iter_rows(named=True):
            if row["order_key"] is not None and row["payment_date"] <= self.as_of:
                named[row["order_key"]] += row["amount"] * (1 if row["direction"] == "in" else -1)
        heads: dict[str, Order | Shipment | Return] = {
            str(key("order", one.number)): one for one in self.company.orders if self.keys.counts(one)
        }
        for name, movements in moved.items():
            heads.setdefault(name, movements[0][2])
        found = []
        for name, head in heads.items():
            when = min((day for day, _, _ in moved[name]), default=head.at.date())
            shipped = sum((amount for _, amount, _ in moved[name]), ZERO)
            who = (self.keys.buyer(head.partner), key("manager", head.manager), head.currency, head.rate)
            found.append(Debt(name, *who, when, shipped, named[name]))
        return found

    @cached_property
    def loose_money(self) -> dict[tuple[str, str], Decimal]:
        """Payments that name no order by as_of, by customer and currency."""
        found: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for row in self.payments.iter_rows(named=True):
            if row["order_key"] is None and row["customer_key"] is not None and row["payment_date"] <= self.as_of:
                found[row["customer_key"], row["currency_code"]] += row["amount"] * (1 if row["direction"] == "in" else -1)
        return dict(found)

    @cached_property
    def settled(self) -> dict[str, Decimal]:
        """What each order still owes in its currency once loose money has gone to the oldest debts of the same currency first."""
        pools = dict(self.loose_money)
        left = {}
        for debt in sorted(self.debts, key=lambda one: (one.since, one.order)):
            owed = max(debt.shipped - debt.named, ZERO)
            pool = pools.get((str(debt.customer), debt.currency), ZERO)
            taken = min(max(pool, ZERO), owed)
            if taken:
                pools[str(debt.customer), debt.currency] = pool - taken
            left[debt.order] = owed - taken
        return left

    @cached_property
    def plain_customers(self) -> set[str]:
        """Customers all of whose orders and money are in roubles: what they owe follows from one queue, without rates."""
        currencies: dict[str, set[str]] = defaultdict(set)
        for debt in self.debts:
            currencies[str(debt.customer)].add(debt.currency)
        for customer, currency in self.loose_money:
            currencies[customer].add(currency)
        return {customer for customer, found in currencies.items() if found == {"RUB"}}

    @staticmethod
    def manager(number: int | None) -> str | None:
        """manager_key of a manager."""
        return key("manager", number)

    def instants(self) -> tuple[datetime, datetime]:
        """The as_of day's begin and end as moments."""
        return self.company.now - timedelta(days=1), self.company.now

    def windows(self, months: int) -> pl.Expr:
        """start(months) < sale_date <= as_of."""
        return (pl.col("sale_date") > back_months(self.as_of, months)) & (pl.col("sale_date") <= self.as_of)

    def sale_days(self) -> Iterator[tuple[str, date, str]]:
        """(customer, day, document) of every sale that is no return."""
        yield from self.known_sales.filter("is_sale").select("customer_key", "sale_date", "document_key").unique().iter_rows()
