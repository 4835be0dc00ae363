"""The plain-text twin of a mail: the same figures for whoever reads text, and for searching in the mailbox."""

import unicodedata
from textwrap import fill
from typing import Any

from reports import cells
from reports.blocks import Bars, Chart, Kpi, Table, Text
from reports.render.document import Document

WIDTH = 72
BAR = 20
NAME = 34


def _columns(text: str) -> int:
    """How many places the text takes on a screen of fixed type."""
    return sum(0 if unicodedata.combining(sign) else (2 if unicodedata.east_asian_width(sign) in "WF" else 1) for sign in text)


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * max(0, width - _columns(text))
    return space + text if right else text + space


def _kpi(content: Kpi, document: Document) -> list[str]:
    lines = []
    for figure in content.figures:
        note = f" ({figure.note})" if figure.note else ""
        mark = " !" if figure.tone in ("bad", "warning") else ""
        lines.append(f"{figure.label}: {document.form.value(figure.kind, figure.value)}{note}{mark}")
        if figure.progress is not None:
            lines.append(f"    {figure.progress.label}; {figure.progress.note}")
        lines.extend(f"    {cells.comparison_text(comparison, document.form)}" for comparison in figure.comparisons)
    return lines


def _bars(content: Bars, document: Document) -> list[str]:
    if not content.bars:
        return []
    names = [cells.shortened(bar.label, NAME) for bar in content.bars]
    labels = max(map(_columns, names))
    lines = [content.title]
    for bar, name in zip(content.bars, names, strict=True):
        part = float(bar.value or 0) / content.largest if content.largest > 0 else 0.0
        drawn = "█" * round(max(0.0, part) * BAR)
        note = f" · {bar.note}" if bar.note else ""
        lines.append(f"  {_padded(name, labels)}  {_padded(drawn, BAR)} {document.form.value(content.kind, bar.value)}{note}")
    return [*lines, fill(content.note, WIDTH)] if content.note else lines


def _table(content: Table, document: Document, *, attached: bool) -> list[str]:
    shown = cells.shown_rows(content, 0)
    if not shown:
        return []
    places = [number for number, column in enumerate(content.columns) if column.place in ("title", "value")]
    head = [content.columns[number].label for number in places]
    rows = [[cells.cell(content.columns[number], row[number], document.form) for number in places] for row in content.rows[:shown]]
    for row in rows:
        row[0] = cells.shortened(row[0], NAME)
    widths = [max(_columns(line[number]) for line in [head, *rows]) for number in range(len(places))]

    def joined(line: list[str]) -> str:
        return "  ".join(_padded(text, widths[number], right=number > 0) for number, text in enumerate(line)).rstrip()

    lines = [content.title] if content.title else []
    lines += [joined(head), "  ".join("-" * width for width in widths)]
    for row, values in zip(rows, content.rows, strict=False):
        lines.append(joined(row))
        small = cells.details(content, values, document.form)
        lines += [fill(line, WIDTH, initial_indent="    ", subsequent_indent="    ") for line in small.splitlines()]
    remark = cells.row_count(content, 0, document.words, document.form, attached=attached)
    return [*lines, *([remark] if remark else []), *([fill(content.note, WIDTH)] if content.note else [])]


def _contents(contents: tuple[Any, ...], document: Document, *, attached: bool) -> list[str]:
    lines: list[str] = []
    for content in contents:
        if isinstance(content, Kpi):
            part = _kpi(content, document)
        elif isinstance(content, Bars):
            part = _bars(content, document)
        elif isinstance(content, Table):
            part = _table(content, document, attached=attached)
        elif isinstance(content, Chart):
            part = []
        else:
            part = [fill(content.text, WIDTH)]
        if part:
            lines += [*([""] if lines else []), *part]
    return lines


def render_text(document: Document, attachment: str = "", unsubscribe_url: str = "") -> str:
    """The report as plain text.

    Args:
        document: the reckoned report.
        attachment: the workbook's file name, empty for none.
        unsubscribe_url: the reader's own address for stopping the report, empty for none.
    """
    words = document.words
    lines = [document.title, document.period_text, f"{document.company} · {document.as_of_text}"]
    if document.stale:
        lines += ["", f"! {document.stale}"]
    if document.summary:
        lines += ["", fill(document.summary, WIDTH)]
    for section in document.sections:
        lines += ["", "", section.title.upper(), "=" * min(WIDTH, _columns(section.title))]
        lines += [fill(f"! {warning}", WIDTH) for warning in section.warnings]
        if section.state == "failed":
            lines += [words.text("frame.failed_note"), words.text("frame.failed", reason=section.reason)]
            continue
        if section.state == "empty":
            lines.append(section.reason)
        told = section.contents if section.state == "ok" else tuple(content for content in section.contents if isinstance(content, Text))
        lines += _contents(told, document, attached=bool(attachment))
    if document.definitions:
        lines += ["", "", words.text("frame.definitions").upper()]
    lines += [fill(f"{label}: {definition}", WIDTH, subsequent_indent="  ") for label, definition in document.definitions]
    lines.append("")
    if attachment:
        lines.append(words.text("frame.attachment", name=attachment))
    lines += [fill(fact, WIDTH) for fact in document.facts]
    lines.append(words.text("frame.for_whom", recipient=document.recipient) if document.recipient else words.text("frame.for_anyone"))
    stop = f"{words.text('frame.stop_link')}: {unsubscribe_url}" if unsubscribe_url else fill(words.text("frame.stop"), WIDTH)
    lines.append(stop)
    return "\n".join(lines) + "\n"
