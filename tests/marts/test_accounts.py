"""БП with sales from its accounts: the marts know what was sold and, for the first time, what it cost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.company import build_company
from ingestion.sandbox.onec_server import PASSWORD, ROOT, USERNAME, build_app
from ingestion.sandbox.serving import serve
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.marts.built_in_memory import built
from tests.marts.sandbox_warehouse import AS_OF, PublishedSandbox
from tests.properties.compiled import CompiledProject

TOML = """[company]
name = "Сандал"
currency = "RUB"
timezone = "Europe/Moscow"
[warehouse]
path = "data"
[sources.books]
type = "1c_odata"
url = "{url}"
username = "{user}"
password = "{password}"
configuration = "bp"
sales_from = "accounts"
since = "{since}"
"""


def test_entries_of_account_90_are_the_sales_and_their_cost(
    published_sandbox: PublishedSandbox, compiled: CompiledProject, tmp_path: Path
) -> None:
    company = build_company(scale=0.03, history_days=200)
    with serve(build_app(company, "bp")) as url:
        text = TOML.format(url=url + ROOT, user=USERNAME, password=PASSWORD, since=company.started_on)
        (tmp_path / "skvoz.toml").write_text(text, encoding="utf-8")
        settings = load_settings(tmp_path / "skvoz.toml", today=AS_OF)
        assert [one.error for one in sync(settings, SyncOptions()) if one.error] == []
    marts = built(published_sandbox, compiled, company, AS_OF, raw=settings.warehouse_file, marts=("fct_sales",))
    sold, expected = marts.mart("fct_sales"), truth.sales(company)
    for name in ("quantity", "revenue_base", "vat_base", "cost_base"):
        assert sold[name].sum() == expected[name].sum(), name
    counted = sold.filter(pl.col("is_sale"))
    assert counted.filter(pl.col("product_key").is_null() | (pl.col("customer_key").is_null() & pl.col("manager_key").is_null())).is_empty()
    assert set(sold["is_return"].unique()) == {True, False}
    assert sold.filter(pl.col("is_return"))["revenue_base"].sum() < Decimal(0)
