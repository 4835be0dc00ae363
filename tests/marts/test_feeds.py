"""The sandbox company with a telephone exchange, YooKassa, its receipts and VK Ads beside everything else: figures equal the truth."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.sandbox.feeds import ads, call_files, payment_files, payment_servers
from ingestion.sandbox.feeds.exchange import ExchangeCall, exchange_calls
from ingestion.sandbox.feeds.payments import OnlinePayment, counted_payments, online_payments
from ingestion.sandbox.serving import serve
from ingestion.settings import load_settings
from tests.dbt.kept_dbt import Dbt
from tests.marts.sandbox_warehouse import AS_OF, PublishedSandbox, build_models, skvoz

MODELS = (
    "int_sources int_calls fct_calls int_book_payments int_service_payment_links int_payments payment_links fct_payments"
    " int_spreadsheet_campaigns int_campaigns int_campaign_costs dim_campaigns fct_campaign_costs"
)
SOURCES = """
[sources.pbx]
type = "asterisk"
path = "input/Master.csv"

[sources.kassa]
type = "yookassa"
url = "{kassa}/v3"
shop_id = "{shop}"
secret_key = "{secret}"
requests_per_second = 0
since = "{since}"

[sources.till]
type = "fiscal_receipts"
path = "input/receipts.json"

[sources.vk]
type = "vk_ads"
url = "{vk}/api/v2"
token = "{token}"
requests_per_second = 0
include_vat = false
since = "{since}"
"""


@dataclass(frozen=True)
class Fed:
    """The warehouse after these sources came, what they knew, and the publication before."""

    warehouse: Path
    calls: list[ExchangeCall]
    payments: list[OnlinePayment]
    before: PublishedSandbox

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, instants in UTC."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def fed(dbt: Dbt, published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Fed:
    """A copy of the published sandbox with four sources more, their models built again."""
    folder = tmp_path_factory.mktemp("fed") / "sandbox"
    shutil.copytree(published_sandbox.settings.base_dir, folder, symlinks=True)
    company = published_sandbox.company
    calls, payments = exchange_calls(company), online_payments(company)
    (folder / "input/Master.csv").write_text(call_files.master_csv(calls), encoding="utf-8")
    (folder / "input/receipts.json").write_text(payment_files.receipts_json(payments), encoding="utf-8")
    with ExitStack() as stack:
        kassa = stack.enter_context(serve(payment_servers.yookassa_app(payments)))
        vk = stack.enter_context(serve(ads.statistics_app(ads.ad_days(company))))
        known = {"shop": payment_servers.SHOP, "secret": payment_servers.SECRET, "token": ads.TOKEN, "since": company.started_on}
        with (folder / "skvoz.toml").open("a", encoding="utf-8") as toml:
            toml.write(SOURCES.format(kassa=kassa, vk=vk, **known))
        printed = skvoz(folder, "sync", "pbx", "kassa", "till", "vk")
    assert payment_servers.SECRET not in printed
    settings = load_settings(folder / "skvoz.toml")
    build_models(dbt, settings, AS_OF, "--select", *MODELS.split())
    return Fed(settings.warehouse_file, calls, payments, published_sandbox)


def test_every_call_is_counted_once_with_the_exchanges_talk_and_missed_flag(fed: Fed) -> None:
    found = fed.rows("select started_at, direction, talk_seconds, is_missed, is_answered from marts.fct_calls")
    expected: Counter[tuple[Any, ...]] = Counter()
    for call in fed.calls:
        talked = call.result == "answered"
        missed = call.direction == "in" and not talked
        expected[call.at.astimezone(UTC), call.direction, call.talked if talked else 0, missed, talked] += 1
    assert Counter(found) == expected


def test_calls_keep_the_links_of_the_crm(fed: Fed) -> None:
    columns = "call_key, customer_key, deal_key"
    with duckdb.connect(str(fed.before.path), read_only=True) as connection:
        before = {row[0]: row[1:] for row in connection.execute(f"select {columns} from marts.fct_calls").fetchall()}
    after = {row[0]: row[1:] for row in fed.rows(f"select {columns} from marts.fct_calls")}
    assert before.keys() <= after.keys()
    assert {key for key in after if not key.startswith("pbx:")} == before.keys()
    linked = {key: row for key, row in before.items() if row[0] is not None}
    assert {key: after[key][0] for key in linked} == {key: row[0] for key, row in linked.items()}
    assert sum(after[key][1] != row[1] for key, row in before.items()) <= 2  # a clock some seconds apart may cross a deal's end


def test_money_is_counted_once_and_what_the_books_lack_is_added(fed: Fed) -> None:
    money = "select payment_method, direction, count(*), sum(amount_base) from marts.fct_payments group by 1, 2 order by 1, 2"
    with duckdb.connect(str(fed.before.path), read_only=True) as connection:
        before = connection.execute(money).fetchall()
    after = fed.rows(money)
    unseen = [one for one in counted_payments(fed.payments) if not one.document]
    assert [row for row in after if row[0] != "online"] == before
    assert [row for row in after if row[0] == "online"] == [("online", "in", len(unseen), sum(one.amount for one in unseen))]


def test_every_payment_seen_is_linked_to_money_that_is_counted(fed: Fed) -> None:
    paid = counted_payments(fed.payments)
    links = fed.rows("select payment_key, counted_payment_key, rule from marts.payment_links")
    assert len(links) == 2 * len(paid)  # the service's payment and its receipt
    counted = {key for (key,) in fed.rows("select payment_key from marts.fct_payments")}
    assert {key for _, key, _ in links} <= counted
    by_key = {key: (target, rule) for key, target, rule in links}
    for one in paid:
        assert by_key[f"till:9288000100115785:{1000 + one.number}"][0] == by_key[f"kassa:{one.id}"][0]
    rules = Counter(rule for key, _, rule in links if key.startswith("kassa:"))
    assert rules[None] == sum(not one.document for one in paid)
    assert rules["order_amount"] >= sum(bool(one.order_code) for one in paid) * 0.9


def test_vk_counts_its_own_campaigns_and_the_spreadsheet_the_rest(fed: Fed) -> None:
    company = fed.before.company
    found = dict(fed.rows("select campaign_key, sum(cost_base) from marts.fct_campaign_costs group by 1"))
    for one in company.campaigns:
        cost = sum((day.cost for day in company.campaign_days if day.campaign == one.number), Decimal(0))
        if one.utm_source == "vk":
            assert found[f"vk:{5_200_000 + one.number}"] == cost
    total = sum(found.values())
    with duckdb.connect(str(fed.before.path), read_only=True) as connection:
        (before,) = connection.execute("select sum(cost_base) from marts.fct_campaign_costs").fetchall()[0]
    # what the spreadsheet says of VK's campaigns gives way to VK's own days
    typed = sum(
        (day.cost for day in company.campaign_days if company.campaign[day.campaign].utm_source == "vk"), Decimal(0)
    )  # fmt: skip
    assert abs(total - before) <= typed
    assert not any(key.startswith("offline_ads:vk/") for key in found)


def test_calls_are_fresh_when_the_exchange_is(fed: Fed) -> None:
    (newest,) = fed.rows("select max(started_at) from marts.fct_calls where source = 'pbx'")[0]
    assert isinstance(newest, datetime)
