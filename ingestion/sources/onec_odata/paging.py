"""How many entries to ask for at once: learned from how heavy they are, and cut when the server fails.

`$top` counts entries, not rows: an entry may be 1 KB of a catalog or 6 MB of a document, and a 1C server that fills its temporary
folder with one answer dies with «The device is full».
"""

from __future__ import annotations

PROBE = 20
_SHRINK = 4
_REST = 8  # pages that go well before a size that failed is tried again


class PageSize:
    """The page size of one kind of answer.

    Args:
        target_bytes: how big an answer may be.
        first: entries to ask for while their weight is unknown.
        most: upper limit of entries, whatever they weigh.
    """

    def __init__(self, target_bytes: int, *, first: int = PROBE, most: int = 2000) -> None:
        self._target = target_bytes
        self._most = most
        self._ceiling = most
        self._rested = 0
        self.rows = min(first, most)

    def learn(self, rows: int, size: int) -> None:
        """An answer of `rows` entries and `size` bytes arrived."""
        if not rows:
            return
        self._rested += 1
        if self._rested > _REST and self._ceiling < self._most:
            self._ceiling = min(self._most, self._ceiling * 2)
            self._rested = 0
        fitting = int(self._target / max(1.0, size / rows))
        self.rows = max(1, min(fitting, self._ceiling))

    def shrink(self) -> bool:
        """The server failed at this size; False if there is nothing smaller."""
        if self.rows <= 1:
            return False
        self.rows = max(1, self.rows // _SHRINK)
        self._ceiling = self.rows
        self._rested = 0
        return True
