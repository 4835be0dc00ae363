"""A thousand made-up customers with the dirt of real cards, and which cards are truly one customer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

# the customer whose sixty cards each share a number only with the next
LONG_CHAIN = 2_000


@dataclass
class Card:
    """A card as a system keeps it. `customer` is the truth; `parent` is the key of the card it belongs to in its own system."""

    key: str
    kind: str
    customer: int
    tax_id: str | None = None
    kpp: str | None = None
    parent: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The part of the key before the first colon."""
        return self.key.split(":")[0]


@dataclass
class Cases:
    """Everything the cards of a company say, drawn from one seed.

    Attributes:
        cards: cards of 1C (books), amoCRM (sales) and Bitrix24 (portal).
        matches: pairs that somebody looked at: (card, card, are they one customer).
    """

    rng: Random
    cards: list[Card] = field(default_factory=list)
    matches: list[tuple[str, str, bool]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: count(1000))

    def key(self, source: str, kind: str) -> str:
        """A key that no card has yet."""
        return f"{source}:{kind}:{next(self._ids)}"

    def phone(self, customer: int, place: int = 0) -> str:
        """A customer's number as this or that person types it."""
        digits = f"9{(customer * 10 + place) % 1_000_000_000:09d}"
        return self.rng.choice(
            (
                f"+7{digits}",
                f"8{digits}",
                f"7{digits}",
                digits,
                f"8 ({digits[:3]}) {digits[3:6]}-{digits[6:8]}-{digits[8:]}",
                f"+7 {digits[:3]} {digits[3:]} доб. {self.rng.randrange(100, 999)}",
            )
        )

    def email(self, customer: int) -> str:
        """A customer's address, in any case."""
        address = f"buyer{customer}@mail.example"
        return self.rng.choice((address, address.upper(), f" {address} "))

    def add(self, source: str, kind: str, customer: int, **marks: Any) -> Card:
        """Add a card and give it back."""
        card = Card(self.key(source, kind), kind, customer, **marks)
        self.cards.append(card)
        return card


def make_cases(seed: int = 7) -> Cases:
    """A thousand customers: companies with branches, people, families, doubles, wrong numbers, switchboards, stopgap tax ids."""
    cases = Cases(Random(seed))
    for customer in range(1, 1001):
        (_company, _branches, _person, _doubled, _wanderer)[customer % 5](cases, customer)
    _switchboards(cases)
    _families(cases)
    _typos(cases)
    _long_chain(cases)
    return cases


def _company(cases: Cases, customer: int) -> None:
    """A company in all three systems: by tax id in amoCRM, by a written code in Bitrix24, with a contact in each."""
    tax_id = f"77{customer:08d}"
    partner = cases.add("books", "partner", customer, phones=(cases.phone(customer),))
    cases.add("books", "counterparty", customer, tax_id=tax_id, kpp="770101001", parent=partner.key)
    company = cases.add("sales", "company", customer, tax_id=f" {tax_id} ")
    cases.add("sales", "contact", customer, parent=company.key, emails=(cases.email(customer),))
    cases.add("portal", "company", customer, codes=(partner.key,))


def _branches(cases: Cases, customer: int) -> None:
    """One tax id, several branches with their own KPP, each a partner of its own in 1C: still one customer."""
    tax_id = f"78{customer:08d}"
    for branch in range(1, cases.rng.randrange(3, 9)):
        partner = cases.add("books", "partner", customer, phones=(cases.phone(customer, branch),))
        cases.add("books", "counterparty", customer, tax_id=tax_id, kpp=f"78010{branch}001", parent=partner.key)
    cases.add("sales", "company", customer, tax_id=tax_id)


def _person(cases: Cases, customer: int) -> None:
    """Somebody known by a phone in 1C and by the same phone, typed otherwise, in a CRM."""
    cases.add("books", "partner", customer, phones=(cases.phone(customer),), tax_id="0000000000")
    cases.add("sales", "contact", customer, phones=(cases.phone(customer),))


def _doubled(cases: Cases, customer: int) -> None:
    """The same person twice in one CRM: once with the phone and once with the e-mail, and a third card that has both."""
    cases.add("sales", "contact", customer, phones=(cases.phone(customer),))
    cases.add("sales", "contact", customer, emails=(cases.email(customer),))
    cases.add("portal", "contact", customer, phones=(cases.phone(customer),), emails=(cases.email(customer),))


def _wanderer(cases: Cases, customer: int) -> None:
    """A chain: each card shares a mark only with the next."""
    first, second, third = cases.phone(customer, 1), cases.phone(customer, 2), cases.phone(customer, 3)
    cases.add("portal", "contact", customer, phones=(third,))
    cases.add("books", "partner", customer, phones=(first,))
    cases.add("sales", "contact", customer, phones=(first, second))
    cases.add("portal", "contact", customer, phones=(second, third))


def _switchboards(cases: Cases) -> None:
    """A business centre's number and info@ on every fortieth card, numbers of call centres, and words instead of numbers."""
    for card in cases.cards[::40]:
        card.phones += ("8 (495) 070-07-00", "8-800-555-35-35", "неизвестен", "102")
        card.emails += ("info@centre.example", "нет", "-")


def _families(cases: Cases) -> None:
    """Two customers with one home phone that somebody looked at and kept apart, and strangers whom nothing but a clerk's word ties."""
    people = [card for card in cases.cards if card.source == "books" and card.customer % 5 == 2]
    for one, other in zip(people[:40:2], people[1:40:2], strict=True):
        shared = cases.phone(900_000 + one.customer)
        one.phones += (shared,)
        other.phones += (shared,)
        cases.matches.append((one.key, other.key, False))
    for card in people[60:80]:
        lonely = cases.add("portal", "contact", card.customer)
        cases.matches.append((card.key, lonely.key, True))


def _typos(cases: Cases) -> None:
    """A wrong digit makes a card lonely, and rarely somebody else's: people 160 and 161 have each other's number once."""
    people = [card for card in cases.cards if card.source == "books" and card.customer % 5 == 2]
    for card in people[100:110]:
        card.phones = (cases.phone(700_000 + card.customer),)
    people[160].phones += (cases.phone(people[161].customer),)


def _long_chain(cases: Cases) -> None:
    """Sixty cards in a row whose order is the order of their ids: the slowest group to contract."""
    for place in range(60):
        phones = (cases.phone(800_000 + place), cases.phone(800_001 + place))
        cases.add("books", "partner", LONG_CHAIN, phones=phones)
