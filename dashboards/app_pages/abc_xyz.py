"""/abc_xyz: the matrix of customers or goods, its borders tried out, the items of a cell, and who moved between classes."""

import re

import streamlit as st

from dashboards import choices
from dashboards.components import Opens, matrix
from dashboards.navigation import go
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.blocks import Chart, Table
from reports.figures.cells_abc import ABC, MEASURES, SUBJECTS, XYZ, Asked, cell_block, cells_of, item_block
from reports.figures.class_moves import CLASSES, SINCE, moved_block, moves_block, moves_of
from reports.figures.class_moves import Asked as MovesAsked

KEEP = ("lang", "subject", "measure", "borders", "since")
CARD = Opens("customers", "customer", "item_key")
OPENS = {"abc_customers": CARD, "moved_customers": CARD}
CELLS = Opens("abc_xyz", "segment", "", KEEP)
MOVES = Opens("abc_xyz", "move", "", KEEP)
# A and A with B in percent of the measure, X and X with Y in percent of variation.
Borders = tuple[int, int, int, int]
BLOCKS = (
    *(block(Asked(subject)) for subject in SUBJECTS for block in (cell_block, item_block)),
    *(block(MovesAsked(subject)) for subject in SUBJECTS for block in (moves_block, moved_block)),
)
LOOKUPS = ()


def show() -> None:
    """The page."""
    screen = open_screen("abc_xyz")
    if screen is None:
        return
    screen.head(screen.words.text("about.abc_xyz"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon((cell_block(asked),), asked)
    screen.lay_out(found, ((("abc_cells",),),), drawn={"abc_cells": lambda content: _matrix(screen, asked, content)})
    if asked.segment:
        found |= screen.reckon((item_block(asked),), asked)
        screen.lay_out(found, ((("abc_items",),),), OPENS)
    moves = _moves_asked(screen, asked)
    found |= screen.reckon((moves_block(moves),), moves)
    screen.lay_out(found, ((("abc_moves",),),), drawn={"abc_moves": lambda content: _moves(screen, moves, content)})
    if moves.move:
        found |= screen.reckon((moved_block(moves),), moves)
        screen.lay_out(found, ((("abc_moved",),),), OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    words = screen.words
    subjects = {name: words.text(f"subject.{name}") for name in SUBJECTS}
    subject = choices.select(
        "subject", words.text("filter.subject"), subjects, "customer", words.text("page.bad_filter"), forget=("segment",)
    )
    measures = {name: words.text(f"measure.{name}") for name in MEASURES[subject]}
    measure = choices.select("measure", words.text("filter.measure"), measures, "revenue", words.text("page.bad_filter"))
    segment = st.query_params.get("segment", "")
    if segment and segment not in {f"{abc}{xyz}" for abc in ABC for xyz in XYZ}:
        alarm(words.text("page.bad_filter"))
        segment = ""
    return Asked(subject, measure, _borders(screen), segment)


def _moves_asked(screen: Screen, asked: Asked) -> MovesAsked:
    words = screen.words
    with st.container(key="since"):
        options = {str(months): words.text("filter.since_months", months=words.count("plural.months", months)) for months in SINCE}
        since = choices.select("since", words.text("filter.since"), options, "3", words.text("page.bad_filter"), forget=("move",))
    move = st.query_params.get("move", "")
    if move and move not in {f"{was}{became}" for was in CLASSES for became in CLASSES}:
        alarm(words.text("page.bad_filter"))
        move = ""
    shares = asked.borders[:2] if asked.borders else usual_borders(screen)[:2]
    return MovesAsked(asked.subject, asked.measure, shares, int(since), move)


def _borders(screen: Screen) -> Borders | None:
    """The borders of the address as `80-95-10-25`, or None for those of the marts."""
    words = screen.words
    asked = st.query_params.get("borders", "")
    tried = read_borders(asked)
    if asked and tried is None:
        alarm(words.text("page.bad_filter"))
    shown = tried or usual_borders(screen)
    with st.popover(words.text("filter.borders"), icon=":material/tune:"), st.form("borders", border=False):
        shares = st.slider(words.text("filter.shares"), 1, 100, (shown[0], shown[1]), format="%d %%")
        variations = st.slider(words.text("filter.variations"), 1, 100, (shown[2], shown[3]), format="%d %%")
        st.caption(words.text("note.borders"))
        if st.form_submit_button(words.text("filter.try")):
            st.query_params["borders"] = "-".join(str(border) for border in (*shares, *variations))
            st.rerun()
    if tried is not None and st.button(words.text("filter.own_borders"), type="tertiary"):
        st.query_params.pop("borders", None)
        st.rerun()
    return tried


def usual_borders(screen: Screen) -> Borders:
    """What the marts were built with."""
    share_a, share_b, variation_x, variation_y = (round(100 * border) for border in screen.context.publication.thresholds.borders)
    return share_a, share_b, variation_x, variation_y


def read_borders(text: str) -> Borders | None:
    """Four whole numbers of percent with dashes between them, in order; None for anything else."""
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})", text, re.ASCII)
    if found is None:
        return None
    share_a, share_b, variation_x, variation_y = (int(part) for part in found.groups())
    in_order = 0 < share_a <= share_b <= 100 and 0 < variation_x <= variation_y <= 100
    return (share_a, share_b, variation_x, variation_y) if in_order else None


def _matrix(screen: Screen, asked: Asked, content: Chart | Table) -> bool:
    if not isinstance(content, Table) or not content.rows:
        return False
    form, words = screen.form, screen.words
    found = cells_of(content)
    columns = [xyz for xyz in XYZ if xyz != "N" or any(name.endswith("N") for name in found)]
    kind = "integer" if asked.measure == "quantity" else "money"
    rows = []
    for abc in ABC:
        cells = []
        for xyz in columns:
            items, value, part, margin, stock = found.get(f"{abc}{xyz}", (0, None, None, None, None))
            written = form.money_short(value) if kind == "money" and value is not None else form.value("integer", value)
            lines = [f"{written} · {form.percent(part)}"] if items else []
            lines += [words.text("note.margin", margin=form.percent(margin, 1))] if margin is not None else []
            lines += [words.text("note.stock", amount=form.money_short(stock))] if stock else []
            cells.append(
                {
                    "key": f"{abc}{xyz}",
                    "value": form.number(items),
                    "lines": lines,
                    "weight": round(100 * max(part or 0, 0)),
                    "chosen": asked.segment == f"{abc}{xyz}",
                    "empty": not items,
                }
            )
        rows.append({"label": abc, "cells": cells})
    opened = matrix("abc-matrix", words.text(f"subject.{asked.subject}"), columns, rows)
    if opened:
        go("abc_xyz", CELLS.query(opened))
    return True


def _moves(screen: Screen, asked: MovesAsked, content: Chart | Table) -> bool:
    if not isinstance(content, Table) or not content.rows:
        return False
    form, words = screen.form, screen.words
    found = moves_of(content)
    most = max(row[0] for row in found.values())
    rows = []
    for was in CLASSES:
        cells = []
        for became in CLASSES:
            if was == became == "0":
                continue
            items, _, value = found.get(f"{was}{became}", (0, None, None))
            written = form.money_short(value) if asked.measure != "quantity" and value is not None else form.value("integer", value)
            cells.append(
                {
                    "key": f"{was}{became}",
                    "value": form.number(items),
                    "lines": [written] if items and became != "0" else [],
                    "weight": round(100 * items / most),
                    "chosen": asked.move == f"{was}{became}",
                    "empty": not items,
                }
            )
        rows.append({"label": words.text(f"move.from_{was.lower()}"), "cells": cells})
    columns = [words.text(f"move.to_{became.lower()}") for became in CLASSES]
    opened = matrix("abc-moves", words.text("move.corner"), columns, rows)
    if opened:
        go("abc_xyz", MOVES.query(opened))
    return True
