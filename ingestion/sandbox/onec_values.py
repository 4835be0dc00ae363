"""How 1C writes values into OData JSON (facts: sources of the 1C platform, guide 17.4).

Integers are strings, money is a JSON number, an empty date is the year 1, an empty reference is the zero guid, a composite reference is
a string with its type beside it, and only the type tells an empty one.
"""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from ingestion.sandbox.clock import wall

Row = dict[str, Any]

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_DATE = "0001-01-01T00:00:00"
UNDEFINED = "StandardODATA.Undefined"


@cache
def ref(kind: str, *parts: object) -> str:
    """The guid of an object: always the same for the same name."""
    digest = hashlib.md5(f"{kind}/{parts}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-11ef-{digest[16:20]}-{digest[20:32]}"


def key(kind: str, number: object | None) -> str:
    """A scalar reference, the zero guid when there is none."""
    return ZERO_GUID if number is None else ref(kind, number)


def pair(name: str, entity: str, guid: str) -> Row:
    """A composite reference: the value and its type, side by side."""
    if guid == ZERO_GUID:
        return {name: "", f"{name}_Type": UNDEFINED}
    return {name: guid, f"{name}_Type": f"StandardODATA.{entity}"}


def unavailable(name: str, guid: str, kind: str) -> Row:
    """A composite reference to an object of a type that is not published: the value is given, the type's name is not."""
    return {name: guid, f"{name}_Type": f"UnavailableEntities.UnavailableEntity_{ref('type', kind)}"}


def number(value: Decimal | float) -> float | int:
    """A fractional number as 1C prints it: without a fraction if there is none."""
    return int(value) if value == int(value) else float(value)


def whole(value: int) -> str:
    """An Int64: a string on the wire."""
    return str(value)


def stamp(moment: datetime) -> str:
    """A date with time: the base's wall clock, no zone."""
    return f"{wall(moment):%Y-%m-%dT%H:%M:%S}"


def day(value: date | None) -> str:
    """A date without a time of its own; the year 1 when empty."""
    return EMPTY_DATE if value is None else f"{value:%Y-%m-%d}T00:00:00"


def padded(text: str, length: int) -> str:
    """A fixed-length string: blanks to the end."""
    return text.ljust(length)


def numbered(rows: list[Row], owner: str) -> list[Row]:
    """Rows of a tabular part with owner and line number, as JSON carries them."""
    return [{"Ref_Key": owner, "LineNumber": whole(index), **row} for index, row in enumerate(rows, 1)]
