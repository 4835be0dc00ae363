"""Controls whose value lives in the address: a link, a reload and the browser's way back show the same view."""

from collections.abc import Mapping

import streamlit as st

from dashboards.widgets import alarm
from reports.context import Context
from reports.errors import PeriodError
from reports.periods import Period, add_months, parse_period, period_of

SPANS = (1, 3, 6, 12)
MONTHS_BACK = 24
LONGEST_TEXT = 100


def _keep(name: str, key: str, default: str, forget: tuple[str, ...]) -> None:
    value = str(st.session_state[key] or "")
    for gone in forget:
        st.query_params.pop(gone, None)
    if value in ("", default):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def told(name: str, options: Mapping[str, str], default: str, bad: str) -> str:
    """The value in the address; one that is no option is told and replaced by the default."""
    asked = st.query_params.get(name, default)
    if asked in options:
        return asked
    alarm(bad)
    return default


def select(name: str, label: str, options: Mapping[str, str], default: str, bad: str, *, forget: tuple[str, ...] = ()) -> str:
    """A choice out of a list.

    Args:
        name: its name in the address.
        label: what is chosen.
        options: words by value.
        default: the value that the address does not spell out.
        bad: the sentence for a value that is no option.
        forget: names that a new choice makes meaningless.
    """
    key = f"choice-{name}"
    st.session_state[key] = told(name, options, default, bad)
    chosen: str = st.selectbox(
        label,
        list(options),
        format_func=lambda value: options.get(value, value),
        key=key,
        on_change=_keep,
        args=(name, key, default, forget),
    )
    return chosen


def tabs(name: str, label: str, options: Mapping[str, str], default: str, bad: str, *, forget: tuple[str, ...] = ()) -> str:
    """A choice out of a few, all of them seen."""
    key = f"choice-{name}"
    st.session_state[key] = told(name, options, default, bad)
    chosen = st.segmented_control(
        label,
        list(options),
        format_func=lambda value: options.get(value, value),
        key=key,
        on_change=_keep,
        args=(name, key, default, forget),
        label_visibility="collapsed",
        required=True,
    )
    return str(chosen or default)


def text(name: str, label: str, placeholder: str, *, forget: tuple[str, ...] = ()) -> str:
    """A text to search for."""
    key = f"choice-{name}"
    st.session_state[key] = st.query_params.get(name, "")[:LONGEST_TEXT]
    typed = st.text_input(
        label, key=key, placeholder=placeholder, max_chars=LONGEST_TEXT, type="search", on_change=_keep, args=(name, key, "", forget)
    )
    return (typed or "").strip()


def month(context: Context) -> Period:
    """The month that a page ends with: `period` of the address (a day or a quarter leads to its last month), else the running one."""
    words, running = context.words, period_of("month", context.as_of)
    known = [add_months(running.start, -back) for back in range(MONTHS_BACK)]
    asked = st.query_params.get("period", running.key)
    try:
        found = period_of("month", parse_period(asked).end)
    except PeriodError:
        found = None
    if found is not None and parse_period(asked).start <= context.as_of:
        found = min(found, running, key=lambda period: period.start)
    else:
        alarm(words.text("page.bad_month"))
        found = running
    options = {period_of("month", start).key: context.form.month(start) for start in sorted({*known, found.start}, reverse=True)}
    st.session_state["choice-period"] = found.key
    chosen = st.selectbox(
        words.text("filter.month"),
        list(options),
        format_func=lambda key: options[key],
        key="choice-period",
        on_change=_keep,
        args=("period", "choice-period", running.key, ()),
    )
    return parse_period(str(chosen), "month")


def span(context: Context, default: int = 3) -> int:
    """How many months up to the chosen one."""
    options = {str(months): context.words.count("plural.months", months) for months in SPANS}
    return int(select("months", context.words.text("filter.months"), options, str(default), context.words.text("page.bad_filter")))


def one_of(context: Context, name: str, label: str, found: Mapping[str, str], *, forget: tuple[str, ...] = ()) -> str:
    """A filter by one of the values that the data has, everything by default; only offered when there is a choice."""
    words = context.words
    options = {"": words.text("filter.all"), **found}
    return select(name, label, options, "", words.text("page.bad_filter"), forget=forget)
