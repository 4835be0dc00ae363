"""What the warehouse must call the company's things, worked out from the truth: keys of documents, and which cards are one customer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import phonenumbers
import yaml

from ingestion.sandbox.company import Company
from ingestion.sandbox.company_systems import SOURCE_NAMES
from ingestion.sandbox.generate.cards import onec_code
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.people import Card
from ingestion.sandbox.sales import Deal
from ingestion.sandbox.trade import Order, Return, Shipment

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project" / "dbt_project.yml"
BOOKS = SOURCE_NAMES["onec"]
KIND_ORDER = {"partner": 0, "counterparty": 1, "company": 2, "contact": 3}


def key(kind: str, number: int | None) -> str | None:
    """Key of an object of the 1C base."""
    return None if number is None else f"{BOOKS}:{ref(kind, number)}"


@cache
def setting(name: str) -> int:
    """A var of the dbt project: the thresholds are the company's choice, not a definition."""
    return int(yaml.safe_load(DBT_PROJECT.read_text(encoding="utf-8"))["vars"][name])


def e164(typed: str) -> str | None:
    """A phone as customer_links compares it; None if it is no number."""
    try:
        found = phonenumbers.parse(typed, "RU")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(found) else None


@dataclass(frozen=True)
class Keys:
    """Keys of one company whose 1C base has partners (УТ).

    Attributes:
        company: the truth.
    """

    company: Company

    def source_id(self, card: Card) -> tuple[str, str]:
        """(source, source_customer_id) of a card."""
        identity = ref(card.kind, card.id) if card.system == "onec" else str(card.id)
        return SOURCE_NAMES[card.system], f"{card.kind}:{identity}"

    def _rank(self, card: Card) -> tuple[object, ...]:
        source, identity = self.source_id(card)
        tail = identity.partition(":")[2]
        order = list(SOURCE_NAMES.values()).index(source)
        return order, KIND_ORDER[card.kind], (0, int(tail), "") if tail.isdigit() else (1, 0, tail)

    @cached_property
    def _cards(self) -> tuple[Card, ...]:
        return tuple(card for card in self.company.cards if not card.is_deleted)

    @cached_property
    def components(self) -> dict[tuple[str, str, int], str | None]:
        """customer_key by card: connected components of everything that ties cards together.

        «Розничный покупатель» and the company's own organisations are no customers.
        """
        buyers = {one.number for one in self.company.customers if not one.is_technical and one.organisation is None}
        cards = [card for card in self._cards if card.customer in buyers]
        parent = {(card.system, card.kind, card.id): (card.system, card.kind, card.id) for card in cards}

        def root(node: tuple[str, str, int]) -> tuple[str, str, int]:
            while parent[node] != node:
                node = parent[node]
            return node

        for group in self._ties(cards):
            first, *rest = [node for node in group if node in parent]
            for node in rest:
                parent[root(node)] = root(first)
        members: dict[tuple[str, str, int], list[Card]] = defaultdict(list)
        for card in cards:
            members[root((card.system, card.kind, card.id))].append(card)
        found: dict[tuple[str, str, int], str | None] = {(card.system, card.kind, card.id): None for card in self._cards}
        for group_cards in members.values():
            name = ":".join(self.source_id(min(group_cards, key=self._rank)))
            found.update({(card.system, card.kind, card.id): name for card in group_cards})
        return found

    def _ties(self, cards: list[Card]) -> Iterable[list[tuple[str, str, int]]]:
        shared: dict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
        codes = {onec_code(card.id): card for card in cards if card.kind == "partner"}
        for card in cards:
            node = (card.system, card.kind, card.id)
            marks = {("phone", e164(phone)) for phone in card.phones} | {("email", mail.strip().lower()) for mail in card.emails}
            marks |= {("tax_id", card.tax_id)} if card.tax_id else set()
            for kind, value in marks:
                if value:
                    shared[kind, value].append(node)
            if card.parent is not None:
                yield [node, (card.system, "partner" if card.system == "onec" else "company", card.parent)]
            if card.crm_code in codes:
                yield [node, ("onec", "partner", codes[card.crm_code].id)]
        for (kind, _), nodes in shared.items():
            # a mark on more cards than that is a switchboard's
            if 1 < len(nodes) <= setting("shared_tax_id_limit" if kind == "tax_id" else "shared_identifier_limit"):
                yield nodes
        yield from ([match.left, match.right] for match in self.company.matches if match.is_same)

    def buyer(self, partner: int | None) -> str | None:
        """Customer of a 1C document, by its partner card."""
        return None if partner is None else self.components[("onec", "partner", partner)]

    def deal_customer(self, deal: Deal) -> str | None:
        """Customer of a deal: the company's, else the main contact's."""
        if deal.company_card is not None:
            return self.components[(deal.system, "company", deal.company_card)]
        return self.components[(deal.system, "contact", deal.contact_cards[0])] if deal.contact_cards else None

    @staticmethod
    def deal(deal: Deal) -> str:
        """deal_key."""
        return f"{SOURCE_NAMES[deal.system]}:{deal.crm_id}"

    @cached_property
    def live_deals(self) -> tuple[Deal, ...]:
        """Deals that nobody deleted."""
        return tuple(deal for deal in self.company.deals if deal.deleted_at is None)

    @cached_property
    def order_deals(self) -> dict[int, Deal]:
        """The deal of an order that either system names explicitly."""
        by_id = {str(deal.crm_id): deal for deal in self.live_deals}
        by_code = {deal.order_number: deal for deal in self.live_deals if deal.order_number}
        found = {}
        for order in self.company.orders:
            deal = by_id.get(order.deal_reference) or by_code.get(order.code)
            if deal is not None and self.counts(order):
                found[order.number] = deal
        return found

    @staticmethod
    def counts(order: Order) -> bool:
        """Whether the order is in fct_orders."""
        return order.is_posted and not order.is_marked

    def order_of(self, document: Shipment | Return) -> str:
        """order_key of a shipment or return: the order it names, a return else its shipment's, else the document itself."""
        order = self.company.order.get(document.order or 0)
        if order is not None and self.counts(order):
            return str(key("order", order.number))
        if isinstance(document, Return):
            shipment = self.company.shipment.get(document.shipment)
            if shipment is not None and shipment.is_posted:
                return self.order_of(shipment)
            return str(key("return", document.number))
        return str(key("shipment", document.number))

    def deal_of_order(self, number: int | None) -> str | None:
        """deal_key of an order."""
        found = self.order_deals.get(number or 0)
        return None if found is None else self.deal(found)

    @cached_property
    def _administrators(self) -> dict[str, int]:
        """Who stands on a CRM card that nobody answers for: a CRM has no card without a responsible."""
        users = {"amocrm": "amo_id", "bitrix24": "b24_id"}
        return {system: min(one.number for one in self.company.managers if getattr(one, name)) for system, name in users.items()}

    @cached_property
    def customer_manager(self) -> dict[str, str | None]:
        """manager_key by customer_key: that of its first card that has one."""
        found: dict[str, str | None] = {}
        for card in sorted(self._cards, key=self._rank):
            customer = self.components[(card.system, card.kind, card.id)]
            if customer is not None and found.get(customer) is None:
                found[customer] = key("manager", card.manager or self._administrators.get(card.system))
        return found
