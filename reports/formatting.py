"""How values look: money, numbers, percents, days and moments, by Babel; a missing value is «—»."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
)

from reports.periods import Period

MISSING = "—"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
# Narrow symbols of CLDR, which Babel leaves out: without them Babel writes the code outside the currency's own country.
NARROW_SYMBOLS = {"RUB": "₽", "UAH": "₴", "KZT": "₸", "GEL": "₾", "AMD": "֏", "TRY": "₺"}

_DAY = re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")
_GUID = re.compile(r" \((?:\w+:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)")
_AMOUNT = re.compile(r"(?<![\w.,-])(-?\d+\.\d{2}) ([A-Z]{3})\b")

Kind = Literal["money", "integer", "number", "percent", "days", "date", "datetime", "time", "text"]
Number = int | float | Decimal


@dataclass(frozen=True)
class Formatter:
    """Formats for one reader.

    Attributes:
        locale: ru, en, ro or pl.
        currency: the company currency, ISO 4217.
        zone: the company's time zone, in which moments are shown.
    """

    locale: str
    currency: str
    zone: ZoneInfo

    @property
    def _babel(self) -> Locale:
        # British order of day and month: the readers are in Europe, and 03/04 must not mean March.
        return Locale.parse("en_GB" if self.locale == "en" else self.locale)

    def value(self, kind: Kind, value: object) -> str:
        """Any value by its kind, see the methods below."""
        if value is None or value == "":
            return MISSING
        if isinstance(value, datetime):
            return self.time(value) if kind == "time" else self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
            if kind == "money":
                return self.money(value)
            if kind == "percent":
                return self.percent(value)
            # a whole number of pieces or minutes is written as one
            return self.number(value, digits=1 if kind == "number" and round(Decimal(str(value)), 1) % 1 else 0)
        return str(value)

    def money(self, amount: Number | None) -> str:
        """Whole units of the company currency, which is what a director reads."""
        if amount is None:
            return MISSING
        whole = round(Decimal(str(amount)), 0) + 0
        return self._tidy(format_currency(whole, self.currency, locale=self._babel, currency_digits=False, format=self._money_pattern))

    def money_short(self, amount: Number | None) -> str:
        """Rounded to thousands or millions, for axes and narrow places."""
        if amount is None:
            return MISSING
        exact = Decimal(str(amount))
        digits = 1 if abs(exact) >= 1000 else 0
        return self._tidy(format_compact_currency(exact, self.currency, locale=self._babel, fraction_digits=digits))

    def number(self, number: Number | None, digits: int = 0) -> str:
        """A plain number with thousands separators."""
        if number is None:
            return MISSING
        pattern = "#,##0" + (("." + "0" * digits) if digits else "")
        return self._tidy(format_decimal(round(Decimal(str(number)), digits) + 0, locale=self._babel, format=pattern))

    def percent(self, share: Number | None, digits: int = 0, *, sign: bool = False) -> str:
        """A share (0.25) as a percentage (25 %); with `sign`, a plus before growth."""
        if share is None:
            return MISSING
        rounded = round(Decimal(str(share)) * 100, digits) / 100 + 0
        pattern = self._babel.percent_formats[None].pattern
        if digits:
            pattern = pattern.replace("0", "0." + "0" * digits, 1) if "." not in pattern else pattern
        text = self._tidy(format_percent(rounded, locale=self._babel, format=pattern))
        return f"+{text}" if sign and rounded > 0 else text

    def day(self, day: date | None, *, year: bool = True) -> str:
        """A day such as 31.03.2026, or without its year."""
        if day is None:
            return MISSING
        if not year:
            return str(format_skeleton("MMMd", day, locale=self._babel))
        return str(format_date(day, "dd.MM.yyyy" if self.locale in ("ru", "ro", "pl") else "d MMM yyyy", locale=self._babel))

    def day_long(self, day: date) -> str:
        """A day in words with its weekday, for headings."""
        return str(format_date(day, "full", locale=self._babel)).removesuffix(" г.").removesuffix("\u202fг.").removesuffix("\u00a0г.")

    def month(self, day: date) -> str:
        """The month and year in words, standing alone."""
        return str(format_date(day, "LLLL yyyy", locale=self._babel))

    def period(self, period: Period) -> str:
        """A day with its weekday, a month by its name, a week or a quarter by its ends."""
        if period.kind == "day":
            return self.day_long(period.start)
        if period.kind == "month":
            return self.month(period.start)
        return f"{self.day(period.start)} – {self.day(period.end)}"

    def month_short(self, day: date) -> str:
        """The month's short name, for axes."""
        return str(format_date(day, "LLL", locale=self._babel)).removesuffix(".")

    def month_name(self, day: date) -> str:
        """The month's name, standing alone."""
        return str(format_date(day, "LLLL", locale=self._babel))

    def moment(self, moment: datetime | None) -> str:
        """A moment in the company's time zone, to the minute."""
        if moment is None:
            return MISSING
        pattern = "dd.MM.yyyy HH:mm" if self.locale in ("ru", "ro", "pl") else "d MMM yyyy HH:mm"
        return str(format_datetime(moment.astimezone(self.zone), pattern, locale=self._babel))

    def time(self, moment: datetime | None) -> str:
        """The time of day in the company's time zone."""
        return MISSING if moment is None else str(format_time(moment.astimezone(self.zone), "HH:mm", locale=self._babel))

    def prose(self, sentence: str | None) -> str:
        """A sentence made in the warehouse (2026-03-31, 1234.50 RUB) with its days and amounts written the reader's way.

        Names of cards keep their numbers, (contact:88), but lose 1C's identifiers, which nobody can look for.
        """
        text = _DAY.sub(lambda match: self.day(date.fromisoformat(match[0])), _GUID.sub("", sentence or ""))
        return _AMOUNT.sub(self._amount, text)

    def _amount(self, match: re.Match[str]) -> str:
        amount, code = Decimal(match[1]), match[2]
        return self.money(amount) if code == self.currency else f"{self.number(amount, 2)}{NO_BREAK_SPACE}{code}"

    @property
    def _money_pattern(self) -> str:
        pattern = str(self._babel.currency_formats["standard"].pattern).split(";")[0]
        return pattern.replace("#,##0.00", "#,##0")

    def _tidy(self, text: str) -> str:
        """A true minus, a narrow currency symbol, and spaces that never break a number over two lines."""
        code = self.currency
        if get_currency_symbol(code, locale=self._babel) == code:
            text = text.replace(code, NARROW_SYMBOLS.get(code, f"{code}{NO_BREAK_SPACE}" if text.lstrip("-").startswith(code) else code))
        return text.replace("-", MINUS).replace("\u202f", NO_BREAK_SPACE).replace(" ", NO_BREAK_SPACE)
