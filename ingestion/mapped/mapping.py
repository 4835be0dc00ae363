"""Options of one mapped stream, and the mapper that turns a foreign row into the record of a feed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingestion.errors import PermanentError
from ingestion.mapped.columns import FEEDS, Column, Feed
from ingestion.mapped.places import is_there, list_at, value_at
from ingestion.mapped.values import Reader, plain
from ingestion.sources.spreadsheet.cells import BadCellError
from ingestion.spec import NAME, JsonObject, Page, Record, SourceOptions, Stream

FeedName = Literal[
    "customers", "contacts", "managers", "products", "stages", "deals", "deal_stages", "leads", "tasks", "calls", "orders", "order_lines",
    "sales", "payments", "campaign_costs", "stock", "plans", "exchange_rates",
]  # fmt: skip
_DELETED = Column("deleted", "flag")
_LINE = "line_number"
_NOTES = 20  # bad rows named one by one for each stream; all of them are kept beside the stream


class MappedStream(BaseModel):
    """`[sources.<name>.streams.<stream>]`: what every mapped stream has; the source types add how its rows are fetched."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    feed: FeedName | None = Field(default=None, description="what the rows are; default the stream's own name")
    columns: dict[str, str] = Field(default_factory=dict, description="our column → their field; default the field of the same name")
    defaults: dict[str, str] = Field(default_factory=dict, description="values of columns that a row leaves empty")
    values: dict[str, dict[str, str]] = Field(default_factory=dict, description="per column: their word → ours")
    key: list[str] | None = Field(default=None, description="their fields that identify a row; default the feed's own key")
    deleted: str | None = Field(default=None, description="their field that says yes when the row was deleted")
    decimal_mark: Literal[",", "."] | None = Field(default=None, description="decimal mark of its texts; default that of the source")
    modified: str | None = Field(default=None, description="their field with the moment of the last change; newer never yields to older")


class NestedStream(MappedStream):
    """A mapped stream whose rows stand somewhere inside an answer or a file."""

    records: str = Field(default="", description="where the list of records is: data.items; default the whole")
    rows: str | None = Field(default=None, description="a list inside each record, each of which is a row: its fields are row.<name>")

    def rows_of(self, record: Any) -> list[JsonObject]:
        """The rows of one record: itself, or one per element of its inner list with `row` and `row_number` (from 1) added."""
        if not isinstance(record, Mapping):
            return [{"value": record}]
        if self.rows is None:
            return [dict(record)]
        return [{**record, "row": row, "row_number": number} for number, row in enumerate(list_at(record, self.rows) or [], start=1)]


class MappedOptions(SourceOptions):
    """Base of the options of source types whose streams are mapped by configuration."""

    decimal_mark: Literal[",", "."] | None = Field(default=None, description="decimal mark in texts; default what the text says itself")
    days_first: bool = Field(default=True, description="03/04/2026 is the third of April")

    @model_validator(mode="after")
    def _known_feeds(self) -> Self:
        problems = []
        for name, stream in self.mapped().items():
            where = f"streams.{name}"
            if not NAME.fullmatch(name):
                problems.append(f"{where}: a stream's name is lower-case letters, digits and underscores")
            chosen = stream.feed or name
            if chosen not in FEEDS:
                problems.append(f"{where}.feed: say which of {', '.join(FEEDS)} these rows are")
                continue
            known = FEEDS[chosen].names
            unknown = sorted({*stream.columns, *stream.defaults, *stream.values} - set(known))
            if unknown:
                problems.append(f"{where}: {chosen} has no columns {', '.join(unknown)}; it has {', '.join(known)}")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams by name; a source type overrides it."""
        return {}

    def mapper(self, name: str, zone: ZoneInfo, *, by_machine: bool = True) -> Mapper:
        """The mapper of one stream; `zone` is that of moments without an offset, `by_machine` as in `Reader`."""
        options = self.mapped()[name]
        reader = Reader(zone, mark=options.decimal_mark or self.decimal_mark, days_first=self.days_first, by_machine=by_machine)
        return Mapper(name, options, reader, alone=len(self.by_feed()[options.feed or name]) == 1)

    def by_feed(self) -> dict[str, list[str]]:
        """Names of the mapped streams by the feed they end in."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, stream in self.mapped().items():
            found[stream.feed or name].append(name)
        return dict(found)


def feed_streams(loads: str) -> tuple[Stream, ...]:
    """A declared stream per feed.

    Args:
        loads: how they are loaded, in words for people.
    """
    return tuple(
        Stream(name, loads, feed.marts, snapshot=feed.snapshot, versioned="order_changes" in feed.marts) for name, feed in FEEDS.items()
    )


def active_streams(streams: tuple[Stream, ...]) -> Callable[[MappedOptions], tuple[Stream, ...]]:
    """Which of the feeds a configured source fills."""
    return lambda options: tuple(stream for stream in streams if stream.name in options.by_feed())


class Mapper:
    """Rows of one mapped stream to records.

    Args:
        name: of the mapped stream, which prefixes keys where several streams fill one feed.
        options: of the stream.
        reader: of the source's values.
        alone: no other stream of the source fills the same feed.
    """

    def __init__(self, name: str, options: MappedStream, reader: Reader, *, alone: bool) -> None:
        self._name = name
        self._options = options
        self._feed: Feed = FEEDS[options.feed or name]
        self._reader = reader
        self._prefix = "" if alone else f"{name}:"
        self._faults = 0
        self._names: frozenset[str] = frozenset()
        self._places: list[tuple[Column, str]] = []
        self._numbers = _LINE not in options.columns and self._feed.key[-1:] == (_LINE,) and not options.key
        self._lines: dict[int, int] = {}  # rows met of each document of a file, by the document's hash
        self._file = ""
        self._values = {column: {normal(theirs): ours for theirs, ours in words.items()} for column, words in options.values.items()}

    def check_fields(self, row: Mapping[str, Any], where: str) -> None:
        """Refuse a mapping that names fields which rows do not have.

        Args:
            row: one row, or the names of the fields with any values.
            where: of the stream, for the message.

        Raises:
            PermanentError: a mapped field, or the source of a required column, is nowhere.
        """
        mapped = [*self._options.columns.values(), *(self._options.key or ())]
        missing = [path for path in mapped if not is_there(row, path)]
        bare = [
            column.name
            for column in self._feed.columns
            if column.required and column.name not in self._options.columns and column.name not in self._options.defaults
            and not is_there(row, column.name)
        ]  # fmt: skip
        if missing or bare:
            told = f"there are no fields {', '.join(missing)}" if missing else f"nothing says where {', '.join(bare)} is found"
            message = f"{where}: {told}; the rows have {', '.join(list(row)[:60])}: correct columns in skvoz.toml."
            raise PermanentError(message)

    def payload(self, row: Mapping[str, Any]) -> JsonObject:
        """The logical columns of a row, empty ones left out.

        Raises:
            BadCellError: a value cannot be read or a required one is empty; the message names the column.
        """
        payload: JsonObject = {}
        for column, path in self._found(row):
            value = value_at(row, path)
            words = self._values.get(column.name)
            if words is not None and value is not None:
                value = words.get(normal(plain(value)), value)
            if value is None or value == "":
                value = self._options.defaults.get(column.name)
            try:
                text = self._reader.text(value, column)
            except BadCellError as problem:
                message = f"{column.name} ({path}): {problem}"
                raise BadCellError(message) from None
            if text is None and column.required:
                message = f"{column.name} ({path}) is empty"
                raise BadCellError(message)
            if text is not None:
                payload[column.name] = text
        return payload

    def _found(self, row: Mapping[str, Any]) -> list[tuple[Column, str]]:
        """The columns that this row may have something for: looking for the others takes most of the time (rows of a table are alike)."""
        if row.keys() != self._names:
            self._names = frozenset(row)
            lowered = {name.lower() for name in self._names if isinstance(name, str)}
            paths = [(column, self._options.columns.get(column.name, column.name)) for column in self._feed.columns]
            self._places = [
                (column, path)
                for column, path in paths
                if column.required
                or column.name in self._options.defaults
                or path.lower() in lowered
                or any(sign in path for sign in "{.[")
            ]
        return self._places

    def key(self, row: Mapping[str, Any], payload: Mapping[str, Any], place: str | None = None) -> str:
        """The identity of a row: of the configured fields, else of the feed's key columns.

        Raises:
            BadCellError: all of its parts are empty and no place is given.
        """
        if self._options.key:
            parts = ["" if (value := value_at(row, path)) is None else plain(value) for path in self._options.key]
        else:
            parts = [str(payload.get(name, "")) for name in self._feed.key]
        if not any(parts):
            if place is None:
                message = "the row has no key"
                raise BadCellError(message)
            parts = [place]
        return self._prefix + "|".join(parts)

    def page(self, rows: Iterable[Mapping[str, Any]], note: Callable[[str], None], *, places: Sequence[str] | None = None) -> Page:
        """Records of rows that arrived together; what cannot be read is rejected with the reason and told to the person.

        Args:
            rows: as fetched.
            note: tells the person.
            places: names the place of each row (`costs.csv:17`), for messages and for rows without a key.
        """
        records: list[Record] = []
        rejected: list[tuple[Any, str]] = []
        for number, row in enumerate(rows):
            place = places[number] if places else None
            try:
                if self._is_deleted(row):
                    records.append(Record(self._key_alone(row), None, self._modified(row)))
                    continue
                payload = self.payload(row)
                if place is not None and self._numbers:
                    self._number(payload, place)
                key = self.key(row, payload, place)
                modified = self._modified(row)
            except BadCellError as problem:
                rejected.append(({name: plain(value) for name, value in row.items() if value is not None}, str(problem)))
                self._faults += 1
                if self._faults <= _NOTES:
                    note(f"{self._name}{f', {place}' if place else ''}: a row was left out: {problem}.")
            else:
                records.append(Record(key, payload, modified))
        return Page(records, rejected=rejected)

    def _number(self, payload: JsonObject, place: str) -> None:
        """Lists that people make number no lines: the second row of a document in a file is its second line, and so on."""
        file = place.rpartition(":")[0]
        if file != self._file:
            self._file, self._lines = file, {}
        document = hash(payload.get(self._feed.key[0]))
        met = self._lines[document] = self._lines.get(document, 0) + 1
        if met > 1:  # a document of one row needs none
            payload.setdefault(_LINE, str(met))

    def moment(self, row: Mapping[str, Any], path: str) -> datetime | None:
        """A moment of a row, None where it has none or it cannot be read."""
        try:
            return self._reader.moment(value_at(row, path))
        except BadCellError:
            return None

    def _is_deleted(self, row: Mapping[str, Any]) -> bool:
        told = None if self._options.deleted is None else value_at(row, self._options.deleted)
        return told is not None and self._reader.text(told, _DELETED) == "true"

    def _key_alone(self, row: Mapping[str, Any]) -> str:
        """The key of a row that need not have anything else."""
        payload: JsonObject = {}
        for column in self._feed.columns:
            if column.name in self._feed.key:
                text = self._reader.text(value_at(row, self._options.columns.get(column.name, column.name)), column)
                if text is not None:
                    payload[column.name] = text
        return self.key(row, payload)

    def _modified(self, row: Mapping[str, Any]) -> datetime | None:
        if self._options.modified is None:
            return None
        return self._reader.moment(value_at(row, self._options.modified))


def normal(text: str) -> str:
    """A word as it is compared: lower case, spaces in one, ё as е."""
    return re.sub(r"\s+", " ", text.strip().lower().replace("ё", "е"))
