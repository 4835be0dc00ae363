"""Random small companies: records of the sandbox company in several states, staged once, of which every example takes its own."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Set
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import duckdb
import polars as pl

from tests.properties.compiled import CompiledProject, Model, copy_tables, make_schemas, memory
from tests.properties.dirt import contradict

# the calendar is ours; states of orders and rates that were seen earlier are their own history
WHOLE = {"skvoz.calendar", "onec.orders__versions", "bitrix24.currencies__versions", "skvoz_meta.cursors"}
# what a company cannot have half of: without them nothing has a name, a stage or a rate
LISTS = {
    "onec.organisations", "onec.currencies", "onec.warehouses", "onec.managers", "onec.products", "onec.product_categories", "onec.units",
    "onec.product_keys", "onec.partner_keys", "onec.partners", "onec.counterparties", "onec.currency_rates", "amocrm.account",
    "amocrm.users", "amocrm.pipelines", "amocrm.custom_fields", "bitrix24.users", "bitrix24.statuses", "bitrix24.categories",
    "bitrix24.currencies", "spreadsheet.exchange_rates", "spreadsheet.discount_tiers",
}  # fmt: skip
SPOILT = 3  # states of a record beside its own: contradicting itself in one value, in two, and deleted
_TOMBSTONE = SPOILT
# read the ledger or the raw tables themselves
NOT_MADE = {"data_freshness", "publication"}


@dataclass(frozen=True)
class Draw:
    """Which company: reproducible from these numbers alone.

    Attributes:
        salt: which records it has, and in which states.
        documents: share of documents, deals, calls and the like that it has, in thousandths.
        lists: share of its catalogues, in thousandths.
        dirt: share of records in a spoilt state, in thousandths.
        as_of: the day of the build.
        zone: the company's time zone.
    """

    salt: int
    documents: int
    lists: int
    dirt: int
    as_of: str
    zone: str


class Pool:
    """Everything an example can choose from, in one database in memory.

    Args:
        project: the models.
        warehouse: whose raw tables.
        seed: of the spoilt states.
        marts: those that examples have, with what they are made of; all of them if none is named.
    """

    def __init__(self, project: CompiledProject, warehouse: Path, seed: int = 1, marts: Collection[str] = ()) -> None:
        self.project = project
        self.warehouse = warehouse
        self.connection = memory(warehouse)
        self._wanted = project.upstream(marts or project.models)
        rng = Random(seed)
        read = {stream.replace(".", "__", 1) for name in self._wanted for stream in project.models[name].streams}
        tables = [name for (name,) in self.connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' and estimated_size > 0 order by 1"
        ).fetchall()]  # fmt: skip
        for table in tables:
            if table.replace("__", ".", 1) not in WHOLE and (table in read or not marts):
                self._add_states(table, rng)
        project.run(self.connection, select=lambda model: model.layer == "staging" and model.name in self._wanted)

    def _add_states(self, table: str, rng: Random) -> None:
        rows = self.connection.execute(f"select _source, _key, payload from raw.{table} where not _deleted order by 1, 2").fetchall()
        payloads = [json.loads(payload) for _, _, payload in rows]
        states: list[tuple[str, str, int, str | None]] = []
        for (source, key, _), payload in zip(rows, payloads, strict=True):
            for state in range(1, SPOILT):
                spoilt = deepcopy(payload)
                contradict(spoilt, rng, state, payloads)
                states.append((source, key, state, json.dumps(spoilt, ensure_ascii=False)))
            states.append((source, key, _TOMBSTONE, None))
        schema = {"source": pl.String, "key": pl.String, "state": pl.Int32, "payload": pl.String}
        self.connection.register("states", pl.DataFrame(states, schema=schema, orient="row").to_arrow())
        self.connection.execute(f"update raw.{table} set _key = _key || '~0'")
        self.connection.execute(
            f"insert into raw.{table} select _source, states.key || '~' || states.state, _modified_at, _loaded_at, _load_id, _file,"
            f" states.payload is null, states.payload::json from raw.{table} as present join states"
            " on present._source = states.source and present._key = states.key || '~0'"
        )
        self.connection.unregister("states")

    def build(self, draw: Draw) -> duckdb.DuckDBPyConnection:
        """The whole warehouse of the drawn company; the connection is this pool's and holds it until the next one is drawn."""
        connection = self.connection
        connection.execute("use memory")
        connection.execute("detach database if exists example")
        connection.execute("attach ':memory:' as example")
        connection.execute("use example")
        make_schemas(connection)
        copy_tables(connection, ("seeds", "meta"), "memory")
        for model in self.project.models.values():
            if model.layer == "staging" and model.name in self._wanted:
                connection.execute(f'create table staging."{model.name}" as {self._chosen("staging", model.name, model.streams, draw)}')
        for table in self._read_raw:
            connection.execute(f'create table raw."{table}" as {self._chosen("raw", table, {table.replace("__", ".", 1)}, draw)}')
        made = {model.name for model in self.project.models.values() if self.is_made(model)}
        self.project.run(connection, select=lambda model: model.layer != "staging" and model.name in made, as_of=draw.as_of, zone=draw.zone)
        return connection

    def raw_tables(self, draw: Draw) -> dict[str, str]:
        """A query for every raw table of the drawn company, by its name: the records that `build` takes the staged rows of."""
        listed = self.connection.execute("select table_name from duckdb_tables() where database_name = 'memory' and schema_name = 'raw'")
        return {f"raw.{name}": self._chosen("raw", name, {name.replace("__", ".", 1)}, draw) for (name,) in sorted(listed.fetchall())}

    def is_made(self, model: Model) -> bool:
        """Whether an example has the model."""
        return model.name in self._wanted and model.name not in NOT_MADE

    @cached_property
    def _read_raw(self) -> set[str]:
        """Raw tables that models read past staging: what an ephemeral staging model is put into."""
        later = (model.sql for model in self.project.models.values() if model.layer != "staging" and self.is_made(model))
        return {table for sql in later for table in re.findall(r'"raw"\."(\w+)"', sql)}

    @staticmethod
    def _chosen(schema: str, name: str, streams: Set[str], draw: Draw) -> str:
        """The rows of a table made of the records that the company has, in the state it has them."""
        table = f'memory.{schema}."{name}"'
        if not streams or streams & WHOLE:
            return f"from {table}"
        (stream,) = streams
        share = draw.lists if stream in LISTS else draw.documents
        record = f"_source || ':{stream}:' || split_part(_key, '~', 1) || ':{draw.salt}'"
        state = f"case when hash({record} || ':spoilt') % 1000 < {draw.dirt} then 1 + hash({record} || ':how') % {SPOILT} else 0 end"
        return (
            f"select * replace (split_part(_key, '~', 1) as _key) from {table}"
            f" where hash({record}) % 1000 < {share} and split_part(_key, '~', 2) = cast({state} as varchar)"
        )
