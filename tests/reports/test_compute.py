"""Blocks stand apart: failures stay inside, undeclared questions are refused, stale zeros are not zeros."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from reports.blocks import Chart, Content, Kpi, Text
from reports.cells import comparison_text
from reports.compute import Block, compute
from reports.context import Context
from reports.figures.compared import against
from reports.figures.funnel import funnel
from reports.figures.marketing import MARKETING
from reports.figures.revenue import HEADLINE, REVENUE_MONTH
from reports.questions import load_question
from reports.stretches import read_stretch


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


def test_pipelines_that_are_not_shown_are_told_and_the_chart_says_whose_it_is(context: Context) -> None:
    """The figures above are of all pipelines: those of the bars alone would not sum up to them."""
    rows = [
        {
            "source": "crm", "pipeline_name": f"P{number}", "stage_name": f"S{place}", "stage_kind": kind, "stage_position": place,
            "deals_reached": 40 - number - place, "amount_reached": 1, "deals_lost": 0, "deals_now": 1, "amount_now": 10,
        }
        for number in range(4)
        for place, kind in ((1, "open"), (2, "won"))
    ]  # fmt: skip
    given: Any = SimpleNamespace(words=context.words, form=context.form, month=context.month, ask=lambda *_: rows)
    contents = funnel(given)
    assert [one.text for one in contents if isinstance(one, Text)][-1] == "Показано воронок: 3 из 4; итоги в начале раздела — по всем."
    assert [one.title for one in contents if isinstance(one, Chart)] == ["Открытые сделки по этапам, сумма: P0 (crm)"]
    given.ask = lambda *_: rows[:6]
    assert not [one for one in funnel(given) if isinstance(one, Text) and "Показано" in one.text]


@pytest.mark.parametrize("question", ["return_by_channel", "models", "months"])
def test_a_profit_that_nobody_knows_is_no_profit_of_nothing(question: str) -> None:
    """Deals without sales in the books have no profit in the mart: a channel of them alone would show a return of −100 %."""
    connection = duckdb.connect()
    connection.execute(
        "create schema marts; create table marts.marketing_roi as select * from (values"
        " (date '2026-03-01', 'email', 'linear', 50.0, 0.0, 0.0), (date '2026-03-01', 'email', 'linear', 0.0, 70.0, null),"
        " (date '2026-04-01', 'email', 'linear', 10.0, 0.0, 0.0), (date '2026-05-01', 'email', 'linear', 10.0, 30.0, 6.0),"
        " (date '2026-05-01', 'email', 'linear', 0.0, 30.0, null)) as rows (month, channel, attribution_model, cost, revenue, gross_profit)"
    )
    connection.execute(
        "alter table marts.marketing_roi add column leads double; alter table marts.marketing_roi add column deals_won double"
    )
    connection.execute("alter table marts.marketing_roi add column new_customers double")
    sql = load_question(f"marketing/{question}").sql
    found = []
    for month in ("2026-03-01", "2026-04-01", "2026-05-01"):
        known = {"from_month": month, "to_month": month, "attribution_model": "linear", "channel": "email"}
        values = {name: value for name, value in known.items() if f"${name}" in sql}
        rows = connection.execute(sql, values)
        place = [column[0] for column in rows.description or []].index("gross_profit")
        found.append(rows.fetchall()[0][place])
    assert found == [None, 0, 6]


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [(0.48, 0.532, "▼ −5\u00a0п.\u00a0п."), (0.5, 0.4, "▲ +10\u00a0п.\u00a0п."), (0.4, 0.4, "= 0\u00a0п.\u00a0п."), (0.4, None, "—")],
)
def test_shares_are_compared_in_points(context: Context, now: float, before: float | None, told: str) -> None:
    """−10 % of a conversion of 53 % is read as 43 % by half of its readers."""
    comparison = against(context, read_stretch("2026-03", date(2026, 3, 31)), "previous", now, before, points=True)[0]
    assert comparison_text(comparison, context.form).startswith(f"{told} к ")
