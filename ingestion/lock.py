"""One holder at a time: a lock file in the data folder names the process that writes; everybody who wants to write meets there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from ingestion.durable import private_folder
from ingestion.errors import BusyError


@contextlib.contextmanager
def data_lock(
    data_dir: Path, what: str, *, wait_seconds: float = 0.0, otherwise: str = "wait until it has finished and run again"
) -> Iterator[None]:
    """Hold the data folder for writing; the kernel lets go of it when the process ends, however it ends.

    Args:
        data_dir: [warehouse] path.
        what: what the holder does, for the message others get.
        wait_seconds: how long to wait for the present holder.
        otherwise: what to do if somebody else holds it.

    Raises:
        BusyError: somebody else holds it; says who.
    """
    path = private_folder(data_dir) / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, wait_seconds, otherwise)
        holder = {"pid": os.getpid(), "what": what, "since": datetime.now(UTC).isoformat(timespec="seconds")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, orjson.dumps(holder), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                message = f"{path.parent}: the data folder is busy ({_holder(path)}); {otherwise}."
                raise BusyError(message) from None
            time.sleep(0.2)
        else:
            return


def _holder(path: Path) -> str:
    try:
        holder = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return "another process"
    return f"process {holder['pid']} is at {holder['what']} since {holder['since']}"
