"""Values as readers of four languages expect them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reports.formatting import Formatter, Kind

N = "\u00a0"


def form(locale: str, currency: str = "RUB") -> Formatter:
    return Formatter(locale, currency, ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "expected"),
    [
        ("ru", "RUB", Decimal("1234567.50"), f"1{N}234{N}568{N}₽"),
        ("ru", "RUB", Decimal("-12.30"), f"−12{N}₽"),
        ("en", "RUB", Decimal("1234567.50"), "₽1,234,568"),
        ("en", "MDL", 12345, f"MDL{N}12,345"),
        ("ro", "MDL", 12345, f"12.345{N}MDL"),
        ("pl", "PLN", 12345, f"12{N}345{N}zł"),
        ("ru", "RUB", None, "—"),
        ("ru", "RUB", Decimal("-0.30"), f"0{N}₽"),
    ],
)
def test_money(locale: str, currency: str, amount: Decimal | int | None, expected: str) -> None:
    assert form(locale, currency).money(amount) == expected


def test_percent_is_of_a_share_and_shows_its_sign_on_demand() -> None:
    assert form("ru").percent(0.256) == f"26{N}%"
    assert form("ru").percent(0.256, 1, sign=True) == f"+25,6{N}%"
    assert form("en").percent(-0.5, sign=True) == "−50%"
    assert form("ru").percent(None) == "—"


def test_moments_are_shown_in_the_companys_zone() -> None:
    moment = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)
    assert form("ru").moment(moment) == "01.04.2026 00:30"
    assert form("ru").time(moment) == "00:30"


def test_days_and_months_in_words() -> None:
    day = date(2026, 3, 30)
    assert [form(locale).day_long(day) for locale in ("ru", "en", "ro", "pl")] == [
        "понедельник, 30 марта 2026",
        "Monday, 30 March 2026",
        "luni, 30 martie 2026",
        "poniedziałek, 30 marca 2026",
    ]
    assert form("ru").month(day) == "март 2026"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_value_is_a_dash_whatever_its_kind(value: object) -> None:
    kinds: tuple[Kind, ...] = ("money", "integer", "percent", "date", "text")
    assert {form("ru").value(kind, value) for kind in kinds} == {"—"}


def test_a_sentence_of_the_warehouse_is_written_the_readers_way_and_without_identifiers() -> None:
    told = (
        "Карточки «А» (counterparty:caf609da-2280-11ef-3fb4-bf733b4e8656) и «Б» (contact:88), заказ от 2026-03-31 на 1498618.30 RUB,"
        " 5.00 EUR."
    )
    assert form("ru").prose(told) == "Карточки «А» и «Б» (contact:88), заказ от 31.03.2026 на 1\u00a0498\u00a0618\u00a0₽, 5,00\u00a0EUR."
    assert form("ru").prose(None) == ""
