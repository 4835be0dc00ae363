"""Whose records a telephone number, an address, a tax id or a customer's key leads to, and what of them tells who they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import duckdb

from ingestion.forgotten import Traces, name_words
from ingestion.settings import Settings
from ingestion.sync import opened_warehouse
from orchestration.errors import ForgetError
from orchestration.publish import current_file

_CARD_STREAMS = {"contact": "contact", "company": "compan", "partner": "partner", "counterparty": "counterpart"}


@dataclass(frozen=True, slots=True)
class Asked:
    """By what a person was named on the command line."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.phones, self.emails, self.tax_ids, self.customers, self.names))


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found.

    Attributes:
        traces: what is masked.
        cards: "<system's card>: <name>" of the records that are the person.
        shared: what the person's cards share with others' and is therefore left where others have it.
    """

    traces: Traces
    cards: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def named_by(text: str) -> Literal["customer", "email", "phone"]:
    """What a word that names a person is: keys are written `<source>:<id>` and hold no @."""
    if "@" in text:
        return "email"
    return "phone" if re.fullmatch(r"\+?[\d\s().-]{7,}", text) else "customer"


def find_person(settings: Settings, asked: Asked) -> Found:
    """Whose records the identifiers lead to, in the warehouse as it was last built; the caller holds the data folder's lock.

    Raises:
        ForgetError: a number or an address is none, or a customer is unknown.
    """
    must_be_here(settings)
    traces = Traces(
        phones=frozenset(_phone(phone, settings.company.country) for phone in asked.phones),
        emails=frozenset(_email(address) for address in asked.emails),
        tax_ids=frozenset(_tax_id(tax_id) for tax_id in asked.tax_ids),
        names=frozenset(_name(name) for name in asked.names),
    )
    if not settings.warehouse_file.exists():
        return Found(traces)
    with opened_warehouse(settings) as connection:
        present = {
            row[0] for row in connection.execute("select table_name from duckdb_tables() where schema_name = 'intermediate'").fetchall()
        }
        if not {"int_customer_cards", "int_customer_identifiers", "int_customer_links"} <= present:
            if asked.customers:
                message = (
                    f"the marts are not built, so {asked.customers[0]} is not known; name the person by --phone or --email, or build first."
                )
                raise ForgetError(message)
            return Found(traces)
        return _with_cards(connection, traces, asked)


def must_be_here(settings: Settings) -> None:
    """ForgetError where data lies in places that cannot be rewritten from here."""
    if settings.warehouse.engine != "duckdb" or settings.raw_place is not None:
        message = (
            "skvoz forget rewrites a raw zone and a warehouse on this machine's disk only; with ClickHouse or a raw zone in an object store"
            " delete the person in the source systems, then rebuild both from them: skvoz sync --full into an empty place."
        )
        raise ForgetError(message)


def _with_cards(connection: duckdb.DuckDBPyConnection, traces: Traces, asked: Asked) -> Found:
    chosen: dict[str, tuple[str, str, str]] = {}
    for customer in asked.customers:
        rows = connection.execute(
            "select cards.card_key, cards.source, cards.card_kind, cards.customer_name from intermediate.int_customer_links as links"
            " join intermediate.int_customer_cards as cards on cards.card_key = links.card_key where links.customer_key = ?",
            [customer],
        ).fetchall()
        if not rows:
            message = f"there is no customer {customer}; its key stands in the address of its page and in marts.dim_customers."
            raise ForgetError(message)
        chosen |= {row[0]: (row[1], row[2], row[3] or "") for row in rows}
    # a company's card that tells a person's number loses the number and stays a company
    rows = connection.execute(
        "select distinct cards.card_key, cards.source, cards.card_kind, cards.customer_name"
        " from intermediate.int_customer_identifiers as ids join intermediate.int_customer_cards as cards on cards.card_key = ids.card_key"
        " where (ids.identifier_kind = 'tax_id' and list_contains($tax_ids, ids.identifier_value))"
        " or ((cards.card_kind = 'contact' or cards.customer_type = 'person') and ("
        "(ids.identifier_kind = 'phone' and list_contains($phones, ids.identifier_value))"
        " or (ids.identifier_kind = 'email' and list_contains($emails, ids.identifier_value))))",
        {"tax_ids": sorted(traces.tax_ids), "phones": sorted(traces.phones), "emails": sorted(traces.emails)},
    ).fetchall()
    chosen |= {row[0]: (row[1], row[2], row[3] or "") for row in rows}
    chosen |= _of_the_same_person(connection, list(chosen))
    identifiers = connection.execute(
        "select identifier_kind, identifier_value, bool_and(list_contains($cards, card_key)) from intermediate.int_customer_identifiers"
        " where identifier_kind in ('phone', 'email', 'tax_id')"
        " group by all having bool_or(list_contains($cards, card_key)) order by all",
        {"cards": list(chosen)},
    ).fetchall()
    own: dict[str, set[str]] = {"phone": set(traces.phones), "email": set(traces.emails), "tax_id": set(traces.tax_ids)}
    shared = [value for kind, value, alone in identifiers if not alone and value not in own[kind]]
    for kind, value, alone in identifiers:
        if alone:
            own[kind].add(value)
    others = {
        " ".join(name_words(name))
        for key, name in connection.execute("select card_key, customer_name from intermediate.int_customer_cards").fetchall()
        if key not in chosen and name
    }
    names = {name for _, _, name in chosen.values() if len(name_words(name)) > 1}
    namesakes = {name for name in names if " ".join(name_words(name)) in others}
    cards = frozenset(card for key, (source, kind, _) in chosen.items() for card in _records(connection, key, source, kind))
    found = replace(
        traces,
        phones=frozenset(own["phone"]),
        emails=frozenset(own["email"]),
        tax_ids=frozenset(own["tax_id"]),
        names=traces.names | (names - namesakes),
        cards=cards,
    )
    told = tuple(f"{key}: {name}" for key, (_, _, name) in sorted(chosen.items()))
    return Found(found, told, (*shared, *sorted(namesakes)))


def _of_the_same_person(connection: duckdb.DuckDBPyConnection, chosen: list[str]) -> dict[str, tuple[str, str, str]]:
    """The other cards of customers that are persons: a counterparty without the number, a card of another system that says no kind.

    A contact alone does not lead there: its customer may be the company that it speaks for.
    """
    rows = connection.execute(
        "select cards.card_key, cards.source, cards.card_kind, cards.customer_name from intermediate.int_customer_links as links"
        " join intermediate.int_customer_cards as cards on cards.card_key = links.card_key where links.customer_key in ("
        "select its.customer_key from intermediate.int_customer_links as its"
        " join intermediate.int_customer_cards as known on known.card_key = its.card_key group by its.customer_key"
        " having not bool_or(known.customer_type = 'company') and bool_or("
        "known.customer_type = 'person' and known.card_kind <> 'contact' and list_contains($chosen, known.card_key)))",
        {"chosen": chosen},
    ).fetchall()
    return {row[0]: (row[1], row[2], row[3] or "") for row in rows}


def _records(connection: duckdb.DuckDBPyConnection, card: str, source: str, kind: str) -> list[tuple[str, str]]:
    """(source/stream, key) of the raw records that a card was made of."""
    key = card.removeprefix(f"{source}:")
    key = key.removeprefix(f"{kind}:")
    systems = connection.execute("select distinct system, stream from meta.cursors where source = ?", [source]).fetchall()
    stem = _CARD_STREAMS.get(kind, kind)
    streams = [(system, stream) for system, stream in systems if stem in stream] or systems
    found = []
    for system, stream in streams:
        held = connection.execute(
            f'select 1 from raw."{system}__{stream}" where _source = ? and _key = ? limit 1', [source, key]
        ).fetchone()
        if held:
            found.append((f"{source}/{stream}", key))
    return found


def idle_persons(settings: Settings, days: int) -> tuple[str, ...]:
    """Keys of customers that are persons and with whom nothing has happened for so many days.

    An enquiry, a deal, an order, a sale, a payment, a call, a meeting, a letter, a message, a task done and a claim are something; whose
    card has none of them is not found.
    """
    current = current_file(settings.data_dir / "published")
    if current is None:
        return ()
    with duckdb.connect(str(current), read_only=True) as connection:
        rows = connection.execute(
            "with last_days as (select customer_key, max(day) as day from ("
            " select customer_key, created_at::date as day from marts.fct_deals"
            " union all select customer_key, closed_at::date from marts.fct_deals"
            " union all select customer_key, order_date from marts.fct_orders"
            " union all select customer_key, sale_date from marts.fct_sales"
            " union all select customer_key, payment_date from marts.fct_payments"
            " union all select customer_key, started_at::date from marts.fct_calls"
            " union all select customer_key, created_at::date from marts.fct_leads"
            " union all select customer_key, occurred_at::date from marts.fct_activities"
            " union all select customer_key, registered_date from marts.fct_claims"
            " union all select customer_key, resolved_date from marts.fct_claims"
            ") group by customer_key)"
            " select customers.customer_key from marts.dim_customers as customers"
            " join last_days on last_days.customer_key = customers.customer_key"
            " where customers.customer_type = 'person' and last_days.day < (select as_of_date from marts.publication) - $days"
            " and customers.customer_name not like 'forgotten-%' order by all",
            {"days": days},
        ).fetchall()
    return tuple(row[0] for row in rows)


def _phone(text: str, country: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
        possible = phonenumbers.is_possible_number(number)
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        message = f"{text!r} is no telephone number; write it like +79161234567."
        raise ForgetError(message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text.strip()):
        message = f"{text!r} is no mail address; write it like name@example.com."
        raise ForgetError(message)
    return text.strip().lower()


def _tax_id(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if len(digits) < 8:
        message = f"{text!r} is no tax id: it has {len(digits)} digits."
        raise ForgetError(message)
    return digits


def _name(text: str) -> str:
    if len(name_words(text)) < 2:
        message = f"{text!r}: one word is borne by too many; give the whole name, as the cards write it."
        raise ForgetError(message)
    return text


def describe(found: Found) -> Iterable[str]:
    """What would be forgotten, in lines."""
    yield from (f"card     {card}" for card in found.cards)
    traces = found.traces
    for word, values in (("phone", traces.phones), ("e-mail", traces.emails), ("tax id", traces.tax_ids), ("name", traces.names)):
        yield from (f"{word:<8} {value}" for value in sorted(values))
    yield from (f"stays    {value} (others have it too)" for value in found.shared)
