"""Customers as they truly are."""

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from ingestion.sandbox.generate import words
from ingestion.sandbox.generate.chance import Timeline, counted, likely
from ingestion.sandbox.generate.staff import company_tax_id, full_name, person_tax_id
from ingestion.sandbox.people import Customer, Manager, Organisation

SHARED_PHONE = "+74950700700"
SHARED_EMAIL = "info@bc-severny.example"


def mobile(serial: int) -> str:
    """A mobile number in the code 973, which no operator has been given."""
    return f"+7973{(serial * 7919 + 1_000_003) % 10_000_000:07d}"


def landline(serial: int) -> str:
    """A Moscow number beginning with 0, which no subscriber can have."""
    return f"+74950{(serial * 4241 + 100_003) % 1_000_000:06d}"


def make_customers(
    rng: Random, scale: float, timeline: Timeline, managers: tuple[Manager, ...], organisations: tuple[Organisation, ...]
) -> tuple[Customer, ...]:
    """Customers in the order they came: a third before the history begins, then by the business weight of the days.

    The last two are 1C's technical retail buyer and the company's own second organisation, which 1C lists among the buyers.
    """
    total = counted(400, scale, least=12)
    amo_managers = [one.number for one in managers if one.is_sales and one.amo_id]
    b24_managers = [one.number for one in managers if one.is_sales and one.b24_id]
    since = sorted(
        timeline.first - timedelta(days=rng.randrange(1, 900)) if likely(rng, 0.35) else timeline.pick(rng) for _ in range(total)
    )
    found = []
    for number, day in enumerate(since, 1):
        is_company = likely(rng, 0.72)
        home = "amocrm" if likely(rng, 0.75) else "bitrix24"
        last, first, patronymic = full_name(rng)
        if is_company:
            form = rng.choice(words.FORMS)
            if form == "ИП":
                name, tax_id, kpp = f"ИП {last} {first} {patronymic}", person_tax_id(number * 31 + 7), ""
            else:
                name = f"{rng.choice(words.ROOTS)}-{rng.choice(words.ENDINGS)} {form}"
                tax_id, kpp = company_tax_id(number * 17 + 11), "007801001"
            phones: tuple[str, ...] = (landline(number), mobile(number))
        else:
            name, tax_id, kpp, phones = f"{last} {first} {patronymic}", "", "", (mobile(number),)
        if is_company and number % 40 == 0:
            phones = (SHARED_PHONE, *phones[1:])
        mailbox = f"{words.latin(last)}.{number}@{'office' if is_company else 'post'}.example"
        emails = (SHARED_EMAIL,) if is_company and number % 50 == 0 else (mailbox,)
        found.append(
            Customer(
                number=number,
                kind="company" if is_company else "person",
                name=name,
                tax_id=tax_id,
                kpp=kpp,
                city=rng.choice(words.CITIES),
                phones=phones,
                emails=emails,
                manager=rng.choice(amo_managers if home == "amocrm" else b24_managers),
                since=day,
                home=home,
                weight=min(15.0, rng.paretovariate(1.3)) * (1.0 if is_company else 0.35),
            )
        )
    own = organisations[1]
    plain = Customer(
        total + 1, "person", "Розничный покупатель", "", "", "", (), (), amo_managers[0], timeline.first, "", 0.0, is_technical=True
    )
    ours = Customer(
        total + 2,
        "company",
        own.name,
        own.tax_id,
        own.kpp,
        "Москва",
        (),
        (),
        amo_managers[0],
        timeline.first,
        "",
        0.0,
        organisation=own.number,
    )
    return (*found, plain, ours)


class Crowd:
    """Real customers drawn by weight, only those known by a day."""

    def __init__(self, customers: list[Customer]) -> None:
        """From customers in any order; technical and own ones must be left out by the caller."""
        self._all = sorted(customers, key=lambda one: (one.since, one.number))
        self._since = [one.since for one in self._all]
        self._upto = list(accumulate(one.weight for one in self._all))

    def pick(self, rng: Random, day: date) -> Customer:
        """One customer who was there by the day (the very first one if nobody was), heavy ones more often."""
        known = max(1, bisect_right(self._since, day))
        target = rng.random() * self._upto[known - 1]
        return self._all[min(bisect_left(self._upto, target), known - 1)]
