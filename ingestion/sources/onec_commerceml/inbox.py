"""Where the receiver puts complete exchanges, and the connector finds them."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.durable import private_folder

KEPT = timedelta(days=14)
"""What was read stays for so long, to be looked into or read again; the raw zone has it for ever."""


def inbox_of(state_dir: Path, source: str) -> Path:
    """The folder of a source's received exchanges, made if it is missing."""
    folder = state_dir / "inbox" / source
    private_folder(folder)
    return folder


def clear_inbox(folder: Path, now: datetime) -> None:
    """Remove exchanges that came longer ago than `KEPT`."""
    for one in folder.iterdir():
        if one.is_dir() and one.stat().st_mtime < (now - KEPT).timestamp():
            shutil.rmtree(one, ignore_errors=True)
