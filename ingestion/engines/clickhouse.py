"""ClickHouse: raw files into ReplacingMergeTree tables, and the ledgers that make it safe to do so twice.

ClickHouse has no transaction over tables, so a load is made of steps that may be repeated: a load_id is taken, the records are written,
then `meta.loads` and `meta.cursors`, and last the ledger `meta.files`, which alone says that a file is loaded. A crash before that line
loads the same files again, and the same records replace themselves: folding files a second time over their own outcome changes nothing.

A raw table keeps of each (_source, _key) the row of the greatest _load_id. Rows that must not win (an older state that arrived late) are
found beforehand by a pass over keys and moments alone and are not written; a first load of one chunk needs no such pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingestion.engines.clickhouse_client import told
from ingestion.engines.clickhouse_feed import File, SeenFiles, SentFiles, StoredObjects, can_be_named
from ingestion.engines.clickhouse_ledger import MOMENT, ClickHouseLedger, literal
from ingestion.errors import WarehouseError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from ingestion.rawstore import Place

_RECORD = f"_key String, _modified_at Nullable({MOMENT}), _deleted Bool, payload Nullable(String)"
_KEYS = f"_key String, _modified_at Nullable({MOMENT})"


class Feed(Protocol):
    """How ClickHouse gets at the records of chunks (ingestion.engines.clickhouse_feed)."""

    def insert(self, client: Client, into: str, select: str, structure: str, files: Sequence[File]) -> None:
        """`insert into <into> <select>`, where the select reads from `{records}` and finds the chunk's name in `{file}`."""


class ClickHouseWarehouse(ClickHouseLedger):
    """The raw layer on ClickHouse.

    `objects`, where it is set, is the raw zone on an S3-compatible store, which ClickHouse then reads itself.
    """

    objects: Place | None = None

    def feed(self, folder: Path, read: Callable[[str], bytes], names: Sequence[str]) -> Feed:
        """How this server gets at the chunks of a stream's folder, whose checksums are compared first.

        Args:
            folder: of the stream.
            read: gives a chunk's bytes after comparing its checksum.
            names: of the chunks.
        """
        if self.objects is not None:
            url = f"{self.objects.url}/{folder.parent.name}/{folder.name}"
            return StoredObjects(url, self.objects.key_id, self.objects.secret)
        if self.address.folder is None:
            return SentFiles(read)
        if not can_be_named(folder):
            message = f"{folder}: ClickHouse's engine in process cannot read from a path with {{ }} * or ? in it; move the data folder."
            raise WarehouseError(message)
        for name in names:
            read(name)
        return SeenFiles(folder)

    def write_records(self, table: str, source: str, load_id: int, files: Sequence[File], feed: Feed, *, versioned: bool) -> int:
        """Write what the files bring into the raw table: by (_source, _key) the newest wins; the number of rows written."""
        working, losing = f"raw.{table}__incoming", f"raw.{table}__losing"
        with told(self.address):
            known = bool(self.rows(f"select 1 from raw.{table} where _source = {{source:String}} limit 1", {"source": source}))
            losers = 0
            if known or len(files) > 1:
                losers = self._find_losers(table, source, files, feed, working, losing)
            beaten = f" where (_key, {{file}}) not in (select _key, file from {losing})" if losers else ""
            select = (
                f"select {literal(source)}, _key, _modified_at, now64(6), {load_id}, concat({literal(_prefix(files))}, {{file}}),"
                f" _deleted, payload from {{records}}{beaten}"
            )
            columns = "_source, _key, _modified_at, _loaded_at, _load_id, _file, _deleted, payload"
            feed.insert(self.client, f"raw.{table} ({columns})", select, _RECORD, files)
            if versioned:
                self._keep_versions(table, source, load_id, files, feed)
            for name in (working, losing):
                self.run(f"drop table if exists {name} sync")
        return sum(file.records for file in files) - losers

    def forget(self, table: str, source: str, stream: str, *, versioned: bool) -> None:
        """Empty a source's part of a raw table. The ledger goes first: what is left after a crash is loaded again and replaces itself."""
        with told(self.address):
            self.run(
                f"alter table meta.files{self._everywhere} delete where source = {{source:String}} and stream = {{stream:String}}",
                {"source": source, "stream": stream},
            )
            for name in (table, f"{table}__versions") if versioned else (table,):
                self.run(f"alter table raw.{name}{self._everywhere} drop partition {literal(source)}")

    def sample(self, table: str, source: str, load_id: int, size: int) -> list[str]:
        """Payloads of at most so many records of a load, the same ones every time; deleted ones are left out."""
        which = f"_source = {literal(source)} and _load_id = {load_id} and not _deleted"
        chosen = f"select _key from raw.{table} where {which} order by cityHash64(_key) limit {size}"
        with told(self.address):
            return [row[0] for row in self.rows(f"select payload from raw.{table} where {which} and _key in ({chosen})")]

    def _find_losers(self, table: str, source: str, files: Sequence[File], feed: Feed, working: str, losing: str) -> int:
        """Put (key, file) of the records that do not win into a working table: how many.

        A record replaces an earlier one unless both carry the system's modification moment and the earlier is newer. So of a key's
        records in these files those before the last one without a moment are out of the question, and of the rest the greatest moment
        wins, the later file among equals; without such a reset a newer row that is there already beats them all.
        """
        for name in (working, losing):
            self.run(f"drop table if exists {name} sync")
        self.run(f"create table {working} ({_KEYS}, file String) engine = MergeTree order by _key")
        feed.insert(self.client, working, "select _key, _modified_at, {file} from {records}", _KEYS, files)
        self.run(
            f"create table {losing} engine = MergeTree order by (_key, file) as"
            f" with several as (select * from {working} where _key in (select _key from {working} group by _key having count() > 1)),"
            "  resets as (select _key, max(file) as reset from several where _modified_at is null group by _key),"
            "  winners as ("
            "   select several._key as _key,"
            "    argMax(several.file,"
            "     (several._modified_at is not null, ifNull(several._modified_at, toDateTime64(0, 6)), several.file)) as file"
            "   from several left join resets on several._key = resets._key"
            "   where resets.reset is null or several.file >= resets.reset group by several._key),"
            "  moments as (select _key, max(_modified_at) as newest, countIf(_modified_at is null) as resets"
            f"   from {working} group by _key),"
            f"  newer as (select present._key as _key from raw.{table} as present inner join moments on present._key = moments._key"
            f"   where present._source = {literal(source)} and moments.resets = 0 and present._modified_at > moments.newest"
            f"   and present._key in (select _key from {working}))"
            " select several._key as _key, several.file as file from several inner join winners on several._key = winners._key"
            "  where several.file <> winners.file"
            f" union distinct select _key, file from {working} where _key in (select _key from newer)"
        )
        return int(self.rows(f"select count() from {losing}")[0][0])

    def _keep_versions(self, table: str, source: str, load_id: int, files: Sequence[File], feed: Feed) -> None:
        names, moments = [file.file for file in files], [file.written_at for file in files]
        seen = f"parseDateTime64BestEffort(transform({{file}}, {names}, {moments}, ''), 6, 'UTC')"
        select = (
            f"select {literal(source)}, _key, _modified_at, {seen}, {load_id}, concat({literal(_prefix(files))}, {{file}}),"
            " _deleted, payload from {records}"
        )
        columns = "_source, _key, _modified_at, _seen_at, _load_id, _file, _deleted, payload"
        feed.insert(self.client, f"raw.{table}__versions ({columns})", select, _RECORD, files)


def _prefix(files: Sequence[File]) -> str:
    """The part of the ledger's names before the chunk's own."""
    return files[0].name.removesuffix(files[0].file)
