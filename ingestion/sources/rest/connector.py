"""The answers of a REST service as records of feeds.

With `changes` a refresh asks for what changed since the greatest moment seen, less the overlap; the sweep, and streams without `changes`,
read everything, and what is gone is deleted. Pages are divided by a moving count in most services, so an interrupted reading begins anew.
Cursor: per mapped stream {"high": moment}.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.errors import PermanentError
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.sources.rest.options import Changes, RestOptions
from ingestion.sources.rest.pages import Pages
from ingestion.spec import Context, Extraction, Page


class RestConnector:
    """One configured service.

    Args:
        options: of the source.
        context: of the source.
        pages: the service.
    """

    def __init__(self, options: RestOptions, context: Context, pages: Pages) -> None:
        self._options = options
        self._context = context
        self._pages = pages

    def check(self) -> str:
        """Whether the first page of every mapped stream comes and has the mapped fields."""
        if not self._options.streams:
            message = f"{self._context.source}: nothing is mapped; add [sources.{self._context.source}.streams.<name>] tables."
            raise PermanentError(message)
        counts = []
        for name in self._options.streams:
            rows = next(self._pages.records(name, {}), [])
            if rows:
                self._options.mapper(name, self._context.timezone).check_fields(_all_fields(rows), f"{self._context.source}: stream {name}")
            counts.append(f"{name} {len(rows)}")
        return f"the service answers; records on the first pages: {', '.join(counts)}."

    def close(self) -> None:
        """Close the connections."""
        self._pages.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of every mapped stream that fills this feed."""
        names = self._options.by_feed()[request.stream.name]
        cursors: dict[str, Any] = {name: (request.cursor or {}).get(name) for name in names}
        whole = True
        for name in names:
            stream = self._options.streams[name]
            asks_changes = request.mode == "refresh" or (request.mode == "sweep" and not stream.nightly)
            high = datetime.fromisoformat(cursors[name]["high"]) if cursors[name] and stream.changes else None
            low = high - timedelta(minutes=stream.changes.overlap_minutes) if high and stream.changes and asks_changes else None
            whole = whole and low is None and stream.nightly
            seen: list[datetime] = [] if high is None else [high]
            yield from self._read(name, low, seen)
            if stream.changes and seen:
                # a moment beyond the run's beginning would skip what changes behind the reading
                cursors[name] = {"high": min(max(seen), max(request.now, high or request.now)).isoformat()}
        yield Page(cursor=dict(cursors), complete=whole)

    def _read(self, name: str, low: datetime | None, seen: list[datetime]) -> Iterator[Page]:
        stream = self._options.streams[name]
        mapper = self._options.mapper(name, self._context.timezone)
        more = {stream.changes.parameter: self._written(low, stream.changes)} if stream.changes and low else {}
        for number, rows in enumerate(self._pages.records(name, more)):
            if rows and number == 0:
                mapper.check_fields(_all_fields(rows), f"{self._context.source}: stream {name}")
            if stream.changes:
                moments = [moment for row in rows if (moment := mapper.moment(row, stream.changes.field)) is not None]
                seen += [max(moments)] if moments else []
                if low and moments and min(moments) < low - timedelta(days=1):
                    self._context.note(
                        f"{name}: the service sends older records than {stream.changes.parameter} asks for: the filter has no effect, "
                        "everything is read each time."
                    )
            yield mapper.page(rows, self._context.note)

    def _written(self, moment: datetime, changes: Changes) -> str:
        local = moment.astimezone(self._context.timezone).replace(microsecond=0)
        match changes.format:
            case "utc":
                return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            case "wall":
                return local.strftime("%Y-%m-%d %H:%M:%S")
            case "date":
                return local.date().isoformat()
            case "epoch":
                return str(int(moment.timestamp()))
        return local.isoformat()


def connect(options: RestOptions, context: Context) -> RestConnector:
    """A connector for these options; nothing is asked yet."""
    auth = options.auth
    secrets = {name: value.get_secret_value() for name in ("token", "password", "value") if (value := getattr(auth, name)) is not None}
    for secret in secrets.values():
        register_secret(secret)
    headers = dict(options.headers)
    hidden: dict[str, str] = {}
    pair = None
    match auth.kind:
        case "bearer":
            headers["Authorization"] = f"Bearer {secrets['token']}"
        case "basic":
            pair = (str(auth.username).encode(), secrets["password"].encode())
        case "header":
            headers[str(auth.name)] = secrets["value"]
        case "query":
            hidden[str(auth.name)] = secrets["value"]
    http = HttpClient(context.source, per_second=options.requests_per_second or None, headers=headers, auth=pair)
    return RestConnector(options, context, Pages(options, context.source, http, hidden))


def _all_fields(rows: list[Any]) -> dict[str, Any]:
    """Every field that any of the rows has: services leave empty ones out."""
    merged: dict[str, Any] = {}
    for row in rows:
        merged |= {name: value for name, value in row.items() if merged.get(name) is None}
    return merged
