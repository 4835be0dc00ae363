"""Numbers, shares and days in cells: what they mean, and what is refused because it could mean two things."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.spreadsheet.cells import BadCellError, Cell
from ingestion.sources.spreadsheet.dates import Period, day_first, day_of, month_of, period_of
from ingestion.sources.spreadsheet.numbers import decimal_of, integer_of, share_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1 234 567", "1234567"),
        ("12 500 ₽", "12500"),
        ("1 000,00 руб.", "1000.00"),
        ("-5,5", "-5.5"),
        ("(1 000)", "-1000"),
        ("100-", "-100"),
        ("0,125", "0.125"),
        ("1234.567", "1234.567"),
        ("1 234,567", "1234.567"),
        (",5", "0.5"),
        ("0", "0"),
    ],
)
def test_numbers_are_read_in_either_convention(text: str, number: str) -> None:
    assert decimal_of(Cell(text)) == Decimal(number)


@pytest.mark.parametrize("text", ["1,234", "50.000", "12 34", "1,23,456", "abc", "", "1.2.3", "NaN", "--", "1e5x"])
def test_what_is_no_number_or_two_numbers_is_refused(text: str) -> None:
    with pytest.raises(BadCellError):
        decimal_of(Cell(text))


def test_a_number_cell_and_a_named_decimal_mark_leave_no_doubt() -> None:
    assert decimal_of(Cell("50.125", "number")) == Decimal("50.125")
    assert decimal_of(Cell("1,234"), mark=",") == Decimal("1.234")
    assert decimal_of(Cell("1,234"), mark=".") == Decimal(1234)


def test_whole_numbers_take_any_thousands_sign_and_no_fraction() -> None:
    assert [integer_of(Cell(text)) for text in ("1 000", "1,234", "12.345.678", "7", "7.0")] == [1000, 1234, 12345678, 7, 7]
    with pytest.raises(BadCellError):
        integer_of(Cell("7,5"))


@pytest.mark.parametrize(
    ("cell", "percent", "share"),
    [
        (Cell("5%"), False, "0.05"),
        (Cell("5"), True, "0.05"),
        (Cell("0,5"), True, "0.005"),
        (Cell("7"), False, "0.07"),
        (Cell("0,07"), False, "0.07"),
        (Cell("0.07", "number"), True, "0.07"),
        (Cell("100 %"), False, "1"),
    ],
)
def test_shares_and_percents_are_told_apart(cell: Cell, percent: bool, share: str) -> None:
    assert share_of(cell, percent=percent) == Decimal(share)


def test_a_bare_one_is_neither_one_percent_nor_everything() -> None:
    with pytest.raises(BadCellError):
        share_of(Cell("1"), percent=False)


@pytest.mark.parametrize(
    "text",
    ["2026-03-31", "2026-03-31 00:00:00", "31.03.2026", "31.03.26", "31/03/2026", "31-03-2026", "2026/3/31", "20260331",
     "31 марта 2026 г.", "31 мар 2026", "March 31, 2026", "31 Mar 2026", "31.03.2026 г.", "31.03.2026 12:30"],
)  # fmt: skip
def test_days_are_read_in_every_order_that_is_met(text: str) -> None:
    assert day_of(Cell(text)) == date(2026, 3, 31)


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "вчера", "12", "31 марабу 2026x"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadCellError):
        day_of(Cell(text))


def test_a_number_cell_in_a_column_of_days_is_excels_serial() -> None:
    assert day_of(Cell("46112", "number")) == date(2026, 3, 31)
    with pytest.raises(BadCellError):
        day_of(Cell("7", "number"))


def test_slashed_days_follow_the_cell_of_their_column_that_leaves_no_doubt() -> None:
    assert day_first([Cell("03/04/2026"), Cell("12/25/2026")], default=True) is False
    assert day_first([Cell("03/04/2026"), Cell("25/12/2026")], default=False) is True
    assert day_first([Cell("03/04/2026")], default=True) is True
    assert day_of(Cell("03/04/2026"), days_first=False) == date(2026, 3, 4)


def test_months_are_read_from_words_numbers_and_days() -> None:
    texts = ("март 2026", "Март 2026 г.", "03.2026", "2026-03", "31.03.2026", "March 2026", "Март 26", "мар.26", "мар.2026", "Mar-26")
    assert {month_of(Cell(text)) for text in texts} == {date(2026, 3, 1)}
    for text, reason in (("май", "«май» is a month without its year"), ("May 26", "no date")):
        with pytest.raises(BadCellError, match=reason):
            month_of(Cell(text))


@pytest.mark.parametrize(
    "text",
    ["2026-03-01/2026-03-31", "01.03.2026 - 31.03.2026", "01.03.2026-31.03.2026", "с 01.03.2026 по 31.03.2026", "01/03/2026 – 31/03/2026",
     "март 2026"],
)  # fmt: skip
def test_periods_are_two_days_or_a_month(text: str) -> None:
    assert period_of(Cell(text)) == Period(date(2026, 3, 1), date(2026, 3, 31))


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadCellError, match="ends before"):
        period_of(Cell("2026-03-31/2026-03-01"))


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=2, allow_nan=False), st.sampled_from(["\u00a0", " ", "", "'"]))
def test_what_a_person_writes_with_kopecks_is_what_is_read(number: Decimal, separator: str) -> None:
    english = f"{number:,.2f}"
    russian = english.replace(",", separator).replace(".", ",")
    assert decimal_of(Cell(russian)) == number
    assert decimal_of(Cell(english)) == number
    assert decimal_of(Cell(f"{russian} ₽")) == number


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_survives_every_way_of_writing_it(day: date) -> None:
    for pattern in ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%Y%m%d", "%d-%m-%Y", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y"):
        assert day_of(Cell(day.strftime(pattern))) == day
    assert day_of(Cell(day.strftime("%m/%d/%Y")), days_first=False) == day
