"""A warehouse kept up to date is the warehouse that a first load would make, and nothing deleted or unposted is left in it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from ingestion.sandbox import spreadsheets
from ingestion.sandbox.amocrm_records import company_store
from ingestion.sandbox.bitrix24_records import company_portal
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.company_systems import CONFIGURATION, SOURCE_NAMES, Systems, running_systems
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.yandex_direct_server import company_statistics
from ingestion.settings import load_settings
from ingestion.spec import Mode
from ingestion.sync import SyncOptions, sync
from tests.dbt.kept_dbt import Dbt
from tests.marts.built_in_memory import built
from tests.marts.expected import Expected
from tests.marts.keys import BOOKS
from tests.marts.sandbox_warehouse import AS_OF, SEED, TODAY, PublishedSandbox, build_models
from tests.properties.compiled import CompiledProject, copy_tables

DAYS = 3
# links name the port that a system listened on; freshness, stock and the publication tell when they were loaded
SET_APART = {"customer_links": "source_url", "fct_deals": "source_url", "fct_orders": "source_url", "fct_stock": "loaded_at"}
# order_changes is the history of what was seen, which a first load has not got
LEFT_OUT = {"data_freshness", "publication", "order_changes"}
MADE = "made.duckdb"


@dataclass(frozen=True)
class Evolved:
    """The company some days later.

    Attributes:
        company: the truth.
        kept_up: the warehouse that was refreshed every day and swept on the last one.
        anew: the warehouse of a first load.
    """

    company: Company
    kept_up: Path
    anew: Path


def make_company() -> Company:
    """A company half as large as the published one: it is read six times."""
    return build_company(seed=SEED, scale=0.1, today=TODAY)


def write_day(systems: Systems, company: Company, folder: Path) -> None:
    """The day's changes reach every system."""
    systems.apps["onec"].state.base.replace(company)
    systems.apps["amocrm"].state.store.become(company_store(company))
    systems.apps["bitrix24"].state.store.become(company_portal(company))
    systems.apps["yandex_direct"].state.store.become(company_statistics(company))
    spreadsheets.write_all(company, folder / "input", CONFIGURATION, SOURCE_NAMES)


def read(folder: Path, company: Company, mode: Mode, patch: pytest.MonkeyPatch) -> None:
    """One reading of all sources in the company's own time; none of them fails."""
    clock = SimpleNamespace(now=company.now.astimezone)
    patch.setattr("ingestion.sync.datetime", clock)
    outcomes = sync(load_settings(folder / "skvoz.toml"), SyncOptions(mode=mode))
    assert [str(outcome.error) for outcome in outcomes if outcome.error] == []


def make(folder: Path, dbt: Dbt, published: PublishedSandbox, compiled: CompiledProject) -> None:
    """The two warehouses, in folders of their own; staging that is kept up is made by dbt, whose way to add to a table this proves."""
    kept_up, anew = folder / "kept_up", folder / "anew"
    company = make_company()
    until = AS_OF + timedelta(days=DAYS)
    with pytest.MonkeyPatch.context() as patch:
        with running_systems(company, kept_up) as systems:
            (kept_up / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
            read(kept_up, company, "refresh", patch)
            # what is added to instead of built anew must have something to add to
            build_models(dbt, load_settings(kept_up / "skvoz.toml"), until, "--select", "staging")
            for day in range(1, DAYS + 1):
                company = company.evolve()
                write_day(systems, company, kept_up)
                read(kept_up, company, "refresh" if day < DAYS else "sweep", patch)
        with running_systems(company, anew) as systems:
            (anew / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
            read(anew, company, "refresh", patch)
    build_models(dbt, load_settings(kept_up / "skvoz.toml"), until, "--select", "staging")
    for one in (kept_up, anew):
        raw = load_settings(one / "skvoz.toml").warehouse_file
        marts = built(published, compiled, company, until, raw=raw, is_staged=one == kept_up)
        with marts.connection as connection:
            connection.execute(f"attach '{one / MADE}' as made")
            copy_tables(connection, ["marts"], "memory", into="made")


@pytest.fixture(scope="module")
def evolved(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt, published_sandbox: PublishedSandbox, compiled: CompiledProject) -> Evolved:
    folder = tmp_path_factory.mktemp("evolved")
    make(folder, dbt, published_sandbox, compiled)
    return Evolved(make_company().evolve(DAYS), folder / "kept_up" / MADE, folder / "anew" / MADE)


def tables(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("select table_name from information_schema.tables where table_schema = 'marts' order by 1").fetchall()
    return [name for (name,) in found]


def test_every_mart_is_what_a_first_load_makes(evolved: Evolved) -> None:
    assert tables(evolved.kept_up) == tables(evolved.anew)
    differing = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{evolved.kept_up}' as kept (read_only)")
        connection.execute(f"attach '{evolved.anew}' as anew (read_only)")
        for table in tables(evolved.anew):
            if table in LEFT_OUT:
                continue
            columns = f"* exclude ({SET_APART[table]})" if table in SET_APART else "*"
            for left, right in (("kept", "anew"), ("anew", "kept")):
                rows = connection.execute(
                    f"select {columns} from {left}.marts.{table} except all select {columns} from {right}.marts.{table} limit 3"
                ).fetchall()
                differing += [f"{table}: only in the one {'kept up' if left == 'kept' else 'made anew'}: {row}" for row in rows]
    assert differing == [], "\n".join(differing)


def test_the_days_changed_what_they_say_they_changed(evolved: Evolved) -> None:
    whats = {change.what for change in evolved.company.changes}
    assert whats >= {"shipment_fewer_lines", "shipment_unposted", "deal_deleted", "deal_reopened", "shipment_moved_back"}


def test_no_row_of_a_deleted_or_unposted_record_is_left(evolved: Evolved) -> None:
    company = evolved.company
    gone = {f"{BOOKS}:{ref('shipment', one.number)}" for one in company.shipments if not one.is_posted}
    gone |= {f"{BOOKS}:{ref('return', one.number)}" for one in company.returns if not one.is_posted}
    orders = {f"{BOOKS}:{ref('order', one.number)}" for one in company.orders if not one.is_posted or one.is_marked}
    papers = {f"{BOOKS}:{ref('payment', one.number)}" for one in company.payments if not one.is_posted or not one.is_conducted}
    deals = {f"{'sales' if one.system == 'amocrm' else 'portal'}:{one.crm_id}" for one in company.deals if one.deleted_at is not None}
    assert gone
    assert orders
    assert papers
    assert len(deals) >= 2 * DAYS
    left = []
    with duckdb.connect(str(evolved.kept_up), read_only=True) as connection:
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'marts' and ends_with(column_name, '_key')"
        ).fetchall():
            if table in LEFT_OUT:
                continue
            found = connection.execute(f"select distinct {column} from marts.{table}").fetchall()
            left += [f"{table}.{column}: {name}" for (name,) in found if name in gone | orders | papers | deals]
    assert left == []


def test_the_lines_are_those_of_the_documents_as_they_stand(evolved: Evolved) -> None:
    expected = Expected(evolved.company, evolved.company.today - timedelta(days=1))
    sales = expected.sales.filter(expected.sales["kind"].is_in(["shipment", "return"]))
    with duckdb.connect(str(evolved.kept_up), read_only=True) as connection:
        sold = connection.execute(
            "select count(*), sum(revenue_base), sum(vat_base) from marts.fct_sales where order_key is not null and (is_sale or is_return)"
        ).fetchone()
        money = connection.execute("select count(*), sum(amount_base) from marts.fct_payments").fetchone()
    assert sold == (sales.height, sales["revenue_base"].sum(), sales["vat_base"].sum())
    assert money == (expected.payments.height, expected.payments["amount_base"].sum())
