"""The Telegram summary: a document as blocks of balanced HTML, split on block borders where a message would be too long.

Only tags that Telegram knows are used (b, i, pre), everything else is escaped. A block is a tuple of units, each balanced in itself.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape, unescape
from re import sub
from textwrap import wrap

from reports import cells
from reports.blocks import Bars, Content, Figure, Kpi, Section, Table, Text
from reports.context import Context
from reports.formatting import Formatter
from reports.render.document import Document, period_text
from reports.wording import Words

# sendMessage takes 4096 characters and a caption 1024, after parsing; reckoned in UTF-16 units, the way entities are.
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
COLUMNS = 34
ROWS = 7

Block = tuple[str, ...]


def plain(html: str) -> str:
    """The text as a reader sees it."""
    return unescape(sub(r"</?(?:b|i|pre|code|u|s|a)(?: [^>]*)?>", "", html))


def length(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis."""
    if length(text) <= longest:
        return text
    while length(text) > longest - 1:
        text = text[: -max(1, (length(text) - longest + 1) // 2)]
    return f"{text.rstrip()}…"


def joined(units: Sequence[str]) -> str:
    """Units as one text; neighbouring preformatted lines become one table."""
    return "\n".join(units).replace("</pre>\n<pre>", "\n")


def split(blocks: Iterable[Block], longest: int = LONGEST_TEXT) -> list[str]:
    """Messages of bounded length: whole blocks while they fit, a block's units where one alone does not, and pieces of a unit last."""
    messages: list[str] = []
    current = ""
    for block in blocks:
        whole = joined(block)
        together = f"{current}\n\n{whole}" if current else whole
        if length(plain(together)) <= longest:
            current = together
            continue
        if current:
            messages.append(current)
        current = whole
        if length(plain(whole)) > longest:
            *full, current = _pieces(block, longest)
            messages += full
    return [message for message in (*messages, current) if plain(message).strip()]


def _pieces(block: Block, longest: int) -> list[str]:
    pieces: list[str] = []
    units: list[str] = []
    for unit in block:
        if length(plain(joined([*units, unit]))) <= longest:
            units.append(unit)
            continue
        if units:
            pieces.append(joined(units))
        units = [unit]
        if length(plain(unit)) > longest:
            text = plain(unit)
            while length(text) > longest:
                head = text[: longest // 2]
                pieces.append(escape(head, quote=False))
                text = text[len(head) :]
            units = [escape(text, quote=False)]
    return [*pieces, joined(units)]


def document_blocks(document: Document, attachment: str = "") -> tuple[Block, ...]:
    """A report as blocks.

    Args:
        document: the reckoned report.
        attachment: the workbook's file name, empty for none.
    """
    words = document.words
    head = [f"<b>{_safe(document.title)}</b>", _safe(document.period_text), _safe(f"{document.company} · {document.as_of_text}")]
    if document.stale:
        head.append(f"<b>! {_safe(document.stale)}</b>")
    if document.summary:
        head += ["", _safe(document.summary)]
    end = [f"<i>{_safe(words.text('frame.attachment', name=attachment))}</i>"] if attachment else []
    end += [f"<i>{_safe(fact)}</i>" for fact in document.facts]
    # a chat that belongs to nobody gets no answer from the bot
    stop = words.text("telegram.stop_bot") if document.recipient else words.text("telegram.stop")
    end.append(f"<i>{_safe(stop)}</i>")
    sections = (section_block(section, words, document.form, attached=bool(attachment)) for section in document.sections)
    return (tuple(head), *sections, tuple(end))


def document_heading(context: Context, title: str = "") -> Block:
    """What an answer of the bot begins with: a title or the period, and the day of the data."""
    first = cells.shortened(title) if title else period_text(context)
    moment = context.publication.published_at
    same_day = moment.astimezone(context.form.zone).date() == context.as_of
    day = context.form.day(context.as_of)
    told = context.words.text("frame.as_of", day=day)
    if same_day:
        told = context.words.text("frame.as_of_moment", day=day, time=context.form.time(moment))
    return (f"<b>{_safe(first)}</b>", _safe(told))


def section_block(section: Section, words: Words, form: Formatter, *, attached: bool = False) -> Block:
    """One section; a failed or an empty one says so."""
    units = [f"<b>{_safe(section.title)}</b>", *(f"! {_safe(warning)}" for warning in section.warnings)]
    if section.state == "failed":
        return (*units, _safe(words.text("frame.failed_note")), f"<i>{_safe(section.reason)}</i>")
    if section.state == "empty":
        return (*units, f"<i>{_safe(section.reason)}</i>")
    for content in section.contents:
        units += _content(content, words, form, attached=attached)
    return tuple(units)


def _content(content: Content, words: Words, form: Formatter, *, attached: bool) -> list[str]:
    if isinstance(content, Kpi):
        return [unit for figure in content.figures for unit in _figure(figure, form)]
    if isinstance(content, Bars):
        if not content.bars:
            return []
        lines = [_row(bar.label, form.value(content.kind, bar.value)) for bar in content.bars]
        return [_safe(content.title), *(f"<pre>{_safe(line)}</pre>" for line in lines)]
    if isinstance(content, Table):
        return _table(content, words, form, attached=attached)
    if isinstance(content, Text):
        return [f"<i>{_safe(content.text)}</i>"]
    return []


def _figure(figure: Figure, form: Formatter) -> list[str]:
    mark = " !" if figure.tone in ("bad", "warning") else ""
    note = f" ({figure.note})" if figure.note else ""
    units = [f"{_safe(figure.label)}: <b>{_safe(form.value(figure.kind, figure.value))}</b>{_safe(note)}{mark}"]
    if figure.progress is not None:
        units.append(f"   {_safe(figure.progress.label)}")
    known = (comparison for comparison in figure.comparisons if comparison.change is not None)
    return [*units, *(f"   {_safe(cells.comparison_text(comparison, form))}" for comparison in known)]


def _table(table: Table, words: Words, form: Formatter, *, attached: bool) -> list[str]:
    """A table as phone-wide lines: a name with its value, or a name and its values below."""
    shown = min(ROWS, cells.shown_rows(table, 0))
    if not shown:
        return []
    values = [number for number, column in enumerate(table.columns) if column.place == "value"]
    title = next((number for number, column in enumerate(table.columns) if column.place == "title"), 0)
    lines: list[str] = []
    if len(values) > 1:
        lines += wrap(" · ".join(table.columns[number].label for number in values), COLUMNS)
    names = [cells.cell(table.columns[title], row[title], form) for row in table.rows[:shown]]
    told_apart = _telling(table) if len(set(names)) < len(names) else None
    for name, row in zip(names, table.rows, strict=False):
        written = [cells.cell(table.columns[number], row[number], form) for number in values if number != title]
        if len(written) == 1:
            lines.append(_row(name, written[0]))
        else:
            lines.append(cells.shortened(name, COLUMNS))
            lines += wrap(" · ".join(written), COLUMNS, initial_indent="  ", subsequent_indent="  ")
        if told_apart is not None and row[told_apart]:
            lines.append(f"  {cells.shortened(cells.cell(table.columns[told_apart], row[told_apart], form), COLUMNS - 2)}")
    units = [_safe(table.title)] if table.title else []
    units += [f"<pre>{_safe(line)}</pre>" for line in lines]
    if shown < len(table.rows):
        key = "frame.shown_of_attached" if attached else "frame.shown_of"
        units.append(f"<i>{_safe(words.text(key, shown=form.number(shown), total=form.number(len(table.rows))))}</i>")
    return units


def _telling(table: Table) -> int | None:
    """The small name that tells rows of one name apart: what a customer does not buy, whose order it is."""
    kept = (at for at, column in enumerate(table.columns) if column.place == "detail" and column.kind == "text")
    return next((at for at in kept if table.columns[at].longest <= cells.LONGEST_NAME), None)


def _row(label: str, value: str) -> str:
    """A label on the left, a value on the right, as wide as a phone; where both have no room, the value goes to the next line."""
    room = COLUMNS - _columns(value) - 1
    if _columns(label) > room:
        return f"{cells.shortened(label, COLUMNS)}\n{' ' * max(0, COLUMNS - _columns(value))}{value}"
    return f"{label}{' ' * (COLUMNS - _columns(label) - _columns(value))}{value}"


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(sign) else (2 if unicodedata.east_asian_width(sign) in "WF" else 1) for sign in text)


def _safe(text: str) -> str:
    """Escaped, without control characters, which Telegram refuses or shows as noise."""
    return escape("".join(sign for sign in text if sign in "\n\t" or not unicodedata.category(sign).startswith("Cc")), quote=False)
