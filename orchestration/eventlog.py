"""Dagster's own SQLite event log, with connections that stay open and batches written in one transaction.

As Dagster ships it, every event opens and closes its database, so that nothing compiled is kept and each close copies the write-ahead
log: 440 events that only say what a run intends took 5 s of a refresh that found nothing (Dagster 1.13, 2 cores). Same files, same
tables; `dagster.yaml` names this class.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy
from dagster import EventLogEntry
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

_OPEN_SHARDS = 8  # a daemon meets a new run every quarter of an hour
_BUSY_SECONDS = 60.0
# Dagster's UI follows a run by changes of the main file, which only a checkpoint of the write-ahead log brings, at two waits each:
# at 8 pages they were a fifth of the time that a build spends on its events
_RUN_CHECKPOINT_PAGES = 64


class EventLog(SqliteEventLogStorage):
    """The event log of one data folder.

    Args:
        base_dir: folder of the SQLite files.
        inst_data: how Dagster found this class.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._mutex = threading.RLock()
        self._shards: dict[str, sqlalchemy.Engine] = {}
        self._begun: dict[str, sqlalchemy.Connection] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """As Dagster asks for it, from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        """A connection inside a transaction; inside another one of the same shard, that one."""
        with self._mutex:
            begun = self._begun.get(shard)
            if begun is not None:
                yield begun
                return
            with self._engine(shard).connect() as connection, connection.begin():
                self._begun[shard] = connection
                try:
                    yield connection
                finally:
                    del self._begun[shard]

    def _engine(self, shard: str) -> sqlalchemy.Engine:
        engine = self._shards.pop(shard, None)
        if engine is None:
            address = self.conn_string_for_shard(shard)
            if shard not in self._initialized_dbs:
                fresh = create_engine(address, poolclass=sqlalchemy.NullPool, connect_args={"timeout": _BUSY_SECONDS})
                self._initdb(fresh)
                self._initialized_dbs.add(shard)
            arguments = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
            engine = create_engine(address, poolclass=StaticPool, connect_args=arguments)
            with engine.connect() as connection:
                connection.exec_driver_sql("pragma synchronous = normal")
                if shard != INDEX_SHARD_NAME:
                    connection.exec_driver_sql(f"pragma wal_autocheckpoint = {_RUN_CHECKPOINT_PAGES}")
        self._shards[shard] = engine  # the last one used stands last
        for name in list(self._shards):
            if len(self._shards) > _OPEN_SHARDS and name != INDEX_SHARD_NAME and name not in self._begun:
                self._shards.pop(name).dispose()
        return engine

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction of their run and one of the index."""
        with self._mutex, ExitStack() as stack:
            for shard in (*dict.fromkeys(event.run_id for event in events), INDEX_SHARD_NAME):
                stack.enter_context(self._connect(shard))
            for event in events:
                self.store_event(event)

    def delete_events(self, run_id: str) -> None:
        """Forget a run: its file, and what the index holds of it.

        (As Dagster ships it, the file stays, empty and as large as before, and so does every check that the run meant to make.)
        """
        with self._mutex:
            engine = self._shards.pop(run_id, None)
            if engine is not None:
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.path_for_shard(run_id)}{ending}").unlink(missing_ok=True)
            with self._connect(INDEX_SHARD_NAME) as index:
                self.delete_events_for_run(index, run_id)
                checks = AssetCheckExecutionsTable
                index.execute(checks.delete().where(checks.c.run_id == run_id))
        self.free_concurrency_slots_for_run(run_id)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; one that is there once stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: sqlalchemy.Connection, column_name: str) -> bool:
        column = f"asset_keys.{column_name}"
        if column not in self._tables and super()._has_asset_key_col_on_connection(conn, column_name):
            self._tables.add(column)
        return column in self._tables

    def dispose(self) -> None:
        """Close everything."""
        super().dispose()
        with self._mutex:
            for engine in self._shards.values():
                engine.dispose()
            self._shards.clear()
