"""Tokens that a system rotates: kept in `<path>/state/`, mode 0600, durable before they are used, one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ingestion.durable import private_folder, write_durably


class TokenStore:
    """The rotated tokens of one source: a small JSON object in a file of its own.

    Args:
        folder: `<path>/state` of the warehouse.
        source: the source's name.
    """

    def __init__(self, folder: Path, source: str) -> None:
        self._path = private_folder(folder) / f"tokens-{source}.json"

    def load(self) -> dict[str, Any] | None:
        """The last saved tokens, None before the first save."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        saved: dict[str, Any] = orjson.loads(data)
        return saved

    def save(self, tokens: dict[str, Any]) -> None:
        """Write the tokens durably; call it before the new pair is used, for the old refresh token is dead already."""
        write_durably(self._path, orjson.dumps(tokens))

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the tokens of this source against every other process while they are refreshed."""
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
