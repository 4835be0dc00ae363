"""Every page without a browser: with data, with empty marts, with hostile addresses; it always draws, and always says what to do."""

import importlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import data, machinery
from dashboards.navigation import ADDRESSES
from dashboards.reader import Reader
from dashboards.screen import Screen
from dashboards.state import configure, settings
from reports.access import ALL, Scope
from reports.blocks import Table
from reports.context import Context
from reports.periods import parse_period
from reports.wording import load_words
from tests.dashboards.full_fixture import build_full
from tests.reports.hostile_names import fetched_by, give_names, names_that_fetch
from tests.reports.published_fixture import build_published

CONFIG = '[company]\nname = "ООО Ромашка"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "none"\n'
HOSTILE = ("' or 1=1 --", "<script>alert(1)</script>", "ш" * 500, "2030-13-45")
PARAMS: tuple[str, ...] = (
    "period",
    "versus",
    "pipeline",
    "manager",
    "channel",
    "stage",
    "campaign",
    "model",
    "subject",
    "measure",
    "borders",
    "segment",
    "bucket",
)
PARAMS += ("list", "q", "customer", "department", "check", "severity", "lang", "deal", "move", "since", "wall")


def draw(name: str) -> None:
    import importlib

    importlib.import_module(f"dashboards.app_pages.{name}").show()


def opened(name: str, **params: str) -> AppTest:
    page = AppTest.from_function(draw, default_timeout=300, args=(name,))
    for param, value in params.items():
        page.query_params[param] = value
    page.run()
    assert not page.exception, [error.message for error in page.exception]
    return page


def written(page: AppTest) -> str:
    """All markup of a page."""
    return "\n".join(element.proto.body for element in page.get("html"))


@pytest.fixture(scope="module")
def publications(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Publications of the fixture company, each kind built once."""

    @cache
    def publication(**how: Any) -> Path:
        folder = tmp_path_factory.mktemp("publication")
        return build_published(folder, **how) if how else build_full(folder)

    return publication


@pytest.fixture
def serve(publications: Callable[..., Path], tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Publishes the fixture company and serves it to the pages of this process."""

    def publish(**how: object) -> None:
        st.cache_resource.clear()
        (tmp_path / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
        folder = tmp_path / "data" / "published"
        folder.mkdir(parents=True)
        made = publications(**how)
        shutil.copy(made, folder)
        (folder / "CURRENT").symlink_to(made.name)
        configure(tmp_path / "skvoz.toml")

    yield publish
    st.cache_resource.clear()


@pytest.mark.parametrize("deliveries", [("main",), ("main", "analysis")])
@pytest.mark.parametrize("empty", [False, True])
def test_every_page_draws(serve: Callable[..., None], deliveries: tuple[str, ...], empty: bool) -> None:
    serve(deliveries=deliveries, empty=empty)
    words = load_words("ru")
    for name in ADDRESSES:
        page = opened(name)
        text = written(page)
        assert words.text(f"nav.{name}") in text, name
        assert "31.03.2026" in text or "31 марта" in text, name
        assert words.text("frame.failed_note") not in text, (name, text)
        if empty and name not in ("overview", "data"):
            told = [words.text(key) for key in _empty_words(name) if key in words]
            assert any(sentence in text for sentence in told), (name, text)


def _empty_words(name: str) -> list[str]:
    blocks = importlib.import_module(f"dashboards.app_pages.{name}").BLOCKS
    missing = [f"missing.{mart}" for block in blocks for mart in block.needs]
    return [f"empty.{block.name}" for block in blocks] + missing + ["page.no_reconciliation"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_hostile_address_gets_a_page_and_no_failure(serve: Callable[..., None], name: str) -> None:
    serve()
    for value in HOSTILE:
        text = written(opened(name, **dict.fromkeys(PARAMS, value)))
        assert load_words("ru").text("frame.failed_note") not in text, (name, value)
        assert "<script>" not in text


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_hostile_record_makes_no_page_fetch_its_address(serve: Callable[..., None], tmp_path: Path, name: str) -> None:
    """Names are text in markup, and nothing else of a page takes them: Streamlit's own texts would read Markdown, pictures too."""
    serve()
    address = "http://127.0.0.1:9"
    give_names(next((tmp_path / "data" / "published").glob("*.duckdb")), names_that_fetch(address), names_that_fetch(address)[0])
    for params in ({}, {"customer": "books:c1"} if name == "customers" else {"lang": "en"}):
        page = opened(name, **params)
        assert address in written(page), "the names are there, as text"
        assert fetched_by(written(page)) == []
        texts: list[Any] = [text for kind in ("title", "header", "subheader", "caption", "markdown") for text in page.get(kind)]
        assert [text.value for text in texts if address in text.value] == []


def test_an_unknown_customer_gets_a_sentence_and_the_search(serve: Callable[..., None]) -> None:
    serve()
    page = opened("customers", customer="books:nobody")
    assert load_words("ru").text("page.no_customer") in written(page)
    assert page.text_input


def test_a_key_from_before_a_merge_opens_the_present_card(serve: Callable[..., None]) -> None:
    serve()
    shown = written(opened("customers", customer="sales:company:1"))
    assert "Ромашка 1" in shown
    assert load_words("ru").text("section.card_turnover") in shown


def test_sql_in_the_search_is_only_a_text(serve: Callable[..., None]) -> None:
    serve()
    page = opened("customers", q="'; drop table marts.dim_customers; --")
    assert load_words("ru").text("empty.customers_found") in written(page)
    page = opened("customers", q="ромашка")
    assert load_words("ru").text("empty.customers_found") not in written(page)


def test_the_filters_of_the_address_are_those_of_the_controls(serve: Callable[..., None]) -> None:
    serve()
    page = opened("funnel", period="2026-02", versus="year", manager="books:m2", channel="organic")
    shown = {box.label: box.value for box in page.selectbox}
    words = load_words("ru")
    assert shown[words.text("filter.period")] == "2026-02"
    assert shown[words.text("filter.versus")] == "year"
    assert shown[words.text("column.manager")] == "books:m2"
    assert shown[words.text("column.channel")] == "organic"
    assert load_words("ru").text("page.bad_filter") not in written(page)


@pytest.mark.parametrize(("param", "value"), [("versus", "5"), ("manager", "nobody"), ("pipeline", "x:y"), ("period", "2030-01")])
def test_a_filter_value_that_is_none_is_told(serve: Callable[..., None], param: str, value: str) -> None:
    serve()
    key = "page.bad_period" if param == "period" else "page.bad_filter"
    assert load_words("ru").text(key) in written(opened("funnel", **{param: value}))


def test_choosing_a_filter_writes_it_into_the_address(serve: Callable[..., None]) -> None:
    serve()
    page = opened("calls")
    words = load_words("ru")
    box = next(box for box in page.selectbox if box.label == words.text("column.manager"))
    box.select("books:m2").run()
    assert not page.exception
    assert page.query_params["manager"] == "books:m2"


def test_an_unknown_deal_gets_a_sentence_and_the_funnel_and_a_known_one_its_card(serve: Callable[..., None]) -> None:
    serve()
    words = load_words("ru")
    text = written(opened("funnel", deal="sales:nobody"))
    assert words.text("page.no_deal") in text
    assert words.text("section.pipeline_cohort") in text
    known = data.current(settings()).select("select min(deal_key) as deal from marts.fct_deals")[0]["deal"]
    text = written(opened("funnel", deal=known))
    for section in ("deal_facts", "deal_path", "deal_orders", "deal_payments", "deal_calls"):
        assert words.text(f"section.{section}") in text, section
    assert words.text("frame.failed_note") not in text


def test_cards_of_another_period_than_the_pages_say_which(serve: Callable[..., None]) -> None:
    """The money of a year would be read as what its last month brought."""
    serve()
    assert "Период карточек ниже: декабрь 2025." in written(opened("overview", period="last_year"))
    assert "Период карточек ниже" not in written(opened("overview", period="last_month"))


@pytest.mark.parametrize("period", ["today", "week", "last_week", "month", "last_month", "quarter", "last_quarter", "year", "last_year"])
def test_every_named_period_draws(serve: Callable[..., None], period: str) -> None:
    serve()
    words = load_words("ru")
    for name in ("overview", "calls"):
        text = written(opened(name, period=period))
        assert words.text("page.bad_period") not in text, name
        assert words.text("frame.failed_note") not in text, name


def test_a_session_open_across_ten_publications_shows_the_newest(serve: Callable[..., None], tmp_path: Path) -> None:
    serve()
    folder = tmp_path / "data" / "published"
    first = (folder / "CURRENT").resolve()
    page = opened("customers")
    for number in range(10):
        later = folder / f"marts-20260402T0{number}0000Z.duckdb"
        shutil.copy(first, later)
        (folder / "CURRENT").unlink()
        (folder / "CURRENT").symlink_to(later.name)
        page.run()
        assert not page.exception
        assert load_words("ru").text("note.new_publication") in written(page)
        assert data.current(settings()).path == later.resolve()
    assert len(data._open) <= data.VERSIONS_OPEN
    page.run()
    assert load_words("ru").text("note.new_publication") not in written(page)


def test_a_pointer_to_nothing_says_what_to_do(serve: Callable[..., None], tmp_path: Path) -> None:
    serve()
    (tmp_path / "data" / "published" / "CURRENT").resolve().unlink()
    for name in ADDRESSES:
        assert load_words("ru").text("page.empty") in written(opened(name)), name


def test_runs_tests_and_deliveries_stand_beside_the_versions(serve: Callable[..., None], tmp_path: Path) -> None:
    serve()
    state = tmp_path / "data" / "state"
    (state / "dagster" / "history").mkdir(parents=True)
    with closing(sqlite3.connect(state / "dagster" / "history" / "runs.db")) as connection:
        connection.execute("create table runs (id integer primary key, pipeline_name text, status text, start_time real, end_time real)")
        connection.execute("insert into runs values (1, 'refresh', 'FAILURE', 1774940000.0, 1774940090.0)")
        connection.commit()
    results = {
        "metadata": {"generated_at": "2026-03-31T06:00:00Z"},
        "results": [{"unique_id": "test.skvoz.sums_hold.1", "status": "fail", "failures": 3}],
    }
    (tmp_path / "data" / "dbt").mkdir()
    (tmp_path / "data" / "dbt" / "run_results.json").write_text(json.dumps(results), encoding="utf-8")
    screen = Screen("data", Context.make(data.current(settings()), parse_period("2026-03"), "ru"))
    runs = machinery.runs(settings(), screen.context).contents[0]
    assert isinstance(runs, Table)
    (run,) = runs.rows
    assert run[1] == f"!\u00a0{load_words('ru').text('run.failure')}"
    assert run[3] == 1.5
    tests = machinery.tests(settings(), screen.context).contents[1]
    assert isinstance(tests, Table)
    (broken,) = tests.rows
    assert broken == ("sums_hold", load_words("ru").text("test.fail"), 3)
    (tmp_path / "data" / "dbt" / "run_results.json").write_text("not json", encoding="utf-8")
    (state / "dagster" / "history" / "runs.db").write_bytes(b"not a database")
    assert machinery.runs(settings(), screen.context).state == "empty"
    assert machinery.tests(settings(), screen.context).state == "empty"


def test_only_who_minds_the_companys_figures_sees_the_machinery() -> None:
    assert Reader("a", "director", ALL, "").sees_machinery
    assert Reader("a", "analyst", ALL, "").sees_machinery
    assert not Reader("a", "marketer", ALL, "").sees_machinery
    assert not Reader("a", "director", Scope("department", "Опт"), "").sees_machinery
    assert not Reader("a", "manager", Scope("manager", "m"), "").sees_machinery
