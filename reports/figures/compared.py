"""A figure of a chosen stretch of days against the stretch that the reader compares with."""

from typing import Any

from reports.blocks import Comparison
from reports.context import Context
from reports.figures.common import change
from reports.stretches import Stretch


def against(
    context: Context,
    stretch: Stretch,
    versus: str,
    now: Any,
    before: Any,
    *,
    daily: bool = False,
    growth_is_good: bool = True,
    points: bool = False,
) -> tuple[Comparison, ...]:
    """The change, with the words that tell what it is held against.

    Args:
        context: whose words.
        stretch: what was chosen.
        versus: previous or year; empty for no comparison.
        now: the figure of the stretch.
        before: the figure of `stretch.earlier(versus)`.
        daily: whether both were summed by days; marts by month can only give the whole of an earlier stretch.
        growth_is_good: how the change reads.
        points: both are shares: −10 % of a conversion of 50 % could be read as 40 % or as 45 %.
    """
    if not versus:
        return ()
    kind = "stretch" if not stretch.runs else "days" if daily else "whole"
    words = context.words
    if points:
        moved = None if now is None or before is None else float(now) - float(before)
        return (Comparison(words.text(f"compare.{kind}_{versus}"), moved, growth_is_good, words.text("compare.points")),)
    return (Comparison(words.text(f"compare.{kind}_{versus}"), change(now, before), growth_is_good, is_part=kind == "whole"),)
