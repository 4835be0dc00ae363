"""The published file as pages see it: opened once per version and shared; answers cached by version, scope, period and language."""

import logging
import threading
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from reports.access import Scope
from reports.blocks import Chart, Content, Section
from reports.compute import Block, compute
from reports.context import Context
from reports.periods import Period
from reports.publications import open_publication
from reports.published import Published, resolve_current
from reports.settings import Settings
from reports.theme import Theme

# A page that is being drawn may still hold the version before; the third newest is surely let go.
VERSIONS_OPEN = 3

logger = logging.getLogger(__name__)

_open: dict[Path, Published] = {}
_lock = threading.Lock()
_drawing = threading.Lock()


def current(settings: Settings) -> Published:
    """The version that CURRENT points at right now; a new publication shows on the next action of an open page.

    Raises:
        PublishedError: if nothing is published yet.
    """
    path = resolve_current(settings.warehouse.published)
    with _lock:
        if path not in _open:
            _open[path] = open_publication(path, settings.warehouse)
            for oldest in list(_open)[:-VERSIONS_OPEN]:
                _open.pop(oldest).close()
        return _open[path]


@st.cache_resource(max_entries=256, show_spinner=False)
def _sections(
    key: tuple[str, tuple[str, ...], str], scope: Scope, period: Period, locale: str, _published: Published, _blocks: Sequence[Block]
) -> tuple[Section, ...]:
    """Reckons blocks once per (version, block names, filters), scope, period and language; underscored names do not count into the key."""
    logger.debug("reckoning %s", key)
    context = Context.make(_published, period, locale, scope)
    found = (compute(block, context) for block in _blocks)
    return tuple(replace(section, contents=tuple(map(_drawn_once, section.contents))) for section in found if section is not None)


def _drawn_once(content: Content) -> Content:
    """A chart that is drawn once per theme, not at every opening: plotly takes 30 to 70 ms for one.

    One at a time: plotly loads its parts when they are first needed, and two threads that need the same part find half of it.
    """
    if not isinstance(content, Chart):
        return content
    drawn = cache(content.draw)

    def draw(theme: Theme) -> Any:
        with _drawing:
            return drawn(theme)

    return replace(content, draw=draw)


def sections(
    published: Published, scope: Scope, period: Period, locale: str, blocks: Sequence[Block], asked: Hashable = None
) -> tuple[Section, ...]:
    """Reckoned blocks of a page, cached by published version and scope.

    Args:
        published: the open publication.
        scope: whose rows the reader may see.
        period: what the page is about.
        locale: the reader's language.
        blocks: what to reckon.
        asked: the filters that the blocks were made with; it must tell apart all that the blocks' names do not.
    """
    key = (published.version, tuple(block.name for block in blocks), repr(asked))
    return _sections(key, scope, period, locale, published, blocks)
