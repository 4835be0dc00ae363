"""The director's report as files: the same figures everywhere, nothing executed, nothing lost, honest about what is missing."""

import io
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from reports.access import ALL, Scope
from reports.blocks import Content
from reports.catalogue import all_reports, find_report
from reports.context import Context
from reports.errors import PeriodError
from reports.figures.cash import CASH
from reports.formatting import Formatter
from reports.periods import Period
from reports.published import Published, Row
from reports.render import report as rendering
from reports.render.html import LARGEST
from reports.render.pictures import Pictures
from reports.render.report import Rendered, render_report
from reports.settings import Settings
from reports.wording import LOCALES, load_words
from tests.reports.delivery.mail_server import plain_text


class Page(HTMLParser):
    """Visible text, tags and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._silent += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split(" ")).strip())

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@pytest.fixture(scope="module")
def without_browser() -> Pictures:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROWSER_PATH", "/nowhere/chromium")
        return Pictures()


@pytest.fixture(scope="module")
def rendered(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Rendered]:
    """Every language, without pictures."""
    out = tmp_path_factory.mktemp("out")
    return {
        locale: render_report(
            "director_daily", published, settings, None, locale, out, pictures=without_browser, recipient="boss@example.ru"
        )
        for locale in LOCALES
    }


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", sorted(all_reports()))
def test_every_report_is_whole_in_every_language(
    name: str, locale: str, complete_published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    found = render_report(name, complete_published, settings, None, locale, tmp_path, pictures=without_browser)
    assert (found.state, found.failures) == ("ok", ())
    assert found.html.stat().st_size <= LARGEST
    assert found.period.key in found.html.name


@pytest.mark.parametrize("name", sorted(all_reports()))
def test_every_report_over_nothing_says_so(
    name: str, empty_published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    found = render_report(name, empty_published, settings, None, "ru", tmp_path, pictures=without_browser)
    assert (found.state, found.failures) == ("empty", ())


def parts(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def parsed(rendered: Rendered) -> EmailMessage:
    message = message_from_bytes(rendered.message.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_files_are_named_by_report_period_and_language(rendered: dict[str, Rendered]) -> None:
    names = {path.name for path in rendered["ru"].files}
    assert names == {f"director_daily-2026-03-30-ru.{ending}" for ending in ("html", "txt", "eml", "xlsx")}
    assert rendered["ru"].state == "ok"
    assert rendered["ru"].subject == "Отчёт руководителю за день — понедельник, 30 марта 2026"


@pytest.mark.parametrize("locale", LOCALES)
def test_html_text_and_direct_sql_tell_the_same_figures(locale: str, rendered: dict[str, Rendered], published: Published) -> None:
    html = Page(rendered[locale].html.read_text(encoding="utf-8")).text
    text = rendered[locale].text.read_text(encoding="utf-8")
    form = Formatter(locale, "RUB", published.publication.zone)
    march = "between date '2026-03-01' and date '2026-03-30'"
    money = {
        "the day's revenue": "select sum(revenue) from marts.revenue_daily where date = date '2026-03-30'",
        "the month's revenue": f"select sum(revenue) from marts.revenue_daily where date {march}",
        "the month's profit": f"select sum(gross_profit) from marts.revenue_daily where date {march}",
        "the plan": "select sum(plan_revenue) from marts.revenue_plan_months where month = date '2026-03-01'",
        "the forecast": "select sum(forecast_revenue) from marts.revenue_plan_months where month = date '2026-03-01'",
        "the month's cash": f"select sum(amount_base) from marts.fct_payments where direction = 'in' and payment_date {march}",
        "the month's refunds": f"select -sum(amount_base) from marts.fct_payments where direction = 'out' and payment_date {march}",
        "debts": "select sum(debt) from marts.receivables",
        "overdue debts": "select sum(debt) from marts.receivables where overdue_days > 0",
        "debts over 90 days": "select sum(debt) from marts.receivables where bucket = '90+'",
        "the biggest debt": "select max(debt) from (select sum(debt) as debt from marts.receivables group by customer_key)",
        "advances": "select sum(advance) from marts.customer_advances",
        "open deals": "select sum(amount_base) from marts.fct_deals where deal_status = 'open'",
        "the month's advertising": "select sum(cost_base) from marts.fct_campaign_costs where cost_date >= date '2026-03-01'",
        "the best manager": "select max(revenue) from (select sum(revenue) as revenue from marts.revenue_daily"
        f" where date {march} group by manager_key)",
    }
    counts = {
        "the month's leads": "select count(*) from marts.fct_leads where created_at >= timestamptz '2026-02-28 21:00:00+00'"
        " and created_at < timestamptz '2026-03-30 21:00:00+00'",
        "open deals": "select count(*) from marts.fct_deals where deal_status = 'open'",
        "inbound calls": "select count(*) from marts.fct_calls where call_date = date '2026-03-30' and direction = 'in'",
    }
    for told, write, questions in (("money", form.money, money), ("count", form.number, counts)):
        for name, sql in questions.items():
            (value,) = published.select(f"select ({sql}) as value")[0].values()
            assert value, (told, name)
            assert write(value) in html, (name, write(value))
            assert write(value) in text, (name, write(value))


def test_mail_stays_far_below_what_mail_programs_clip(rendered: dict[str, Rendered]) -> None:
    for found in rendered.values():
        assert found.html.stat().st_size <= LARGEST <= 90 * 1024


def test_hostile_names_are_only_names(rendered: dict[str, Rendered], published: Published, settings: Settings, tmp_path: Path) -> None:
    page = Page(rendered["ru"].html.read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert not [attribute for attribute in page.attributes if attribute[1].startswith("on")]
    assert not [
        value
        for _, name, value in page.attributes
        if name in ("href", "src") and not value.startswith(("http://127.0.0.1:8501/", "director_daily-"))
    ]
    debtors = published.query("receivables/by_customer", {"limit": 5000})
    names = {row["customer_name"] for row in debtors}
    assert {"<script>alert(1)</script>", '=HYPERLINK("http://example.com";"x")', "ش" * 300} & names
    book = rendered["ru"].workbook
    assert book is not None
    with zipfile.ZipFile(book) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]
    assert "&lt;script&gt;" in strings or "=HYPERLINK" in strings


def test_a_debtor_with_a_hostile_name_is_escaped_on_the_page(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    class Hostile(Published):
        def query(self, question: str, params: Mapping[str, object] | None = None, scope: Scope = ALL) -> list[Row]:
            rows = super().query(question, params, scope)
            evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
            return [
                {**row, **{name: evil for name in ("customer_name", "manager_name", "stage_name", "source") if name in row}} for row in rows
            ]

    with Hostile(published.path) as hostile:
        found = render_report("director_daily", hostile, settings, None, "ru", tmp_path, pictures=without_browser)
    page = Page(found.html.read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert found.html.stat().st_size <= LARGEST


def test_the_message_is_mixed_related_alternative_with_its_headers(rendered: dict[str, Rendered]) -> None:
    message = parsed(rendered["ru"])
    assert parts(message) == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ]
    assert message["Subject"] == rendered["ru"].subject
    assert message["To"] == "boss@example.ru"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"].startswith("<mailto:bot@example.ru")
    assert re.fullmatch(r"<[0-9a-f]{24}@example\.ru>", message["Message-ID"])
    assert plain_text(message).replace("\r\n", "\n").strip() == rendered["ru"].text.read_text(encoding="utf-8").strip()


def test_one_click_unsubscribing_needs_an_address(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    address = "https://example.ru/unsubscribe?token=abc"
    found = render_report("director_daily", published, settings, None, "ru", tmp_path, pictures=without_browser, unsubscribe_url=address)
    message = parsed(found)
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ("a", "href", address) in Page(found.html.read_text(encoding="utf-8")).attributes
    assert f"Больше не получать этот отчёт: {address}" in found.text.read_text(encoding="utf-8")


def test_answers_go_to_the_administrator(published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path) -> None:
    reports = settings.reports.model_copy(update={"administrator": ("telegram:1", "email:admin@example.ru")})
    told = settings.model_copy(update={"reports": reports})
    found = render_report("director_daily", published, told, None, "ru", tmp_path, pictures=without_browser)
    message = parsed(found)
    assert message["Reply-To"] == "admin@example.ru"
    assert message["List-Unsubscribe"] == "<mailto:admin@example.ru?subject=unsubscribe%20director_daily>"
    assert parsed(render_report("director_daily", published, settings, None, "ru", tmp_path, pictures=without_browser))["Reply-To"] is None


def test_a_monday_mail_is_about_a_sunday_and_tells_of_the_last_workday(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    with duckdb.connect(str(shutil.copy(published.path, tmp_path / "marts-1.duckdb"))) as connection:
        connection.execute("delete from marts.revenue_daily where date = date '2026-03-29'")
        (friday,) = connection.execute("select sum(revenue) from marts.revenue_daily where date = date '2026-03-27'").fetchone() or (0,)
    with Published(tmp_path / "marts-1.duckdb") as sunday:
        found = render_report("director_daily", sunday, settings, "2026-03-29", "ru", tmp_path, pictures=without_browser)
    written = Formatter("ru", "RUB", published.publication.zone).money(friday)
    told = " ".join(found.text.read_text(encoding="utf-8").split("\n"))
    assert "Выручка за день (выходной) — 0\u00a0₽." in told
    assert f"Последний рабочий день, пт, 27 мар. — {written}." in told


def test_the_same_report_is_the_same_bytes_and_recipients_differ(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    def made(folder: str, recipient: str) -> Rendered:
        return render_report(
            "director_daily", published, settings, None, "ru", tmp_path / folder, pictures=without_browser, recipient=recipient
        )

    first, second, other = made("1", "a@example.ru"), made("2", "a@example.ru"), made("3", "b@example.ru")
    assert [path.read_bytes() for path in first.files] == [path.read_bytes() for path in second.files]
    assert parsed(first)["Message-ID"] != parsed(other)["Message-ID"]


def test_without_a_browser_the_report_says_so_and_keeps_its_bars(rendered: dict[str, Rendered]) -> None:
    page = Page(rendered["en"].html.read_text(encoding="utf-8"))
    assert "img" not in page.tags
    assert "Charts were not drawn" in page.text
    assert "Revenue of the last 7 days" in page.text
    assert not rendered["en"].pictures


def test_a_failed_block_is_shown_as_failed_and_the_rest_is_sent(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_context: Context) -> Sequence[Content]:
        msg = "the till is on fire"
        raise OSError(msg)

    report = find_report("director_daily")
    blocks = tuple(replace(block, build=broken) if block is CASH else block for block in report.blocks)
    monkeypatch.setattr(rendering, "find_report", lambda _name: replace(report, blocks=blocks))
    found = render_report("director_daily", published, settings, None, "ru", tmp_path, pictures=without_browser)
    assert (found.state, found.failures) == ("partial", (("cash", "the till is on fire"),))
    for path in (found.html, found.text):
        told = path.read_text(encoding="utf-8")
        assert "the till is on fire" in told
        assert "Этот раздел не посчитался" in told
        assert "Крупнейшие должники" in told


def test_an_empty_publication_says_so_in_every_block(
    empty_published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    found = render_report("director_daily", empty_published, settings, None, "ru", tmp_path, pictures=without_browser)
    assert (found.state, found.failures) == ("empty", ())
    told = found.html.read_text(encoding="utf-8")
    for sentence in ("Продаж пока не загружено", "Заказов в данных пока нет", "Сделок пока нет", "Звонков пока не загружено"):
        assert sentence in told
    assert "0\u00a0₽" not in told


def test_a_narrow_scope_tells_nothing_of_others(
    published: Published, settings: Settings, without_browser: Pictures, tmp_path: Path
) -> None:
    scope = Scope("manager", "books:m1")
    found = render_report("director_daily", published, settings, None, "ru", tmp_path, pictures=without_browser, scope=scope)
    told = found.text.read_text(encoding="utf-8")
    assert "Белова Анна" in told
    for other in ("Громов Илья", "Ким Виктория", "Осипов Денис"):
        assert other not in told


def test_the_period_must_fit_the_report_and_the_data(published: Published, settings: Settings, tmp_path: Path) -> None:
    for period in ("2026-03", Period("week", Period("day", published.publication.as_of_date).start), "2026-04-01"):
        with pytest.raises(PeriodError):
            render_report("director_daily", published, settings, period, "ru", tmp_path)


def test_the_workbook_holds_every_debtor_as_typed_cells(rendered: dict[str, Rendered], published: Published) -> None:
    book = rendered["ru"].workbook
    assert book is not None
    with zipfile.ZipFile(io.BytesIO(book.read_bytes())) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        number = names.index("Крупнейшие должники") + 1
        sheet = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
        heads = archive.read("xl/sharedStrings.xml").decode()
    assert "<t>Примечание</t>" in heads
    assert sheet.count("<row ") == len(published.query("receivables/by_customer", {"limit": 5000})) + 1
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    assert re.search(r'<c r="D2" s="\d+"><v>[\d.]+</v></c>', sheet)


def test_the_last_sheet_says_what_the_file_is_of(rendered: dict[str, Rendered], published: Published) -> None:
    book = rendered["ru"].workbook
    assert book is not None
    with zipfile.ZipFile(io.BytesIO(book.read_bytes())) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        sheet = archive.read(f"xl/worksheets/sheet{len(names)}.xml").decode()
        strings = re.findall(r"<t[^>]*>([^<]*)</t>", archive.read("xl/sharedStrings.xml").decode())
    told = [strings[int(place)] for place in re.findall(r'<c [^>]*t="s"><v>(\d+)</v></c>', sheet)]
    words = load_words("ru")
    publication = published.publication
    assert names[-1] == words.text("workbook.about")
    assert told[:2] == [publication.company_name, "Отчёт руководителю за день — понедельник, 30 марта 2026"]
    assert words.text("frame.as_of", day="31.03.2026") in told
    assert words.text("frame.currency", currency=publication.base_currency, timezone=publication.timezone) in told
    assert words.text("define.revenue") in told, "what a figure means goes along"
