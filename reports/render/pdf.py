"""The report as PDF, on request: the mail's own page with its pictures inside, printed by the batch's browser."""

import base64
from collections.abc import Mapping

from reports.blocks import Chart
from reports.render.document import Document
from reports.render.html import render_html
from reports.render.pictures import Pictures

# a printed page is not clipped by anybody, so no table is shortened for its size
NO_LIMIT = 100_000_000


def render_pdf(document: Document, drawn: Mapping[str, bytes], pictures: Pictures, attachment: str = "") -> bytes | None:
    """The report as PDF; None without a working browser.

    Args:
        document: the reckoned report.
        drawn: PNG bytes by chart name.
        pictures: the batch's browser.
        attachment: the workbook's file name, empty for none.
    """

    def inside(chart: Chart) -> str | None:
        png = drawn.get(chart.name)
        return None if png is None else f"data:image/png;base64,{base64.b64encode(png).decode()}"

    return pictures.print_page(render_html(document, inside, attachment, largest=NO_LIMIT))
