"""Extraction resumes at safe places, buries what a full listing lacks, and refuses to lose too much at once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingestion.errors import LossGuardError, TransientError
from ingestion.extract import Order, StreamResult, extract_stream
from ingestion.rawzone import StreamZone
from ingestion.spec import Extraction, Page, Record, Stream

DEALS = Stream("deals", loads="by page", feeds=(), max_loss_share=0.3, loss_guard_floor=10)
SHEET = Stream("rows", loads="whole", feeds=(), snapshot=True)
QUEUE = Stream("waiting", loads="whole", feeds=(), snapshot=True, may_be_empty=True)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


class Pages:
    """A system of `total` records in pages of ten, resumable; it fails before page `fails_at`."""

    def __init__(self, total: int, *, fails_at: int | None = None, complete: bool = True) -> None:
        self.total = total
        self.fails_at = fails_at
        self.complete = complete
        self.asked: list[int] = []

    def check(self) -> str:
        return "ok"

    def extract(self, request: Extraction) -> Iterator[Page]:
        page = int(request.cursor["page"]) if request.cursor else 0
        resumed = page > 0
        while page * 10 < self.total:
            if page == self.fails_at:
                msg = "the line broke"
                raise TransientError(msg)
            self.asked.append(page)
            records = [Record(str(n), {"n": n}) for n in range(page * 10, min(self.total, page * 10 + 10))]
            page += 1
            yield Page(records, cursor={"page": page})
        yield Page(complete=self.complete and not resumed, cursor={"page": 0})

    def close(self) -> None: ...


def run(root: Path, system: Pages, stream: Stream = DEALS, *, accept_loss: bool = False) -> StreamResult:
    order = Order(mode="refresh", now=NOW, accept_loss=accept_loss)
    return extract_stream(root, "crm", stream, system, order, date(2024, 1, 1), chunk_records=15)


def known(root: Path, stream: Stream = DEALS) -> set[str]:
    zone = StreamZone(root, "crm", stream)
    zone.open()
    try:
        return zone.known_keys()
    finally:
        zone.close()


def test_an_interrupted_load_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with pytest.raises(TransientError):
        run(tmp_path, Pages(60, fails_at=4))
    system = Pages(60)
    run(tmp_path, system)
    assert system.asked == [4, 5], "pages that were durable already were asked for again"
    assert known(tmp_path) == {str(n) for n in range(60)}


def test_what_a_full_listing_lacks_is_deleted(tmp_path: Path) -> None:
    run(tmp_path, Pages(40))
    result = run(tmp_path, Pages(35))
    assert (result.written, result.deleted) == (5, 5)
    assert known(tmp_path) == {str(n) for n in range(35)}


def test_an_incomplete_listing_deletes_nothing(tmp_path: Path) -> None:
    run(tmp_path, Pages(40))
    assert run(tmp_path, Pages(35, complete=False)).deleted == 0


def test_a_large_loss_is_refused_until_it_is_confirmed(tmp_path: Path) -> None:
    run(tmp_path, Pages(40))
    with pytest.raises(LossGuardError, match=r"30 of 40 .* skvoz sync crm --full --accept-loss"):
        run(tmp_path, Pages(10))
    assert len(known(tmp_path)) == 40
    assert run(tmp_path, Pages(10), accept_loss=True).deleted == 30


def test_a_snapshot_that_is_suddenly_empty_is_a_fault_and_not_an_empty_mart(tmp_path: Path) -> None:
    run(tmp_path, Pages(40), SHEET)
    with pytest.raises(LossGuardError, match=r"40 of 40 .* --accept-loss"):
        run(tmp_path, Pages(0), SHEET)
    assert len(known(tmp_path, SHEET)) == 40
    assert run(tmp_path, Pages(0), SHEET, accept_loss=True).deleted == 40
    run(tmp_path / "queue", Pages(40), QUEUE)
    assert run(tmp_path / "queue", Pages(0), QUEUE).deleted == 40, "people may work a queue off"


def test_the_guard_leaves_snapshots_and_tiny_streams_alone(tmp_path: Path) -> None:
    run(tmp_path, Pages(40), SHEET)
    assert run(tmp_path, Pages(1), SHEET).deleted == 39
    run(tmp_path / "tiny", Pages(9))
    assert run(tmp_path / "tiny", Pages(1)).deleted == 8


def test_an_unchanged_source_writes_nothing(tmp_path: Path) -> None:
    run(tmp_path, Pages(40))
    result = run(tmp_path, Pages(40))
    assert (result.received, result.written, result.files) == (40, 0, 0)
