"""Awkward data and broken parts: nothing is executed, nothing breaks a table, and what fails fails alone."""

import logging
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jinja2 import DictLoader, UndefinedError

from reports import charts
from reports.blocks import Content, Table
from reports.catalogue import all_reports, find_report
from reports.context import Context
from reports.delivery.compose import Order, compose
from reports.delivery.recipients import Recipient
from reports.delivery.telegram import calls_of
from reports.delivery.telegram_text import COLUMNS, plain
from reports.figures.receivables import RECEIVABLES
from reports.periods import last_complete, parse_period
from reports.published import Published
from reports.render import html as html_module
from reports.render import report as rendering
from reports.render.document import make_document
from reports.render.html import TEMPLATES, make_environment
from reports.render.pictures import Pictures
from reports.render.report import Rendered, render_report
from reports.settings import Settings
from reports.theme import LIGHT
from tests.reports.delivery.bot_api_server import text_problem
from tests.reports.hostile_names import give_names

SCRIPT, FORMULA, ARABIC = "<script>alert(1)</script>", '=HYPERLINK("http://example.com";"x")', "ش" * 300
REPORTS = sorted(all_reports())


class Tags(HTMLParser):
    """The tags of a page and the addresses they name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.events: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.events |= {name for name, _ in attrs if name.startswith("on")}


@pytest.fixture(scope="module")
def hostile(complete_published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company with such names everywhere, a negative turnover, and a last week of more returns than sales."""
    path = tmp_path_factory.mktemp("hostile") / "marts-1.duckdb"
    shutil.copy(complete_published.path, path)
    give_names(path, (SCRIPT, FORMULA, ARABIC, "", "   ", "@SUM(1)", "+1", "-1", "&lt;b&gt;"), SCRIPT)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("update marts.customer_turnover set turnover_3m = -17760, turnover_change = -1.5, leaving_next_month = -1")
        connection.execute(
            "update marts.revenue_daily set revenue = -revenue, cash_received = -cash_received where date > date '2026-03-20'"
        )
    return path


@pytest.fixture(scope="module")
def rendered(hostile: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendered]:
    with pytest.MonkeyPatch.context() as patch, Published(hostile) as published:
        patch.setenv("BROWSER_PATH", "/nowhere/chromium")
        folder = tmp_path_factory.mktemp("out")
        return {name: render_report(name, published, settings, None, "ru", folder, pictures=Pictures()) for name in REPORTS}


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_holds_awkward_names_as_text_only(rendered: dict[str, Rendered], name: str) -> None:
    found = rendered[name]
    assert (found.state, found.failures) == ("ok", ())
    html = found.html.read_text(encoding="utf-8")
    page = Tags(html)
    assert page.tags.isdisjoint({"script", "b", "img", "iframe", "object"})
    assert not page.events
    assert "&lt;script&gt;" in html
    assert "ش" * 241 not in html, "300 letters are cut, as a name to 60, as a sentence to 240"
    assert found.html.stat().st_size <= html_module.LARGEST


@pytest.mark.parametrize("name", REPORTS)
def test_a_text_twin_keeps_its_lines_short(rendered: dict[str, Rendered], name: str) -> None:
    lines = rendered[name].text.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 170


@pytest.mark.parametrize("name", REPORTS)
def test_a_workbook_has_no_formula_and_no_link(rendered: dict[str, Rendered], name: str) -> None:
    book = rendered[name].workbook
    assert book is not None
    with zipfile.ZipFile(book) as archive:
        sheets = [archive.read(part).decode() for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]
    assert "&lt;script&gt;" in strings
    if "=HYPERLINK" in strings:
        assert ARABIC in strings, "the workbook keeps whole what the letter cuts"


@pytest.mark.parametrize("name", REPORTS)
def test_telegram_takes_every_message(hostile: Path, settings: Settings, no_pictures: Pictures, name: str) -> None:
    with Published(hostile) as published:
        period = last_complete(find_report(name).period, published.publication.as_of_date)
        message = compose(Order(name, period), Recipient("telegram", "77"), published, settings, no_pictures)
    texts = [str(call.params["text"]) for call in calls_of(message) if call.method == "sendMessage"]
    assert texts
    for text in texts:
        assert text_problem(text, "HTML", 4096, "too long") == ""
        for table in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL):
            assert max(len(line) for line in plain(table).split("\n")) <= COLUMNS


def test_what_has_no_name_is_told_so_and_less_than_nothing_is_drawn_as_nothing(rendered: dict[str, Rendered]) -> None:
    risky = rendered["customers_at_risk"].text.read_text(encoding="utf-8")
    assert "Клиент не указан" in risky
    assert "−17\u00a0760\u00a0₽" in risky
    html = rendered["director_daily"].html.read_text(encoding="utf-8")
    assert not re.search(r'width="-\d', html)


def test_charts_of_returns_can_be_drawn(hostile: Path) -> None:
    with Published(hostile) as published:
        report = find_report("director_daily")
        context = Context.make(published, last_complete("day", published.publication.as_of_date), "ru")
        drawn = make_document(report, context).charts
        assert len(drawn) == 4
        for chart in drawn:
            assert chart.draw(LIGHT).to_json()
        axis = charts.blank_figure(LIGHT, 200, context.form)
        charts.money_axis(axis, [-5_000_000, -1], context.form)
        assert axis.layout.yaxis.range[0] < -5_000_000


@pytest.mark.parametrize(
    ("name", "period"), [("director_monthly", "2024-02"), ("director_weekly", "2024-W10"), ("operations_daily", "2024-02-29")]
)
def test_a_period_without_data_renders_and_knows_nothing(
    complete_published: Published, settings: Settings, no_pictures: Pictures, tmp_path: Path, name: str, period: str
) -> None:
    found = render_report(name, complete_published, settings, parse_period(period), "ru", tmp_path, pictures=no_pictures)
    assert not found.failures
    told = found.text.read_text(encoding="utf-8")
    assert "nan" not in told.lower()
    assert "None" not in told
    assert re.search(r"▲|▼", told) is None, "nothing is compared with what is not known"


def broken_template(monkeypatch: pytest.MonkeyPatch, change: Callable[[str, str], str]) -> None:
    sources = {path.name: change(path.name, path.read_text(encoding="utf-8")) for path in TEMPLATES.glob("*.j2")}
    environment = make_environment().overlay(loader=DictLoader(sources), cache_size=0)
    monkeypatch.setattr(html_module, "make_environment", lambda: environment)


def test_a_template_that_fails_in_one_section_costs_that_section(
    complete_published: Published,
    settings: Settings,
    no_pictures: Pictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    marked = "{% macro bars(content) %}"
    fault = marked + "{% if content.name == 'debt_age' %}{{ no_such_thing.at_all }}{% endif %}"
    broken_template(monkeypatch, lambda name, text: text.replace(marked, fault) if name == "contents.html.j2" else text)
    found = render_report("director_daily", complete_published, settings, None, "ru", tmp_path, pictures=no_pictures)
    assert (found.state, [name for name, _ in found.failures]) == ("partial", ["receivables"])
    html = found.html.read_text(encoding="utf-8")
    assert "Этот раздел не посчитался" in html
    assert "Воронка продаж" in html
    assert "no_such_thing" in found.failures[0][1]
    assert "receivables of director_daily cannot be laid out" in caplog.text


def test_a_template_that_is_no_template_costs_the_layout_not_the_figures(
    complete_published: Published, settings: Settings, no_pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_template(monkeypatch, lambda name, text: text + "{% if %}" if name == "contents.html.j2" else text)
    found = render_report("director_daily", complete_published, settings, None, "ru", tmp_path, pictures=no_pictures)
    assert (found.state, [name for name, _ in found.failures]) == ("partial", ["layout"])
    html = found.html.read_text(encoding="utf-8")
    assert "Оформить письмо не удалось" in html
    assert "Крупнейшие должники" in html
    assert b"Content-Type: text/html" in found.message.read_bytes()


def test_a_block_that_cannot_be_written_into_a_workbook_fails_alone(
    complete_published: Published, settings: Settings, no_pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(context: Context) -> Sequence[Content]:
        contents = RECEIVABLES.build(context)
        nothing: Any = None
        return [replace(content, title=nothing) if isinstance(content, Table) else content for content in contents]

    report = find_report("director_daily")
    blocks = tuple(replace(block, build=build) if block is RECEIVABLES else block for block in report.blocks)
    monkeypatch.setattr(rendering, "find_report", lambda _name: replace(report, blocks=blocks))
    monkeypatch.setattr("reports.workbook._sheet_name", sheet_name_of_text)
    found = render_report("director_daily", complete_published, settings, None, "ru", tmp_path, pictures=no_pictures)
    assert [name for name, _ in found.failures] == ["receivables"]


def sheet_name_of_text(wanted: str | None, taken: set[str]) -> str:
    if wanted == "Долги клиентов":
        msg = "a sheet without a name"
        raise UndefinedError(msg)
    taken.add(f"{len(taken)}")
    return f"{len(taken)}"


def test_a_log_holds_no_customer(
    hostile: Path, settings: Settings, no_pictures: Pictures, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Published(hostile) as published:
        render_report("customers_at_risk", published, settings, None, "ru", tmp_path, pictures=no_pictures)
    assert ARABIC[:40] not in caplog.text
    assert "HYPERLINK" not in caplog.text
