"""Records of 1C objects and their version marks.

The mark of a document holds its date beside DataVersion, so that a refresh can tell which of the known documents belong to the months
it compares: those that are missing there were deleted or moved. DataVersion changes at every write and has no order; it is only
compared for being the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ingestion.sources.onec_odata.objects import SourceObject
from ingestion.sources.onec_odata.payload import Unavailable, clean, stamp
from ingestion.spec import JsonObject, Page, Record

_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What a list of documents says of one: enough to see that it changed.

    Attributes:
        version: DataVersion, '' where the base has none.
        date: as sent, naive wall time of the base.
        posted: posted and not marked for deletion.
    """

    version: str
    date: str
    posted: bool = True

    @property
    def mark(self) -> str:
        """The version mark of the document's record."""
        return f"{self.version}{_SEPARATOR}{self.date}"

    def differs(self, mark: str | None) -> bool:
        """Whether a record with this mark must be read again; without DataVersion always."""
        return not self.version or mark != self.mark


def state_of(entry: JsonObject) -> DocumentState:
    """The state of a listed or a whole document."""
    posted = entry.get("Posted", True) is not False and entry.get("DeletionMark", False) is not True
    return DocumentState(str(entry.get("DataVersion") or ""), str(entry.get("Date") or ""), posted)


def marked_date(mark: str | None) -> str | None:
    """The date in a document's version mark."""
    if mark is None or _SEPARATOR not in mark:
        return None
    return mark.rpartition(_SEPARATOR)[2]


def reference(entry: JsonObject) -> str:
    """The key of a catalog item or a document."""
    return str(entry.get("Ref_Key", ""))


class RecordMaker:
    """Turns entries of one stream into records.

    Args:
        kept: where the stream is kept.
        configuration: as in skvoz.toml.
    """

    def __init__(self, kept: SourceObject, configuration: str) -> None:
        self._kept = kept
        self._configuration = configuration
        self.unavailable = Unavailable()

    def payload(self, entry: JsonObject, extra: Mapping[str, object] | None = None) -> JsonObject:
        """The entry cleaned, with its mapped fields, its entity and configuration."""
        payload = clean(entry, self.unavailable)
        stamp(payload, self._kept.stamps)
        payload.update(extra or {})
        payload["_entity"] = self._kept.entity
        payload["_configuration"] = self._configuration
        return payload

    def items(self, entries: Iterable[JsonObject]) -> Page:
        """A page of catalog items; the mark is DataVersion."""
        return self._page(entries, lambda entry: entry.get("DataVersion") or None)

    def documents(self, entries: Iterable[JsonObject]) -> Page:
        """A page of documents; the mark is that of their state."""
        return self._page(entries, lambda entry: state_of(entry).mark)

    def _page(self, entries: Iterable[JsonObject], mark: Callable[[JsonObject], str | None]) -> Page:
        records, rejected = [], []
        for entry in entries:
            key = reference(entry)
            if key:
                records.append(Record(key, self.payload(entry), version=mark(entry)))
            else:
                rejected.append((entry, f"{self._kept.entity}: an entry without Ref_Key"))
        return Page(records, rejected=rejected)
