"""Every page without a browser: with data, with empty marts, with hostile addresses; it always draws, and always says what to do."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.navigation import ADDRESSES
from dashboards.state import configure
from reports.wording import load_words
from tests.dashboards.full_fixture import build_full
from tests.reports.published_fixture import build_published

CONFIG = '[company]\nname = "ООО Ромашка"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "none"\n'
HOSTILE = ("' or 1=1 --", "<script>alert(1)</script>", "ш" * 500, "2030-13-45")
PARAMS = ("period", "versus", "pipeline", "manager", "channel", "stage", "model", "subject", "measure", "borders", "segment", "bucket")
PARAMS += ("list", "q", "customer", "department", "check", "severity", "lang")


def draw(name: str) -> None:
    import importlib

    importlib.import_module(f"dashboards.app_pages.{name}").show()


def opened(name: str, **params: str) -> AppTest:
    page = AppTest.from_function(draw, default_timeout=60, args=(name,))
    for param, value in params.items():
        page.query_params[param] = value
    page.run()
    assert not page.exception, [error.message for error in page.exception]
    return page


def written(page: AppTest) -> str:
    """All markup of a page."""
    return "\n".join(element.proto.body for element in page.get("html"))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Publishes the fixture company and serves it to the pages of this process."""

    def publish(**how: object) -> None:
        st.cache_resource.clear()
        (tmp_path / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
        folder = tmp_path / "data" / "published"
        if how:
            build_published(folder, **how)  # type: ignore[arg-type]
        else:
            build_full(folder)
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
    return [f"empty.{block.name}" for block in blocks] + ["page.no_reconciliation"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_hostile_address_gets_a_page_and_no_failure(serve: Callable[..., None], name: str) -> None:
    serve()
    for value in HOSTILE:
        text = written(opened(name, **dict.fromkeys(PARAMS, value)))
        assert load_words("ru").text("frame.failed_note") not in text, (name, value)
        assert "<script>" not in text


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
