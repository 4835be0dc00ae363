"""Controls whose value lives in the address: a link, a reload and the browser's way back show the same view."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboards.widgets import alarm
from reports.context import Context
from reports.errors import PeriodError
from reports.figures.common import name_or
from reports.periods import add_months
from reports.stretches import DAILY_NAMES, VERSUS, Stretch, read_stretch

MONTHS_BACK = 24
LONGEST_TEXT = 100


# What the reader has chosen on the page that is being made: (label, choice) by name.
_MADE = "choices_made"


def begin() -> None:
    """A page begins: nothing is chosen on it yet."""
    st.session_state[_MADE] = {}


def made() -> list[str]:
    """The choices of the page so far, a line each."""
    return [f"{label}: {choice}" for label, choice in st.session_state.get(_MADE, {}).values() if choice]


def _note(name: str, label: str, choice: str) -> None:
    st.session_state.setdefault(_MADE, {})[name] = (label, choice)


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


def select(
    name: str, label: str, options: Mapping[str, str], default: str, bad: str, *, forget: tuple[str, ...] = (), asked: str | None = None
) -> str:
    """A choice out of a list.

    Args:
        name: its name in the address.
        label: what is chosen.
        options: words by value.
        default: the value that the address does not spell out.
        bad: the sentence for a value that is no option.
        forget: names that a new choice makes meaningless.
        asked: the value where the address was read already.
    """
    key = f"choice-{name}"
    st.session_state[key] = asked or told(name, options, default, bad)
    chosen: str = st.selectbox(
        label,
        list(options),
        format_func=lambda value: options.get(value, value),
        key=key,
        on_change=_keep,
        args=(name, key, default, forget),
    )
    _note(name, label, options.get(chosen, chosen))
    return chosen


def tabs(name: str, label: str, options: Mapping[str, str], default: str, bad: str) -> str:
    """A choice out of a few, all of them seen."""
    key = f"choice-{name}"
    st.session_state[key] = told(name, options, default, bad)
    chosen = st.segmented_control(
        label,
        list(options),
        format_func=lambda value: options.get(value, value),
        key=key,
        on_change=_keep,
        args=(name, key, default, ()),
        label_visibility="collapsed",
        required=True,
    )
    _note(name, label, options[str(chosen or default)])
    return str(chosen or default)


def text(name: str, label: str, placeholder: str) -> str:
    """A text to search for."""
    key = f"choice-{name}"
    st.session_state[key] = st.query_params.get(name, "")[:LONGEST_TEXT]
    typed = st.text_input(
        label, key=key, placeholder=placeholder, max_chars=LONGEST_TEXT, type="search", on_change=_keep, args=(name, key, "", ())
    )
    _note(name, label, (typed or "").strip())
    return (typed or "").strip()


def stretch(context: Context, names: Sequence[str], default: str) -> Stretch:
    """The stretch of days that a page is about: `period` of the address, by name or as a period is written.

    Args:
        context: the publication, words and formats.
        names: the names that the page offers, before the single months.
        default: the one that the address does not spell out.
    """
    words, form, as_of = context.words, context.form, context.as_of
    asked = st.query_params.get("period", default)
    try:
        found = read_stretch(asked, as_of)
        known = asked in names or asked not in DAILY_NAMES
    except (PeriodError, ValueError):
        known = False
    if not known:
        alarm(words.text("page.bad_period"))
        found = read_stretch(default, as_of)
    running = as_of.replace(day=1)
    months = {f"{month:%Y-%m}": form.month(month) for month in (add_months(running, -back) for back in range(1, MONTHS_BACK))}
    options = {name: words.text(f"stretch.{name}") for name in names} | months
    options = {found.key: _written(found, context), **options} if found.key not in options else options
    label = words.text("filter.period")
    chosen = read_stretch(select("period", label, options, default, words.text("page.bad_period"), asked=found.key), as_of)
    _note("period", label, f"{options.get(chosen.key, chosen.key)} ({told_days(chosen, context)})")
    return chosen


def _written(found: Stretch, context: Context) -> str:
    form = context.form
    if found.first == found.ends:
        return form.day_long(found.first)
    if found.months == 1:
        return form.month(found.first)
    return f"{form.day(found.first)} — {form.day(found.ends)}"


def told_days(found: Stretch, context: Context) -> str:
    """A stretch as days, for the line under a page's name."""
    form = context.form
    return form.day_long(found.first) if found.first == found.last else f"{form.day(found.first)} — {form.day(found.last)}"


def versus(context: Context) -> str:
    """What figures are compared with: the stretch before, or the same one a year ago."""
    options = {name: context.words.text(f"versus.{name}") for name in VERSUS}
    return select("versus", context.words.text("filter.versus"), options, "previous", context.words.text("page.bad_filter"))


def one_of(context: Context, name: str, label: str, found: Mapping[str, str], *, forget: tuple[str, ...] = ()) -> str:
    """A filter by one of the values that the data has; everything by default."""
    words = context.words
    options = {"": words.text("filter.all"), **found}
    return select(name, label, options, "", words.text("page.bad_filter"), forget=forget)


def manager(context: Context, question: str) -> str:
    """A filter by one of the people whom a question names; `none` is nobody."""
    people = {row["manager_key"] or "none": name_or(context, row["manager_name"], "none.manager") for row in context.ask(question)}
    return one_of(context, "manager", context.words.text("column.manager"), people)
