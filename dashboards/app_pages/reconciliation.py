"""/reconciliation: where the accounting system and the CRM disagree, money first, with the way to both."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.figures.disagreements import SEVERITIES, Asked, disagreement_blocks

ROWS = ((("disagreements",),), (("disagreement_issues",),))
OPENS = {
    "disagreements": Opens("reconciliation", "check", "check_name", keep=("lang", "severity")),
    "disagreement_issues": Opens("customers", "customer", "customer_key"),
}
BLOCKS = disagreement_blocks(Asked())
MART = "reconciliation"
LOOKUPS = ()


def show() -> None:
    """The page."""
    screen = open_screen("reconciliation")
    if screen is None:
        return
    screen.head(screen.words.text("about.reconciliation"))
    if not screen.context.published.has((MART,)):
        alarm(screen.words.text("page.no_reconciliation"))
        screen.close({})
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon(disagreement_blocks(asked), asked)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context, words = screen.context, screen.words
    names = {row["check_name"] for row in context.ask("reconciliation/checks")}
    checks = {name: words.choice("check", name) for name in sorted(names)}
    check = choices.one_of(context, "check", words.text("column.check"), checks)
    severities = {name: words.text(f"gravity.{name}") for name in SEVERITIES}
    return Asked(check, choices.one_of(context, "severity", words.text("column.severity"), severities))
