"""A narrowed scope sees its own rows of every table and nothing else; what has no rule is closed."""

from datetime import date

import pytest

from reports.access import ALL, OPEN_TABLES, Scope, row_filter
from reports.published import Published
from tests.reports.published_fixture import MANAGERS

KEYS = tuple(manager[0] for manager in MANAGERS)


def owners(published: Published, table: str, scope: Scope) -> set[str | None]:
    """Whose rows the scope sees: the manager of the row's customer, without a customer its own manager."""
    columns = published.tables[table]
    sql = "select t.manager_key as owner from marts.{0} as t"
    if "customer_key" in columns and table != "dim_customers":
        own = "t.manager_key" if "manager_key" in columns else "null"
        sql = (
            "select case when t.customer_key is null then " + own + " else c.manager_key end as owner"
            " from marts.{0} as t left join published.marts.dim_customers as c on c.customer_key = t.customer_key"
        )
    return {row["owner"] for row in published.select(sql.format(table), {}, scope)}


@pytest.mark.parametrize("key", KEYS)
def test_a_manager_sees_no_row_of_another(published: Published, key: str) -> None:
    for table, columns in published.tables.items():
        if {"customer_key", "manager_key"} & set(columns) and table not in OPEN_TABLES:
            assert owners(published, table, Scope("manager", key)) <= {key}, table


def test_a_department_sees_its_managers_rows(published: Published) -> None:
    mine = {key for key, _, department in MANAGERS if department == "Опт"}
    assert owners(published, "fct_deals", Scope("department", "Опт")) == mine


def test_the_companys_money_and_unknown_tables_are_closed_to_narrow_scopes(published: Published) -> None:
    scope = Scope("manager", KEYS[0])
    assert published.select("select * from marts.marketing_roi", {}, scope) == []
    assert published.select("select * from marts.fct_campaign_costs", {}, scope) == []
    assert row_filter("a_companys_own_mart", ("amount",), scope, "published.marts", "x") == "false"


def test_parts_follow_the_scope_of_their_whole(published: Published) -> None:
    condition = row_filter("fct_order_lines", ("order_key", "line_number"), Scope("manager", "m"), "published.marts", "x.allowed")
    assert condition.startswith("order_key in (select order_key from published.marts.fct_orders where")


def test_managers_together_see_every_owned_row_once(published: Published) -> None:
    def count(scope: Scope) -> int:
        return int(published.select("select count(*) as n from marts.receivables", {}, scope)[0]["n"])

    unowned = published.select(
        "select count(*) as n from published.marts.receivables as r left join published.marts.dim_customers as c"
        " on c.customer_key = r.customer_key where r.customer_key is not null and c.manager_key is null"
    )[0]["n"]
    assert sum(count(Scope("manager", key)) for key in KEYS) + unowned == count(ALL)


def test_a_scope_of_nobody_is_empty_and_a_hostile_one_is_only_a_value(published: Published) -> None:
    for value in ("nobody", "x') or true --"):
        for kind in ("manager", "department"):
            rows = published.query("receivables/by_customer", {"limit": 10}, Scope(kind, value))
            assert rows == []
    totals = published.query("revenue/totals", {"from_date": date(2026, 3, 1), "to_date": date(2026, 3, 30)}, Scope("manager", "nobody"))
    assert totals[0]["revenue"] is None


def test_a_narrow_scope_needs_a_value() -> None:
    with pytest.raises(ValueError, match="only scope all has no value"):
        Scope("manager")
