"""What new records look like, compared with those before: fields that emptied, fields that are new or gone, values never seen.

A system that renames a custom field or loses a right goes on answering, and the marts would quietly fill with NULL. Every load of enough
records is profiled into `meta.profiles`, and what drifted from the loads before is told with the run. Nothing is refused for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import duckdb
import orjson

from ingestion.engines.clickhouse import ClickHouseWarehouse

PROFILED_RECORDS = 100  # fewer say nothing about shares
_SAMPLE = 500  # records looked at: shares to within 4 %
_KEPT_LOADS = 30
_BASE_LOADS = 5  # earlier loads that a new one is compared with
_EMPTIED = 0.3  # a share of filled records that fell by so much is a drift
_RARE = 0.05  # a field filled in fewer records than this is not missed when it is gone
_ENUMERATION = 12  # a field with at most so many values in a sample is taken for a list of choices
_MAX_VALUE = 40
_NO_CHOICE = re.compile(r"\s*|true|false|[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d.*", re.IGNORECASE)  # says nothing to a person
_TOLD = 6


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that changed in a stream.

    Attributes:
        source, stream, field: where.
        text: what, for a person.
    """

    source: str
    stream: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class _Field:
    records: int
    filled: int
    values: frozenset[str] | None

    @property
    def share(self) -> float:
        return self.filled / self.records


def profile_load(
    connection: duckdb.DuckDBPyConnection | ClickHouseWarehouse, table: str, source: str, stream: str, load_id: int
) -> list[Drift]:
    """Profile what a load brought and compare it with the loads before; what drifted.

    Args:
        connection: the warehouse, ledgers made.
        table: raw table, without the schema.
        source: name of the source.
        stream: name of the stream.
        load_id: of the load; one of fewer than PROFILED_RECORDS records is left out.
    """
    if isinstance(connection, ClickHouseWarehouse):
        return _profile_in_clickhouse(connection, table, source, stream, load_id)
    now = _read(connection, table, source, load_id)
    if not now:
        return []
    before = _before(connection, source, stream)
    rows = [
        [
            source,
            stream,
            load_id,
            entry.records,
            name,
            entry.filled,
            None if entry.values is None else orjson.dumps(sorted(entry.values)).decode(),
        ]
        for name, entry in now.items()
    ]
    connection.executemany("insert or replace into meta.profiles values (?, ?, ?, now(), ?, ?, ?, ?)", rows)
    connection.execute(
        "delete from meta.profiles where source = $source and stream = $stream and load_id not in (select load_id from meta.profiles"
        " where source = $source and stream = $stream group by load_id order by load_id desc limit $kept)",
        {"source": source, "stream": stream, "kept": _KEPT_LOADS},
    )
    return [Drift(source, stream, name, text) for name, text in _compare(before, now)][:_TOLD]


def _profile_in_clickhouse(warehouse: ClickHouseWarehouse, table: str, source: str, stream: str, load_id: int) -> list[Drift]:
    """The same of a sample that is read here: 500 records."""
    records = [orjson.loads(text) for text in warehouse.sample(table, source, load_id, _SAMPLE)]
    if len(records) < PROFILED_RECORDS:
        return []
    now = _read_records(records)
    earlier = warehouse.profiles(source, stream, _BASE_LOADS)
    before: dict[str, _Field] = {}
    total = sum({row[0]: row[1] for row in earlier}.values())
    for name in {row[2] for row in earlier}:
        rows = [row for row in earlier if row[2] == name]
        known = None if any(row[4] is None for row in rows) else frozenset(value for row in rows for value in orjson.loads(row[4]))
        before[name] = _Field(total, sum(row[3] for row in rows), known)
    warehouse.keep_profile(
        source,
        stream,
        load_id,
        [(e.records, name, e.filled, None if e.values is None else orjson.dumps(sorted(e.values)).decode()) for name, e in now.items()],
        _KEPT_LOADS,
    )
    return [Drift(source, stream, name, text) for name, text in _compare(before, now)][:_TOLD]


def _read_records(records: list[dict[str, Any]]) -> dict[str, _Field]:
    filled: dict[str, int] = {}
    seen: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            filled[name] = filled.get(name, 0) + (value not in (None, "", []))
            values = seen.setdefault(name, set())
            if value is not None and not isinstance(value, dict | list):
                values.add((value if isinstance(value, str) else orjson.dumps(value).decode())[:_MAX_VALUE])
    return {
        name: _Field(len(records), count, frozenset(seen[name]) if 0 < len(seen[name]) <= _ENUMERATION else None)
        for name, count in filled.items()
    }


def _read(connection: duckdb.DuckDBPyConnection, table: str, source: str, load_id: int) -> dict[str, _Field]:
    connection.execute(
        f"create or replace temp table sampled as select payload from raw.{table} where _source = $source and _load_id = $load_id"
        f" and _key in (select _key from raw.{table} where _source = $source and _load_id = $load_id and not _deleted"
        " order by hash(_key) limit $sample)",
        {"source": source, "load_id": load_id, "sample": _SAMPLE},
    )
    row = connection.execute("select count(*) from sampled").fetchone()
    records = int(row[0]) if row else 0
    if records < PROFILED_RECORDS:
        return {}
    found = connection.execute(
        "select fields.key, count(*) filter (where fields.atom is not null and fields.atom::varchar <> '\"\"'"
        "   or fields.type = 'OBJECT' or fields.type = 'ARRAY' and json_array_length(fields.value) > 0) as filled,"
        f" list(distinct left(fields.atom ->> '$', {_MAX_VALUE})) filter (where fields.atom is not null) as seen"
        " from sampled, json_each(sampled.payload) as fields group by all"
    ).fetchall()
    return {key: _Field(records, filled, frozenset(seen) if seen and len(seen) <= _ENUMERATION else None) for key, filled, seen in found}


def _before(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> dict[str, _Field]:
    """The last loads together; values only of fields that were lists of choices in each of them."""
    rows = connection.execute(
        "select field, sum(filled), list(known_values::varchar), count(*) filter (where known_values is null) from meta.profiles"
        " where source = $source and stream = $stream and load_id in (select load_id from meta.profiles where source = $source"
        " and stream = $stream group by load_id order by load_id desc limit $base) group by field",
        {"source": source, "stream": stream, "base": _BASE_LOADS},
    ).fetchall()
    total = connection.execute(
        "select sum(records) from (select distinct load_id, records from meta.profiles where source = $source and stream = $stream"
        " order by load_id desc limit $base)",
        {"source": source, "stream": stream, "base": _BASE_LOADS},
    ).fetchone()
    records = int(total[0]) if total and total[0] else 0
    fields = {}
    for name, filled, values, open_ended in rows:
        known = None if open_ended else frozenset(value for text in values for value in orjson.loads(text))
        fields[name] = _Field(records, int(filled), known)
    return fields


def _compare(before: dict[str, _Field], now: dict[str, _Field]) -> list[tuple[str, str]]:
    if not before:
        return []
    told = []
    records = next(iter(now.values())).records
    for name, old in before.items():
        new = now.get(name)
        share = new.share if new is not None else 0.0
        if old.share > _RARE and share == 0.0:
            told.append((name, f"was filled in {old.share:.0%} of the records and is empty in all {records} new ones"))
        elif old.share - share >= _EMPTIED:
            told.append((name, f"is filled in {share:.0%} of {records} new records ({old.share:.0%} before)"))
        elif new is not None and new.values is not None and old.values is not None:
            unseen = sorted(value for value in new.values - old.values if not _NO_CHOICE.fullmatch(value))
            if unseen:
                told.append((name, f"has values that were never seen before: {', '.join(unseen[:_TOLD])}"))
    told += [
        (name, f"is new, filled in {entry.share:.0%} of {records} new records")
        for name, entry in now.items()
        if name not in before and entry.filled
    ]
    return told
