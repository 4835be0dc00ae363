"""/abc_xyz: the matrix of customers or goods, its borders tried out, the items of a cell."""

import re

import streamlit as st

from dashboards import choices
from dashboards.components import Opens, matrix
from dashboards.navigation import go
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.blocks import Chart, Table
from reports.figures.cells_abc import ABC, MEASURES, SUBJECTS, XYZ, Asked, cell_block, cells_of, item_block

KEEP = ("lang", "subject", "measure", "borders")
OPENS = {"abc_customers": Opens("customers", "customer", "item_key")}
CELLS = Opens("abc_xyz", "segment", "", KEEP)
# A and A with B in percent of the measure, X and X with Y in percent of variation: what the marts use unless they were set.
Borders = tuple[int, int, int, int]
USUAL: Borders = (80, 95, 10, 25)
BLOCKS = tuple(block(Asked(subject)) for subject in SUBJECTS for block in (cell_block, item_block))
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


def _borders(screen: Screen) -> Borders | None:
    """The borders of the address as `80-95-10-25`, or None for those of the marts."""
    words = screen.words
    asked = st.query_params.get("borders", "")
    tried = read_borders(asked)
    if asked and tried is None:
        alarm(words.text("page.bad_filter"))
    shown = tried or USUAL
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
            items, value, part = found.get(f"{abc}{xyz}", (0, None, None))
            written = form.money_short(value) if kind == "money" and value is not None else form.value("integer", value)
            lines = [f"{written} · {form.percent(part)}"] if items else []
            cells.append(
                {
                    "key": f"{abc}{xyz}",
                    "value": form.number(items),
                    "lines": lines,
                    "weight": round(100 * max(part or 0, 0)),
                    "chosen": asked.segment == f"{abc}{xyz}",
                }
            )
        rows.append({"label": abc, "cells": cells})
    opened = matrix("abc-matrix", words.text(f"subject.{asked.subject}"), columns, rows)
    if opened:
        go("abc_xyz", CELLS.query(opened))
    return True
