"""Charts of longer stretches: months as bars with a line over them, and a grid of coloured cells; same look as charts.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from reports.charts import blank_figure, money_axis
from reports.formatting import Formatter
from reports.theme import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

CELL_HEIGHT = 30
TICKS = 8


def _month_ticks(figure: go.Figure, months: Sequence[date], form: Formatter) -> None:
    """At most eight labels, the last month always among them, the year under the first and every January."""
    step = -(-len(months) // TICKS)
    ticks = [month for number, month in enumerate(reversed(months)) if number % step == 0][::-1]
    written = [
        f"{form.month_short(month)}<br>{month.year}" if number == 0 or month.year != ticks[number - 1].year else form.month_short(month)
        for number, month in enumerate(ticks)
    ]
    figure.update_xaxes(
        type="category", tickvals=[month.isoformat() for month in ticks], ticktext=written, tickangle=0, tickfont={"size": 12}
    )


def months_of_money(
    months: Sequence[date], series: Sequence[tuple[str, Sequence[Any]]], form: Formatter, theme: Theme, height: int = 270
) -> go.Figure:
    """Money by month: the first series as bars, the others as lines over them.

    Args:
        months: the months to draw, without gaps.
        series: (name, amounts in the months' order); None leaves a gap.
        form: the reader's formats.
        theme: colours.
        height: of the picture in pixels.
    """
    figure = blank_figure(theme, height, form)
    places = [month.isoformat() for month in months]
    amounts: list[Any] = []
    for number, (name, values) in enumerate(series):
        known = [None if value is None else float(value) for value in values]
        amounts += known
        hover = [f"{form.month(month)}: {form.money(value)}" for month, value in zip(months, known, strict=True)]
        if number == 0:
            figure.add_bar(x=places, y=known, name=name, marker={"color": theme.accent}, hovertext=hover, hoverinfo="text+name")
        else:
            line = {"color": theme.series[number], "width": 2.5}
            figure.add_scatter(x=places, y=known, name=name, mode="lines+markers", line=line, hovertext=hover, hoverinfo="text+name")
    _month_ticks(figure, months, form)
    money_axis(figure, amounts, form)
    if len(series) == 1:
        figure.update_layout(showlegend=False, margin={"t": 8})
    return figure


def grid_of_cells(
    columns: Sequence[str],
    rows: Sequence[str],
    values: Sequence[Sequence[float | None]],
    written: Sequence[Sequence[str]],
    form: Formatter,
    theme: Theme,
    *,
    most: float | None = None,
) -> go.Figure:
    """A grid whose cells are the fuller in colour the more they hold, each with its value written in it.

    Args:
        columns: names over the columns.
        rows: names beside the rows, the first on top.
        values: by row and column; None is left empty.
        written: what stands in each cell.
        form: the reader's formats.
        theme: colours.
        most: the value of the full colour; the largest one by default.
    """
    figure = blank_figure(theme, CELL_HEIGHT * len(rows) + 40, form)
    top = most if most is not None else max((value for row in values for value in row if value is not None), default=1.0)
    figure.add_heatmap(
        z=[list(row) for row in values],
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        zmin=0,
        zmax=top or 1,
        showscale=False,
        xgap=2,
        ygap=2,
        colorscale=[[0, theme.track], [1, theme.cell]],
        text=[list(row) for row in written],
        texttemplate="%{text}",
        textfont={"size": 11, "color": theme.ink},
        hoverinfo="skip",
    )
    figure.update_xaxes(
        side="top", tickvals=list(range(len(columns))), ticktext=list(columns), showline=False, ticks="", tickfont={"size": 11}
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=list(rows), autorange="reversed", showgrid=False, ticks="", tickfont={"size": 12}
    )
    figure.update_layout(margin={"t": 28, "b": 4, "l": 4, "r": 4})
    return figure


def months_of_days(
    months: Sequence[date], series: Sequence[tuple[str, Sequence[Any]]], form: Formatter, theme: Theme, height: int = 270
) -> go.Figure:
    """Days by month, one line per series.

    Args:
        months: the months to draw, without gaps.
        series: (name, days in the months' order); None leaves a gap.
        form: the reader's formats.
        theme: colours.
        height: of the picture in pixels.
    """
    figure = blank_figure(theme, height, form)
    places = [month.isoformat() for month in months]
    for number, (name, values) in enumerate(series):
        hover = [f"{form.month(month)}: {form.number(value, 1)}" for month, value in zip(months, values, strict=True)]
        line = {"color": theme.series[number], "width": 2.5}
        figure.add_scatter(x=places, y=list(values), name=name, mode="lines+markers", line=line, hovertext=hover, hoverinfo="text+name")
    _month_ticks(figure, months, form)
    figure.update_yaxes(rangemode="tozero")
    return figure
