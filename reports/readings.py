"""What came of the last reading of each system, as the loading leaves it in `<path>/state/sources.json`."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reports.alerts_rules import Failing


def read_readings(state: Path) -> dict[str, dict[str, Any]]:
    """By source: at, since, error and more; empty before the first reading."""
    try:
        told: dict[str, dict[str, Any]] = json.loads((state / "sources.json").read_bytes())
    except FileNotFoundError:
        return {}
    return told


def failing(readings: dict[str, dict[str, Any]], now: datetime, minutes: int) -> tuple[Failing, ...]:
    """Sources that have failed for longer than so many minutes, by name: one failed reading is mended by the next."""
    found = []
    for name, reading in sorted(readings.items()):
        since = datetime.fromisoformat(reading.get("since", reading["at"]))
        if reading["error"] is not None and now - since > timedelta(minutes=minutes):
            found.append(Failing(name, since, reading["error"]))
    return tuple(found)


def mark_of(readings: dict[str, dict[str, Any]], down: Iterable[Failing]) -> str:
    """Tells one state of the sources from another, so that each outage is told of once, and its end: which are down, since when."""
    names = {one.source for one in down}
    states = [
        (name, name in names, reading.get("since", ""))
        for name, reading in sorted(readings.items())
        if name in names or not reading["error"]
    ]
    return "readings-" + hashlib.sha256(json.dumps(states).encode()).hexdigest()[:16]
