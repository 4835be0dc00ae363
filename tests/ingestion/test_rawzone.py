"""The raw zone keeps what arrived once, whole, and in order, whatever happens to the process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.errors import RawZoneError
from ingestion.rawzone import StreamZone, read_chunk, read_manifest
from ingestion.spec import Record, Stream

DEALS = Stream("deals", loads="full", feeds=("fct_deals",), volatile=("seen",))


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test opens is closed behind it; Python 3.13 complains of an index that is not."""
    opened: list[StreamZone] = []
    open_zone = StreamZone.open

    def remembered(zone: StreamZone) -> None:
        open_zone(zone)
        opened.append(zone)

    monkeypatch.setattr(StreamZone, "open", remembered)
    yield
    for zone in opened:
        zone.close()


@pytest.fixture
def zone(tmp_path: Path) -> StreamZone:
    zone = StreamZone(tmp_path, "sales", DEALS, chunk_records=2)
    zone.open()
    return zone


def reopened(zone: StreamZone, tmp_path: Path) -> StreamZone:
    zone.close()
    again = StreamZone(tmp_path, "sales", DEALS, chunk_records=2)
    again.open()
    return again


def keys(zone: StreamZone) -> list[str]:
    return [line["_key"] for chunk in zone.chunks for line in read_chunk(zone.folder, chunk)]


def test_a_record_that_says_nothing_new_is_not_written_again(zone: StreamZone, tmp_path: Path) -> None:
    assert zone.add(Record("1", {"price": 5, "seen": "monday"}))
    zone.flush()
    zone = reopened(zone, tmp_path)
    assert not zone.add(Record("1", {"price": 5, "seen": "tuesday"})), "a volatile field made it new"
    assert zone.add(Record("1", {"price": 6, "seen": "tuesday"}))
    zone.flush()
    assert keys(zone) == ["1", "1"]


def test_chunks_close_at_pages_and_carry_the_last_safe_cursor(zone: StreamZone) -> None:
    for number in range(5):
        zone.add(Record(str(number), {"n": number}))
        zone.checkpoint({"at": number} if number % 2 else None)
    zone.flush()
    assert [(chunk.records, chunk.cursor) for chunk in zone.chunks] == [(2, {"at": 1}), (2, {"at": 3}), (1, {"at": 3})]
    assert zone.cursor == {"at": 3}


def test_a_cursor_moves_on_even_when_nothing_was_written(zone: StreamZone, tmp_path: Path) -> None:
    zone.add(Record("1", {"n": 1}))
    zone.checkpoint({"at": 1})
    zone.flush()
    zone.checkpoint({"at": 2})
    zone.flush()
    assert len(zone.chunks) == 1
    assert reopened(zone, tmp_path).cursor == {"at": 2}


def test_of_one_key_in_a_chunk_the_newest_by_the_systems_own_time_stays(zone: StreamZone) -> None:
    late, early = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    zone.add(Record("1", {"n": "late"}, late))
    zone.add(Record("1", {"n": "early"}, early))
    zone.flush()
    [line] = read_chunk(zone.folder, zone.chunks[0])
    assert line["payload"] == {"n": "late"}


def test_a_tombstone_is_written_once_and_only_for_what_was_known(zone: StreamZone, tmp_path: Path) -> None:
    assert not zone.add(Record("never seen", None))
    zone.add(Record("1", {"n": 1}))
    zone.flush()
    assert zone.add(Record("1", None))
    zone.flush()
    zone = reopened(zone, tmp_path)
    assert not zone.add(Record("1", None))
    assert zone.chunks[1].tombstones == 1
    assert zone.known_keys() == set()
    assert zone.add(Record("1", {"n": 1})), "a restored record is new again"


def test_a_chunk_without_its_manifest_line_does_not_exist(zone: StreamZone, tmp_path: Path) -> None:
    zone.add(Record("1", {"n": 1}))
    zone.flush()
    (zone.folder / "000002.ndjson.zst").write_bytes(b"half")
    manifest = zone.folder / "manifest.ndjson"
    manifest.write_bytes(manifest.read_bytes() + b'{"number": 2, "fi')
    zone = reopened(zone, tmp_path)
    assert not (zone.folder / "000002.ndjson.zst").exists()
    zone.add(Record("2", {"n": 2}))
    zone.flush()
    assert [chunk.number for chunk in read_manifest(zone.folder)] == [1, 2]
    assert keys(zone) == ["1", "2"]


def test_a_lost_or_damaged_index_is_rebuilt_from_the_chunks(zone: StreamZone, tmp_path: Path) -> None:
    zone.add(Record("1", {"n": 1}, version="v1"))
    zone.flush()
    (zone.folder / "index.sqlite").unlink()
    zone = reopened(zone, tmp_path)
    assert zone.index.versions() == {"1": "v1"}
    zone.close()
    (zone.folder / "index.sqlite").write_bytes(b"no database at all" * 100)
    zone = StreamZone(tmp_path, "sales", DEALS)
    zone.open()
    assert not zone.add(Record("1", {"n": 1}, version="v1"))


def test_a_damaged_chunk_is_refused_by_name(zone: StreamZone) -> None:
    zone.add(Record("1", {"n": 1}))
    zone.flush()
    path = zone.folder / zone.chunks[0].file
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(RawZoneError, match=r"000001\.ndjson\.zst.*damaged"):
        list(read_chunk(zone.folder, zone.chunks[0]))


def test_after_a_chunk_that_failed_nothing_is_written(zone: StreamZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later chunk would carry a cursor behind records that never arrived on the disk."""

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("ingestion.rawwriter.write_durably", full)
        zone.take([Record("1", {"n": 1}), Record("2", {"n": 2})])
        zone.checkpoint({"at": 2})
        with pytest.raises(RawZoneError, match="No space left"):
            zone.known_keys()
    zone.take([Record("3", {"n": 3})])
    with pytest.raises(RawZoneError, match="No space left"):
        zone.flush()
    zone = reopened(zone, tmp_path)
    assert zone.chunks == []
    assert zone.cursor is None


def test_a_key_that_is_just_being_written_is_known(zone: StreamZone) -> None:
    zone.take([Record("1", {"n": 1}), Record("2", {"n": 2})])
    zone.checkpoint({"at": 2})
    assert zone.take([Record("1", {"n": 1}), Record("2", None)]) == (1, 1)
    zone.flush()
    assert keys(zone) == ["1", "2", "2"]


def test_files_are_for_their_owner_only(zone: StreamZone) -> None:
    zone.add(Record("1", {"n": 1}))
    zone.flush()
    zone.reject({"odd": 1}, "no id")
    modes = {path.name: path.stat().st_mode & 0o077 for path in zone.folder.iterdir()}
    assert set(modes.values()) == {0}, modes
