"""Bitrix24's two limits (crm.md 2.2): a leaky bucket of requests, and seconds of work per method in ten minutes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_LONGEST_REST = 660.0  # seconds: the window is ten minutes
_UNKNOWN_REST = 60.0  # it is given back minute by minute


class Bucket:
    """Lets requests through while the portal's bucket has room: it drains `per_second` and holds `size`; a rate of 0 is no limit."""

    def __init__(
        self,
        per_second: float,
        size: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = per_second
        self._size = max(size, 1.0)
        self._clock = clock
        self._sleep = sleep
        self._level = 0.0
        self._seen = clock()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Block until one more request fits."""
        if not self._rate:
            return
        with self._lock:
            now = self._clock()
            self._level = max(0.0, self._level - (now - self._seen) * self._rate)
            self._seen = now
            over = self._level + 1 - self._size
            self._level += 1
        if over > 0:
            self._sleep(over / self._rate)

    def fill(self) -> None:
        """The portal says that its bucket is full: an earlier process or another program at this address has filled it."""
        with self._lock:
            self._level = max(self._level, self._size)
            self._seen = self._clock()


class WorkClock:
    """Remembers when each method's working time is given back, by the server's clock."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._resets: dict[str, float] = {}

    def learn(self, method: str, times: Any) -> None:
        """Take `operating_reset_at` from the `time` object of an answer; it is a Unix time, or a text with a zone."""
        if not isinstance(times, Mapping):
            return
        reset = _unix(times.get("operating_reset_at"))
        finish = _unix(times.get("finish")) or _unix(times.get("date_finish"))
        if reset is not None and finish is not None:
            self._resets[method] = self._clock() + reset - finish

    def rest(self, method: str) -> float:
        """Seconds until the method may be asked again; refused after the moment it was told, it waits for the next minute's share."""
        left = self._resets.get(method, 0.0) - self._clock()
        return min(max(left, 1.0), _LONGEST_REST) if left > 0 else _UNKNOWN_REST


def _unix(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str) or not value:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None
