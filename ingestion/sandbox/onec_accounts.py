"""Own money by account, and what suppliers are owed: the truth behind 1C's registers of money and of settlements with suppliers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ingestion.sandbox.clock import at
from ingestion.sandbox.company import Company
from ingestion.sandbox.generate.chance import cents
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.trade import Payment

ZERO = Decimal(0)
_DELIVERED_BEFORE = timedelta(days=10)
_TERMS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class MoneyAccount:
    """A bank account or a cash desk. opening: what stood there when the history began, in `currency`. kind: bank | cash."""

    key: str
    kind: str
    organisation: int
    currency: str
    name: str
    opening: Decimal


@dataclass(frozen=True, slots=True)
class Transfer:
    """Own money carried from a cash desk to the bank (Document_ПеремещениеДС of УНФ)."""

    number: int
    at: datetime
    organisation: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Supply:
    """Goods of a supplier; `paid` is what has been paid for it by now. rate turns its currency into the company's."""

    name: str
    code: str
    at: datetime
    organisation: int
    supplier: int
    currency: str
    rate: Decimal
    amount: Decimal
    paid: Decimal
    paid_on: date | None
    due_on: date


def account_key(kind: str, organisation: int, currency: str, home: str = "RUB") -> str:
    """The guid of an own account; a cash desk holds every currency, a bank account one."""
    if kind == "cash":
        return ref("cash desk", organisation)
    return ref("account", organisation) if currency == home else ref("account", organisation, currency)


def accounts(company: Company) -> list[MoneyAccount]:
    """Every own bank account and cash desk: one of each an organisation, and a bank account for every foreign currency it was paid in."""
    foreign = sorted({(one.organisation, one.currency) for one in company.payments if one.currency != company.currency})
    found = []
    for one in company.organisations:
        key = account_key("bank", one.number, company.currency)
        found.append(MoneyAccount(key, "bank", one.number, company.currency, f"Основной, {one.name}", Decimal(1_250_000 + one.number)))
        key = account_key("cash", one.number, company.currency)
        found.append(MoneyAccount(key, "cash", one.number, company.currency, f"Касса, {one.name}", Decimal(35_000 + one.number)))
    for organisation, currency in foreign:
        name = f"Валютный {currency}, {company.organisations[organisation - 1].name}"
        key = account_key("bank", organisation, currency)
        found.append(MoneyAccount(key, "bank", organisation, currency, name, Decimal("10000.50")))
    return found


def transfers(company: Company) -> list[Transfer]:
    """A thousand carried from the first organisation's cash desk to its bank on the 20th of every month."""
    days = (company.started_on + timedelta(days=n) for n in range((company.today - company.started_on).days))
    return [Transfer(number, at(day, 15), 1, Decimal(1000)) for number, day in enumerate((one for one in days if one.day == 20), 1)]


def money_day(one: Payment) -> date:
    """The day on which the payment moved money: the bank's, else the document's."""
    return one.bank_on or one.at.date()


def positions(company: Company, upto: date | None = None) -> dict[tuple[str, str], Decimal]:
    """What stands on (account, currency) at the end of a day (default: now); nothing before the eve of the history, when it was entered."""
    found: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    if upto is None or upto >= company.started_on - timedelta(days=1):
        for account in accounts(company):
            found[account.key, account.currency] += account.opening
    for one in company.payments:
        if not (one.is_posted and one.is_conducted) or one.kind == "card" or (upto is not None and money_day(one) > upto):
            continue
        kind, _, way = one.kind.partition("_")
        found[account_key(kind, one.organisation, one.currency), one.currency] += one.amount * (1 if way == "in" else -1)
    return dict(found)


def carried(company: Company, upto: date | None = None) -> Decimal:
    """What the transfers have taken out of the first organisation's cash desk by the end of a day."""
    return sum((one.amount for one in transfers(company) if upto is None or one.at.date() <= upto), ZERO)


def supplies(company: Company) -> list[Supply]:
    """One delivery ten days before every payment to a supplier, every ninth a quarter larger than what was paid for it.

    Four more are not paid at all: two of the last ten days, two of another supplier in euro.
    """
    found = []
    for one in company.payments:
        if one.operation != "supplier_payment":
            continue
        moment = max(one.at - _DELIVERED_BEFORE, at(company.started_on, 12))
        amount = cents(one.amount * 5 / 4) if one.number % 9 == 0 else one.amount
        paid_on = money_day(one) if one.is_posted and one.is_conducted else None
        paid = one.amount if paid_on else ZERO
        found.append(
            Supply(
                str(one.number), f"ПН-{one.number:06d}", moment, one.organisation, 1, "RUB", Decimal(1), amount, paid, paid_on,
                moment.date() + _TERMS,
            )
        )  # fmt: skip
    rate = Rates(company.rates, company.currency)
    seen_on = company.today - timedelta(days=company.step)
    for number, days, currency in ((1, 3, "RUB"), (2, 9, "RUB"), (3, 20, "EUR"), (4, 50, "EUR")):
        moment = at(seen_on - timedelta(days=days), 12)
        amount = Decimal(80_000 + 1000 * number) if currency == "RUB" else Decimal(1_200 + number)
        found.append(
            Supply(
                f"open {number}", f"ПН-9{number:05d}", moment, 1, 1 if currency == "RUB" else 2, currency,
                rate.on(currency, moment.date()), amount, ZERO, None, moment.date() + _TERMS,
            )
        )  # fmt: skip
    return found


def owed(company: Company, upto: date | None = None) -> list[tuple[Supply, Decimal]]:
    """Deliveries that are not paid in full at the end of a day (default: now), with what is left."""
    found = []
    for one in supplies(company):
        if upto is not None and one.at.date() > upto:
            continue
        paid = one.paid if one.paid_on is not None and (upto is None or one.paid_on <= upto) else ZERO
        if one.amount > paid:
            found.append((one, one.amount - paid))
    return found
