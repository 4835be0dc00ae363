"""A sync of a made-up source that is killed (SIGKILL) just before its n-th durable step; run as a program by test_crash.py.

The program makes one sync after another, each in a process of its own that is forked from it: what takes longest is to start Python.
Lines in: folder, tab, step (0: to the end); lines out: how each of them ended, as subprocess.Popen.returncode tells it.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ingestion import load, rawwriter
from ingestion.engines import duckdb as engine
from ingestion.extract import Order, extract_stream
from ingestion.rawindex import RawIndex
from ingestion.spec import Connector, Context, Extraction, Page, Record, Source, SourceOptions, Stream

DEALS = Stream("deals", loads="by page", feeds=())


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    msg = "loading asks no system"
    raise AssertionError(msg)


CRM = Source("crm", "crm", "A CRM", (DEALS,), SourceOptions, no_connection)


class Pages:
    """Forty records in pages of five; the second run (everything read before) edits some and lacks others."""

    def __init__(self, day: int) -> None:
        self.day = day

    def check(self) -> str:
        return "ok"

    def extract(self, request: Extraction) -> Iterator[Page]:
        last = 40 if self.day == 1 else 36
        start = int(request.cursor["next"]) if request.cursor and request.cursor["day"] == self.day else 0
        for first in range(start, last, 5):
            keys = range(first, min(first + 5, last))
            yield Page(
                [Record(str(n), {"n": n, "day": self.day if n % 3 == 0 else 1}) for n in keys], cursor={"day": self.day, "next": first + 5}
            )
        gone = [Record(str(n), None) for n in range(last, 40)] if self.day == 2 else []
        yield Page(gone, cursor={"day": self.day, "next": 40})

    def close(self) -> None: ...


def kill_before(step: int) -> None:
    """Count every durable step of the raw zone, its index and the load; die before the given one."""
    left = [step]

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return wrapper

    for place, name in [
        (os, "fsync"),
        (Path, "replace"),
        (os, "write"),
        (RawIndex, "put"),
        (rawwriter, "write_durably"),
        (rawwriter, "append_line"),
        (engine, "stage_files"),
        (engine, "merge_incoming"),
        (load, "_record_cursor"),
    ]:
        setattr(place, name, counted(getattr(place, name)))


def sync(root: Path, step: int) -> None:
    if step:
        kill_before(step)
    for day in (1, 2):
        order = Order(mode="refresh", now=datetime(2026, 3, day, tzinfo=UTC))
        extract_stream(root / "raw", "sales", DEALS, Pages(day), order, date(2024, 1, 1), chunk_records=10)
        connection = engine.open_warehouse(root / "warehouse.duckdb", threads=1)
        load.prepare(connection, [CRM])
        load.load_stream(connection, root / "raw", "sales", CRM, DEALS)
        connection.close()


def main() -> None:
    for line in sys.stdin:
        root, step = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                sync(Path(root), int(step))
                code = 0
            finally:
                if code:
                    traceback.print_exc()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
