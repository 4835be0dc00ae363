"""What each system knows about the customers: the same buyer in several systems, misspelt, incomplete, sometimes twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from ingestion.sandbox.clock import at
from ingestion.sandbox.generate.chance import likely, work_moment
from ingestion.sandbox.generate.staff import company_tax_id, full_name
from ingestion.sandbox.people import Card, Customer
from ingestion.sandbox.planning import CustomerMatch
from ingestion.sandbox.sales import Deal

# Partner ids and the ids of their first counterparties are the same numbers; a partner's further counterparties begin here.
SECOND_COUNTERPARTY = 5_000_000
DUPLICATE_PARTNER = 8_000_000


def onec_code(partner_id: int) -> str:
    """The code of a 1C card, as people copy it into the CRM."""
    return f"00-{partner_id:08d}"


def dirty_phone(rng: Random, phone: str) -> str:
    """A Russian E.164 number as somebody typed it."""
    area, rest = phone[2:5], phone[5:]
    shape = rng.randrange(8)
    parted = f"{rest[:3]}-{rest[3:5]}-{rest[5:]}"
    return (
        phone,
        f"8 ({area}) {parted}",
        f"+7 {area} {rest[:3]} {rest[3:5]} {rest[5:]}",
        f"8{area}{rest}",
        f"7{area}{rest}",
        f"{area}{rest}",
        f"+7({area}){parted} доб. {rng.randrange(10, 99)}" if area == "495" else f"+7({area}){parted}",
        f" 8-{area}-{parted} ",
    )[shape]


def dirty_name(rng: Random, name: str) -> str:
    """A name as somebody else typed it: form moved, quotes, case, a look-alike letter, stray blanks."""
    shape = rng.randrange(7)
    parts = name.rsplit(" ", 1)
    if parts[-1] in ("ООО", "АО"):
        return (
            name,
            f"{parts[1]} «{parts[0]}»",
            f'{parts[1]} "{parts[0]}"',
            parts[0],
            name.upper(),
            f"{name} ",
            name.replace("о", "o", 1),
        )[shape]
    return (name, name.replace("ё", "е"), name, name.upper(), name, f" {name}", name.replace("а", "a", 1))[shape]


@dataclass
class CardFile:
    """The cards made so far, and the next id of each (system, kind).

    amoCRM numbers contacts and companies apart, and so does Bitrix24: the same number may be a contact and a company.
    """

    cards: list[Card] = field(default_factory=list)
    next_id: dict[tuple[str, str], int] = field(
        default_factory=lambda: {
            ("amocrm", "company"): 20_001,
            ("amocrm", "contact"): 20_001,
            ("bitrix24", "company"): 1,
            ("bitrix24", "contact"): 1,
        }
    )

    def take_id(self, system: str, kind: str) -> int:
        """The next free id."""
        found = self.next_id[system, kind]
        self.next_id[system, kind] = found + 1
        return found

    def add(self, card: Card) -> Card:
        """Keeps the card and gives it back."""
        self.cards.append(card)
        return card


def _crm_cards(rng: Random, file: CardFile, system: str, customer: Customer, created: datetime, in_books: bool) -> None:
    def written(kind: str, name: tuple[str, str, str], phones: tuple[str, ...], parent: int | None) -> Card:
        shown, first, last = name
        return file.add(
            Card(
                system=system,
                kind=kind,
                id=file.take_id(system, kind),
                customer=customer.number,
                name=shown,
                first_name=first,
                last_name=last,
                phones=tuple(dirty_phone(rng, phone) for phone in phones if likely(rng, 0.9)),
                emails=tuple(mail if likely(rng, 0.8) else mail.title() for mail in customer.emails if likely(rng, 0.65)),
                tax_id=customer.tax_id if kind == "company" and likely(rng, 0.6) else "",
                kpp="",
                city=customer.city if likely(rng, 0.5) else "",
                manager=customer.manager if system == customer.home else None,
                created_at=created,
                updated_at=created + timedelta(minutes=rng.randrange(1, 4000)),
                parent=parent,
                crm_code=onec_code(customer.number) if in_books and kind != "contact" and likely(rng, 0.35) else "",
            )
        )

    if customer.kind == "company":
        company = written("company", (dirty_name(rng, customer.name), "", ""), customer.phones[:1], None)
        for index in range(1 if likely(rng, 0.8) else 2):
            last, first, _ = full_name(rng)
            phones = customer.phones[1:] if index == 0 else ()
            written("contact", (f"{first} {last}", first, last), phones, company.id)
        return
    last, first, *_ = (*customer.name.split(" "), "", "")
    contact = written("contact", (dirty_name(rng, f"{first} {last}"), first, last), customer.phones, None)
    if likely(rng, 0.06):
        file.add(
            replace(
                contact,
                id=file.take_id(system, "contact"),
                name=first,
                last_name="",
                phones=(dirty_phone(rng, customer.phones[0]),),
                duplicate_of=contact.id,
                created_at=created + timedelta(hours=rng.randrange(1, 500)),
                updated_at=created + timedelta(hours=501),
            )
        )


def _onec_cards(rng: Random, file: CardFile, customer: Customer, created: datetime) -> None:
    partner = file.add(
        Card(
            system="onec",
            kind="partner",
            id=customer.number,
            customer=customer.number,
            name=customer.name.rsplit(" ", 1)[0] if customer.kind == "company" and not customer.name.startswith("ИП") else customer.name,
            first_name="",
            last_name="",
            phones=tuple(dirty_phone(rng, phone) for phone in customer.phones[:1]),
            emails=customer.emails if likely(rng, 0.4) else (),
            tax_id="",
            kpp="",
            city=customer.city,
            manager=customer.manager,
            created_at=created,
            updated_at=created,
        )
    )
    counterparty = file.add(
        replace(
            partner,
            kind="counterparty",
            name=customer.name,
            phones=tuple(dirty_phone(rng, phone) for phone in customer.phones if likely(rng, 0.85)),
            tax_id=customer.tax_id,
            kpp=customer.kpp,
            parent=partner.id,
        )
    )
    if customer.kind != "company" or customer.organisation:
        return
    if customer.tax_id and likely(rng, 0.04):
        second = company_tax_id(customer.number * 17 + 5_000_011)
        name = customer.name.replace("-", "-2 ", 1)
        file.add(replace(counterparty, id=SECOND_COUNTERPARTY + customer.number, name=name, tax_id=second, phones=()))
    if customer.tax_id and likely(rng, 0.03):
        twin = DUPLICATE_PARTNER + customer.number
        when = created + timedelta(days=3)
        file.add(replace(partner, id=twin, name=dirty_name(rng, customer.name), duplicate_of=partner.id, created_at=when, updated_at=when))
        file.add(replace(counterparty, id=twin, parent=twin, duplicate_of=counterparty.id, created_at=when, updated_at=when))


def make_cards(rng: Random, customers: tuple[Customer, ...], now: datetime) -> tuple[Card, ...]:
    """Cards of every customer: the home CRM has nearly all of them, 1C those who come to buying, the other CRM some."""
    file = CardFile()
    for customer in customers:
        created = min(work_moment(rng, customer.since), now - timedelta(hours=5))
        if customer.is_technical or customer.organisation:
            _onec_cards(rng, file, customer, at(customer.since))
            continue
        in_books = likely(rng, 0.82)
        if likely(rng, 0.96) or not in_books:
            _crm_cards(rng, file, customer.home, customer, created, in_books)
        if likely(rng, 0.12):
            other = "bitrix24" if customer.home == "amocrm" else "amocrm"
            _crm_cards(rng, file, other, customer, created, in_books)
        if in_books:
            _onec_cards(rng, file, customer, created)
    return tuple(replace(card, updated_at=min(card.updated_at, now - timedelta(minutes=7))) for card in file.cards)


def add_winners(rng: Random, customers: tuple[Customer, ...], cards: tuple[Card, ...], deals: list[Deal]) -> tuple[Card, ...]:
    """The cards with a 1C card for nearly every customer who has won a deal: accounting opens it when the first order comes."""
    known = {card.customer for card in cards if card.system == "onec"}
    first_win: dict[int, datetime] = {}
    for deal in deals:
        if deal.status == "won" and deal.customer and deal.closed_at:
            first_win[deal.customer] = min(deal.created_at, first_win.get(deal.customer, deal.created_at))
    file = CardFile()
    for customer in customers:
        if customer.number in first_win and customer.number not in known and likely(rng, 0.93):
            _onec_cards(rng, file, customer, first_win[customer.number])
    return (*cards, *file.cards)


def make_matches(cards: tuple[Card, ...]) -> tuple[CustomerMatch, ...]:
    """What somebody matched by hand: some cards without any common mark belong together, and two with a shared phone do not."""
    books = {card.customer: card for card in cards if card.system == "onec" and card.kind == "partner" and card.duplicate_of is None}
    bare = (
        card for card in cards if card.system == "amocrm" and not card.phones and not card.emails and not card.tax_id and not card.crm_code
    )
    together = [CustomerMatch(_name(books[card.customer]), _name(card), True) for card in _some(bare, 3, books)]
    first, second = sorted(books)[:2]
    return (*together, CustomerMatch(_name(books[first]), _name(books[second]), False))


def _some(cards: Iterator[Card], most: int, books: dict[int, Card]) -> list[Card]:
    known = (card for card in cards if card.customer in books and card.parent is None)
    return [card for card, _ in zip(known, range(most), strict=False)]


def _name(card: Card) -> tuple[str, str, int]:
    return card.system, card.kind, card.id
