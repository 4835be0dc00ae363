"""/data: how fresh every source is, the last runs and tests, what is published and kept, and what was delivered to whom."""

from dashboards import machinery
from dashboards.screen import open_screen
from dashboards.state import settings
from reports.figures.freshness import FRESHNESS
from reports.figures.streams import STREAMS

ROWS = (
    (("freshness",), ("runs", "data_tests")),
    (("deliveries",), ("versions",)),
    (("streams",),),
)
BLOCKS = (FRESHNESS, STREAMS)
LOOKUPS = ()


def show() -> None:
    """The page."""
    screen = open_screen("data")
    if screen is None:
        return
    screen.head(screen.words.text("about.data"))
    found = screen.reckon(BLOCKS)
    parts = [machinery.versions]
    if screen.reader.sees_machinery:
        parts += [machinery.runs, machinery.tests, machinery.deliveries]
    for part in parts:
        section = part(settings(), screen.context)
        found[section.name] = section
    screen.lay_out(found, ROWS)
    screen.close(found)
