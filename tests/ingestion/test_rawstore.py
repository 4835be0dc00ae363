"""The raw zone on an object store: any machine goes on where another stopped, and nothing is named there that is not there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import RawZoneError
from ingestion.rawstore import Place, RawStore
from ingestion.rawzone import StreamZone, read_checkpoint, read_chunk, read_manifest
from ingestion.settings import load_settings
from ingestion.spec import Record, Stream
from ingestion.sync import SyncOptions, replay, sync
from tests.clickhouse_server import running_clickhouse
from tests.object_store import ObjectPeer, running_store

DEALS = Stream("deals", loads="full", feeds=())
NAME = "raw-zone/company/sales/deals/"
CONFIG = """
[company]
name = "Ромашка"
[warehouse]
engine = "{engine}"
url = "{url}"
path = "data"
raw = "s3://raw-zone/company"
raw_endpoint = "{endpoint}"
raw_key = "key"
raw_secret = "s3cret"
[sources.plan]
type = "spreadsheet"
path = "plan.csv"
stream = "plans"
"""
PLAN = "metric;scope;key;month;amount\nrevenue;company;;2026-03;100\n"


@pytest.fixture
def peer() -> Iterator[ObjectPeer]:
    with running_store() as running:
        yield running


def store(peer: ObjectPeer, root: Path) -> RawStore:
    return RawStore(Place("raw-zone", "company", peer.endpoint, "key", "s3cret"), root)


def extract(root: Path, *values: int) -> None:
    zone = StreamZone(root, "sales", DEALS)
    zone.open()
    for value in values:
        zone.add(Record("1", {"n": value}))
        zone.checkpoint({"next": value + 1})
        zone.flush()
    zone.close()


def seen(root: Path) -> list[int]:
    folder = root / "sales" / "deals"
    return [line["payload"]["n"] for chunk in read_manifest(folder) for line in read_chunk(folder, chunk)]


def test_another_machine_goes_on_from_what_is_in_the_store(peer: ObjectPeer, tmp_path: Path) -> None:
    first, second = store(peer, tmp_path / "a"), store(peer, tmp_path / "b")
    first.bring("sales", "deals")
    extract(tmp_path / "a", 1, 2)
    first.take("sales", "deals")
    second.bring("sales", "deals")
    extract(tmp_path / "b", 3)
    second.take("sales", "deals")
    first.bring("sales", "deals")
    assert seen(tmp_path / "a") == seen(tmp_path / "b") == [1, 2, 3]
    assert sorted(name.removeprefix(NAME) for name in peer.objects) == [
        "000001.ndjson.zst",
        "000002.ndjson.zst",
        "000003.ndjson.zst",
        "manifest.ndjson",
    ]


def test_the_manifest_goes_up_last_and_again_only_if_it_has_changed(peer: ObjectPeer, tmp_path: Path) -> None:
    extract(tmp_path, 1)
    store(peer, tmp_path).take("sales", "deals")
    store(peer, tmp_path).take("sales", "deals")
    put = [name.removeprefix(NAME) for method, name in peer.asked if method == "PUT"]
    assert put == ["000001.ndjson.zst", "manifest.ndjson"]


def test_what_a_crash_kept_here_goes_up_with_the_next_run(peer: ObjectPeer, tmp_path: Path) -> None:
    extract(tmp_path, 1)
    store(peer, tmp_path).take("sales", "deals")
    extract(tmp_path, 2)
    peer.refuses = True
    with pytest.raises(RawZoneError, match="refused or did not answer") as caught:
        RawStore(Place("raw-zone", "company", peer.endpoint, "key", "s3cret"), tmp_path).take("sales", "deals")
    assert "s3cret" not in str(caught.value)
    peer.refuses = False
    store(peer, tmp_path).bring("sales", "deals")
    assert seen(tmp_path) == [1, 2]
    store(peer, tmp_path).take("sales", "deals")
    assert f"{NAME}000002.ndjson.zst" in peer.objects


def test_what_only_a_dead_machine_had_yields_to_the_store(peer: ObjectPeer, tmp_path: Path) -> None:
    extract(tmp_path / "a", 1)
    store(peer, tmp_path / "a").take("sales", "deals")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    extract(tmp_path / "a", 2)  # and never taken up
    extract(tmp_path / "b", 7)
    store(peer, tmp_path / "b").take("sales", "deals")
    store(peer, tmp_path / "a").bring("sales", "deals")
    assert seen(tmp_path / "a") == [1, 7]
    extract(tmp_path / "a", 7, 2)
    assert seen(tmp_path / "a") == [1, 7, 2], "the index knows what the store's chunks hold"


def test_a_lost_object_is_named(peer: ObjectPeer, tmp_path: Path) -> None:
    extract(tmp_path / "a", 1, 2)
    store(peer, tmp_path / "a").take("sales", "deals")
    del peer.objects[f"{NAME}000002.ndjson.zst"]
    with pytest.raises(RawZoneError, match=r"deals/000002\.ndjson\.zst: the store has lost this object"):
        store(peer, tmp_path / "b").bring("sales", "deals")


def test_a_cursor_without_records_is_known_to_others(peer: ObjectPeer, tmp_path: Path) -> None:
    extract(tmp_path / "a", 1)
    zone = StreamZone(tmp_path / "a", "sales", DEALS)
    zone.open()
    zone.checkpoint({"next": 9})
    zone.flush()
    zone.close()
    store(peer, tmp_path / "a").take("sales", "deals")
    store(peer, tmp_path / "b").bring("sales", "deals")
    checkpoint = read_checkpoint(tmp_path / "b" / "sales" / "deals")
    assert checkpoint is not None
    assert checkpoint["cursor"] == {"next": 9}


def company(folder: Path, peer: ObjectPeer, engine: str, url: str = "") -> Path:
    folder.mkdir()
    (folder / "plan.csv").write_text(PLAN, encoding="utf-8")
    (folder / "skvoz.toml").write_text(CONFIG.format(engine=engine, url=url, endpoint=peer.endpoint), encoding="utf-8")
    return folder / "skvoz.toml"


def test_a_company_is_extracted_on_one_machine_and_loaded_on_others(peer: ObjectPeer, tmp_path: Path) -> None:
    worker = load_settings(company(tmp_path / "worker", peer, "duckdb"))
    assert all(outcome.error is None for outcome in sync(worker, SyncOptions()))
    other = load_settings(company(tmp_path / "other", peer, "duckdb"))
    assert sum(result.rows for result in replay(other)) > 300
    with duckdb.connect(str(other.warehouse_file), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.spreadsheet__plans").fetchall() == [(1,)]
    with running_clickhouse(tmp_path / "clickhouse") as url:
        server = load_settings(company(tmp_path / "server", peer, "clickhouse", url))
        assert sum(result.rows for result in replay(server)) > 300
        assert not list(server.raw_dir.rglob("*.zst")), "ClickHouse reads the store itself"
        del peer.objects["raw-zone/company/plan/plans/000001.ndjson.zst"]
        with pytest.raises(Exception, match=r"cannot read a raw file|lost this object"):
            replay(server, ["plan"])
