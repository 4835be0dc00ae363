"""Blocks stand apart: failures stay inside, undeclared questions are refused, stale zeros are not zeros."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from reports.blocks import Bars, Chart, Column, Content, Kpi, Table, Text
from reports.cells import comparison_text
from reports.compute import Block, compute
from reports.context import Context
from reports.figures.calls import missed_calls
from reports.figures.campaigns import Asked, totals
from reports.figures.compared import against
from reports.figures.customers import SLEEPING
from reports.figures.debts_in_depth import Asked as AskedDebts
from reports.figures.debts_in_depth import debt_blocks, orders
from reports.figures.funnel import funnel
from reports.figures.marketing import MARKETING, marketing
from reports.figures.mismatches import MISMATCHES
from reports.figures.operations import PAYABLES_DUE, PAYMENTS_DUE
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_MONTH, revenue_month, revenue_period
from reports.figures.stretch_revenue import stretch_block
from reports.figures.team import OPEN_DEALS
from reports.periods import Period
from reports.published import Published
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


@pytest.mark.parametrize(("limit", "is_told"), [(2, True), (1, False), (1000, False)])
def test_a_list_that_may_go_on_says_so(context: Context, limit: int, *, is_told: bool) -> None:
    """A question that gave all the rows it was asked for may have more; who asks for one row makes no list of it."""

    def debtors(asking: Context) -> Sequence[Content]:
        rows = asking.ask("receivables/by_customer", {"limit": limit})
        return [Table("debtors", "", (Column("debt", "", "money"),), tuple((row["debt"],) for row in rows))]

    section = compute(Block("receivables", debtors, ("receivables/by_customer",)), context)
    assert section is not None
    told = [content.text for content in section.contents if isinstance(content, Text)]
    assert told == ([context.words.text("note.first_rows", n=str(limit))] if is_told else [])


def test_sums_are_of_all_that_a_table_lists_only_the_first_of(complete_published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context.make(complete_published, Period("day", date(2026, 3, 31)), "ru")

    def money(block: Block) -> list[object]:
        section = compute(block, context)
        assert section is not None
        return [figure.value for content in section.contents if isinstance(content, Kpi) for figure in content.figures]

    blocks = (*debt_blocks(AskedDebts())[:1], PAYMENTS_DUE, PAYABLES_DUE)
    whole = [money(block) for block in blocks]
    assert all(found[-1] for found in whole)
    monkeypatch.setattr("reports.figures.operations.EVERY_ROW", 1)
    monkeypatch.setattr("reports.figures.debts_in_depth.PAGE_ROWS", 1)
    assert [money(block) for block in blocks] == whole


def test_an_optional_block_is_left_out_when_its_table_is_not_published(context: Context) -> None:
    block = Block("money_flow", broken, ("cash/flow",), optional=True)
    assert compute(block, context) is None
    failed = compute(replace(block, optional=False), context)
    assert failed is not None
    assert failed.state == "failed"


def _said(contents: Sequence[Content], _context: Context) -> Sequence[Content]:
    return contents


@pytest.mark.parametrize("block", [RECEIVABLES, MISMATCHES, SLEEPING, OPEN_DEALS])
def test_nothing_is_said_of_what_was_never_loaded(context: Context, empty_published: Published, block: Block) -> None:
    """A company without 1C read each morning that nobody owes it anything, and one without a CRM that both agree."""
    missing = replace(context, published=empty_published)
    contents: Sequence[Content]
    for contents in ([], [Text("a remark")]):
        bare = replace(block, build=partial(_said, contents), questions=(), optional=False)
        reasons = [section.reason for asked in (missing, context) if (section := compute(bare, asked)) is not None]
        assert reasons == [context.words.text(f"missing.{block.needs[0]}"), context.words.text(f"empty.{block.name}")]


def test_a_zero_from_a_stale_source_is_unknown_and_the_block_warns(context: Context) -> None:
    section = compute(MARKETING, context)
    assert section is not None
    kpi = section.contents[0]
    assert isinstance(kpi, Kpi)
    figures = {figure.name: figure for figure in kpi.figures}
    assert figures["marketing_cost_day"].value is None
    assert figures["marketing_cost_month"].value > 0
    told = "Данные источника Яндекс Директ устарели: последняя загрузка 29.03.2026 07:45. Цифры здесь могут быть неполными."
    assert section.warnings == (told,)


def test_a_stale_zero_falls_by_no_percent_and_is_no_bar_and_other_streams_have_their_own(context: Context) -> None:
    """Nothing has come since: neither the day, nor its change, nor its leads are known to be nothing."""
    nothing: Any = {"revenue": 0, "gross_profit": 0, "sales_count": 0, "orders_count": 0, "deals_won": 0, "leads": 0}
    day = Period("day", date(2026, 3, 30))

    def ask(question: str, params: dict[str, Any]) -> dict[str, Any]:
        return nothing if params["from_date"] == day.start or "won" in question else {**nothing, "revenue": 100}

    def told(*, stale: bool, late: frozenset[str] = frozenset()) -> tuple[Kpi, Bars]:
        asking = replace(context, period=day, stale=stale, late=late)
        object.__setattr__(asking, "one", ask)
        object.__setattr__(asking, "ask", lambda *_: [{"date": date(2026, 3, 27), "revenue": 100}])
        kpi, bars = revenue_period(asking)
        assert isinstance(kpi, Kpi)
        assert isinstance(bars, Bars)
        return kpi, bars

    kpi, bars = told(stale=True)
    assert [comparison.change for comparison in kpi.figures[0].comparisons] == [None, None]
    assert {bar.value for bar in bars.bars} == {100, None}
    assert [figure.value for figure in kpi.figures[-2:]] == [0, 0], "of the CRM, which is not late"
    kpi, bars = told(stale=False, late=frozenset({"leads"}))
    assert [comparison.change for comparison in kpi.figures[0].comparisons] == [-1, -1]
    assert {bar.value for bar in bars.bars} == {100, 0}
    assert [figure.value for figure in kpi.figures[-2:]] == [None, None]


@pytest.mark.parametrize(
    "question",
    ["revenue/totals", "cash/customers", "sales/leads", "sales/deals_closed", "calls/totals", "marketing/costs_total"],
)
def test_what_was_before_the_first_data_is_not_known_to_be_nothing(context: Context, question: str) -> None:
    assert set(context.one(question, context.between(date(1999, 1, 1), date(1999, 1, 31))).values()) == {None}
    assert None not in context.one(question, context.between(date(2026, 3, 1), date(2026, 3, 30))).values()


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


def test_a_debt_of_earlier_days_has_no_number_and_says_so(context: Context) -> None:
    owed = {"customer_name": "Кедр", "manager_name": None, "manager_key": None, "debt_base": 70, "due_date": None, "order_date": None}
    rows = [{**owed, "order_number": number, "amount_base": 70, "source_url": None} for number in ("З-1", None)]
    given: Any = SimpleNamespace(words=context.words, form=context.form, as_of=context.as_of, ask=lambda *_: rows)
    (table,) = orders(AskedDebts(), given)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["З-1", "Без номера"]


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


def test_a_part_of_a_month_against_a_whole_one_is_neither_good_nor_bad(context: Context) -> None:
    """On the third of a month everything would be red."""
    running, over = read_stretch("month", date(2026, 3, 20)), read_stretch("2026-02", date(2026, 3, 20))
    assert [one.tone for one in against(context, running, "previous", 50, 100)] == ["plain"]
    assert [one.tone for one in against(context, running, "previous", 50, 100, daily=True)] == ["bad"]
    assert [one.tone for one in against(context, over, "previous", 50, 100)] == ["bad"]


def test_a_month_that_is_over_has_no_forecast(context: Context) -> None:
    def names(period: Period) -> list[str]:
        kpi = revenue_month(replace(context, period=period))[0]
        assert isinstance(kpi, Kpi)
        return [figure.name for figure in kpi.figures]

    assert "forecast_month" in names(Period("day", date(2026, 3, 30)))
    assert "forecast_month" not in names(Period("month", date(2026, 2, 1)))


def test_a_lead_costs_what_the_channels_with_a_cost_paid_for_theirs(context: Context) -> None:
    """The same figure as on the page of marketing: leads that came by themselves do not make the paid ones cheaper."""
    bounds = context.between(context.month.start, context.period.end)
    costs = {row["channel"]: row["cost"] for row in context.ask("marketing/costs_by_channel", bounds) if row["cost"]}
    leads = {row["channel"]: row["leads"] for row in context.ask("marketing/leads_by_channel", bounds)}
    paid = sum(leads.get(channel, 0) for channel in costs)
    assert 0 < paid < sum(leads.values())
    kpi = marketing(context)[0]
    assert isinstance(kpi, Kpi)
    told = {figure.name: figure.note for figure in kpi.figures}["marketing_leads_month"]
    assert told.startswith(context.form.money(sum(costs.values()) / paid))


def test_calls_of_a_week_tell_their_day(context: Context) -> None:
    def kinds(period: Period) -> list[str]:
        table = missed_calls(replace(context, period=period))[1]
        assert isinstance(table, Table)
        return [column.kind for column in table.columns if column.place == "value"]

    assert kinds(Period("day", date(2026, 3, 30))) == ["time"]
    assert kinds(Period("week", date(2026, 3, 23))) == ["datetime"]


def test_the_load_of_a_week_is_that_of_its_end_and_the_calls_of_all_its_days() -> None:
    connection = duckdb.connect()
    connection.execute("create schema marts; create table marts.dim_managers as select 'm' as manager_key, 'Anna' as manager_name")
    connection.execute(
        "create table marts.manager_workload as select * from (values (date '2026-03-20', 'm', 9, 9, 9, 9, 9),"
        " (date '2026-03-27', 'm', 7, 3, 1, 2, 11), (date '2026-03-29', 'm', 6, 2, 0, 0, 0), (date '2026-03-25', 'n', 4, 4, 4, 0, 5))"
        " as rows (date, manager_key, open_deals, deals_without_task, tasks_overdue, meetings, calls_answered)"
    )
    sql = load_question("managers/workload").sql
    rows = connection.execute(sql, {"from_date": date(2026, 3, 23), "to_date": date(2026, 3, 29)}).fetchall()
    assert rows == [("m", "Anna", 6, 2, 0, 2, 11), ("n", None, 0, 0, 0, 0, 5)]


def test_only_who_drops_below_a_tier_is_told_to_lose_it() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema marts; create table marts.dim_customers as select '' as customer_key, '' as customer_name, '' as manager_key"
    )
    connection.execute("create table marts.dim_managers as select '' as manager_key, '' as manager_name")
    connection.execute(
        "create table marts.customer_turnover as select * from (values ('stays', 'Gold', 'Gold', 2100, 180),"
        " ('falls', 'Gold', 'Silver', 1700, 350),"
        " ('out', 'Silver', null, 500, 500), ('none', null, null, 90, 90)) as rows"
        " (customer_key, tier_name, tier_name_next_month, turnover_3m, leaving_next_month)"
    )
    rows = connection.execute(load_question("customers/leaving_window").sql, {"limit": 10}).fetchall()
    assert [row[0] for row in rows] == ["out", "falls"]


def test_a_week_of_one_day_is_called_by_that_day(context: Context) -> None:
    """March 2026 begins on a Sunday."""
    bars = stretch_block("2026-03").build(context)[1]
    assert isinstance(bars, Bars)
    assert [bar.label for bar in bars.bars][:2] == ["1 мар.", "2 мар. — 8 мар."]


def test_one_month_of_advertising_is_named_once(context: Context) -> None:
    def told(period: str) -> str:
        return next(one.text for one in totals(Asked(period=period), context) if isinstance(one, Text))

    assert "расходом, март 2026;" in told("2026-03")
    assert "расходом, январь 2026 — март 2026;" in told("2026-Q1")
