"""The marts of a publication on DuckDB beside those that were built on ClickHouse, row for row."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingestion.durable import private_folder
from ingestion.engines.clickhouse_client import told
from ingestion.engines.duckdb import memory_setting
from ingestion.settings import Settings
from orchestration.clickhouse import opened_client

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Say = Callable[[str], None]
# these speak of the moment, of the publication or of the one before it
NOT_COMPARED = frozenset({"publication", "data_freshness", "restatements"})
# nor are moments of loading: raw files are loaded anew
_OF_THE_LOAD = "loaded_at"
_CLOSE = 1e-9  # doubles may differ by so much of themselves: the engines add up in another order
_SHOWN = 3  # columns that name a row, and columns that differ in it


@dataclass(frozen=True, slots=True)
class Compared:
    """One mart on both engines.

    Attributes:
        mart: its name.
        rows: on DuckDB.
        differing: rows of either engine that the other has not; doubles count as equal within 1e-9.
        fault: what is not comparable at all, such as a column that is missing.
        example: one of the differing rows: what names it, and what differs in it.
    """

    mart: str
    rows: int
    differing: int = 0
    fault: str = ""
    example: str = ""

    @property
    def equal(self) -> bool:
        """Whether the mart is the same."""
        return not self.differing and not self.fault

    @property
    def told(self) -> str:
        """The difference in words."""
        return f"{self.mart}: {self.fault or f'{self.differing} rows differ; {self.example}'}"


def compare(settings: Settings, target: Settings, published: Path, say: Say) -> list[Compared]:
    """Every published mart with the one that was built on ClickHouse, which comes over as Parquet; each that differs is said."""
    found = []
    folder = private_folder(settings.data_dir / "tmp")
    with tempfile.TemporaryDirectory(dir=folder) as scratch, opened_client(target) as client, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{memory_setting(settings.warehouse.memory_limit)}'")
        connection.execute(f"set temp_directory = '{_quoted(scratch)}'")
        connection.execute(f"attach '{_quoted(str(published))}' as published (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts' order by 1"
        ).fetchall()
        for (mart,) in tables:
            if mart not in NOT_COMPARED:
                found.append(_compare_mart(connection, client, target, mart, Path(scratch)))
                if not found[-1].equal:
                    say(found[-1].told)
    return found


def _compare_mart(connection: duckdb.DuckDBPyConnection, client: Client, target: Settings, mart: str, scratch: Path) -> Compared:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = 'published' and schema_name = 'marts' and table_name = ?"
        " and column_name <> ? order by column_index",
        [mart, _OF_THE_LOAD],
    ).fetchall()
    [(rows,)] = connection.execute(f'select count(*) from published.marts."{mart}"').fetchall()
    with told(target.clickhouse):
        there = {
            row[0] for row in client.query(f"select name from system.columns where database = 'marts' and table = '{mart}'").result_rows
        }
    missing = sorted(name for name, _ in columns if name not in there)
    if missing:
        return Compared(mart, rows, fault=f"ClickHouse has no {', '.join(missing) if there else 'such mart'}")
    file = scratch / f"{mart}.parquet"
    names = ", ".join(f"`{name}`" for name, _ in columns)
    with told(target.clickhouse), file.open("wb") as parquet:
        for piece in client.raw_stream(f"select {names} from marts.{mart}", fmt="Parquet"):
            parquet.write(piece)
    typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns)
    connection.execute(f'create or replace temp view here as select * from published.marts."{mart}"')
    connection.execute(f"create or replace temp view there as select {typed} from read_parquet('{_quoted(str(file))}')")
    exact = [name for name, kind in columns if kind != "DOUBLE"]
    doubles = [name for name, kind in columns if kind == "DOUBLE"]
    differing, example = _exact_difference(connection, exact)
    if doubles and not differing:
        differing, example = _far_doubles(connection, exact, doubles)
    file.unlink()
    return Compared(mart, rows, differing, example=example)


def _exact_difference(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> tuple[int, str]:
    """How many rows have no equal on the other side, and one of them."""
    chosen = ", ".join(f'"{name}"' for name in names) or "1"
    for side, other in (("here", "there"), ("there", "here")):
        connection.execute(
            f"create or replace temp table only_{side} as select {chosen} from {side} except all select {chosen} from {other}"
        )
    [(ours, theirs)] = connection.execute("select (select count(*) from only_here), (select count(*) from only_there)").fetchall()
    if not ours + theirs:
        return 0, ""
    if not names:
        return ours + theirs, "one engine has more rows than the other"
    first, where = ("only_here", "DuckDB") if ours else ("only_there", "ClickHouse")
    left = connection.execute(f"select * from {first} order by all limit 1").fetchall()[0]
    if not (ours and theirs):
        return ours + theirs, f"only on {where}: {_named(names[: 2 * _SHOWN], left)}"
    likeness = " + ".join(f'cast("{name}" is not distinct from ? as integer)' for name in names)
    right = connection.execute(f"select * from only_there order by {likeness} desc limit 1", left).fetchall()[0]
    return ours + theirs, _pair(names, left, right)


def _far_doubles(connection: duckdb.DuckDBPyConnection, exact: Sequence[str], doubles: Sequence[str]) -> tuple[int, str]:
    """How many rows, equal in all else, have a double that is further from the other's than 1e-9 of itself, and one of them."""
    far = " or ".join(
        f'((h."{name}" is null) <> (t."{name}" is null)'
        f' or abs(h."{name}" - t."{name}") > {_CLOSE} * greatest(abs(h."{name}"), abs(t."{name}"), 1e-300))'
        for name in doubles
    )
    # they are put side by side by their doubles, to nine digits
    order = ", ".join([*(f'"{name}"' for name in exact), *(f"printf('%.8e', \"{name}\")" for name in doubles)])
    names = [*exact, *doubles]
    both = ", ".join(f'h."{name}", t."{name}"' for name in names)
    found = connection.execute(
        f"select count(*) over (), {both} from (select *, row_number() over (order by {order}) as place from here) as h"
        f" inner join (select *, row_number() over (order by {order}) as place from there) as t using (place) where {far} limit 1"
    ).fetchall()
    return (found[0][0], _pair(names, found[0][1::2], found[0][2::2])) if found else (0, "")


def _pair(names: Sequence[str], left: Sequence[Any], right: Sequence[Any]) -> str:
    """Two rows that should be one: what they have in common, and what differs."""
    same = [number for number in range(len(names)) if left[number] == right[number] and left[number] is not None][:_SHOWN]
    apart = [number for number in range(len(names)) if not _same(left[number], right[number])][:_SHOWN]
    row = _named([names[number] for number in same], [left[number] for number in same])
    said = "; ".join(f"{names[number]} is {left[number]} on DuckDB, {right[number]} on ClickHouse" for number in apart)
    return f"in the row {row}: {said}"


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=_CLOSE)
    return bool(left == right)


def _named(names: Sequence[str], values: Sequence[Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=False))


def _quoted(text: str) -> str:
    return text.replace("'", "''")
