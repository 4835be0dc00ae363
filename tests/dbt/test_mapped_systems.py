"""Systems of every make end in the same marts: Creatio, FreshOffice, a portal's BI connector, and a CRM of somebody's own by mapping."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from ingestion.sandbox import bitrix24_bi_server, creatio_server, freshoffice_server, serving
from ingestion.sandbox.company import Company, build_company
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.dbt.kept_dbt import Dbt
from tests.ingestion.sources.sql.peer import STREAMS, make_database
from tests.marts.built_in_memory import BuiltSandbox, built, compile_for
from tests.marts.sandbox_warehouse import PublishedSandbox

MARTS = ("fct_deals", "fct_deal_stage_entries", "fct_calls", "fct_leads", "fct_tasks", "fct_orders", "fct_order_lines", "dim_stages")


UNDATED, UNLISTED = "Без даты", "В статусе, которого нет в списках"


@dataclass
class Marts:
    """What was built, and the company it was built from."""

    company: Company
    built: BuiltSandbox

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.built.connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def marts(dbt: Dbt, published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """Four systems extracted over HTTP and from a database, loaded, and made into marts; the seeds are the published sandbox's."""
    folder = tmp_path_factory.mktemp("mapped")
    company = build_company(scale=0.05, history_days=120)
    with ExitStack() as running:
        portal = running.enter_context(serving.serve(bitrix24_bi_server.build_app(company)))
        creatio = running.enter_context(serving.serve(creatio_server.build_app(company)))
        office = freshoffice_server.build_app(company)
        office.state.tables["deal"].append({"id_deal": 99_000_000, "name": UNDATED, "id_type_deal": 1, "sum": "1.00"})
        office.state.tables["deal"].append({"id_deal": 99_000_001, "name": UNLISTED, "id_type_deal": 1, "status_id": "77", "sum": "1.00"})
        fresh = running.enter_context(serving.serve(office))
        make_database(folder / "own.sqlite")
        (folder / "skvoz.toml").write_text(
            f"""
[company]
name = "A"
[sources.portal]
type = "bitrix24_bi"
url = "{portal}"
key = "{bitrix24_bi_server.KEY}"
order_field = "UF_CRM_ORDER"
since = {company.started_on}
[sources.terra]
type = "creatio"
url = "{creatio}"
username = "{creatio_server.USERNAME}"
password = "{creatio_server.PASSWORD}"
requests_per_second = 0
[sources.fresh]
type = "freshoffice"
url = "{fresh}"
api_id = "{freshoffice_server.API_ID}"
api_key = "{freshoffice_server.API_KEY}"
orders = "1"
{_final_types(company)}
[sources.own]
type = "sql"
dsn = "sqlite:///own.sqlite"
{_tables("sources.own.streams", STREAMS)}
""",
            encoding="utf-8",
        )
        settings = load_settings(folder / "skvoz.toml")
        outcomes = sync(settings, SyncOptions(attempts=1))
        assert [str(outcome.error) for outcome in outcomes if outcome.error] == []
    compiled = compile_for(dbt, settings, company.today, folder / "dbt", MARTS)
    return Marts(company, built(published_sandbox, compiled, company, company.today, raw=settings.warehouse_file, marts=MARTS))


def _final_types(company: Company) -> str:
    """Which of FreshOffice's types of deals mean won and lost."""
    rows = freshoffice_server.company_tables(company)["tip_deal"]
    return "\n".join(
        f'{name} = "{",".join(str(row["ID_TYPE_DEAL"]) for row in rows if row["IS_FINAL"] == final)}"'
        for name, final in (("won", 1), ("lost", 2))
    )


def _tables(path: str, tables: dict[str, Any]) -> str:
    text = ""
    for name, table in tables.items():
        text += f'[{path}."{name}"]\n' + "".join(
            f'"{key}" = {json.dumps(value, ensure_ascii=False)}\n' for key, value in table.items() if not isinstance(value, dict)
        )
        text += "".join(_tables(f'{path}."{name}"', {key: value}) for key, value in table.items() if isinstance(value, dict))
    return text


def test_deals_of_every_system_have_their_state_amount_and_moment(marts: Marts) -> None:
    truth = {
        (deal.crm_id, deal.status, deal.created_at.astimezone().timestamp())
        for deal in marts.company.deals_of("bitrix24")
        if deal.deleted_at is None
    }
    for source in ("portal", "terra", "fresh"):
        found = marts.rows(
            "select deal_id, deal_status, epoch(created_at), amount, deal_name from marts.fct_deals"
            f" where source = '{source}' and deal_name not in ('{UNDATED}', '{UNLISTED}')"
        )
        assert {row[1:3] for row in found} == {one[1:] for one in truth}, source
        if source != "terra":
            assert {(int(row[0]), *row[1:3]) for row in found} == truth
    numbered = sum(bool(deal.order_number) for deal in marts.company.deals_of("bitrix24") if deal.deleted_at is None)
    assert marts.rows("select source, count(*) from intermediate.int_deals where order_ref is not null group by 1") == [
        ("portal", numbered)
    ]


def test_a_deal_that_tells_no_date_is_of_the_day_it_was_seen(marts: Marts) -> None:
    seen = marts.rows(f"select created_at = updated_at, amount_base from marts.fct_deals where deal_name = '{UNDATED}'")
    assert seen == [(True, 1)]


def test_a_status_that_no_list_has_is_a_stage_of_the_funnel(marts: Marts) -> None:
    query = "select stage_position, stage_kind from marts.fct_deals join marts.dim_stages using (stage_key) where deal_name = ?"
    assert marts.built.connection.execute(query, [UNLISTED]).fetchall() == [(1, "open")]


def test_a_mapped_crm_divides_a_stage_that_means_both(marts: Marts) -> None:
    counted = dict(marts.rows("select deal_status, count(*) from marts.fct_deals where source = 'own' group by 1"))
    assert sum(counted.values()) == 50
    assert set(counted) == {"open", "won", "lost"}
    kinds = marts.rows("select stage_name, stage_kind from marts.dim_stages where source = 'own'")
    assert len({name for name, _ in kinds}) <= 3
    assert {kind for _, kind in kinds} == {"open", "won", "lost"}


def test_histories_end_where_the_deals_stand(marts: Marts) -> None:
    for source in ("portal", "terra"):
        deals, entries = marts.rows(
            f"select (select count(*) from marts.fct_deals where source = '{source}'),"
            f" (select count(*) from marts.fct_deal_stage_entries join marts.fct_deals using (deal_key) where source = '{source}')"
        )[0]
        truth = sum(len(deal.entries) for deal in marts.company.deals_of("bitrix24") if deal.deleted_at is None)
        assert deals
        assert abs(entries - truth) <= truth * 0.05


def test_calls_leads_and_tasks_arrive_with_their_people(marts: Marts) -> None:
    company = marts.company
    calls = dict(marts.rows("select source, count(*) from marts.fct_calls where direction <> 'internal' group by 1"))
    truth = sum(call.system == "bitrix24" and call.direction != "internal" for call in company.calls)
    assert calls == {"portal": truth, "terra": truth}
    # a portal's statistics name no deal: the activity that the call left does
    linked = sum(call.system == "bitrix24" and call.direction != "internal" and call.deal is not None for call in company.calls)
    assert linked > 5
    assert (
        marts.rows("select count(*) from marts.fct_calls c join marts.fct_deals d using (deal_key) where c.source = 'portal'")[0][0]
        >= linked * 0.95
    )
    answered = sum(call.system == "bitrix24" and call.direction != "internal" and call.talk_seconds > 0 for call in company.calls)
    talked = marts.rows("select count(*) from marts.fct_calls where source = 'terra' and direction <> 'internal' and is_answered")
    assert talked == [(answered,)]
    leads = dict(marts.rows("select source || lead_status, count(*) from marts.fct_leads where lead_key like '%:lead:%' group by 1"))
    for status in ("open", "lost", "converted"):
        assert leads.get(f"terra{status}", 0) == sum(lead.system == "bitrix24" and lead.status == status for lead in company.leads), status
    tasks = dict(marts.rows("select source, count(*) from marts.fct_tasks group by 1"))
    assert tasks["portal"] == tasks["terra"] == sum(task.system == "bitrix24" for task in company.tasks)
    assert marts.rows("select count(*) from marts.fct_tasks where source = 'terra' and manager_key is null") == [(0,)]


def test_orders_of_a_mapped_system_are_orders(marts: Marts) -> None:
    assert marts.rows("select count(*), sum(amount_base) from marts.fct_order_lines where order_key like 'own:%'") == [(50, 2 * 5 * 325)]
    terra = marts.rows(
        "select count(*), sum(case when order_status = 'cancelled' then 1 else 0 end) from marts.fct_orders where source = 'terra'"
    )
    assert terra == [(60, sum(order.status == "cancelled" for order in marts.company.orders[:60]))]
    lines = [line for order in marts.company.orders[:60] for line in order.lines]
    assert marts.rows("select count(*), count(distinct product_key) from marts.fct_order_lines where order_key like 'fresh:%'") == [
        (len(lines), len({line.product for line in lines}))
    ]
