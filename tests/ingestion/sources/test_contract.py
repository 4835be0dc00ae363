"""The contract of every source type, by declaration (`contract_case.py`): whatever the system, the raw zone ends the same."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from click.testing import CliRunner

from ingestion.discovery import all_sources
from ingestion.errors import PermanentError, TransientError
from ingestion.extract import Order, extract_stream
from ingestion.sandbox.faults import FaultPlan
from ingestion.spec import Connector, Extraction, Mode, Page, Source, Stream
from orchestration.cli import main
from tests.ingestion.sources.conftest import wait_by
from tests.ingestion.sources.contract_case import Case, Peer, all_cases

Zones = Callable[[Source], Any]
Held = dict[str, dict[str, dict[str, Any]]]
CASES = all_cases()


class Run:
    """A running peer, and raw zones that are filled from it."""

    def __init__(self, case: Case, peer: Peer, zones: Zones) -> None:
        self.case = case
        self.peer = peer
        self.source = all_sources()[case.type]
        self._zones = zones
        self.streams = [
            stream
            for stream in self.source.streams_for(self.source.options.model_validate(peer.options))
            if not case.streams or stream.name in case.streams
        ]

    def zone(self) -> Any:
        zone = self._zones(self.source)
        zone.now, zone.since = self.peer.now, self.peer.since
        return zone

    def load(self, zone: Any, mode: Mode = "refresh", connector: Connector | None = None, chunk_records: int = 20_000) -> None:
        """A run with a connector of its own; a quarter of an hour passes."""
        zone.now += timedelta(minutes=15)
        if self.peer.push is not None:
            self.peer.push(zone.root / "state")
        chosen = connector or zone.connect(**self.peer.options)
        for stream in self.streams:
            extract_stream(zone.root / "raw", "crm", stream, chosen, Order(mode, zone.now), zone.since, chunk_records=chunk_records)

    def held(self, zone: Any) -> Held:
        return {stream.name: {key: self._told(stream, row) for key, row in zone.records(stream.name).items()} for stream in self.streams}

    def _told(self, stream: Stream, payload: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in payload.items() if name not in stream.volatile}

    def expect_truth(self, held: Held) -> None:
        for stream, keys in self.peer.truth().items():
            assert stream not in held or set(held[stream]) == keys, stream


@pytest.fixture(params=CASES, ids=lambda case: case.id)
def run(request: pytest.FixtureRequest, tmp_path: Path, zone_of: Zones) -> Iterator[Run]:
    """One case, running."""
    folder = tmp_path / "peer"
    folder.mkdir()
    with request.param.start(folder) as peer:
        yield Run(request.param, peer, zone_of)


class Recording:
    """A connector that remembers what it yielded, and breaks off after so many pages."""

    def __init__(self, inner: Connector, pages: int | None = None) -> None:
        self._inner = inner
        self.left = pages
        self.seen: dict[str, list[tuple[str, bytes]]] = defaultdict(list)

    def extract(self, request: Extraction) -> Iterator[Page]:
        for page in self._inner.extract(request):
            if self.left is not None:
                if self.left <= 0:
                    message = "the line went dead."
                    raise TransientError(message)
                self.left -= 1
            self.seen[request.stream.name] += [(record.key, orjson.dumps(record.payload)) for record in page.records]
            yield page

    def check(self) -> str:
        return self._inner.check()

    def close(self) -> None:
        self._inner.close()


def test_the_first_load_brings_every_record_under_a_key_of_its_own(run: Run) -> None:
    zone = run.zone()
    connector = Recording(zone.connect(**run.peer.options))
    run.load(zone, connector=connector)
    held = run.held(zone)
    assert any(held.values())
    run.expect_truth(held)
    for stream, records in connector.seen.items():
        payloads: dict[str, bytes] = {}
        for key, payload in records:
            assert key.strip(), f"{stream} has a record without a key"
            assert payloads.setdefault(key, payload) == payload, f"two records of {stream} share the key {key}"


def test_incremental_loads_end_as_a_full_load_does(run: Run) -> None:
    zone = run.zone()
    run.load(zone)
    before = run.held(zone)
    run.peer.edit()
    run.load(zone)
    run.load(zone, mode="sweep")
    after = run.held(zone)
    assert after != before, "the edit was not seen"
    whole = run.zone()
    whole.now = zone.now
    run.load(whole, mode="full")
    if run.case.deletions:
        assert after == run.held(whole)
        run.expect_truth(after)
        assert any(set(before[stream]) - set(after[stream]) for stream in before), "nothing was seen as deleted"
    else:
        fresh = run.held(whole)
        assert {stream: {key: after[stream].get(key) for key in fresh[stream]} for stream in fresh} == fresh


def test_an_interrupted_load_ends_as_an_uninterrupted_one(run: Run) -> None:
    calm = run.zone()
    run.load(calm)
    broken = run.zone()
    breaks = 0
    for attempt in range(200):
        connector = Recording(broken.connect(**run.peer.options), pages=1 + attempt + attempt**2 // 8)
        try:
            run.load(broken, connector=connector, chunk_records=3)
        except TransientError:
            breaks += 1
        else:
            break
    run.load(broken, mode="sweep")
    assert run.held(broken) == run.held(calm)
    pages = Recording(calm.connect(**run.peer.options), pages=10_000)
    run.load(run.zone(), connector=pages)
    assert breaks or 10_000 - (pages.left or 0) <= 1


def test_limits_are_waited_out_as_long_as_the_system_asks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calm = run.zone()
    run.load(calm)
    if run.peer.faults is None:
        assert all(stream.loads for stream in run.streams)  # files and databases ask nobody to wait
        return
    slept: list[float] = []
    wait_by(monkeypatch, slept.append)
    run.peer.faults.plan = FaultPlan(every=3, kinds=("too_many_requests", "server_error", "cut_body", "html_page"), retry_after=7)
    rough = run.zone()
    run.load(rough)
    assert run.held(rough) == run.held(calm)
    assert 7.0 in slept


def test_no_secret_gets_out(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    zone = run.zone()
    connector = zone.connect(**run.peer.options)
    told = [connector.check()]
    run.load(zone, connector=connector)
    if run.peer.wrong is not None:
        told.append(_refusal(zone, run.peer))
    stored = b"".join(
        zstandard.ZstdDecompressor().decompress(file.read_bytes(), max_output_size=0) if file.suffix == ".zst" else file.read_bytes()
        for file in sorted((zone.root / "raw").rglob("*"))
        if file.is_file()
    )
    for secret in run.peer.secrets:
        assert secret.encode() not in stored
        assert secret not in "\n".join([*told, *zone.notes])
        assert secret not in "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("asyncio"))


def test_wrong_credentials_are_explained_in_one_sentence(run: Run) -> None:
    if run.peer.wrong is None:
        assert not run.peer.secrets, "a source with secrets can have wrong ones: declare `wrong`"
        return
    said = _refusal(run.zone(), run.peer)
    assert said.startswith("crm"), "the sentence names the source"
    assert said.endswith(".")
    assert "\n" not in said
    assert re.search(run.peer.wrong_says, said), said


def test_skvoz_check_understands_it(run: Run, tmp_path: Path) -> None:
    for options, code, word in ((run.peer.options, 0, "ok"), (run.peer.wrong, 1, "FAILED")):
        if options is None:
            continue
        file = tmp_path / f"{word}.toml"
        file.write_text(
            f'[company]\nname = "A"\n[warehouse]\npath = "data"\n[sources.crm]\ntype = "{run.case.type}"\n' + _toml(options, "sources.crm")
        )
        result = CliRunner().invoke(main, ["check", "--config", str(file)])
        assert result.exit_code == code, result.output
        assert f"crm  {word}" in result.output.replace("crm       ", "crm  ")
        for secret in run.peer.secrets:
            assert secret not in result.output


def test_every_source_type_is_held_to_the_contract() -> None:
    assert {case.type for case in CASES} == set(all_sources())


def _refusal(zone: Any, peer: Peer) -> str:
    with pytest.raises(PermanentError) as caught:
        zone.connect(**(peer.wrong or {})).check()
    return str(caught.value)


def _toml(options: dict[str, Any], path: str) -> str:
    """Options as the text of skvoz.toml, tables after plain values."""
    plain = {name: value for name, value in options.items() if not isinstance(value, dict)}
    lines = [f"{orjson.dumps(name).decode()} = {orjson.dumps(value).decode()}" for name, value in plain.items()]
    text = "\n".join(lines) + "\n"
    for name, value in options.items():
        if isinstance(value, dict):
            inner = f"{path}.{orjson.dumps(name).decode()}"
            text += f"[{inner}]\n" + _toml(value, inner)
    return text
