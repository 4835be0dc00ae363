"""The warehouse file gives back the space it no longer uses, and is the same warehouse afterwards."""

from pathlib import Path

import duckdb
import pytest

from ingestion import load
from ingestion.engines.duckdb import open_warehouse
from ingestion.errors import BusyError
from tests.analyst import held_open

ROWS = 400_000


@pytest.fixture
def swollen(tmp_path: Path) -> Path:
    """A file that is mostly free space."""
    path = tmp_path / "warehouse.duckdb"
    connection = open_warehouse(path, threads=1)
    load.prepare(connection, [])
    connection.execute("select nextval('meta.load_ids') from range(7)")
    connection.execute("create view raw.seen as select 1 as one")
    connection.execute("insert into meta.loads values (7, 'sales', 'deals', 1, 1, now())")
    connection.execute(f"create table raw.big as select hash(range) as a, hash(range + 1) as b from range({ROWS})")
    connection.execute("checkpoint")
    connection.execute("drop table raw.big")
    connection.execute("checkpoint")
    connection.close()
    return path


def test_a_file_that_is_half_empty_is_rewritten_whole(swollen: Path) -> None:
    swollen.with_suffix(".compact").write_bytes(b"left by a compaction that was killed")
    before = swollen.stat().st_size
    assert load.compact(swollen, at_least_blocks=4)
    assert swollen.stat().st_size < before / 2
    assert swollen.stat().st_mode & 0o077 == 0
    assert not swollen.with_suffix(".compact").exists()
    with duckdb.connect(str(swollen)) as connection:
        assert connection.execute("select load_id, source from meta.loads").fetchall() == [(7, "sales")]
        assert connection.execute("select nextval('meta.load_ids')").fetchall() == [(8,)], "load ids must go on growing"
        assert connection.execute("select one from raw.seen").fetchall() == [(1,)]
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("insert into meta.loads values (7, 'sales', 'deals', 1, 1, now())")


def test_small_and_full_files_stay(swollen: Path) -> None:
    before = swollen.read_bytes()
    assert not load.compact(swollen), "a small file is not worth the copy"
    assert swollen.read_bytes() == before
    assert load.compact(swollen, at_least_blocks=4)
    assert not load.compact(swollen, at_least_blocks=1), "a compacted file is full"


def test_a_file_that_somebody_has_open_stays(swollen: Path) -> None:
    with held_open(swollen), pytest.raises(BusyError):
        load.compact(swollen, at_least_blocks=4)
