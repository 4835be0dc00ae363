"""Answers reading requests on a base: filters, orders, pages, chooses fields, adds up balances."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import unquote

import orjson

from ingestion.sandbox.onec_answers import (
    BAD_OPTION,
    DISK_FULL,
    NO_ENTITY,
    NO_INSTANCE,
    NO_METHOD,
    NO_PROPERTY,
    NO_RIGHTS,
    WRONG_URL,
    OneCError,
)
from ingestion.sandbox.onec_base import EntitySet, OneCBase, edm_type
from ingestion.sandbox.onec_filter import Filter
from ingestion.sandbox.onec_values import Row

OPTIONS = frozenset(
    {"$format", "$filter", "$orderby", "$skip", "$top", "$select", "$inlinecount", "$expand", "$allowedOnly", "allowedOnly"}
)
PATH = re.compile(r"(?P<set>[^/(]+)(?:\((?P<key>[^)]*)\))?(?:/(?P<rest>.*))?$", re.DOTALL)
ARGUMENT = re.compile(r"\s*(?P<name>[^\W\d]\w*)=(?P<value>datetime'[^']*'|guid'[^']*'|'(?:[^']|'')*')\s*(?:,|$)")
ORDER = re.compile(r"(?P<name>[\w/]+)(?:\s+(?P<way>asc|desc))?")
Hidden = Callable[[Row], bool]


def read_options(raw_query: str) -> dict[str, str]:
    """The query's options, percent-decoded. A plus stays a plus: 1C does not read it as a blank."""
    found = {}
    for part in raw_query.split("&"):
        if part:
            name, _, value = part.partition("=")
            found[unquote(name)] = unquote(value)
    unknown = [name for name in found if name.startswith("$") and name not in OPTIONS]
    if unknown:
        raise OneCError(400, BAD_OPTION, f"Ошибка при разборе опции запроса: {unknown[0]}")
    return found


def arguments(text: str) -> dict[str, str]:
    """Arguments of a virtual table or a composite key: `Name=value` with quotes taken off and doubled ones made single."""
    found, position = {}, 0
    while text[position:].strip():
        match = ARGUMENT.match(text, position)
        if match is None:
            raise OneCError(400, BAD_OPTION, "Ошибка при разборе параметров функции")
        value = match["value"]
        found[match["name"]] = value[value.index("'") + 1 : -1].replace("''", "'")
        position = match.end()
    return found


@dataclass
class Reader:
    """Reads a base.

    Attributes:
        base: what is read.
        device_limit: bytes the application server can hold for one answer; more and it dies with «The device is full».
        hidden: rows that the user's rights do not cover, by entity set.
        with_links: answer with navigation links (minimalmetadata), unless the request asks for none.
    """

    base: OneCBase
    device_limit: int = 64_000_000
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    with_links: bool = True
    _pages: dict[Any, list[int]] = field(default_factory=dict)
    _seen: int = 0

    def answer(self, path: str, options: dict[str, str], root: str) -> tuple[bytes, bool]:
        """The body for a decoded path under the service root, and whether it is JSON."""
        match = PATH.match(path)
        if match is None:
            raise OneCError(404, WRONG_URL, "Неверный URL")
        name, key, rest = match["set"], match["key"], match["rest"]
        if rest and rest != "$count":
            return self._virtual(name, rest, options, root), True
        found = self.base.sets.get(name)
        if found is None:
            raise OneCError(404, NO_ENTITY, f"Сущность '{name}' не найдена")
        if key is not None:
            return self._single(found, key, options, root), True
        places = self._places(found, options)
        if rest == "$count":
            return str(len(places)).encode(), False
        return self._list(found, places, options, root), True

    def _places(self, found: EntitySet, options: dict[str, str]) -> list[int]:
        """Places of the rows that pass filter and rights, in the order asked for."""
        asked = (self.base.revision, found.name, options.get("$filter"), options.get("$orderby"), "true" in self._allowed(options))
        if asked[0] != self._seen:
            self._pages.clear()
            self._seen = self.base.revision
        places = self._pages.get(asked)
        if places is None:
            places = self._select_places(found, options)
            self._pages[asked] = places
        return places

    @staticmethod
    def _allowed(options: dict[str, str]) -> str:
        return options.get("$allowedOnly", options.get("allowedOnly", "false"))

    def _select_places(self, found: EntitySet, options: dict[str, str]) -> list[int]:
        places = list(range(len(found.rows)))
        if "$filter" in options:
            accepts = Filter(options["$filter"], found.types, found.tables).accepts
            places = [place for place in places if accepts(found.rows[place])]
        hides = self.hidden.get(found.name)
        if hides is not None:
            seen = [place for place in places if not hides(found.rows[place])]
            if len(seen) < len(places) and self._allowed(options) != "true":
                raise OneCError(401, NO_RIGHTS, "Недостаточно прав доступа: ограничение на уровне записей")
            places = seen
        return self._sorted(found, places, options["$orderby"]) if "$orderby" in options else places

    def _sorted(self, found: EntitySet, places: list[int], text: str) -> list[int]:
        """By the fields asked for; references by their presentation, ties as the platform's own ordering has them."""
        ordered = sorted(places, key=found.presentation)
        for part in reversed(text.split(",")):
            match = ORDER.fullmatch(part.strip())
            if match is None:
                raise OneCError(400, BAD_OPTION, "Ошибка при разборе опции запроса: $orderby")
            name = match["name"]
            if name not in found.types:
                raise OneCError(400, NO_PROPERTY, f"Свойство '{name}' не найдено")
            if name == "Ref_Key":
                ordered.sort(key=found.presentation, reverse=match["way"] == "desc")
                continue
            is_number = found.types[name] == "Edm.Int64"
            ordered.sort(
                key=lambda place: int(found.rows[place][name] or 0) if is_number else found.rows[place][name] or "",
                reverse=match["way"] == "desc",
            )
        return ordered

    def _list(self, found: EntitySet, places: list[int], options: dict[str, str], root: str) -> bytes:
        counted = options.get("$inlinecount") == "allpages"
        total = len(places)
        if not counted:
            places = self._page(found, places, options)
        parts = self._fragments(found, places, options)
        if sum(map(len, parts)) > self.device_limit:
            raise OneCError(500, -1, DISK_FULL, shape="exception")
        head = f'{{"odata.metadata":"{root}/$metadata#{found.name}",'.encode()
        count = f'"odata.count":"{total}",'.encode() if counted else b""
        return head + count + b'"value":[' + b",".join(parts) + b"]}"

    def _page(self, found: EntitySet, places: list[int], options: dict[str, str]) -> list[int]:
        """$skip, then $top. Without $orderby every page is cut from another order, as on a real base."""
        skip, top = self._whole(options, "$skip"), self._whole(options, "$top")
        if skip is None and top is None:
            return places
        if "$orderby" not in options:
            places = places.copy()
            Random(f"{found.name}/{skip}").shuffle(places)
        begin = skip or 0
        return places[begin : None if top is None else begin + top]

    @staticmethod
    def _whole(options: dict[str, str], name: str) -> int | None:
        text = options.get(name)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit():
            raise OneCError(400, BAD_OPTION, f"Ошибка при разборе опции запроса: {name}")
        return int(text)

    def _fragments(self, found: EntitySet, places: list[int], options: dict[str, str]) -> list[bytes]:
        links = self.with_links and "nometadata" not in options.get("$format", "")
        chosen = options.get("$select", "*")
        if chosen in ("*", ""):
            return [found.json(place, self.base.published, links) for place in places]
        choose = self._chooser(found, chosen)
        return [orjson.dumps(choose(found.rows[place])) for place in places]

    @staticmethod
    def _chooser(found: EntitySet, text: str) -> Callable[[Row], Row]:
        names: list[str] = []
        inner: dict[str, list[str]] = {}
        for part in (one.strip() for one in text.split(",")):
            table, _, column = part.partition("/")
            if part in ("*", "**"):
                names += [name for name, edm in found.types.items() if part == "*" or edm != "Collection"]
            elif column and column in found.tables.get(table, {}):
                inner.setdefault(table, []).append(column)
            elif part in found.types and not column:
                names.append(part)
            else:
                raise OneCError(400, NO_PROPERTY, f"Свойство '{part}' не найдено")

        def choose(row: Row) -> Row:
            cut = {name: row[name] for name in names if name in row}
            for table, columns in inner.items():
                cut[table] = [{column: line[column] for column in columns} for line in row[table]]
            return cut

        return choose

    def _single(self, found: EntitySet, key: str, options: dict[str, str], root: str) -> bytes:
        identity = (key[5:-1].lower(),) if key.startswith("guid'") else tuple(arguments(key).get(name, "") for name in found.key)
        place = found.find(identity)
        if place is None:
            raise OneCError(404, NO_INSTANCE, "Экземпляр сущности не найден по ключу")
        hides = self.hidden.get(found.name)
        if hides is not None and hides(found.rows[place]):
            raise OneCError(401, NO_RIGHTS, "Недостаточно прав доступа: ограничение на уровне записей")
        body = self._fragments(found, [place], options)[0]
        return f'{{"odata.metadata":"{root}/$metadata#{found.name}/@Element",'.encode() + body[1:]

    def _virtual(self, name: str, rest: str, options: dict[str, str], root: str) -> bytes:
        """Balance and SliceLast; parameters in brackets, all optional, in any order."""
        function, _, given = rest.partition("(")
        parameters = arguments(given.rpartition(")")[0]) if given else {}
        period = parameters.get("Period")
        if function == "Balance":
            rows = self.base.balances(name, _day_before(period) if period else None)
        elif function == "RecordsWithExtDimensions":
            rows = _within(self.base.entries(name), parameters)
        elif function == "SliceLast" and name in self.base.sets:
            rows = self._slice_last(self.base.sets[name], period)
        else:
            raise OneCError(404, NO_METHOD, f"Метод '{function}' не найден")
        if rows is None:
            raise OneCError(404, NO_ENTITY, f"Сущность '{name}' не найдена")
        types = {one: edm_type(one, value) for one, value in rows[0].items()} if rows else {}
        for text in (parameters.get("Condition"), parameters.get("AccountCondition"), options.get("$filter")):
            if text and rows:
                accepts = Filter(text, {one: edm for one, edm in types.items() if not one.endswith("Balance")}, {}).accepts
                rows = [row for row in rows if accepts(row)]
        if parameters.get("Dimensions"):
            rows = _grouped(rows, parameters["Dimensions"].split(","))
        return f'{{"odata.metadata":"{root}/$metadata#{name}",'.encode() + b'"value":' + orjson.dumps(rows) + b"}"

    @staticmethod
    def _slice_last(found: EntitySet, period: str | None) -> list[Row]:
        newest: dict[tuple[str, ...], Row] = {}
        for row in sorted(found.rows, key=lambda one: str(one["Period"])):
            if period is None or row["Period"] <= period:
                newest[tuple(row[name] for name in found.key if name != "Period")] = row
        return list(newest.values())


def _day_before(moment: str) -> date:
    """The last whole day of the history that a balance at the moment sees: movements of the moment itself are not in it."""
    return (datetime.fromisoformat(moment) - timedelta(microseconds=1)).date()


def _within(rows: list[Row] | None, parameters: dict[str, str]) -> list[Row] | None:
    """Rows from StartPeriod to EndPeriod, both included."""
    unknown = parameters.keys() - {"StartPeriod", "EndPeriod", "Condition", "Order", "Top"}
    if unknown:
        raise OneCError(501, NO_METHOD, f"Параметр '{min(unknown)}' не поддерживается")
    start, end = parameters.get("StartPeriod", ""), parameters.get("EndPeriod", "9999")
    return None if rows is None else [row for row in rows if start <= row["Period"] <= end]


def _grouped(rows: list[Row], dimensions: list[str]) -> list[Row]:
    """Balances added up over the other dimensions; sums that come to nothing are left out, as the platform does."""
    sums: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        kept = [name for name in row if name.removesuffix("_Key").removesuffix("_Type") in dimensions]
        cell = sums.setdefault(tuple(row[name] for name in kept), {name: row[name] for name in kept})
        for name, value in row.items():
            if name.endswith("Balance"):
                cell[name] = round(cell.get(name, 0) + value, 3)
    return [row for row in sums.values() if any(value for name, value in row.items() if name.endswith("Balance"))]
