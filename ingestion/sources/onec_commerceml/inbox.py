"""Where the receiver puts complete exchanges, and the connector finds them."""

from __future__ import annotations

from pathlib import Path

from ingestion.durable import private_folder


def inbox_of(state_dir: Path, source: str) -> Path:
    """The folder of a source's received exchanges, made if it is missing."""
    folder = state_dir / "inbox" / source
    private_folder(folder)
    return folder
