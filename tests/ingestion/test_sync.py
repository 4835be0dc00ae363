"""Sources are read side by side: one that is down costs the others nothing, and nothing it gave before is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ingestion.errors import OneListError, RawZoneError, TransientError
from ingestion.rawindex import RawIndex
from ingestion.settings import ConfiguredSource, Settings, load_settings
from ingestion.spec import Connector, Context, Extraction, Mode, Page, Record, Source, SourceOptions, Stream
from ingestion.sync import SourceOutcome, SyncOptions, sync

DEALS = Stream("deals", loads="by page", feeds=())


class Crm:
    """Ten records in two pages; breaks down before the page `breaks_at` for as many attempts as `times`."""

    def __init__(self, breaks_at: int = 2, times: int = 0) -> None:
        self.breaks_at = breaks_at
        self.times = times
        self.attempts = 0

    def check(self) -> str:
        return "ok"

    def extract(self, request: Extraction) -> Iterator[Page]:
        self.attempts += 1
        start = int(request.cursor["page"]) if request.cursor else 0
        for page in range(start, 2):
            if page == self.breaks_at and self.attempts <= self.times:
                message = "crm: no answer in time"
                raise TransientError(message)
            yield Page([Record(str(number), {"n": number}) for number in range(page * 5, page * 5 + 5)], cursor={"page": page + 1})

    def close(self) -> None: ...


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "Ромашка"\n', encoding="utf-8")
    return load_settings(file)


def configured(name: str, crm: Crm) -> ConfiguredSource:
    def connect(_options: Any, _context: Context) -> Connector:
        return crm

    source = Source(f"{name}_type", name, name, (DEALS,), SourceOptions, connect)
    return ConfiguredSource(name, source, SourceOptions(), ZoneInfo("UTC"), date(2024, 1, 1), 1)


def run(settings: Settings, mode: Mode = "refresh", **systems: Crm) -> dict[str, SourceOutcome]:
    sources = tuple(configured(name, crm) for name, crm in systems.items())
    outcomes = sync(replace(settings, sources=sources), SyncOptions(mode=mode, wait_seconds=0))
    return {outcome.name: outcome for outcome in outcomes}


def loaded(settings: Settings, system: str) -> int:
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        row = connection.execute(f"select count(*) from raw.{system}__deals").fetchone()
    return row[0] if row else 0


@pytest.fixture(autouse=True)
def made_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warehouse knows the made-up systems."""
    known = {name: configured(name, Crm()).source for name in ("crm", "shop")}
    monkeypatch.setattr("ingestion.sync.all_sources", lambda: known)


@pytest.mark.parametrize(("mode", "attempts"), [("refresh", 1), ("sweep", 2)])
def test_a_source_that_is_down_does_not_stop_the_others(settings: Settings, mode: Mode, attempts: int) -> None:
    dead = Crm(breaks_at=0, times=9)
    outcomes = run(settings, mode, crm=dead, shop=Crm())
    assert isinstance(outcomes["crm"].error, TransientError)
    assert outcomes["shop"].error is None
    assert loaded(settings, "shop") == 10
    assert dead.attempts == attempts, "a refresh does not wait for what never answered; the nightly reading asks twice"


def test_a_source_that_breaks_off_is_read_on_from_its_safe_place(settings: Settings) -> None:
    shaky = Crm(breaks_at=1, times=1)
    outcomes = run(settings, crm=shaky)
    assert outcomes["crm"].error is None
    assert shaky.attempts == 2
    assert [result.received for result in outcomes["crm"].streams] == [5], "the first page was asked for again"
    assert loaded(settings, "crm") == 10


def test_what_a_broken_source_gave_is_loaded(settings: Settings) -> None:
    outcomes = run(settings, crm=Crm(breaks_at=1, times=9))
    assert outcomes["crm"].error is not None
    assert outcomes["crm"].broken_off == [(5, 5)], "what is told of it"
    assert loaded(settings, "crm") == 5


def test_one_list_that_is_refused_does_not_stop_the_others_of_its_system(settings: Settings) -> None:
    """Products that a base does not list, or lists too few of, must not keep the payments of the day out."""

    class Base(Crm):
        def extract(self, request: Extraction) -> Iterator[Page]:
            if request.stream.name == "products":
                message = "crm: 1C does not take the query for products."
                raise OneListError(message)
            yield from super().extract(request)

    base = configured("crm", Base())
    source = replace(base.source, streams=(Stream("products", loads="by page", feeds=()), DEALS))
    outcome, *_ = sync(replace(settings, sources=(replace(base, source=source),)), SyncOptions(wait_seconds=0))
    assert "query for products" in str(outcome.error)
    assert [result.stream for result in outcome.streams] == ["deals"]
    assert loaded(settings, "crm") == 10


def test_a_source_without_news_is_still_marked_as_read(settings: Settings) -> None:
    told: list[str] = []
    run(settings, shop=Crm())
    sources = (configured("shop", Crm()),)
    sync(replace(settings, sources=sources), SyncOptions(), done=lambda outcome: told.append(outcome.name))
    assert "shop" in told
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        rows = connection.execute("select extracted_at is not null from meta.cursors where source = 'shop'").fetchall()
    assert rows == [(True,)]


def test_a_raw_zone_that_cannot_be_written_is_told_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingestion.rawwriter.write_durably", full)
    outcome = run(settings, shop=Crm())["shop"]
    assert isinstance(outcome.error, RawZoneError)
    assert "No space left" in str(outcome.error)
    assert loaded(settings, "shop") == 0


def test_an_index_on_a_full_disk_is_told_of_in_a_sentence_and_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It was an unforeseen fault with its trace, and what could not be opened for want of room was thrown away."""
    run(settings, shop=Crm())
    index = settings.raw_dir / "shop" / "deals" / "index.sqlite"
    before = index.read_bytes()

    def full(_index: RawIndex) -> None:
        connection = sqlite3.connect(":memory:")
        with closing(connection):
            connection.execute("pragma max_page_count = 1")
            connection.execute("create table entries as select 1")

    monkeypatch.setattr(RawIndex, "_open", full)
    error = run(settings, shop=Crm())["shop"].error
    assert str(error) == "shop: the journals in [warehouse] path cannot be written (database or disk is full); make room."
    assert not caplog.records
    assert index.read_bytes() == before


def test_a_warehouse_that_was_begun_on_a_full_disk_is_begun_again(settings: Settings) -> None:
    """A file shorter than its three headers never held a table, and DuckDB cannot open it."""
    settings.warehouse_file.parent.mkdir(parents=True)
    settings.warehouse_file.write_bytes(b"\0" * 8192)
    assert run(settings, shop=Crm())["shop"].error is None
    assert loaded(settings, "shop") == 10
