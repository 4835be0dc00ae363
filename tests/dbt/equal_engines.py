"""A company's warehouse out of DuckDB for ClickHouse, and the rows in which two engines' marts differ."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.dbt.kept_dbt import Dbt

RUNNER = Path(__file__).with_name("chdb_runner.py")
PROFILES = Path(__file__).parents[2] / "dbt_project" / "profiles.yml"
# sums of binary numbers depend on the order of the rows in their last digits
TOLERANCE = 1e-9
_TYPES = {
    "VARCHAR": "String",
    "JSON": "String",
    "BIGINT": "Int64",
    "INTEGER": "Int32",
    "DOUBLE": "Float64",
    "BOOLEAN": "Bool",
    "DATE": "Date32",
    "TIMESTAMP": "DateTime64(6, 'UTC')",
    "TIMESTAMP WITH TIME ZONE": "DateTime64(6, 'UTC')",
    "HUGEINT": "Int128",
}
_SECONDS = 1800


@dataclass(frozen=True)
class Order:
    """A company that ClickHouse is to build.

    Attributes:
        tables, marts: folders of what it is made of and of what comes of it.
        replaced: texts of the SQL and what stands in their place.
        wanted: marts, all of them if none is named.
    """

    tables: Path
    marts: Path
    replaced: Mapping[str, str]
    wanted: Sequence[str] = ()


def tables(connection: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> dict[str, str]:
    """A query for every table of the schemas, by its name."""
    listed = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() and list_contains(?, schema_name)",
        [list(schemas)],
    ).fetchall()
    return {f"{schema}.{table}": f'from {schema}."{table}"' for schema, table in sorted(listed)}


def hand_over(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str], folder: Path) -> None:
    """Write tables for the other engine.

    Args:
        connection: where they are.
        tables: a query by the name (schema.table) that its rows shall have.
        folder: takes a Parquet file per table and columns.json with the columns as ClickHouse's engine of skvoz has them.
    """
    folder.mkdir(parents=True)
    definitions = {}
    for name, query in tables.items():
        columns = connection.execute(f"describe {query}").fetchall()
        definitions[name] = ", ".join(f'"{column}" {_clickhouse_type(column, kind)}' for column, kind, *_ in columns)
        texts = ", ".join(f'"{column}"::varchar as "{column}"' if kind == "JSON" else f'"{column}"' for column, kind, *_ in columns)
        connection.execute(f"copy (select {texts} from ({query})) to '{folder / name}.parquet' (format parquet)")
    (folder / "columns.json").write_text(json.dumps(definitions), encoding="utf-8")


def _clickhouse_type(column: str, kind: str) -> str:
    known = _TYPES.get(kind, kind)
    return known if column in {"_source", "_key", "_deleted", "_load_id"} else f"Nullable({known})"


def build_on_clickhouse(dbt: Dbt, variables: Mapping[str, Any], orders: Sequence[Order], folder: Path, seconds: float = _SECONDS) -> None:
    """Build the companies there, in a database of `folder`; fails the test with the model that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    profile = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))["skvoz"]["outputs"]["clickhouse"]
    told = {
        "folder": str(folder),
        "variables": dict(variables),
        "settings": {**profile["custom_settings"], "max_threads": 2},
        "companies": [
            {"tables": str(one.tables), "marts": str(one.marts), "replaced": dict(one.replaced), "wanted": list(one.wanted)}
            for one in orders
        ],
    }
    dbt.build_companies(told, folder, seconds)


def run_unit_tests(folder: Path, variables: Mapping[str, Any]) -> None:
    """Every unit test of the project in the database that `build_on_clickhouse` left; fails the test with dbt's words."""
    project = str(RUNNER.parents[2] / "dbt_project")
    words = ["--quiet", "--no-use-colors", "test", "--select", "test_type:unit", "--project-dir", project, "--profiles-dir", project]
    words += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--vars", json.dumps(dict(variables))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DBT_"))}
    environment |= {"SKVOZ_ENGINE": "clickhouse", "SKVOZ_DBT_THREADS": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    command = [sys.executable, "-W", "ignore", str(RUNNER), str(folder / "db"), str(folder / "answers.json")]
    done = subprocess.run(
        command,
        input=json.dumps([{"dbt": words}]),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


def differences(connection: duckdb.DuckDBPyConnection, mart: str, folder: Path, left_out: Sequence[str] = ()) -> list[str]:
    """What differs between marts.<mart> of the connection and <folder>/<mart>.parquet: a sentence for each of the first rows.

    Binary numbers may differ by TOLERANCE of themselves; everything else is the same to the last digit.
    """
    columns = [(name, kind) for name, kind, *_ in connection.execute(f'describe marts."{mart}"').fetchall() if name not in left_out]
    binary = [name for name, kind in columns if kind == "DOUBLE"]
    exact = [name for name, _ in columns if name not in binary]
    # what tells rows apart comes first, so that both engines' rows stand beside each other
    order = ", ".join(f'"{name}"' for name in [*exact, *binary])
    chosen = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in sorted(columns, key=lambda column: column[0] in binary))
    ours = connection.execute(f'select {chosen} from marts."{mart}" order by {order}').fetchall()
    theirs = connection.execute(f"select {chosen} from '{folder / mart}.parquet' order by {order}").fetchall()
    if len(ours) != len(theirs):
        only = connection.execute(
            f"select * from (select {chosen} from marts.\"{mart}\" except all select {chosen} from '{folder / mart}.parquet') limit 2"
        ).fetchall()
        return [f"{mart}: {len(ours)} rows on DuckDB, {len(theirs)} on ClickHouse; only on DuckDB: {only}"]
    found = []
    for left, right in zip(ours, theirs, strict=True):
        if left != right and not all(_same(*pair) for pair in zip(left, right, strict=True)):
            names = [*exact, *binary]
            apart = {name: (a, b) for name, a, b in zip(names, left, right, strict=True) if not _same(a, b)}
            found.append(f"{mart}: {dict(zip(names[:2], left, strict=False))}: {apart}")
    return found[:3]


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(left == right)
