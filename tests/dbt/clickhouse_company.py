"""Builds companies on ClickHouse's engine in process: the SQL that dbt makes of an already parsed project, run model by model.

The engine lives as long as its process, so that is a fork of forking_dbt's. dbt's parse for DuckDB serves as well: which macros a model
calls is decided when it is compiled, so 15 s of CPU are saved.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[2] / "dbt_project"
LAYERS = ("staging", "intermediate", "marts")
# as macros/engine/contracts.sql calls the types of contracts
TYPES = {
    "varchar": "String",
    "bigint": "Int64",
    "integer": "Int32",
    "double": "Float64",
    "boolean": "Bool",
    "date": "Date32",
    "timestamp": "DateTime64(6)",
    "timestamptz": "DateTime64(6, 'UTC')",
}


@dataclass(frozen=True)
class Company:
    """One warehouse to build.

    Attributes:
        tables: folder of <schema>.<table>.parquet and of columns.json, the definition of each table's columns.
        marts: folder that takes <mart>.parquet, and seconds.json with the time of every model, by the clock and of processors.
        replaced: texts of the SQL and what stands in their place, for another day or time zone than it was compiled for.
        wanted: marts to build, all of them if none is named.
    """

    tables: Path
    marts: Path
    replaced: dict[str, str]
    wanted: list[str]


@dataclass(frozen=True)
class Order:
    """What is told.

    Attributes:
        folder: takes the engine's database and dbt's logs.
        variables: dbt vars.
        settings: of every query, as in profiles.yml.
        companies: to build, one after another.
    """

    folder: Path
    variables: dict[str, Any]
    settings: dict[str, Any]
    companies: list[Company]


@dataclass(frozen=True)
class Model:
    """A compiled model.

    Attributes:
        relation: its name, quoted.
        sql: its query.
        columns: type by name where a contract says them, else empty.
        engine: of its table, as dbt_project.yml has it.
        settings: of its query, the same.
    """

    relation: str
    sql: str
    columns: dict[str, str]
    engine: str
    settings: dict[str, Any]


def build_all(manifest: Any, told: dict[str, Any]) -> None:
    """Build every company, of the parsed project; the first model that fails ends the process with its name and the engine's words."""
    companies = [Company(Path(one["tables"]), Path(one["marts"]), one["replaced"], one["wanted"]) for one in told["companies"]]
    order = Order(Path(told["folder"]), told["variables"], told["settings"], companies)
    connect = clickhouse_connect.get_client

    def in_process(**options: Any) -> Client:
        return connect(interface="chdb", path=str(order.folder / "db"), settings=options.get("settings") or order.settings)

    clickhouse_connect.get_client = in_process
    models = list(compiled(manifest, order))
    client = in_process()
    for company in order.companies:
        load(client, company.tables)
        seconds = {}
        for model in read_by_marts(models, company.wanted):
            began, worked = time.perf_counter(), time.process_time()
            build(client, model, company.replaced)
            seconds[model.relation.replace("`", "")] = (time.perf_counter() - began, time.process_time() - worked)
        company.marts.mkdir(parents=True)
        (company.marts / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")
        for (mart,) in client.query("select name from system.tables where database = 'marts'").result_rows:
            client.command(f"insert into function file('{company.marts / mart}.parquet', Parquet) select * from marts.`{mart}`")


def compiled(manifest: Any, order: Order) -> Iterator[Model]:
    """The marts and everything they are made of, parents first."""
    manifest.metadata.adapter_type = "clickhouse"
    for node in manifest.nodes.values():
        if node.config.materialized == "ephemeral":
            node.config.materialized = "table"  # as macros/engine/inlined.sql has it there
    # everything is built from nothing, and the adapter's own macros, which could tell, are not in this manifest
    manifest.macros["macro.dbt.is_incremental"].macro_sql = "{% macro is_incremental() %}{{ return(false) }}{% endmacro %}"
    manifest.rebuild_ref_lookup()
    manifest.build_flat_graph()
    options = ["--quiet", "--no-populate-cache", "--no-introspect", "--no-write-json", "--threads", "1"]
    options += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--select", "+path:models/marts"]
    options += [
        "--exclude",
        "resource_type:test",
        "resource_type:unit_test",
        "resource_type:seed",
        "--target-path",
        str(order.folder),
        "--log-path",
        str(order.folder),
        "--vars",
        json.dumps(order.variables),
    ]
    done: Any = dbtRunner(manifest=manifest).invoke(["compile", *options])
    if not done.success or not hasattr(done.result, "results"):
        sys.exit(f"dbt does not compile for ClickHouse: {done.exception or done.result}")
    for one in done.result.results:
        node = one.node
        if node.resource_type == "model":
            is_promised = node.config.contract.enforced
            columns = {name: str(column.data_type) for name, column in node.columns.items()} if is_promised else {}
            yield Model(
                f"`{node.schema}`.`{node.name}`",
                node.compiled_code,
                columns,
                engine_of(node.config),
                node.config.get("query_settings") or {},
            )


def engine_of(config: Any) -> str:
    """The engine clause that dbt-clickhouse makes of a model's configuration."""
    keys, part = config.get("order_by"), config.get("partition_by")
    sorted_by = f"({', '.join(keys)})" if keys else "tuple()"
    settings = ", ".join(f"{name} = {value}" for name, value in (config.get("settings") or {}).items())
    return f"engine = MergeTree {f'partition by {part}' if part else ''} order by {sorted_by} {f'settings {settings}' if settings else ''}"


def read_by_marts(models: list[Model], marts: list[str]) -> list[Model]:
    """The marts and what their SQL names, in turn: the graph also knows the models of systems that the company does not have."""
    known = {model.relation: model for model in models}
    wanted, waiting = set(), [f"`marts`.`{mart}`" for mart in marts] or [name for name in known if name.startswith("`marts`.")]
    while waiting:
        relation = waiting.pop()
        if relation in known and relation not in wanted:
            wanted.add(relation)
            waiting += re.findall(r"`\w+`\.`\w+`", known[relation].sql)
    return [model for model in models if model.relation in wanted]


def load(client: Client, folder: Path) -> None:
    """An empty warehouse with the given tables."""
    columns: dict[str, str] = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    for schema in sorted({*LAYERS, *(name.split(".")[0] for name in columns)}):
        client.command(f"drop database if exists {schema} sync")
        client.command(f"create database {schema}")
    for name, definition in columns.items():
        client.command(f"create table {name} ({definition}) engine = MergeTree order by tuple()")
        client.command(f"insert into {name} select * from file('{folder / name}.parquet', Parquet)")


def build(client: Client, model: Model, replaced: dict[str, str]) -> None:
    """A table of the model, of the types that its contract names."""
    sql = model.sql
    for text, other in replaced.items():
        sql = sql.replace(text, other)
    try:
        if not model.columns:
            client.command(f"create table {model.relation} {model.engine} as {sql}", settings=model.settings)
            return
        definition = ", ".join(f"`{name}` Nullable({TYPES.get(kind.lower(), kind)})" for name, kind in model.columns.items())
        client.command(f"create table {model.relation} ({definition}) {model.engine}")
        given = client.query(f"select * from ({sql}\n) limit 0").column_names
        into = f"{model.relation} ({', '.join(f'`{name}`' for name in given)})"
        client.command(f"insert into {into} {sql}", settings=model.settings)
    except clickhouse_connect.driver.exceptions.DatabaseError as error:
        sys.exit(f"{model.relation}: {error}")
