"""The mail's HTML: tables and inline styles, 640 px wide, readable on a phone and in dark modes, at most 90 KB."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import cells
from reports.blocks import Chart
from reports.formatting import MISSING
from reports.render.document import Document
from reports.render.pictures import WIDTH as DRAWN_WIDTH
from reports.theme import DARK, LIGHT

TEMPLATES = Path(__file__).parent / "templates"
# functions of reports/cells.py that the templates call
LAYOUT = ("arrow", "change_text", "cell", "details", "row_count", "shortened", "shown_rows", "stacked", "tight", "width")
# Gmail clips a message at 102 KB; what mail servers add on the way needs some room.
LARGEST = 90_000
# how wide a picture is at most; it is drawn narrower, so that its type stays readable on a phone
PICTURE_WIDTH = 504


@cache
def make_environment() -> Environment:
    """The template environment: everything is escaped, an unknown name is an error; kept, for compiling takes half of a render."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.globals |= {name: getattr(cells, name) for name in LAYOUT}
    return environment


def render_html(
    document: Document,
    picture_source: Callable[[Chart], str | None],
    attachment: str = "",
    *,
    unsubscribe_url: str = "",
    largest: int = LARGEST,
) -> str:
    """The report as one HTML page.

    Args:
        document: the reckoned report.
        picture_source: the address of a chart's picture, None when there is none.
        attachment: the workbook's file name, empty for none.
        unsubscribe_url: the reader's own address for stopping the report, empty for none.
        largest: the size in bytes that tables are shortened for.
    """
    template = make_environment().get_template("report.html.j2")
    for fewer in range(cells.FEWEST + 1):
        html = template.render(
            document=document,
            words=document.words,
            form=document.form,
            light=LIGHT,
            dark=DARK,
            missing=MISSING,
            attachment=attachment,
            unsubscribe_url=unsubscribe_url,
            picture=picture_source,
            picture_width=PICTURE_WIDTH,
            picture_height=_picture_height,
            has_pictures=all(picture_source(chart) is not None for chart in document.charts),
            fewer=fewer,
            kind=_kind,
        )
        if len(html.encode()) <= largest:
            break
    return html


def _picture_height(chart: Chart) -> int:
    """How high a picture stands when it is as wide as a section."""
    return round(chart.height * PICTURE_WIDTH / DRAWN_WIDTH)


def _kind(content: Any) -> str:
    """The macro that lays a content out."""
    return type(content).__name__.lower()
