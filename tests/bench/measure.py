"""Wall time and peak memory of a piece of work, and one line of print, which is kept for docs/benchmarks.md."""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.settings import Settings

TOLD: list[tuple[str, str]] = []
"""What was printed since the last `take`."""


class Clock:
    """Seconds of the measured block, set when it ends."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Clock]:
    clock = Clock()
    started = time.perf_counter()
    yield clock
    clock.seconds = time.perf_counter() - started


def peak_mib(who: int = resource.RUSAGE_SELF) -> float:
    """Peak resident memory of this process (or of its finished children) in MiB."""
    if who == resource.RUSAGE_SELF:
        # ru_maxrss is no less than what the parent held when it forked
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(who).ru_maxrss / 1024


def model_seconds(settings: Settings) -> dict[str, float]:
    """Execution time of every model of the last build."""
    results = json.loads((settings.data_dir / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {one["unique_id"].split(".")[2]: one["execution_time"] for one in results if one["unique_id"].startswith("model.")}


def tell(what: str, figure: str) -> None:
    """One line of the table."""
    TOLD.append((what, figure))
    print(f"{what:<72} {figure}", flush=True)  # noqa: T201 - a bench is for a terminal


def take() -> list[tuple[str, str]]:
    """The lines since the last call."""
    lines = list(TOLD)
    TOLD.clear()
    return lines
