"""The $filter language of 1C's OData interface: parsed once, then asked of every row.

What the platform refuses is refused here with its words; what it silently answers with nothing (a composite reference compared with a plain
guid) answers with nothing here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingestion.sandbox.onec_answers import BAD_OPTION, GUID_ORDER, NO_METHOD, NO_PROPERTY, NOT_ALLOWED, OneCError
from ingestion.sandbox.onec_values import Row

TOKEN = re.compile(
    r"\s*(?:(?P<guid>guid'[0-9a-fA-F-]{36}')|(?P<datetime>datetime'[^']*')|(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[^\W\d][\w.]*(?:/[^\W\d][\w.]*)*)|(?P<mark>[(),:]))"
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A value of the expression. kind: guid | datetime | string | number | boolean | composite | cast."""

    kind: str
    get: Callable[[Row], Any]
    name: str = ""


def like(text: str, pattern: str) -> bool:
    """SQL's like with % and _."""
    shape = "".join(".*" if part == "%" else "." if part == "_" else re.escape(part) for part in pattern)
    return re.fullmatch(shape, text, re.DOTALL) is not None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "substringof": lambda part, text: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "like": like,
}
DATE_PARTS: dict[str, Callable[[datetime], int]] = {
    "year": lambda at: at.year,
    "month": lambda at: at.month,
    "day": lambda at: at.day,
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
    "second": lambda at: at.second,
    "quarter": lambda at: (at.month + 2) // 3,
    "dayofweek": lambda at: at.isoweekday(),
    "dayofyear": lambda at: at.timetuple().tm_yday,
}


NO_SUCH_DATE = "Неверный формат даты"


def _bad(text: str = NOT_ALLOWED) -> OneCError:
    return OneCError(400, BAD_OPTION, f"Ошибка при разборе опции запроса: {text}")


class Filter:
    """A compiled filter: call `accepts` with a row.

    `types` are the Edm types by property; `tables` the types of the tabular parts' rows, for any and all.
    """

    def __init__(self, text: str, types: dict[str, str], tables: dict[str, dict[str, str]] | None = None) -> None:
        """Parse, or raise OneCError as the platform would."""
        self._types, self._tables = types, tables or {}
        self._tokens = self._split(text)
        self._at = 0
        self._variable = ""
        term = self._either()
        if self._at != len(self._tokens) or term.kind != "boolean":
            raise _bad()
        self.accepts: Callable[[Row], bool] = term.get

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        found, position = [], 0
        while text[position:].strip():
            match = TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise _bad()
            found.append((match.lastgroup, match.group(match.lastgroup)))
            position = match.end()
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, expected: str | None = None) -> str:
        kind, text = self._peek()
        if kind == "end" or (expected is not None and text != expected):
            raise _bad()
        self._at += 1
        return text

    def _boolean(self, term: Term) -> Callable[[Row], Any]:
        if term.kind != "boolean":
            raise _bad()
        return term.get

    def _either(self) -> Term:
        parts = [self._both()]
        while self._peek() == ("name", "or"):
            self._take()
            parts.append(self._both())
        if len(parts) == 1:
            return parts[0]
        tests = [self._boolean(part) for part in parts]
        return Term("boolean", lambda row: any(test(row) for test in tests))

    def _both(self) -> Term:
        parts = [self._negated()]
        while self._peek() == ("name", "and"):
            self._take()
            parts.append(self._negated())
        if len(parts) == 1:
            return parts[0]
        tests = [self._boolean(part) for part in parts]
        return Term("boolean", lambda row: all(test(row) for test in tests))

    def _negated(self) -> Term:
        if self._peek() == ("name", "not"):
            self._take()
            test = self._boolean(self._negated())
            return Term("boolean", lambda row: not test(row))
        return self._comparison()

    def _comparison(self) -> Term:
        left = self._sum()
        kind, name = self._peek()
        if kind != "name" or name not in COMPARISONS:
            return left
        self._take()
        return compare(left, name, self._sum())

    def _sum(self) -> Term:
        left = self._primary()
        while self._peek()[0] == "name" and self._peek()[1] in ARITHMETIC:
            operation = ARITHMETIC[self._take()]
            left = self._calculated(operation, left, self._primary())
        return left

    @staticmethod
    def _calculated(operation: Callable[[Any, Any], Any], left: Term, right: Term) -> Term:
        if left.kind != "number" or right.kind != "number":
            raise _bad()
        return Term("number", lambda row: operation(left.get(row), right.get(row)))

    def _primary(self) -> Term:
        kind, text = self._peek()
        self._take()
        if text == "(":
            inner = self._either()
            self._take(")")
            return inner
        if kind == "guid":
            return constant("guid", text[5:-1].lower())
        if kind == "datetime":
            if not MOMENT.fullmatch(text[9:-1]):
                raise _bad(NO_SUCH_DATE)
            return constant("datetime", text[9:-1])
        if kind == "string":
            return constant("string", text[1:-1].replace("''", "'"))
        if kind == "number":
            return constant("number", float(text))
        if kind != "name":
            raise _bad()
        if text in ("true", "false"):
            return constant("boolean", text == "true")
        return self._call(text) if self._peek() == ("mark", "(") else self._property(text)

    def _property(self, name: str) -> Term:
        if self._variable and name.startswith(f"{self._variable}/"):
            name = name[len(self._variable) + 1 :]
        edm = self._types.get(name)
        if edm is None:
            raise OneCError(400, NO_PROPERTY, f"Свойство '{name}' не найдено")
        if edm == "Edm.String" and f"{name}_Type" in self._types:
            return Term("composite", lambda row: (row[name], row[f"{name}_Type"]), name)
        if edm == "Edm.Int64":
            return Term("number", lambda row: int(row[name] or 0), name)
        kinds = {"Edm.Guid": "guid", "Edm.DateTime": "datetime", "Edm.Double": "number", "Edm.Boolean": "boolean"}
        kind = kinds.get(edm, "string")
        if kind == "string":
            return Term(kind, lambda row: str(row[name] or "").rstrip(), name)
        return Term(kind, lambda row: row[name], name)

    def _call(self, name: str) -> Term:
        table, _, quantifier = name.rpartition("/")
        if quantifier in ("any", "all") and table in self._tables:
            return self._quantified(table, quantifier)
        self._take("(")
        arguments = [self._either()]
        while self._peek() == ("mark", ","):
            self._take()
            arguments.append(self._either())
        self._take(")")
        return call(name, arguments)

    def _quantified(self, table: str, quantifier: str) -> Term:
        self._take("(")
        variable = self._take()
        self._take(":")
        outer = self._types, self._variable
        self._types, self._variable = self._tables[table], variable
        test = self._boolean(self._either())
        self._types, self._variable = outer
        self._take(")")
        fold = any if quantifier == "any" else all
        return Term("boolean", lambda row: fold(test(one) for one in row[table]))


def constant(kind: str, value: Any) -> Term:
    """A literal."""
    return Term(kind, lambda row: value)  # noqa: ARG005 a literal needs no row


def compare(left: Term, name: str, right: Term) -> Term:
    """A comparison, with the platform's own ideas about references."""
    if left.kind in ("guid", "cast", "composite") and name not in ("eq", "ne"):
        raise OneCError(500, BAD_OPTION, GUID_ORDER)
    kinds = {left.kind, right.kind}
    if kinds == {"composite", "guid"}:
        return constant("boolean", name == "ne")
    if kinds - {"composite", "cast"} and left.kind != right.kind and kinds != {"composite", "string"}:
        raise _bad()
    operation = COMPARISONS[name]
    if kinds == {"composite", "string"}:
        composite, text = (left, right) if left.kind == "composite" else (right, left)
        return Term("boolean", lambda row: operation(composite.get(row)[0], text.get(row)))
    return Term("boolean", lambda row: operation(left.get(row), right.get(row)))


def call(name: str, arguments: list[Term]) -> Term:
    """A function the platform knows; others are an error (length, indexof, tolower, trim and the like are not there)."""
    kinds = [one.kind for one in arguments]
    if name == "cast" and len(arguments) == 2:
        guid, kind = (one.get({}) for one in arguments)
        return constant("cast", (guid, f"StandardODATA.{kind}"))
    if name in TEXT_TESTS and kinds == ["string", "string"]:
        test, (first, second) = TEXT_TESTS[name], arguments
        return Term("boolean", lambda row: test(first.get(row), second.get(row)))
    if name in DATE_PARTS and kinds == ["datetime"]:
        part, moment = DATE_PARTS[name], arguments[0]
        return Term("number", lambda row: part(_moment(moment.get(row))))
    if name == "round" and kinds == ["number"]:
        return Term("number", lambda row: round(arguments[0].get(row)))
    if name == "concat" and kinds == ["string", "string"]:
        return Term("string", lambda row: arguments[0].get(row) + arguments[1].get(row))
    if name == "substring" and kinds[:1] == ["string"] and set(kinds[1:]) == {"number"}:
        start, length = arguments[1], arguments[2] if len(arguments) == 3 else constant("number", 10**6)
        return Term("string", lambda row: arguments[0].get(row)[int(start.get(row)) :][: int(length.get(row))])
    raise OneCError(400, NO_METHOD, f"Метод '{name}' не найден")
