"""Blocks stand apart: failures stay inside, undeclared questions are refused, stale zeros are not zeros."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from reports.blocks import Content, Kpi, Text
from reports.compute import Block, compute
from reports.context import Context
from reports.figures.marketing import MARKETING
from reports.figures.revenue import HEADLINE, REVENUE_MONTH


def broken(_context: Context) -> Sequence[Content]:
    msg = "the figure cannot be had"
    raise ZeroDivisionError(msg)


def asks_more(context: Context) -> Sequence[Content]:
    context.ask("receivables/totals")
    return []


def test_a_failure_gives_its_reason_and_leaves_its_trace_in_the_log(context: Context, caplog: pytest.LogCaptureFixture) -> None:
    section = compute(Block("cash", broken, ()), context)
    assert section is not None
    assert (section.state, section.reason, section.contents) == ("failed", "the figure cannot be had", ())
    assert "ZeroDivisionError" in caplog.text


def test_a_block_that_asks_what_it_did_not_declare_fails(context: Context, caplog: pytest.LogCaptureFixture) -> None:
    section = compute(Block("cash", asks_more, ("cash/customers",)), context)
    assert section is not None
    assert section.state == "failed"
    assert "without declaring it" in section.reason


def test_an_optional_block_is_left_out_when_its_table_is_not_published(context: Context) -> None:
    block = Block("money_flow", broken, ("cash/flow",), optional=True)
    assert compute(block, context) is None
    failed = compute(replace(block, optional=False), context)
    assert failed is not None
    assert failed.state == "failed"


def test_a_zero_from_a_stale_source_is_unknown_and_the_block_warns(context: Context) -> None:
    section = compute(MARKETING, context)
    assert section is not None
    kpi = section.contents[0]
    assert isinstance(kpi, Kpi)
    figures = {figure.name: figure for figure in kpi.figures}
    assert figures["marketing_cost_day"].value is None
    assert figures["marketing_cost_month"].value > 0
    assert section.warnings == ("Данные источника ads устарели: последняя загрузка 29.03.2026 07:45. Цифры здесь могут быть неполными.",)


def test_the_headline_tells_day_month_and_forecast(context: Context) -> None:
    section = compute(HEADLINE, context)
    assert section is not None
    text = section.contents[0]
    assert isinstance(text, Text)
    assert text.text.count(". ") == 2


def test_the_plan_is_beside_the_pace_of_the_month(context: Context) -> None:
    section = compute(REVENUE_MONTH, context)
    assert section is not None
    kpi = section.contents[0]
    assert isinstance(kpi, Kpi)
    progress = kpi.figures[0].progress
    assert progress is not None
    plan = context.one("plan/month", {"month": context.month.start})["plan_revenue"]
    assert progress.share == pytest.approx(float(kpi.figures[0].value) / float(plan))
    assert progress.pace == pytest.approx(20 / 21)
