"""`skvoz forget`: afterwards no byte of the data folder tells of the person, the documents are all there, and a crash changes neither."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard
from click.testing import CliRunner

from ingestion import load, rawforget
from ingestion.durable import write_durably
from ingestion.forgotten import Forgotten
from ingestion.rawzone import StreamZone
from ingestion.settings import Settings, load_settings
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream
from ingestion.sync import opened_warehouse
from orchestration.cli import main
from orchestration.errors import ForgetError
from orchestration.forget import forget
from orchestration.forget_find import Asked, describe, find_person, idle_persons
from orchestration.publish import new_run_id, publish
from reports.journal import Journal, Key

CONTACTS = Stream("contacts", loads="by page", feeds=())
DEALS = Stream("deals", loads="by page", feeds=(), versioned=True)
NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)
PHONE, EMAIL, TAX_ID, NAME = "+79161234567", "ivanov@mail.example", "500100732259", "Иванов Семён Петрович"
TOLD = ("9161234567", EMAIL, TAX_ID, "иванов")
FILLER = "заказ отгружен " * 200


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    message = "nothing is asked"
    raise AssertionError(message)


CRM = Source("crm", "crm", "A CRM", (CONTACTS, DEALS), SourceOptions, no_connection)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two customers with three deals, published twice; the person stands in the journal, the alerts and the history of runs as well."""
    monkeypatch.setattr("ingestion.sync.all_sources", lambda: {"crm": CRM})
    monkeypatch.setattr("orchestration.forget.all_sources", lambda: {"crm": CRM})
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "skvoz.toml").write_text('[company]\nname = "Ромашка"\n', encoding="utf-8")
    settings = load_settings(folder / "skvoz.toml")
    write(
        settings,
        CONTACTS,
        {"12": contact(NAME, "8 (916) 123-45-67", EMAIL), "13": contact("Петров Пётр", "+79160000000", "p@mail.example")},
    )
    write(settings, DEALS, {"1": {"name": f"Сделка, {NAME}", "price": 100}, "2": {"name": FILLER, "price": 200}})
    write(settings, DEALS, {"1": {"name": "Сделка", "price": 150, "note": "тел. 8-916-123-45-67, Иванов"}, "3": {"name": "x", "price": 7}})
    build(settings)
    build(settings, later=1)
    with Journal(settings.state_dir) as journal:
        journal.claim(Key("notice", "2026-03-31", "email", EMAIL))
    history(settings.state_dir / "dagster", f'{{"error": {json.dumps(NAME)}, "phone": "{PHONE}"}}')
    (settings.state_dir / "sources.json").write_text(json.dumps({"sales": {"notes": [f"новое значение {EMAIL}"]}}), encoding="utf-8")
    return settings


def contact(name: str, phone: str, email: str) -> dict[str, object]:
    return {"name": name, "phones": [phone], "email": email, "inn": TAX_ID if name == NAME else "", "address": "ул. Речная, 7", "id": 1}


def write(settings: Settings, stream: Stream, records: dict[str, dict[str, object]]) -> int:
    zone = StreamZone(settings.raw_dir, "sales", stream)
    zone.open()
    written, _ = zone.take([Record(key, payload, NOW) for key, payload in records.items()])
    zone.checkpoint({"at": NOW.isoformat()})
    zone.flush()
    zone.close()
    return written


def build(settings: Settings, later: int = 0) -> None:
    """What the build makes, by hand: cards, identifiers, a mart, and a publication."""
    with opened_warehouse(settings) as connection:
        for stream in CRM.streams:
            load.load_stream(connection, settings.raw_dir, "sales", CRM, stream)
            load.mark_extracted(connection, "sales", "crm", stream.name)
        for script in (
            "create schema if not exists intermediate",
            "create schema if not exists marts",
            "create or replace table intermediate.int_customer_cards as select 'sales:contact:' || _key as card_key, _source as source,"
            " 'contact' as card_kind, payload->>'name' as customer_name, 'person' as customer_type from raw.crm__contacts",
            "create or replace table intermediate.int_customer_identifiers as"
            " select 'sales:contact:' || _key as card_key, 'phone' as identifier_kind,"
            " '+7' || right(regexp_replace(payload->>'$.phones[0]', '[^0-9]', '', 'g'), 10) as identifier_value from raw.crm__contacts"
            " union all select 'sales:contact:' || _key, 'email', payload->>'email' from raw.crm__contacts"
            " union all select 'sales:contact:' || _key, 'tax_id', payload->>'inn' from raw.crm__contacts where payload->>'inn' <> ''",
            "create or replace table intermediate.int_customer_links as select card_key, card_key as customer_key"
            " from intermediate.int_customer_cards",
            "create or replace table marts.dim_customers as select card_key as customer_key, customer_name, customer_type"
            " from intermediate.int_customer_cards",
            "create or replace table marts.publication as select '' as run_id, now() as published_at, date '2026-03-31' as as_of_date",
        ):
            connection.execute(script)
    moment = NOW + timedelta(hours=later)
    publish(settings, new_run_id(moment), moment)


def history(folder: Path, event: str) -> None:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "runs.db")) as connection:
        connection.execute("create table events (id integer primary key, event text)")
        connection.execute("insert into events (event) values (?)", (event,))
        connection.commit()


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file as text: its bytes, what is packed in them, and what stands in the tables of a database."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        yield name, data.decode(errors="replace")
        yield name, data.decode("unicode_escape", errors="replace") if b"\\u04" in data else ""
        if path.suffix == ".zst":
            yield name, zstandard.ZstdDecompressor().decompress(data, max_output_size=0).decode()
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                    yield name, json.dumps(connection.execute(f'from "{schema}"."{table}"').fetchall(), default=str, ensure_ascii=False)


def where_told(settings: Settings) -> set[str]:
    """The files that tell of the person."""
    found = set()
    for name, text in texts(settings.data_dir):
        plain = text.casefold().replace("ё", "е")
        digits = "".join(letter for letter in plain if letter not in " ()-+.")
        if any(trace in plain for trace in TOLD) or TOLD[0] in digits:
            found.add(name)
    return found


def go(settings: Settings, *, again: bool = False, fails: str | None = None) -> list[str]:
    said: list[str] = []
    found = None if again else find_person(settings, Asked(phones=("8 916 123 45 67",))).traces

    def remake() -> str | None:
        if fails is None:
            build(settings, later=2)
        return fails

    forget(settings, found, remake, said.append)
    return said


def deals(settings: Settings) -> list[tuple[object, ...]]:
    with opened_warehouse(settings) as connection:
        return connection.execute(
            "select _key, (payload->>'price')::int, (select count(*) from raw.crm__deals__versions as kept where kept._key = deals._key)"
            " from raw.crm__deals as deals order by all"
        ).fetchall()


def test_no_byte_tells_of_the_person_and_every_document_stays(settings: Settings) -> None:
    before = where_told(settings)
    kinds = {name.split("/")[0] for name in before} | {name.split("/")[-1] for name in before}
    assert {"raw", "warehouse.duckdb", "published", "journal.sqlite", "runs.db", "sources.json"} <= kinds
    documents = deals(settings)
    go(settings)
    assert where_told(settings) == set()
    assert deals(settings) == documents
    assert [path.name for path in (settings.data_dir / "published").glob("*.duckdb")] == [
        path.resolve().name for path in (settings.data_dir / "published").glob("CURRENT")
    ], "earlier publications are gone"


def test_the_person_does_not_come_back_with_the_next_reading(settings: Settings) -> None:
    go(settings)
    assert write(settings, CONTACTS, {"12": contact(NAME, "8 (916) 123-45-67", EMAIL)}) == 0, "what is forgotten counts as known"
    assert write(settings, DEALS, {"9": {"name": "Новая", "note": PHONE}}) == 1
    build(settings, later=3)
    assert where_told(settings) == set()


@pytest.mark.parametrize("broken_at", [2, 4, 5])  # the manifest of contacts, a chunk and the manifest of deals
def test_broken_off_anywhere_it_is_finished_by_doing_it_again(settings: Settings, broken_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = deals(settings)
    writes = 0

    def dies(path: Path, data: bytes, *, mode: int = 0o600) -> None:
        nonlocal writes
        writes += 1
        if writes == broken_at:
            raise KeyboardInterrupt
        write_durably(path, data, mode=mode)

    with monkeypatch.context() as patched:
        patched.setattr(rawforget, "write_durably", dies)
        with pytest.raises(KeyboardInterrupt):
            go(settings)
    build(settings, later=2)  # the schedule does not wait for the administrator
    assert deals(settings)[0][:2] == documents[0][:2]
    go(settings, again=True)
    assert where_told(settings) == set()
    assert deals(settings) == documents


@pytest.mark.parametrize("broken_at", [1, 2])
def test_killed_while_a_raw_table_is_empty_it_is_filled_again(settings: Settings, broken_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = deals(settings)
    loads = 0

    def dies(*given: Any) -> load.LoadResult:
        nonlocal loads
        loads += 1
        if loads == broken_at:
            raise KeyboardInterrupt
        return load_stream(*given)

    load_stream = load.load_stream
    with monkeypatch.context() as patched:
        patched.setattr(load, "load_stream", dies)
        with pytest.raises(KeyboardInterrupt):
            go(settings)
    forget(settings, None, lambda: None, lambda _said: None)  # a build reads no raw file
    with opened_warehouse(settings) as connection:
        assert connection.execute("select count(*) from raw.crm__contacts").fetchone() == (2,)
    assert deals(settings) == documents


def test_a_build_that_fails_leaves_it_pending_and_says_how_to_go_on(settings: Settings) -> None:
    with pytest.raises(ForgetError, match="run skvoz forget again"):
        go(settings, fails="the build failed")
    assert is_pending(settings)
    assert go(settings, again=True)
    assert where_told(settings) == set()
    assert not is_pending(settings)
    with pytest.raises(ForgetError, match="nobody is waiting"):
        go(settings, again=True)


def is_pending(settings: Settings) -> bool:
    forgotten = Forgotten.read(settings.state_dir)
    return forgotten is not None and forgotten.pending


def test_whom_it_would_forget_is_shown_first(settings: Settings) -> None:
    lines = list(describe(find_person(settings, Asked(customers=("sales:contact:12",)))))
    assert lines == [
        f"card     sales:contact:12: {NAME}",
        f"phone    {PHONE}",
        f"e-mail   {EMAIL}",
        f"tax id   {TAX_ID}",
        f"name     {NAME}",
    ]


@pytest.mark.parametrize("word", ["sales:contact:12", EMAIL, "+7 916 123-45-67"])
def test_a_person_may_be_named_by_one_word(settings: Settings, word: str) -> None:
    shown = CliRunner().invoke(main, ["forget", word, "--show", "--config", str(settings.file)])
    assert (shown.exit_code, shown.output.splitlines()[0]) == (0, f"card     sales:contact:12: {NAME}"), shown.output


def test_what_others_have_too_stays_with_them(settings: Settings) -> None:
    write(settings, CONTACTS, {"14": contact("Иванова Анна", "8 916 123 45 67", "anna@mail.example")})
    build(settings, later=1)
    found = find_person(settings, Asked(emails=(EMAIL,)))
    assert PHONE not in found.traces.phones
    assert PHONE in found.shared


def test_a_number_leads_to_every_card_of_a_person_and_to_no_company(settings: Settings) -> None:
    """A counterparty of 1C and a client of another system have no number of their own, or say no kind."""
    with opened_warehouse(settings) as connection:
        connection.execute("insert into intermediate.int_customer_cards values ('other:7', 'other', 'company', 'Иванов С. П.', 'unknown')")
        connection.execute("insert into intermediate.int_customer_links values ('other:7', 'sales:contact:12')")
        connection.execute("insert into intermediate.int_customer_identifiers values ('other:7', 'email', 'sp@mail.example')")
    for kind, also, leads in (("partner", "unknown", True), ("partner", "company", False), ("contact", "unknown", False)):
        with opened_warehouse(settings) as connection:
            connection.execute("update intermediate.int_customer_cards set card_kind = ? where card_key = 'sales:contact:12'", [kind])
            connection.execute("update intermediate.int_customer_cards set customer_type = ? where card_key = 'other:7'", [also])
        found = find_person(settings, Asked(phones=(PHONE,)))
        assert ("other:7: Иванов С. П." in found.cards) is leads, (kind, also)
        assert ("sp@mail.example" in found.traces.emails) is leads, (kind, also)


def test_a_wrong_word_is_answered_in_a_sentence(settings: Settings) -> None:
    for asked, said in (
        (Asked(phones=("12",)), "no telephone number"),
        (Asked(emails=("ivanov",)), "no mail address"),
        (Asked(tax_ids=("5001",)), "no tax id"),
        (Asked(names=("Иванов",)), "whole name"),
        (Asked(customers=("sales:contact:99",)), "there is no customer"),
    ):
        with pytest.raises(ForgetError, match=said):
            find_person(settings, asked)
    assert not (settings.state_dir / "forgotten.json").exists()


@pytest.mark.parametrize(
    ("table", "moment"),
    [("fct_calls", "started_at"), ("fct_activities", "occurred_at"), ("fct_leads", "created_at"), ("fct_claims", "resolved_date")],
)
def test_persons_with_whom_nothing_has_happened_for_long_are_found(settings: Settings, table: str, moment: str) -> None:
    columns = {
        "fct_orders": "order_date date",
        "fct_sales": "sale_date date",
        "fct_payments": "payment_date date",
        "fct_claims": "registered_date date, resolved_date date",
        "fct_deals": "created_at timestamptz, closed_at timestamptz",
        "fct_leads": "created_at timestamptz",
        "fct_calls": "started_at timestamptz",
        "fct_activities": "occurred_at timestamptz",
    }
    with opened_warehouse(settings) as connection:
        for name, moments in columns.items():
            connection.execute(f"create table marts.{name} (customer_key varchar, {moments})")
        connection.execute(
            "insert into marts.fct_orders values ('sales:contact:12', date '2024-01-31'), ('sales:contact:13', date '2024-01-31')"
        )
        connection.execute(
            f"insert into marts.{table} (customer_key, {moment}) values ('sales:contact:13', timestamptz '2026-03-01 10:00:00+00')"
        )
    publish(settings, new_run_id(NOW + timedelta(hours=5)), NOW + timedelta(hours=5))
    assert idle_persons(settings, 365) == ("sales:contact:12",)
    assert idle_persons(settings, 1000) == ()
