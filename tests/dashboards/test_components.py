"""Cells, files and addresses that pages make of a table: nothing in the data becomes a formula, a script or a link of another kind."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboards.app_pages.abc_xyz import read_borders
from dashboards.components import table_data
from dashboards.download import csv_cell, render_csv
from dashboards.widgets import reached_by
from reports.blocks import Column, Figure, Table
from reports.figures.campaigns import measured
from reports.figures.customer_lists import pieces
from reports.formatting import Formatter
from reports.wording import load_words

RU = Formatter("ru", "RUB", ZoneInfo("Europe/Moscow"))
EN = Formatter("en", "RUB", ZoneInfo("Europe/Moscow"))
COLUMNS = (
    Column("name", "Name", "text", "title"),
    Column("amount", "Amount", "money", warn_above=100),
    Column("day", "Day", "date", "workbook"),
    Column("source_url", "Link", "text", "workbook"),
)


def table(*rows: tuple[object, ...]) -> Table:
    return Table("t", "", COLUMNS, rows)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"), ("+7 495", "'+7 495"), ("@x", "'@x"), ("ООО «Вектор»", "ООО «Вектор»"), (None, ""),
        (Decimal("-1500.50"), "-1500,50"), (0.25, "0,25"), (date(2026, 3, 31), "2026-03-31"),
        (datetime(2026, 3, 31, 21, 30, tzinfo=UTC), "2026-04-01 00:30"),
    ],
)  # fmt: skip
def test_a_csv_cell_is_never_a_formula_and_reads_as_the_reader_writes(value: object, expected: str) -> None:
    assert csv_cell(value, RU) == expected


def test_a_csv_opens_in_the_readers_excel() -> None:
    rows = table(("a;b", Decimal("1.5"), None, None))
    assert render_csv(rows, RU).decode("utf-8-sig").splitlines() == ["Name;Amount;Day;Link", '"a;b";1,5;;']
    assert render_csv(rows, EN).decode("utf-8-sig").splitlines() == ["Name,Amount,Day,Link", "a;b,1.5,,"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.ru", "", None])
def test_only_an_address_of_the_web_becomes_a_link(url: str | None) -> None:
    data = table_data(table(("n", 1, None, url), ("m", 1, None, "https://crm.example.ru/1")), load_words("en"), EN, None, {})
    assert [row["links"] for row in data["rows"]] == [[], [("", "https://crm.example.ru/1")]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+79731234567", "tel:+79731234567"),
        ("anna@example.ru", "mailto:anna@example.ru"),
        ("anna?subject=@example.ru", "mailto:anna%3Fsubject%3D@example.ru"),
        ("Москва", ""),
        ("7707083893", ""),
        ("javascript:alert(1)", ""),
        (None, ""),
    ],
)
def test_a_telephone_rings_and_a_letter_begins_and_nothing_else_is_reached(value: str | None, expected: str) -> None:
    assert reached_by(Figure("card_phone", "Phone", "text", value)) == expected


def test_a_table_sorts_by_values_marks_what_is_above_and_hides_links() -> None:
    data = table_data(
        table(("n", Decimal(150), date(2026, 3, 31), None), ("m", None, None, None)), load_words("en"), EN, None, {"amount": "Told."}
    )
    assert [column["label"] for column in data["columns"]] == ["Name", "Amount", "Day"]
    assert [column["hidden"] for column in data["columns"]] == [False, False, True]
    assert data["columns"][1]["hint"] == "Told."
    first, second = data["rows"]
    assert first["cells"][1] == ("₽150", 150.0, "bad")
    assert second["cells"][1] == ("—", None, "")


def test_sentences_get_the_width_of_a_phone_and_moments_two_lines() -> None:
    columns = (Column("name", "Name", "text", "title"), Column("told", "Told", "text"), Column("at", "At", "datetime"))
    moment = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)
    short, long = (Table("t", "", columns, (("n", told, moment),)) for told in ("paid", "a sentence " * 6))
    kinds = [[column["kind"] for column in table_data(one, load_words("en"), EN, None, {})["columns"]] for one in (short, long)]
    assert kinds == [["text", "text", "number moment"], ["text", "text long", "number moment"]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("8 (916) 123-45-67", ("9161234567", "", "")),
        ("+7 916 1234567", ("9161234567", "", "")),
        ("7701234567", ("7701234567", "", "")),
        ("Ромашка  Север", ("ромашка", "север", "")),
        ("ромашка", ("ромашка", "", "")),
    ],
)
def test_what_is_typed_is_searched_by_pieces_and_phones_by_digits(typed: str, expected: tuple[str, str, str]) -> None:
    assert pieces(typed) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("70-90-15-40", (70, 90, 15, 40)),
        ("95-80-10-25", None),
        ("0-90-1-2", None),
        ("70-90-15", None),
        ("a-b-c-d", None),
        ("٧٠-90-15-40", None),
    ],
)
def test_borders_are_read_from_the_address_or_refused(text: str, expected: tuple[int, ...] | None) -> None:
    assert read_borders(text) == expected


def test_ratios_without_a_denominator_are_not_known() -> None:
    row = measured({"cost": 0, "leads": 5, "new_customers": 0, "revenue": 100, "gross_profit": 20, "deals_won": 1})
    assert (row["cpl"], row["cac"], row["romi_margin"], row["cost_revenue_ratio"]) == (None, None, None, None)
    row = measured({"cost": 50, "leads": 5, "new_customers": 0, "revenue": 100, "gross_profit": 20, "deals_won": 1})
    assert (row["cpl"], row["cac"], row["romi_margin"], row["romi_revenue"]) == (10, None, pytest.approx(-0.6), 1)
