"""When a letter cannot be laid out: the sections at fault are told as failed, the others stand; at worst the plain twin goes out."""

import logging
from dataclasses import replace
from html import escape

from reports.blocks import Section
from reports.render.document import Document
from reports.render.html import render_html
from reports.render.text import render_text
from reports.workbook import render_workbook

logger = logging.getLogger(__name__)


def without_broken(document: Document) -> Document:
    """The document with every section that cannot be laid out, in whatever form, told as failed.

    Where even a letter without sections cannot be laid out, the document says so in `failed_layout` and is sent as plain text.
    """
    try:
        render_html(replace(document, sections=()), lambda _chart: None)
    except Exception as error:
        logger.exception("the letter of %s cannot be laid out", document.name)
        return replace(document, failed_layout=reason_of(error))
    return replace(document, sections=tuple(_sound(document, section) for section in document.sections))


def _sound(document: Document, section: Section) -> Section:
    alone = replace(document, sections=(section,))
    try:
        render_text(alone)
        render_workbook([section], document.about, document.words, document.form)
        render_html(alone, lambda _chart: None)
    except Exception as error:
        logger.exception("section %s of %s cannot be laid out", section.name, document.name)
        return replace(section, state="failed", contents=(), reason=reason_of(error))
    return section


def reason_of(error: Exception) -> str:
    """An error as one short line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def plain_page(document: Document, text: str) -> str:
    """The plain twin as a page of its own.

    Args:
        document: whose letter it is.
        text: the plain twin.
    """
    note = escape(document.words.text("frame.plain"))
    return (
        f'<!DOCTYPE html><html lang="{document.words.locale}"><meta charset="utf-8"><title>{escape(document.subject)}</title>'
        f'<body style="font:14px/1.5 monospace"><p><b>! {note}</b></p><pre style="white-space:pre-wrap">{escape(text)}</pre></body></html>'
    )
