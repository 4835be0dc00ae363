"""Charts: pure functions from rows to plotly figures, in one theme, with labels written by the reader's formats.

The same figure goes to a page and, as PNG, into a mail. There a picture of 420 px is shown 312 px wide on a phone, so that type of
14 px is 10 px.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from reports.formatting import Formatter
from reports.theme import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = "Inter, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"
FONT_SIZE = 14
# the width of a letter of that type, and what names and bars have of the narrowest picture that is drawn, in pixels
LETTER, NARROWEST = 7.0, 296
LONGEST_LINE = 20


def blank_figure(theme: Theme, height: int, form: Formatter) -> go.Figure:
    """A figure without anything drawn yet, in the one look of all charts."""
    import plotly.graph_objects as go  # 7 MiB, which who only waits for something to draw need not hold

    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        paper_bgcolor=theme.paper,
        plot_bgcolor=theme.paper,
        font={"family": FONT, "size": FONT_SIZE, "color": theme.ink},
        margin={"l": 8, "r": 12, "t": 34, "b": 8},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "font": {"color": theme.muted}},
        hoverlabel={"bgcolor": theme.paper, "bordercolor": theme.line, "font": {"family": FONT, "color": theme.ink}},
        separators=".," if form.locale == "en" else ",\u00a0",
        bargap=0.28,
        dragmode=False,
    )
    figure.update_xaxes(
        showgrid=False, zeroline=False, linecolor=theme.line, tickfont={"color": theme.muted}, automargin=True, fixedrange=True
    )
    figure.update_yaxes(gridcolor=theme.line, zeroline=False, tickfont={"color": theme.muted}, automargin=True, fixedrange=True)
    return figure


def money_axis(figure: go.Figure, values: Sequence[Any], form: Formatter) -> None:
    """Round steps from the lowest of zero and the values to the highest, written short in the reader's language."""
    known = [float(value) for value in values if value is not None]
    low, high = min([0.0, *known]), max([1.0, *known])
    raw = (high - low) / 4
    magnitude = 10 ** (len(str(int(raw))) - 1)
    step = next((factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw), raw)
    ticks = [number * step for number in range(int(low // step), int(high // step) + 1)]
    written = [form.money_short(tick) if tick else "0" for tick in ticks]
    figure.update_yaxes(tickvals=ticks, ticktext=written, range=[min(0.0, low * 1.06), high * 1.06])


def cumulative(
    days: Sequence[tuple[date, bool]],
    revenue: Mapping[date, Any],
    last: date,
    plan: Any,
    before: Sequence[tuple[int, Any]],
    labels: Mapping[str, str],
    form: Formatter,
    theme: Theme,
) -> go.Figure:
    """The month's revenue as it grows, beside the plan spread over workdays and the previous month.

    Args:
        days: every day of the month and whether it is a workday.
        revenue: revenue by day.
        last: the last day to draw.
        plan: the month's plan, None for none.
        before: (day of month, revenue) of the previous month's same days.
        labels: words for fact, plan, previous_month.
        form: the reader's formats.
        theme: colours.
    """
    figure = blank_figure(theme, 270, form)
    drawn = [day for day, _ in days if day <= last]
    fact = list(accumulate(float(revenue.get(day, 0)) for day in drawn))
    earlier = list(accumulate(float(value) for _, value in before))
    if earlier:
        figure.add_scatter(
            x=[number for number, _ in before], y=earlier, mode="lines", name=labels["previous_month"], hoverinfo="text+name",
            line={"color": theme.quiet, "width": 2, "dash": "dot"}, hovertext=[form.money(value) for value in earlier],
        )  # fmt: skip
    target: list[float] = []
    workdays = sum(is_workday for _, is_workday in days)
    if plan and workdays:
        over = accumulate(int(is_workday) for _, is_workday in days)
        target = [float(plan) * count / workdays for count in over]
        figure.add_scatter(
            x=[day.day for day, _ in days], y=target, mode="lines", name=labels["plan"], hoverinfo="text+name",
            line={"color": theme.second, "width": 2, "dash": "dash"}, hovertext=[form.money(value) for value in target],
        )  # fmt: skip
    figure.add_scatter(
        x=[day.day for day in drawn], y=fact, mode="lines", name=labels["fact"], line={"color": theme.accent, "width": 3.5},
        hovertext=[form.money(value) for value in fact], hoverinfo="text+name",
    )  # fmt: skip
    if fact:
        figure.add_scatter(
            x=[drawn[-1].day], y=[fact[-1]], mode="markers", marker={"color": theme.accent, "size": 10}, showlegend=False, hoverinfo="skip"
        )
    ticks = [1, 5, 10, 15, 20, 25, len(days)]
    figure.update_xaxes(tickvals=ticks, ticktext=[str(tick) for tick in ticks], range=[0.6, len(days) + 0.6])
    money_axis(figure, [*fact, *target, *earlier], form)
    figure.update_layout(legend={"traceorder": "reversed"})
    return figure


def bars_and_line(
    days: Sequence[date], bars: Mapping[date, Any], line: Mapping[date, Any], labels: tuple[str, str], form: Formatter, theme: Theme
) -> go.Figure:
    """Two measures by day: one as bars, the other as a line over them.

    Args:
        days: the days to draw, without gaps.
        bars: the first measure by day.
        line: the second measure by day.
        labels: the measures' names.
        form: the reader's formats.
        theme: colours.
    """
    figure = blank_figure(theme, 270, form)
    heights = [float(bars.get(day, 0)) for day in days]
    points = [float(line.get(day, 0)) for day in days]
    figure.add_bar(
        x=list(days),
        y=heights,
        name=labels[0],
        marker={"color": theme.accent},
        hovertext=[form.money(value) for value in heights],
        hoverinfo="text+name",
    )
    figure.add_scatter(
        x=list(days), y=points, name=labels[1], mode="lines", line={"color": theme.second, "width": 2.5},
        hovertext=[form.money(value) for value in points], hoverinfo="text+name",
    )  # fmt: skip
    ticks = [day for number, day in enumerate(reversed(days)) if number % 7 == 0][::-1]
    figure.update_xaxes(tickvals=ticks, ticktext=[form.day(day, year=False) for day in ticks])
    money_axis(figure, [*heights, *points], form)
    return figure


def horizontal(
    labels: Sequence[str], values: Sequence[Any], form: Formatter, theme: Theme, height: int, notes: Sequence[str] | None = None
) -> go.Figure:
    """Amounts of money by name, the first on top, each with its amount written at its end.

    Args:
        labels: names; long ones take two lines of the axis and are cut behind those.
        values: amounts, same order.
        form: the reader's formats.
        theme: colours.
        height: of the picture in pixels.
        notes: a word more for each bar, under its amount: beside it there would be no room left for the bar on a phone.
    """
    figure = blank_figure(theme, height, form)
    amounts = [float(value) for value in values]
    written = [form.money_short(value) for value in amounts]
    if notes is not None:
        written = [f"{amount}<br>{_plain(note)}" for amount, note in zip(written, notes, strict=True)]
    places = list(range(len(labels)))
    figure.add_bar(
        x=amounts, y=places, orientation="h", marker={"color": theme.accent}, text=written, textposition="outside",
        constraintext="none", cliponaxis=False,
        textfont={"color": theme.ink}, hovertext=[form.money(value) for value in amounts], hoverinfo="text", showlegend=False,
    )  # fmt: skip
    short = [wrap(label, LONGEST_LINE, max_lines=2, placeholder="…") or [""] for label in labels]
    figure.update_yaxes(
        tickvals=places,
        ticktext=["<br>".join(map(_plain, lines)) for lines in short],
        autorange="reversed",
        showgrid=False,
        tickfont={"color": theme.ink},
        ticklabelstandoff=6,
    )
    # the longest bar leaves room for what is written at its end
    names = LETTER * max((len(line) for lines in short for line in lines), default=0)
    told = LETTER * (max((len(line) for text in written for line in text.split("<br>")), default=0) + 1)
    room = max(NARROWEST - names, told * 1.2)
    figure.update_xaxes(showticklabels=False, showline=False, range=[0, max([1.0, *amounts]) * room / (room - told)])
    figure.update_layout(margin={"t": 4, "b": 4}, bargap=0.4)
    return figure


def _plain(label: str) -> str:
    """Text that plotly does not take for its own markup."""
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
