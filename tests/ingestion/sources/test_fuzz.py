"""Damaged files of every source type that reads files, taken from its contract case: one sentence that names the file, nothing lost."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.discovery import all_sources
from ingestion.errors import IngestionError, LossGuardError
from ingestion.extract import Order, extract_stream
from tests.ingestion.fuzzing import damaged, fuzzed
from tests.ingestion.sources.conftest import Zone
from tests.ingestion.sources.contract_case import Case, Peer, all_cases

# the same readers behind a server, and a database file, whose pages are the database's own business
ELSEWHERE = {"ftp", "mail", "listen", "database", "dsn"}
CASES = [case for case in all_cases() if "path" in all_sources()[case.type].options.model_fields and case.name not in ELSEWHERE]
OLD = 1_700_000_000  # seconds; a file that was written a moment ago may still be being written


def test_every_type_that_reads_files_is_fuzzed() -> None:
    with_files = {kind for kind, source in all_sources().items() if "path" in source.options.model_fields}
    assert {case.type for case in CASES} == with_files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_damage_of_a_file_is_more_than_one_sentence_or_loses_what_was_loaded(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "peer"
    folder.mkdir()
    with case.start(folder) as peer:
        if peer.faults is not None:
            pytest.fail(f"{case.id} reads over HTTP: name it in ELSEWHERE")
        files = {file: file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
        number = count()

        @fuzzed(4)
        @given(st.data())
        def damage(data: st.DataObject) -> None:
            for age, (file, good) in enumerate(files.items()):
                put(file, good, age)
            zone = Zone(tmp_path / f"zone{next(number)}", all_sources()[case.type])
            assert load(zone, case, peer) is None
            before = held(zone, case, peer)
            file = data.draw(st.sampled_from(list(files)))
            put(file, data.draw(damaged(files[file])), len(files))
            said = load(zone, case, peer)
            if said is not None:
                assert held(zone, case, peer) >= before
            if said is not None and not isinstance(said, LossGuardError):  # the guard knows no files: what is whole is short of rows
                assert re.fullmatch(r".*[.]", str(said)), said
                assert file.name in str(said)
            assert "Traceback" not in "".join(zone.notes)

        damage()


def put(file: Path, data: bytes, age: int) -> None:
    file.write_bytes(data)
    os.utime(file, (OLD + age, OLD + age))


def load(zone: Zone, case: Case, peer: Peer) -> IngestionError | None:
    """A run with a connector of its own; what it ended with."""
    zone.now, zone.since = peer.now, peer.since
    connector = zone.connect(**peer.options)
    try:
        for stream in streams(case, peer):
            extract_stream(zone.root / "raw", "crm", stream, connector, Order("refresh", zone.now), zone.since)
    except IngestionError as error:
        return error
    finally:
        zone.opened.remove(connector)
        connector.close()
    return None


def streams(case: Case, peer: Peer) -> list[Any]:
    source = all_sources()[case.type]
    active = source.streams_for(source.options.model_validate(peer.options))
    return [stream for stream in active if not case.streams or stream.name in case.streams]


def held(zone: Zone, case: Case, peer: Peer) -> set[tuple[str, str]]:
    return {(stream.name, key) for stream in streams(case, peer) for key in zone.records(stream.name)}
