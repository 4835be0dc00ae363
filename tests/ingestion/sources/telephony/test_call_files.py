"""Call records from files: what each exchange writes comes whole, grows, is rotated, is damaged."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import PermanentError
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.sandbox.feeds import call_files
from ingestion.sandbox.feeds.exchange import Leg
from ingestion.sources.asterisk.records import MasterCsv
from ingestion.sources.asterisk.source import SOURCE as ASTERISK
from ingestion.sources.avaya_smdr.records import SmdrLines
from ingestion.sources.avaya_smdr.source import SOURCE as AVAYA
from ingestion.sources.cisco_cdr.source import SOURCE as CISCO
from ingestion.sources.cisco_cdr.source import read_cdr
from ingestion.sources.panasonic_smdr.records import LAYOUTS, Habits, Listing
from ingestion.sources.panasonic_smdr.source import SOURCE as PANASONIC
from ingestion.spec import Record, Source
from tests.ingestion.fuzzing import fuzzed
from tests.ingestion.sources.telephony.calls import all_calls, company

Zones = Callable[[Source], Any]
OLD = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


def legs() -> list[Leg]:
    """The parts of all calls."""
    return [leg for call in all_calls() for leg in call.legs]


def printed_legs() -> list[Leg]:
    """Those that every exchange writes down: some leave out their menus."""
    return [leg for leg in legs() if leg.kind != "ivr"]


def put(path: Path, data: str | bytes) -> Path:
    """Write a file as if nobody had touched it for weeks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (OLD, OLD))
    return path


@pytest.mark.parametrize("columns", [16, 18, 21])
def test_every_line_of_master_csv_is_a_leg(zone_of: Zones, columns: int) -> None:
    zone = zone_of(ASTERISK)
    put(zone.root / "cdr/Master.csv", call_files.master_csv(all_calls(), columns=columns))
    connector = zone.connect(path="cdr")
    zone.extract(connector)
    records = zone.records("cdr")
    # short records carry no id, so legs alike in everything are one
    assert len(records) == len(legs()) if columns == 21 else len(legs()) * 0.98 < len(records) <= len(legs())
    assert ("linkedid" in next(iter(records.values()))) == (columns == 21)
    assert not zone.notes
    assert "files; the newest begins with" in connector.check()
    assert zone.extract(zone.connect(path="cdr"))["cdr"].received == 0


def test_appended_lines_are_read_alone_and_a_line_being_written_waits(zone_of: Zones) -> None:
    zone = zone_of(ASTERISK)
    text = call_files.master_csv(all_calls())
    cut = text.index("\n", len(text) // 2) + 40  # in the middle of a line
    file = put(zone.root / "Master.csv", text[:cut])
    now = zone.now.timestamp()
    os.utime(file, (now, now))
    first = zone.extract(zone.connect(path="Master.csv"))["cdr"].received
    assert first == text[:cut].count("\n")
    with file.open("a", encoding="utf-8") as appended:
        appended.write(text[cut:])
    assert zone.extract(zone.connect(path="Master.csv"))["cdr"].received == len(legs()) - first
    assert len(zone.records("cdr")) == len(legs())


def test_a_last_line_without_its_end_is_taken_when_nobody_writes_any_more(zone_of: Zones) -> None:
    zone = zone_of(ASTERISK)
    file = put(zone.root / "Master.csv", call_files.master_csv(all_calls()).rstrip("\n"))
    os.utime(file, (zone.now.timestamp(), zone.now.timestamp()))
    assert zone.extract(zone.connect(path="Master.csv"))["cdr"].received == len(legs()) - 1
    zone.now += timedelta(minutes=11)
    assert zone.extract(zone.connect(path="Master.csv"))["cdr"].received == 1
    assert len(zone.records("cdr")) == len(legs())


def test_rotated_and_copied_logs_are_counted_once(zone_of: Zones) -> None:
    zone = zone_of(ASTERISK)
    lines = call_files.master_csv(all_calls()).splitlines(keepends=True)
    put(zone.root / "cdr/Master.csv", "".join(lines[:50]))
    zone.extract(zone.connect(path="cdr"))
    put(zone.root / "cdr/Master.csv.1.gz", gzip.compress("".join(lines[:50]).encode()))
    put(zone.root / "cdr/sales.csv", "".join(lines[10:20]))
    put(zone.root / "cdr/Master.csv", "".join(lines[50:]))
    zone.extract(zone.connect(path="cdr"))
    assert len(zone.records("cdr")) == len(legs())


@pytest.mark.parametrize("spoil", [lambda data: data[: len(data) // 2], lambda data: data[:600] + bytes(40) + data[640:]])
def test_a_damaged_archive_gives_its_beginning_and_one_error(zone_of: Zones, spoil: Callable[[bytes], bytes]) -> None:
    zone = zone_of(ASTERISK)
    packed = gzip.compress(call_files.master_csv(all_calls()).encode(), compresslevel=0)
    put(zone.root / "cdr/Master.csv.1.gz", spoil(packed))
    put(zone.root / "cdr/Master.csv", call_files.master_csv(all_calls()[:5]))
    with pytest.raises(PermanentError, match=r"cdr/Master\.csv\.1\.gz, line \d+: the file cannot be read on"):
        zone.extract(zone.connect(path="cdr"))
    assert len(zone.records("cdr")) >= sum(len(call.legs) for call in all_calls()[:5])


def test_bad_lines_are_kept_aside_and_named_once(zone_of: Zones) -> None:
    zone = zone_of(ASTERISK)
    lines = call_files.master_csv(all_calls()[:20]).splitlines(keepends=True)
    bad = ['"","1","broken quote\n', "a,b,c\n", '"x","y\x00z"\n']
    put(zone.root / "Master.csv", "".join([*lines[:3], *bad, *lines[3:]]))
    result = zone.extract(zone.connect(path="Master.csv"))["cdr"]
    assert (len(zone.records("cdr")), result.rejected) == (len(lines), 3)
    assert len(zone.notes) == 1
    assert re.match(r"Master\.csv, line 4: .*; 3 such places were left out", zone.notes[0])


@pytest.mark.parametrize(
    ("source", "name"), [(ASTERISK, "Master.csv"), (AVAYA, "smdr.log"), (PANASONIC, "smdr.txt"), (CISCO, "cdr_Alone_01")]
)
def test_a_foreign_file_is_an_error_that_names_it_and_other_files_are_read(zone_of: Zones, source: Source, name: str) -> None:
    zone = zone_of(source)
    put(zone.root / "in/zz_other.csv", "name;price\napple;1\npear;2\n")
    good = {
        "asterisk": call_files.master_csv(all_calls()), "avaya_smdr": call_files.avaya_lines(all_calls()),
        "panasonic_smdr": call_files.panasonic_listing(all_calls()), "cisco_cdr": call_files.cisco_file(all_calls()),
    }[source.type]  # fmt: skip
    put(zone.root / "in" / f"{name}.csv", good)
    with pytest.raises(PermanentError, match=r"in/zz_other\.csv, line 1: "):
        zone.extract(zone.connect(path="in"))
    assert len(zone.records("cdr")) > len(all_calls()) * 0.9
    with pytest.raises(PermanentError, match="there is no file or folder nowhere"):
        zone.connect(path="nowhere").check()


def test_cisco_files_are_read_by_name_and_stay_when_they_are_taken_away(zone_of: Zones) -> None:
    zone = zone_of(CISCO)
    half = len(all_calls()) // 2
    first = put(zone.root / "cdr/cdr_StandAloneCluster_01_202603301200_1", call_files.cisco_file(all_calls()[:half]))
    put(zone.root / "cdr/cmr_StandAloneCluster_01_202603301200_1", "quality")
    zone.extract(zone.connect(path="cdr"))
    first.unlink()
    put(zone.root / "cdr/cdr_StandAloneCluster_01_202603301300_2", call_files.cisco_file(all_calls()[half:]))
    zone.extract(zone.connect(path="cdr"))
    records = zone.records("cdr")
    assert len(records) == len(printed_legs())
    assert sum(int(one["duration"]) for one in records.values()) == sum(leg.talked for leg in printed_legs())


def test_panasonic_times_are_ends_of_calls_and_equal_lines_are_calls_of_their_own(zone_of: Zones) -> None:
    zone = zone_of(PANASONIC)
    text = call_files.panasonic_listing(all_calls())
    missed = next(line for line in reversed(text.splitlines(keepends=True)) if "NA" in line[77:])
    odd = ["**/**/** 10:00AM clock\r\n", f"{'01/03/26 09:00AM 101':<76} LOG IN\r\n"]
    put(zone.root / "smdr.txt", text + "".join(odd) + missed)
    zone.extract(zone.connect(path="smdr.txt"))
    put(zone.root / "smdr.txt", text + "".join(odd) + missed + missed)
    zone.extract(zone.connect(path="smdr.txt"))
    assert len(zone.records("cdr")) == len(printed_legs()) + 2
    starts = sorted(one["_started_at"] for one in zone.records("cdr").values())
    assert starts[0][:10] == min(leg.at for leg in printed_legs()).strftime("%Y-%m-%d")
    assert not zone.notes


def test_lines_of_a_running_exchange_may_end_with_cr_alone(zone_of: Zones) -> None:
    zone = zone_of(PANASONIC)
    text = call_files.panasonic_listing(all_calls()).replace("\r\n", "\n").replace("\n", "\r")
    cut = text.rindex("\r", 0, len(text) // 2) + 40  # in the middle of a line
    file = zone.root / "smdr.txt"
    zone.root.mkdir(exist_ok=True)
    for part in (text[:cut], text):
        file.write_bytes(part.encode())
        os.utime(file, (zone.now.timestamp(), zone.now.timestamp()))
        zone.extract(zone.connect(path="smdr.txt"))
        assert len(zone.records("cdr")) > 0
    assert len(zone.records("cdr")) == len(printed_legs())
    assert not zone.notes


def test_panasonic_layouts_and_orders_can_be_told(zone_of: Zones) -> None:
    zone = zone_of(PANASONIC)
    put(zone.root / "smdr.txt", f"2026\n03/15/26 {'14:05':7} {'101':5} {'89161234567':20} 0'07 00:01'40\n")
    columns = [[0, 8], [9, 7], [17, 5], [0, 0], [23, 20], [44, 4], [49, 8], [60, 1], [62, 2]]
    zone.extract(zone.connect(path="smdr.txt", columns=columns, date_order="mm/dd/yy", time_is="start"))
    (record,) = zone.records("cdr").values()
    assert (record["_started_at"], record["number"], record["ring"]) == ("2026-03-15 14:05:00", "89161234567", "0'07")
    assert len(zone.notes) == 1


def test_avaya_segments_come_by_name(zone_of: Zones) -> None:
    zone = zone_of(AVAYA)
    put(zone.root / "smdr.csv", "Call Start,Connected Time,Ring Time\n" + call_files.avaya_lines(all_calls()))
    zone.extract(zone.connect(path="smdr.csv"))
    records = list(zone.records("cdr").values())
    assert {one["direction"] for one in records} == {"I", "O"}
    assert len({one["call_id"] for one in records}) == len(all_calls())


def test_the_cdr_table_is_read_by_time(zone_of: Zones) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    zone = zone_of(ASTERISK)
    zone.now = datetime.combine(company().today, datetime.min.time(), UTC)
    zone.since = company().started_on
    database = f"sqlite:///{zone.root.parent}/pbx.db"
    rows = MasterCsv().read(call_files.master_csv(all_calls()).splitlines(), 1).records
    names = [name for name in rows[0].payload or {} if name not in {"start", "answer", "end"}]
    engine = sqlalchemy.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create table cdr (calldate text, did text, recordingfile text, {', '.join(names)})")
        for row in rows:
            payload = row.payload or {}
            connection.exec_driver_sql(
                f"insert into cdr values ({', '.join('?' * (len(names) + 3))})",
                (payload["start"], "", "", *(payload[name] for name in names)),
            )
    engine.dispose()
    zone.extract(zone.connect(dsn=database))
    assert len(zone.records("cdr")) == len(legs())
    assert "legs in the last 24 hours" in zone.connect(dsn=database).check()
    with pytest.raises(PermanentError, match="the database lacks what is asked for"):
        zone.connect(dsn=database, table="nothing").check()


@pytest.mark.parametrize("make", [MasterCsv, SmdrLines, lambda: Listing(Habits(LAYOUTS["A"], True, "end"))])
@given(data=st.data())
@fuzzed(60)
def test_no_damage_of_a_log_is_an_exception_and_whole_lines_stay(make: Callable[[], Any], data: st.DataObject) -> None:
    writers: dict[str, Callable[..., str]] = {"MasterCsv": call_files.master_csv, "SmdrLines": call_files.avaya_lines}
    text = writers.get(make().__class__.__name__, call_files.panasonic_listing)(all_calls()[:12])
    place = data.draw(st.integers(0, len(text) - 1))
    junk = data.draw(st.text(max_size=12).map(lambda value: value.replace("\n", "").replace("\r", "")))
    damaged = text[:place] + junk + text[place + data.draw(st.integers(0, 6)) :]
    whole, spoiled = make().read(text.split("\n"), 1), make().read(damaged.split("\n"), 1)
    before = [record.key for record in whole.records if record in whole.records[: _lines_before(make, text, place)]]
    assert [record.key for record in spoiled.records[: len(before)]] == before
    assert all(re.fullmatch(r"line \d+", fault.place) and fault.cause for fault in spoiled.faults)


def _lines_before(make: Callable[[], Any], text: str, place: int) -> int:
    return len(make().read(text[: text.rfind("\n", 0, place) + 1].split("\n"), 1).records)


@given(data=st.data())
@fuzzed(60)
def test_no_damage_of_a_cisco_file_is_an_unnamed_exception(data: st.DataObject) -> None:
    raw = call_files.cisco_file(all_calls()[:10]).encode()
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:place] + data.draw(st.binary(max_size=10)) + raw[place + data.draw(st.integers(0, 10)) :]
    found: list[Record | Fault] = []
    with suppress(DamagedError):  # anything else fails
        found.extend(read_cdr(damaged, FoundFile(Path("cdr_x"), "cdr_x", len(damaged), 0)))
    header = raw.index(b"\n", raw.index(b"\n") + 1)
    if place > header:
        whole = [
            one.key
            for one in read_cdr(raw[: raw.rfind(b"\n", 0, place) + 1], FoundFile(Path("cdr_x"), "cdr_x", 0, 0))
            if isinstance(one, Record)
        ]
        assert [one.key for one in found if isinstance(one, Record)][: len(whole)] == whole
