"""/data: how fresh every source is, what is published and which versions are kept."""

from dashboards.screen import Screen, open_screen
from dashboards.state import settings
from reports.blocks import Column, Section, Table
from reports.figures.freshness import FRESHNESS
from reports.figures.streams import STREAMS

ROWS = ((("freshness",), ("versions",)), (("streams",),))
BLOCKS = (FRESHNESS, STREAMS)
LOOKUPS = ()
VERSIONS_SHOWN = 40
MEGABYTE = 1_000_000


def show() -> None:
    """The page."""
    screen = open_screen("data")
    if screen is None:
        return
    screen.head(screen.words.text("about.data"))
    found = screen.reckon(BLOCKS)
    found["versions"] = _versions(screen)
    screen.lay_out(found, ROWS)
    screen.close(found)


def _versions(screen: Screen) -> Section:
    """The kept publications, newest first; the one that is shown is told."""
    words = screen.words
    shown = screen.context.published.version
    files = sorted(settings().warehouse.published.glob("marts-*.duckdb"), reverse=True)[:VERSIONS_SHOWN]
    rows = tuple(
        (
            path.stem,
            words.text("data.shown") if path.stem == shown else words.text("data.kept"),
            path.stat().st_size / MEGABYTE,
        )
        for path in files
    )
    columns = (
        Column("version", words.text("column.version"), "text", "title"),
        Column("state", words.text("column.state"), "text"),
        Column("megabytes", words.text("column.megabytes"), "number"),
    )
    table = Table("versions", "", columns, rows, note=words.text("note.rollback"))
    return Section("versions", words.text("section.versions"), "ok", (table,))
