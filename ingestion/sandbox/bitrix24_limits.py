"""Bitrix24's two limits: a leaky bucket of requests per address, and seconds of work per method in ten minutes."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic


@dataclass
class Bucket:
    """Fills by one with each request, drains `rate` a second, overflows above `size`; a rate of 0 never overflows."""

    rate: float
    size: int
    clock: Callable[[], float] = monotonic
    level: float = 0.0
    seen_at: float = 0.0

    def overflows(self) -> bool:
        """Count a request; whether it is one too many."""
        if not self.rate:
            return False
        now = self.clock()
        self.level = max(0.0, self.level - (now - self.seen_at) * self.rate)
        self.seen_at = now
        if self.level + 1 > self.size:
            return True
        self.level += 1
        return False


@dataclass
class WorkMeter:
    """Seconds of work per method inside a sliding window.

    Attributes:
        limit: seconds allowed; 0 is no limit.
        window: seconds (600 in the cloud).
        clock: seconds since 1970, so that `reset_at` can be told to the caller.
    """

    limit: float
    window: float
    clock: Callable[[], float]
    spent: dict[str, deque[tuple[float, float]]] = field(default_factory=lambda: defaultdict(deque))

    def operating(self, method: str) -> float:
        """Seconds this method has worked inside the window."""
        calls = self.spent[method]
        horizon = self.clock() - self.window
        while calls and calls[0][0] <= horizon:
            calls.popleft()
        return sum(seconds for _, seconds in calls)

    def add(self, method: str, seconds: float) -> None:
        """Count work of a method."""
        self.spent[method].append((self.clock(), seconds))

    def exhausted(self, method: str) -> bool:
        """Whether the method must rest."""
        return bool(self.limit) and self.operating(method) >= self.limit

    def reset_at(self, method: str) -> int:
        """When the oldest counted work falls out of the window."""
        calls = self.spent[method]
        oldest = calls[0][0] if calls else self.clock()
        return int(oldest + self.window) + 1
