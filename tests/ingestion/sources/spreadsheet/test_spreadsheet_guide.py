"""The guide names every column of every stream, and every heading and word that is understood."""

from pathlib import Path

import pytest

from ingestion.sources.spreadsheet.columns import LAYOUTS, METRICS, SCOPES

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "sources" / "spreadsheet.md"
_TEXT = GUIDE.read_text(encoding="utf-8")


def rows_of(stream: str) -> dict[str, list[str]]:
    """Names to words of the tables under the stream's heading."""
    section = _TEXT.split(f"\n## {stream}\n")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return {first.split("`")[1]: last.split(", ") for first, *_, last in cells}


@pytest.mark.parametrize("stream", LAYOUTS)
def test_every_heading_is_in_the_guide(stream: str) -> None:
    told = rows_of(stream)
    known = {column.name: list(column.names) for column in LAYOUTS[stream].columns}
    if stream == "plans":
        known |= {name: list(words) for name, words in (*METRICS.items(), *SCOPES.items())}
    assert told == known
