"""Runs connectors: pages into the raw zone, safe places into checkpoints, full listings into tombstones behind the loss guard."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ingestion.errors import LossGuardError
from ingestion.rawzone import CHUNK_RECORDS, StreamZone
from ingestion.spec import Connector, Extraction, Mode, Page, Record, Stream

Progress = Callable[[str, str, int, int], None]
"""Called with source, stream, records received so far, records written so far."""


@dataclass(slots=True)
class StreamResult:
    """What the extraction of one stream brought.

    Attributes:
        received: records that arrived.
        written: new or changed ones among them, tombstones included.
        deleted: tombstones among the written.
        rejected: things kept aside as no records.
        files: chunks written.
    """

    source: str
    stream: str
    received: int = 0
    written: int = 0
    deleted: int = 0
    rejected: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """How a run extracts.

    Attributes:
        mode: refresh, sweep or full.
        since: overrides how far back the first load goes, and starts windows there again.
        now: the moment the run began.
        accept_loss: let full listings delete more than the loss guard allows.
    """

    mode: Mode
    now: datetime
    since: date | None = None
    accept_loss: bool = False


def calm_collector() -> None:
    """Let Python's cycle collector run rarely.

    Parsed pages are trees without cycles; looking through them again and again takes more than half of the parsing (65 us against 24 us a
    record of 2.4 KB, Python 3.11, orjson).
    """
    gc.set_threshold(200_000, 50, 100)


def extract_stream(
    root: Path,
    source: str,
    stream: Stream,
    connector: Connector,
    order: Order,
    first_since: date,
    *,
    progress: Progress | None = None,
    chunk_records: int = CHUNK_RECORDS,
) -> StreamResult:
    """Extract one stream into the raw zone under `root`.

    Whatever was durable before an interruption stays; the next call goes on from the last safe place.

    Raises:
        TransientError, PermanentError: from the connector, after what arrived before was made durable.
        LossGuardError: a full listing misses more than the stream's share; nothing is marked deleted.
    """
    zone = StreamZone(root, source, stream, chunk_records=chunk_records)
    zone.open()
    fresh = order.mode == "full" or order.since is not None
    request = Extraction(
        stream=stream,
        mode=order.mode,
        cursor=None if fresh else zone.cursor,
        since=order.since or first_since,
        now=order.now,
        known=zone.index,
    )
    tally = _Tally(zone, StreamResult(source, stream.name), progress)
    try:
        for page in connector.extract(request):
            tally.take(page)
            if page.complete:
                tally.bury_unseen(accept_loss=order.accept_loss)
    finally:
        try:
            tally.flush()
        finally:
            zone.close()
    return tally.result


class _Tally:
    """Counts of one extraction, and the keys it has seen."""

    def __init__(self, zone: StreamZone, result: StreamResult, progress: Progress | None) -> None:
        self.result = result
        self._zone = zone
        self._progress = progress
        self._seen: set[str] = set()
        self._chunks_before = len(zone.chunks)

    def take(self, page: Page) -> None:
        self._seen.update(self._zone.names([record.key for record in page.records]), self._zone.names(page.listed))
        self._add(page.records)
        for thing, reason in page.rejected:
            self._zone.reject(thing, reason)
        self.result.received += len(page.records)
        self.result.rejected += len(page.rejected)
        self._zone.checkpoint(page.cursor)
        if self._progress is not None:
            self._progress(self.result.source, self.result.stream, self.result.received, self.result.written)

    def bury_unseen(self, *, accept_loss: bool) -> None:
        stream = self._zone.stream
        known = self._zone.known_keys()
        missing = sorted(known - self._seen)
        share = stream.max_loss_share
        if stream.snapshot:  # rows come and go, but an empty answer is more likely a fault of the system than the truth
            share = 1.0 if self._seen or stream.may_be_empty else 0.0
        if not accept_loss and len(known) >= stream.loss_guard_floor and len(missing) > share * len(known):
            message = (
                f"{self.result.source}/{stream.name}: {len(missing)} of {len(known)} known records are missing from the full listing, "
                f"more than the {share:.0%} this stream may lose at once; check the rights of the user skvoz reads with, "
                "and if the records are really gone run: skvoz sync "
                f"{self.result.source} --full --accept-loss"
            )
            raise LossGuardError(message)
        self._add([Record(key, None) for key in missing])

    def flush(self) -> None:
        try:
            self._zone.flush()
        finally:
            self.result.files = len(self._zone.chunks) - self._chunks_before

    def _add(self, records: Sequence[Record]) -> None:
        written, deleted = self._zone.take(records)
        self.result.written += written
        self.result.deleted += deleted
