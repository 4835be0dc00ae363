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
# Gmail clips a message at 102 KB; what mail servers add on the way needs some room.
LARGEST = 90_000
# the inner width of a section; pictures are drawn 480 px wide so that their type stays readable on a phone
PICTURE_WIDTH = 574


@cache
def make_environment(folder: Path = TEMPLATES) -> Environment:
    """The template environment: everything is escaped, an unknown name is an error; kept, for compiling takes half of a render."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render_html(document: Document, picture_source: Callable[[Chart], str | None], attachment: str = "") -> str:
    """The report as one HTML page.

    Args:
        document: the reckoned report.
        picture_source: the address of a chart's picture, None when there is none.
        attachment: the workbook's file name, empty for none.
    """
    template = make_environment().get_template("report.html.j2")
    for fewer in range(6):
        html = template.render(
            document=document,
            words=document.words,
            form=document.form,
            light=LIGHT,
            dark=DARK,
            missing=MISSING,
            attachment=attachment,
            picture=picture_source,
            picture_width=PICTURE_WIDTH,
            picture_height=_picture_height,
            has_pictures=all(picture_source(chart) is not None for chart in document.charts),
            fewer=fewer,
            cell=cells.cell,
            details=cells.details,
            arrow=cells.arrow,
            shortened=cells.shortened,
            shown_rows=cells.shown_rows,
            row_count=cells.row_count,
            width=cells.width,
            kind=_kind,
        )
        if len(html.encode()) <= LARGEST:
            break
    return html


def _picture_height(chart: Chart) -> int:
    """How high a picture stands when it is as wide as a section."""
    return round(chart.height * PICTURE_WIDTH / DRAWN_WIDTH)


def _kind(content: Any) -> str:
    """The macro that lays a content out."""
    return type(content).__name__.lower()
