"""Questions: plain selects over published marts that the engine can bind, each used by some block."""

import importlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.navigation import ADDRESSES
from reports import figures
from reports.alerts_rules import RULES
from reports.catalogue import all_reports
from reports.published import Published
from reports.questions import QUERIES, Question, all_questions, load_question
from tests.reports.published_fixture import contract_tables

VALUES: dict[str, object] = {
    "from_date": date(2026, 3, 1),
    "to_date": date(2026, 3, 30),
    "from_instant": datetime(2026, 2, 28, 21, tzinfo=UTC),
    "to_instant": datetime(2026, 3, 30, 21, tzinfo=UTC),
    "month": date(2026, 3, 1),
    "from_month": date(2026, 1, 1),
    "to_month": date(2026, 3, 1),
    "limit": 10,
    "attribution_model": "last_touch",
    "lifecycle": "sleeping",
    "first": "ромашка",
    "second": "77",
    "third": "",
    "customer": "books:c1",
    "products": ["books:p1", "books:p2"],
    "as_of": date(2026, 3, 31),
    "source": "sales",
    "pipeline": "Продажи",
    "stage": "sales:1:11",
    "manager": "",
    "department": "",
    "channel": "",
    "campaign": "ads:1",
    "timezone": "Europe/Moscow",
    "measure": "revenue",
    "segment": "AX",
    "rfm_segment": "champions",
    "year_ago": date(2025, 3, 31),
    "tried": True,
    "share_a": 0.8,
    "share_b": 0.95,
    "variation_x": 0.1,
    "variation_y": 0.25,
    "due_from": date(2025, 1, 1),
    "due_to": date(2026, 3, 31),
    "check": "",
    "severity": "",
    "deals": ["sales:1"],
    "orders": ["books:o1"],
    "customers": ["books:c1"],
    "deal": "sales:1",
    "move": "AB",
    "before_from_month": date(2025, 1, 1),
    "before_to_month": date(2025, 12, 1),
    "before_from_date": date(2025, 1, 1),
    "before_to_date": date(2025, 12, 31),
}
# Engine-only forms that the same questions could not ask on another engine.
ENGINE_ONLY = re.compile(
    r"::|\blist_\w+|\bstruct\b|\bunnest\b|\bdate_diff\b|\bqualify\b|\bexclude\b|\bfilter\s*\(|\bgroup by all\b", re.IGNORECASE
)


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


@pytest.mark.parametrize("question", all_questions(), ids=lambda question: question.name)
class TestEveryQuestion:
    def test_binds_and_answers(self, question: Question, complete_published: Published) -> None:
        complete_published.query(question.name, VALUES)

    def test_is_one_select_over_marts(self, question: Question) -> None:
        parsed = duckdb.connect().execute("select json_serialize_sql(cast($sql as varchar))", {"sql": question.sql}).fetchall()
        tree = json.loads(parsed[0][0])
        assert not tree["error"], tree
        assert len(tree["statements"]) == 1
        read = {(node["schema_name"], node["table_name"]) for node in nodes(tree) if node.get("type") == "BASE_TABLE"}
        assert read == {("marts", table) for table in question.tables}

    def test_joins_no_facts_and_stays_portable(self, question: Question) -> None:
        facts = {table for table in question.tables if not table.startswith("dim_")}
        assert len(facts) <= 1, facts
        assert not ENGINE_ONLY.search(question.sql)

    def test_says_on_its_first_line_what_it_asks(self, question: Question) -> None:
        first = question.sql.splitlines()[0]
        assert first.startswith("-- ")
        assert first.rstrip().endswith((".", ",", "it")) or len(first) > 40

    def test_is_asked_by_some_block(self, question: Question) -> None:
        asked = {name for report in all_reports().values() for block in (report.headline, *report.blocks) for name in block.questions}
        pages = [importlib.import_module(f"dashboards.app_pages.{name}") for name in ADDRESSES]
        asked |= {name for page in pages for block in page.BLOCKS for name in block.questions}
        asked |= {name for page in pages for name in getattr(page, "LOOKUPS", ())}
        asked |= {name for rule in RULES.values() for name in rule.questions}
        # the second by a publication for the names of its sources, the third by `skvoz check`
        always = {"data/freshness", "data/sources", "managers/everybody"}
        assert question.name in asked | always


def test_blocks_name_questions_and_pages_that_exist() -> None:
    for report in all_reports().values():
        for block in (report.headline, *report.blocks):
            for name in block.questions:
                load_question(name)
            assert block.page.partition("?")[0] in ("", *ADDRESSES), block.name
    led = {block.name for report in all_reports().values() for block in report.blocks if block.page}
    assert {"funnel", "receivables", "managers", "marketing", "calls", "customers_sleeping", "freshness"} <= led


def test_no_sql_stands_in_python() -> None:
    folder = Path(figures.__file__).parent
    for path in folder.glob("*.py"):
        assert "select " not in path.read_text(encoding="utf-8").lower(), path
    assert list(QUERIES.glob("*/*.sql"))


def answer(name: str, tables: dict[str, list[dict[str, Any]]], values: dict[str, object]) -> list[tuple[Any, ...]]:
    """Rows of a question over marts that hold only these rows."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema marts")
    question, contract = load_question(name), contract_tables()
    for table in question.tables:
        columns = ", ".join(f'"{column}" {kind}' for column, kind in contract[table]["columns"].items())
        connection.execute(f"create table marts.{table} ({columns})")
        for row in tables.get(table, []):
            connection.execute(f"insert into marts.{table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))
    return connection.execute(question.sql, values).fetchall()


def test_a_debt_without_a_customer_is_its_own_managers() -> None:
    """(Whose row it is: the manager of the row's customer; without a customer, its own.)"""
    debts: list[dict[str, Any]] = [
        {"order_key": "1", "customer_key": "c", "manager_key": "seller", "debt": 100, "overdue_days": 0},
        {"order_key": "2", "customer_key": None, "manager_key": "seller", "debt": 70, "overdue_days": 3},
        {"order_key": "3", "customer_key": "nobody's", "manager_key": "seller", "debt": 5, "overdue_days": 0},
    ]
    customers: list[dict[str, Any]] = [{"customer_key": "c", "manager_key": "keeper"}, {"customer_key": "nobody's", "manager_key": None}]
    found = answer("receivables/by_manager", {"receivables": debts, "dim_customers": customers}, {})
    assert {row[0]: tuple(map(float, row[2:])) for row in found} == {"seller": (70, 70, 0), "keeper": (100, 0, 1), None: (5, 0, 1)}


def test_a_card_tells_the_whole_debt_of_a_customer_with_more_orders_than_it_lists() -> None:
    """A hundred and twenty orders of 10, the last twenty of them not due yet: the card lists a hundred."""
    orders: list[dict[str, Any]] = [
        {
            "customer_key": "c",
            "order_key": f"o{number:03}",
            "order_date": date(2026, 1, 1),
            "debt_base": 10,
            "due_date": date(2026, 3, 1) if number < 100 else date(2026, 5, 1),
        }
        for number in range(120)
    ]
    found = answer("card/debts", {"fct_orders": orders}, {"customer": "c", "as_of": date(2026, 3, 31)})
    assert len(found) == load_question("card/debts").most == 100
    assert {tuple(map(float, row[-2:])) for row in found} == {(1200, 1000)}


def test_deals_that_stood_open_at_the_end_of_a_past_day() -> None:
    """(A publication may be made for a past day: what was created or closed later is not known to it.)"""
    end = VALUES["to_instant"]
    times = {"before": "2026-03-01 10:00+00", "later": "2026-04-02 10:00+00"}
    deals = [
        {"deal_key": "open", "deal_status": "open", "stage_name": "Новая", "created_at": times["before"]},
        {
            "deal_key": "won later",
            "deal_status": "won",
            "stage_name": "Успешно",
            "created_at": times["before"],
            "closed_at": times["later"],
        },
        {"deal_key": "won", "deal_status": "won", "stage_name": "Успешно", "created_at": times["before"], "closed_at": times["before"]},
        {"deal_key": "created later", "deal_status": "open", "stage_name": "Новая", "created_at": times["later"]},
    ]
    found = answer("sales/open_deals", {"fct_deals": deals}, {"to_instant": end, "limit": 10})
    assert [(row[0], row[2]) for row in found] == [("open", "Новая"), ("won later", None)]


def test_borders_that_are_tried_out_class_what_the_mart_would() -> None:
    """(Equal values get one class, and who sees a part of the customers sees the classes they have among all.)"""
    shares = {"a": (40, 0.4, 0.4), "b": (20, 0.2, 0.8), "c": (20, 0.2, 0.8), "d": (10, 0.1, 0.9), "e": (-5, 0, 0)}
    rows = [
        {"measure": "revenue", "customer_key": key, "value": value, "value_share": share, "cumulative_share": cumulative, "xyz_class": "X"}
        for key, (value, share, cumulative) in shares.items()
    ]

    def classes(shown: list[dict[str, Any]], share_a: float) -> dict[str, int]:
        values = {**VALUES, "share_a": share_a, "share_b": 0.9, "measure": "revenue"}
        asked = load_question("segments/customer_cells").parameters
        found = answer("segments/customer_cells", {"abc_xyz_customers": shown}, {name: values[name] for name in asked})
        return {row[0]: row[2] for row in found}

    assert classes(rows, 0.5) == {"A": 3, "B": 1, "C": 1}
    assert classes(rows, 0.4) == {"A": 1, "B": 3, "C": 1}
    assert classes(rows[3:], 0.5) == {"B": 1, "C": 1}
