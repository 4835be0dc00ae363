"""The examples in docs/sources are settings that the source types take."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingestion.discovery import all_sources

DOCS = Path(__file__).resolve().parents[3] / "docs" / "sources"
_BLOCK = re.compile(r"```toml\n(.*?)```", re.DOTALL)
COMMON = {"type", "timezone", "since"}


def examples() -> list[tuple[str, dict[str, Any]]]:
    """(page and name of the source, its table) of every example."""
    return [
        (f"{page.stem}:{name}", table)
        for page in sorted(DOCS.glob("*.md"))
        for block in _BLOCK.findall(page.read_text(encoding="utf-8"))
        for name, table in tomllib.loads(block).get("sources", {}).items()
        if isinstance(table, dict) and "type" in table
    ]


@pytest.mark.parametrize(("place", "table"), examples(), ids=[place for place, _ in examples()])
def test_every_example_is_taken(place: str, table: dict[str, Any]) -> None:
    source = all_sources()[table["type"]]
    assert source.options.model_validate({key: value for key, value in table.items() if key not in COMMON}), place
