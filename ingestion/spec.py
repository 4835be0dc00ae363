"""The whole vocabulary of a connector: sources and their streams, records, pages, and what an extraction is asked for.

A connector yields `Page`s; everything else (chunks, checksums, cursors, hashes, tombstones of full listings, the loss guard, loading)
is done once for all of them in `rawzone`, `extract` and `load`.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

JsonObject = dict[str, Any]
Cursor = Mapping[str, Any]
Mode = Literal["refresh", "sweep", "full"]

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(slots=True)  # not frozen: a frozen one takes four times as long to make, and there is one for every record that arrives
class Record:
    """One document, card or register recorder as the system sent it, with all its rows.

    Attributes:
        key: identity inside (source, stream).
        payload: the JSON object verbatim; None is a tombstone: the record no longer exists there.
        modified_at: the system's own modification moment (aware), if it has one; newer never yields to older.
        version: the system's version mark or any text the connector wants back through `Known` next time (1C DataVersion, a period).
    """

    key: str
    payload: JsonObject | None
    modified_at: datetime | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Records that arrived together.

    Attributes:
        records: in the order received.
        cursor: from where extraction may go on once everything yielded so far is durable; None if this is no safe place to resume.
        listed: keys known to exist whose records were not fetched (they are unchanged).
        complete: every key of the stream has been yielded or listed since the extraction began: what is known and was not seen is deleted.
        rejected: things sent that are no record (kept beside the stream and counted), each with the reason.
    """

    records: Sequence[Record] = ()
    cursor: Cursor | None = None
    listed: Sequence[str] = ()
    complete: bool = False
    rejected: Sequence[tuple[Any, str]] = ()


class Known(Protocol):
    """What earlier extractions of a stream left in the raw zone (deleted records are left out)."""

    def versions(self) -> dict[str, str | None]:
        """Every known key with its version mark."""

    def version(self, key: str) -> str | None:
        """The version mark of one key; None if the key is unknown or has no mark."""

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a system: one raw table `raw.<system>__<name>`.

    Attributes:
        name: plural noun, lower case.
        loads: how it is loaded, in words for people (`skvoz sources`): by which cursor, how far it overlaps, how deletions arrive.
        feeds: the marts it ends in.
        volatile: top-level payload fields that change without meaning (left out of the content hash).
        max_loss_share: a full listing may mark at most this share of the known records deleted, from `loss_guard_floor` records on.
        versioned: every state ever seen is kept in `raw.<system>__<name>__versions` too (what changed in an order, and when).
        snapshot: the stream is a picture of now (balances, sheets): rows come and go, so the loss guard applies only to losing all.
        may_be_empty: a snapshot that may well lose all its rows (a queue that people work off).
    """

    name: str
    loads: str
    feeds: tuple[str, ...]
    volatile: tuple[str, ...] = ()
    max_loss_share: float = 0.3
    loss_guard_floor: int = 20
    snapshot: bool = False
    versioned: bool = False
    may_be_empty: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            message = f"stream name {self.name!r} must be lower-case letters, digits and underscores"
            raise ValueError(message)


class SourceOptions(BaseModel):
    """Base of every source's options in `[sources.<name>]`; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one call of `Connector.extract` is asked for.

    Attributes:
        stream: which stream.
        mode: refresh (cheap, often), sweep (nightly: finds silent edits and deletions), full (as if nothing were known).
        cursor: the last durable one, None at the first load or with mode full.
        since: how far back the first load goes.
        now: the moment the run began (aware), the upper end of windows.
        known: what the raw zone already has.
    """

    stream: Stream
    mode: Mode
    cursor: Cursor | None
    since: date
    now: datetime
    known: Known


@dataclass(frozen=True, slots=True)
class Context:
    """What a connector gets beside its options.

    Attributes:
        source: the source's name in skvoz.toml.
        timezone: of the system's naive times.
        state_dir: where rotated tokens live (mode 0600 files, made by `ingestion.state`).
        base_dir: the folder of skvoz.toml, for relative paths.
        country: ISO 3166 code of the company.
        note: tells the person something that is no error: an unpublished object, a bad row, a switched-off filter.
    """

    source: str
    timezone: ZoneInfo
    state_dir: Path
    base_dir: Path
    country: str
    note: Callable[[str], None]


class Connector(Protocol):
    """An open connection to one configured source."""

    def check(self) -> str:
        """Try the credentials and rights; one line in plain words. Raises PermanentError or TransientError with what to do."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Yield pages; called for the declared streams in their declared order, one after the other."""

    def close(self) -> None:
        """Release connections."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source type: what skvoz can read from one kind of system.

    Attributes:
        type: as written in skvoz.toml.
        system: prefix of its raw tables; several types may share one.
        title: for people.
        streams: everything this type can give.
        options: the pydantic model of its `[sources.<name>]` table.
        connect: opens a connector; must not touch the network by itself.
        active_streams: which of the streams these options ask for; default all.
    """

    type: str
    system: str
    title: str
    streams: tuple[Stream, ...]
    options: builtins.type[SourceOptions]
    connect: Callable[[Any, Context], Connector]
    active_streams: Callable[[Any], tuple[Stream, ...]] | None = None
    dbt_options: tuple[str, ...] = field(default=())
    """Names of options that staging models need (handed over in the dbt var `sources`); never secrets."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.system):
            message = f"source {self.type}: system {self.system!r} must be lower-case letters, digits and underscores"
            raise ValueError(message)
        names = [stream.name for stream in self.streams]
        if len(names) != len(set(names)):
            message = f"source {self.type}: a stream is declared twice"
            raise ValueError(message)

    def streams_for(self, options: SourceOptions) -> tuple[Stream, ...]:
        """The streams that a configured source of this type loads, in loading order."""
        return self.streams if self.active_streams is None else self.active_streams(options)
