"""What every kind of stream works with: the question, the base, and what this run has seen of its documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.client import Listing, ODataClient
from ingestion.sources.onec_odata.feed import Written
from ingestion.sources.onec_odata.objects import SourceObject
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.records import DocumentState, RecordMaker, reference, state_of
from ingestion.sources.onec_odata.streams.windows import Span, month_start
from ingestion.spec import Cursor, Extraction, JsonObject

DATE_ORDER = "Date,Ref_Key"
_STATE = ("Ref_Key", "DataVersion", "Date", "Posted", "DeletionMark")


@dataclass(slots=True)
class SeenDocuments:
    """Documents of one entity set that this run has listed or read: all of them from `since` on.

    Attributes:
        since: first moment covered; None while nothing is.
        states: by reference.
        gone: references that were known and no longer exist.
        changed: references that were read because they are new or differ.
    """

    since: datetime | None = None
    states: dict[str, DocumentState] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class RunMemory:
    """What the streams of one run tell each other; the sales register and the balances follow the documents."""

    documents: dict[str, SeenDocuments] = field(default_factory=dict)
    kept_from: datetime | None = None
    """The first moment that documents are kept of, whichever run loaded them; None while none has been looked at."""
    finds_by_recorder: bool | None = None
    """Whether register rows have been found by their recorder; None while that was not needed, False if the base refuses it."""
    orders_by_recorder: bool | None = None
    """Whether the base can order register rows by their recorder, a reference of many types; None while it has not been tried."""
    filters_entries: bool = True
    """Whether the base takes a filter of accounting entries with their dimensions."""
    message: str = ""
    """What stands for the last package of changes; '' where documents are compared instead."""

    def of(self, entity: str) -> SeenDocuments:
        """The documents of an entity set."""
        return self.documents.setdefault(entity, SeenDocuments())

    def keeps_from(self, moment: datetime) -> None:
        """Documents of this moment are kept."""
        self.kept_from = min(self.kept_from or moment, moment)

    def fingerprint(self, since: datetime) -> str:
        """The same text as long as no document dated from `since` on has changed, whatever else a run has looked at."""
        digest = hashlib.blake2b(self.message.encode(), digest_size=16)
        for entity in sorted(self.documents):
            seen = self.documents[entity]
            if self.message and seen.since is None:
                continue  # known from the package alone, which has its own mark
            digest.update(f"{entity}\n".encode())
            recent = sorted(f"{ref} {state.mark}\n" for ref, state in seen.states.items() if state.date >= since.isoformat())
            digest.update("".join(recent).encode())
        return digest.hexdigest()


@dataclass(slots=True)
class Job:
    """One extraction of one stream.

    Attributes:
        now: wall time of the base, naive, when the run began.
        recorders: the published streams whose documents move the sales register.
        note: tells the person.
        written: what a package of changes names of this entity set: reference -> what it tells; empty without packages.
        told_all: nothing else can have changed, so there is nothing to compare.
    """

    request: Extraction
    client: ODataClient
    kept: SourceObject
    maker: RecordMaker
    options: OneCOptions
    memory: RunMemory
    recorders: tuple[SourceObject, ...]
    now: datetime
    source: str
    note: Callable[[str], None]
    written: Mapping[str, Written] = field(default_factory=dict)
    told_all: bool = False

    @property
    def entity(self) -> str:
        """Name of the entity set."""
        return self.kept.entity

    @property
    def cursor(self) -> Cursor:
        """The durable cursor, empty if there is none or it was of another entity set."""
        cursor = self.request.cursor or {}
        return cursor if cursor.get("entity") == self.entity else {}

    @property
    def since(self) -> datetime:
        """Midnight of the day the first load goes back to."""
        day = self.request.since
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time of the base has no zone

    @property
    def open_from(self) -> datetime:
        """The first moment of the months that every refresh compares."""
        return month_start(self.now, 1 - self.options.open_months)

    def known(self) -> dict[str, str | None]:
        """Version marks of the known records; none with mode full, which takes nothing for granted."""
        return {} if self.request.mode == "full" else self.request.known.versions()


def fetch(client: ODataClient, entity: str, keys: Sequence[str]) -> Iterator[list[JsonObject]]:
    """Entries by their references. One that a filter does not find is asked for by its own address before it counts as gone."""
    for group, condition in query.batches(keys, lambda ref: f"Ref_Key eq {query.guid(ref)}"):
        missing = set(group)
        for rows in client.pages(Listing(entity, "Ref_Key", reference, condition)):
            missing.difference_update(map(reference, rows))
            yield rows
        alone = (client.entry(entity, ref) for ref in sorted(missing))
        found = [entry for entry in alone if entry is not None]
        if found:
            yield found


def list_states(client: ODataClient, kept: SourceObject, span: Span) -> dict[str, DocumentState]:
    """States of the documents of a window by reference; of all of them where documents have no date."""
    select = tuple(kept.type.declared(*_STATE))
    dated = "Date" in select
    states: dict[str, DocumentState] = {}
    condition = query.between("Date", span.start, span.end) if dated else ""
    for rows in client.pages(Listing(kept.entity, DATE_ORDER if dated else "Ref_Key", reference, condition, select)):
        states.update((reference(row), state_of(row)) for row in rows)
    return states
