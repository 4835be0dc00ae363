"""Calls, payments and campaign costs of all their systems through one build of the models between: what is counted is what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from ingestion.discovery import all_sources
from ingestion.sandbox.clock import wall
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.feeds import ads, call_files, call_servers, payment_files, payment_servers
from ingestion.sandbox.feeds.ads import AdDay
from ingestion.sandbox.feeds.exchange import ExchangeCall, exchange_calls
from ingestion.sandbox.feeds.payments import OnlinePayment, counted_payments, online_payments
from ingestion.sandbox.serving import serve
from ingestion.spec import Context, Extraction, Record
from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench
from tests.ingestion.sources.conftest import wait_by

TODAY = date(2026, 4, 1)
EXCHANGES = ("asterisk", "mango", "uis", "zadarma", "cisco_cdr", "panasonic_smdr", "avaya_smdr")
SERVICES = ("yookassa", "cloudpayments", "payonline", "paypal", "fiscal_receipts", "payment_registry")
ADS = ("vk_ads", "mytarget", "meta_ads", "google_ads")
RAW = (
    "_source varchar, _key varchar, _modified_at timestamptz, _loaded_at timestamptz, _load_id bigint, _file varchar, _deleted boolean,"
    " payload json"
)
# The fiscal drive of a till whose receipts tell of cash.
TILL = "7"
MONEY_DOCUMENTS = ("bank_receipts", "bank_payments", "card_operations", "cash_receipts", "cash_payments")


@cache
def company() -> Company:
    """Whose systems they are."""
    return build_company(scale=0.2, history_days=120, today=TODAY)


@cache
def all_calls() -> list[ExchangeCall]:
    """What was said over its telephones."""
    return exchange_calls(company())


@cache
def all_payments() -> list[OnlinePayment]:
    """What its customers paid online."""
    return online_payments(company())


@cache
def paid() -> list[OnlinePayment]:
    """Those of them that count as money."""
    return counted_payments(all_payments())


@cache
def days_of(system: str) -> list[AdDay]:
    """What an advertising system knows of its campaigns; Google reports those of VK."""
    return ads.ad_days(company(), {"mytarget": "unisender", "meta_ads": "yandex"}.get(system, "vk"))


class Nothing:
    """An empty raw zone."""

    def versions(self) -> dict[str, str | None]:
        return {}

    def version(self, key: str) -> str | None:
        return {key: None}[key]

    def __len__(self) -> int:
        return 0


def read(kind: str, folder: Path, **options: Any) -> dict[str, dict[str, Any]]:
    """Everything a source gives, by stream and key."""
    source = all_sources()[kind]
    checked = source.options.model_validate(options)
    connector = source.connect(checked, Context(kind, ZoneInfo("Europe/Moscow"), folder, folder, "RU", lambda _note: None))
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    found: dict[str, dict[str, Any]] = {}
    for stream in source.streams_for(checked):
        pages = connector.extract(Extraction(stream, "refresh", None, company().started_on, now, Nothing()))
        records: Iterable[Record] = (record for page in pages for record in page.records)
        found[stream.name] = {record.key: record.payload for record in records}
    connector.close()
    return found


def read_all(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What all systems say, by raw table."""
    files = {
        "asterisk": call_files.master_csv(all_calls()).encode(),
        "cisco_cdr": call_files.cisco_file(all_calls()).encode(),
        "panasonic_smdr": call_files.panasonic_listing(all_calls()).encode(),
        "avaya_smdr": call_files.avaya_lines(all_calls()).encode(),
        "fiscal_receipts": payment_files.receipts_json(all_payments()).encode(),
        "payment_registry": payment_files.registry_csv(all_payments()),
        "google_ads": ads.google_csv(days_of("vk_ads")),
        "metrika_expenses": ads.metrika_expenses(days_of("vk_ads")[:40], company()),
    }
    shop = {"yookassa": {"shop_id": payment_servers.SHOP, "secret_key": payment_servers.SECRET},
            "cloudpayments": {"public_id": payment_servers.SHOP, "api_secret": payment_servers.SECRET},
            "payonline": {"merchant_id": payment_servers.SHOP, "private_security_key": payment_servers.SECRET},
            "paypal": {"client_id": payment_servers.SHOP, "client_secret": payment_servers.SECRET}}  # fmt: skip
    servers: dict[str, tuple[Any, str, dict[str, Any]]] = {
        "mango": (call_servers.mango_app(all_calls(), waits=0), "/vpbx/", {"key": call_servers.MANGO_KEY, "salt": call_servers.MANGO_SALT}),
        "uis": (call_servers.uis_app(all_calls()), "/v2.0", {"token": call_servers.UIS_TOKEN}),
        "zadarma": (call_servers.zadarma_app(all_calls()), "", {"key": call_servers.ZADARMA_KEY, "secret": call_servers.ZADARMA_SECRET}),
        "yookassa": (payment_servers.yookassa_app(all_payments()), "/v3", shop["yookassa"]),
        "cloudpayments": (payment_servers.cloudpayments_app(all_payments()), "", shop["cloudpayments"]),
        "payonline": (payment_servers.payonline_app(all_payments()), "", shop["payonline"]),
        "paypal": (payment_servers.paypal_app(all_payments()), "", shop["paypal"]),
        "vk_ads": (ads.statistics_app(days_of("vk_ads")), "/api/v2", {"token": ads.TOKEN}),
        "mytarget": (ads.statistics_app(days_of("mytarget"), "campaigns"), "/api/v2", {"token": ads.TOKEN}),
        "meta_ads": (ads.meta_app(days_of("meta_ads")), "/v23.0", {"token": ads.TOKEN, "account_id": "77"}),
    }
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, data in files.items():
        (folder / kind).write_bytes(data)
        found[kind] = read(kind, folder, path=str(folder / kind))
    with ExitStack() as stack:
        for kind, (app, path, options) in servers.items():
            found[kind] = read(kind, folder, url=stack.enter_context(serve(app)) + path, requests_per_second=0, **options)
    return {f"{all_sources()[kind].system}__{stream}": rows for kind, streams in found.items() for stream, rows in streams.items()}


def add_money_that_is_no_customers(raw: dict[str, dict[str, dict[str, Any]]]) -> None:
    """A payment that the company makes over PayPal; receipts of a till: cash beside its QR code, and other ways to pay a part."""
    raw["paypal__transactions"]["sent"] = {"transaction_info": {
        "transaction_id": "SENT", "transaction_event_code": "T0006", "transaction_status": "S",
        "transaction_initiation_date": "2026-03-05T10:00:00+0000", "transaction_amount": {"currency_code": "RUB", "value": "-44.00"},
    }}  # fmt: skip
    code = {"fiscalDriveNumber": TILL, "fiscalDocumentNumber": "8", "dateTime": "2026-03-05T10:00:00", "totalSum": 9900, "operationType": 1}
    raw["fiscal_receipts__receipts"] |= {
        f"{TILL}:8": code | {"cashTotalSum": 9900},
        f"{TILL}:8:qr": code | {"_qr": True},
        f"{TILL}:9": code | {"fiscalDocumentNumber": "9", "cashTotalSum": 4000, "ecashTotalSum": 5900},
        f"{TILL}:10": code | {"fiscalDocumentNumber": "10", "prepaidSum": 9000},
        f"{TILL}:11": code | {"fiscalDocumentNumber": "11", "prepaidSum": 9900, "ecashTotalSum": 0},
    }


@pytest.fixture(scope="module")
def built(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """The models between raw tables and marts, built once over what every system says."""
    folder = tmp_path_factory.mktemp("feeds")
    with pytest.MonkeyPatch.context() as patch:
        wait_by(patch, lambda _seconds: None)
        raw = read_all(folder)
    add_money_that_is_no_customers(raw)
    systems = [*EXCHANGES, *SERVICES, *ADS, "metrika"]
    bench = Workbench(dbt, folder, {
        "as_of_date": "2026-03-31", "company_timezone": "Europe/Moscow", "base_currency": "RUB", "company_country": "RU",
        "sources": [{"name": name, "system": name, "type": name, "position": number, "timezone": "Europe/Moscow", "url": ""}
                    for number, name in enumerate(systems, start=1)],
        "systems_of": {
            "int_call_legs": list(EXCHANGES), "int_payment_texts": ["onec"], "int_service_payments": list(SERVICES),
            "int_campaign_cost_records": list(ADS),
        },
    })  # fmt: skip
    bench.variables["sources"][systems.index("vk_ads")]["include_vat"] = False
    bench.tables(
        (
            f"raw.{table}",
            RAW,
            [
                (source.system, key, None, None, 1, "f", False, orjson.dumps(payload).decode())
                for key, payload in raw.get(table, {}).items()
            ],
        )
        for source in all_sources().values()
        if source.system in systems
        for table in (f"{source.system}__{stream.name}" for stream in source.streams)
    )
    _tables_before(bench)
    bench.run(
        "int_undone_closings", "int_calls", "int_service_payment_links", "int_spreadsheet_campaigns", "int_campaigns", "int_campaign_costs"
    )
    return bench


def _tables_before(bench: Workbench) -> None:
    """What the models read beside raw tables: managers, orders, documents of the books, seeds."""
    managers = [(f"crm:{one.number}", "crm", one.extension) for one in company().managers]
    bench.table("intermediate.int_manager_cards", "manager_ref varchar, source varchar, extension varchar", managers)
    links = [(ref, ref) for ref, _, _ in managers] + [(f"uis:{extension}", f"uis:{extension}") for _, _, extension in managers]
    bench.table("intermediate.int_manager_links", "manager_ref varchar, manager_key varchar", links)
    bench.table("intermediate.int_customer_links", "card_key varchar, customer_key varchar")
    bench.table("intermediate.int_customer_identifiers", "card_key varchar, identifier_kind varchar, identifier_value varchar")
    bench.table("intermediate.int_deals", "deal_key varchar, customer_key varchar, created_at timestamptz, closed_at timestamptz")
    entries = "deal_key varchar, stage_kind varchar, entered_at timestamptz, left_at timestamptz"
    bench.table("intermediate.int_deal_stage_entries", entries)
    orders = [(f"books:{one.number}", str(one.number), one.code, f"c:{one.customer}") for one in company().orders if one.is_posted]
    bench.table("intermediate.int_orders", "order_key varchar, order_id varchar, order_number varchar, customer_key varchar", orders)
    lines = [
        (f"books:{one.number}:{place}", f"books:{one.number}", "out" if "refund" in one.operation else "in", split.amount, one.currency,
         one.bank_on or one.at.date(), f"books:{split.order}" if split.order else None, f"c:{one.customer}", True)
        for one in company().payments
        if one.is_posted and one.is_conducted and one.operation in ("customer_payment", "customer_refund")
        for place, split in enumerate(one.splits, start=1)
    ]  # fmt: skip
    columns = (
        "payment_key varchar, document_key varchar, direction varchar, amount decimal(18,2), currency_code varchar, payment_date date,"
        " order_key varchar, customer_key varchar, is_customer_money boolean"
    )
    bench.table("intermediate.int_book_payments", columns, lines)
    for kind in MONEY_DOCUMENTS:
        bench.table(f"staging.stg_onec__{kind}", "_source varchar, _key varchar, purpose varchar, is_deleted boolean")
    columns = (
        "_source varchar, _key varchar, is_deleted boolean, cost_date date, utm_source varchar, utm_medium varchar, utm_campaign varchar,"
        " campaign_id varchar, campaign_name varchar, channel varchar, impressions bigint, clicks bigint, cost decimal(28,8),"
        " currency_code varchar, include_vat boolean"
    )
    bench.table("staging.stg_spreadsheet__campaign_costs", columns)
    channels = [
        ("vk", "cpc", None, "paid_social"),
        ("facebook", "cpc", None, "paid_social"),
        ("google", "cpc", None, "paid_search"),
        ("mytarget", None, None, "paid_social"),
    ]
    bench.table("seeds.channels", "utm_source varchar, utm_medium varchar, crm_source varchar, channel varchar", channels)
    systems = [("vk", "vk_ads"), ("google", "google_ads"), ("facebook", "meta_ads"), ("mytarget", "mytarget")]
    bench.table("seeds.utm_sources", "utm_source varchar, advertising_system varchar", systems)
    bench.table("seeds.vat_rates", "country varchar, valid_from date, vat_rate decimal(6,4)", [("RU", date(2019, 1, 1), Decimal("0.2"))])
    ranges = [("RUB", date(1900, 1, 1), date(2999, 1, 1), 1)]
    bench.table(
        "intermediate.int_exchange_rate_ranges", "currency_code varchar, valid_from date, valid_to date, rate_to_base decimal(18,8)", ranges
    )


def told(call: ExchangeCall, *, robots_talk: bool = False) -> tuple[str, str, int, bool]:
    """A call as the mart should tell it: direction, phone, talk, missed."""
    answered = call.result == "answered" or (robots_talk and call.result == "voicemail")
    phone = call.client if call.direction == "internal" else f"+{call.client}"
    return call.direction, phone, call.talked if answered else 0, call.direction == "in" and not answered


@pytest.mark.parametrize("system", EXCHANGES)
def test_calls_of_every_exchange_are_the_calls_that_were_made(built: Workbench, system: str) -> None:
    robots_talk = system in {"cisco_cdr", "panasonic_smdr"}  # neither says which of its numbers is a voicemail
    calls = [call for call in all_calls() if system != "uis" or call.direction != "internal"]
    if system in {"zadarma", "cisco_cdr", "panasonic_smdr"}:  # a caller who gave up in the menu leaves no record there
        calls = [call for call in calls if any(leg.kind != "ivr" for leg in call.legs)]
    found = built.rows(f"select direction, phone, talk_seconds, is_missed from intermediate.int_calls where source = '{system}'")
    assert Counter(found) == Counter(told(call, robots_talk=robots_talk) for call in calls)


@pytest.mark.parametrize("system", ["asterisk", "mango", "avaya_smdr", "cisco_cdr", "zadarma"])
def test_moments_and_managers_of_calls_are_those_of_the_exchange(built: Workbench, system: str) -> None:
    talks = f"source = '{system}' and is_answered and talk_seconds > 0"
    query = f"select started_at, manager_key, wait_seconds from intermediate.int_calls where {talks}"
    found = {(moment, manager) for moment, manager, _ in built.rows(query)}
    managers = {one.extension: f"crm:{one.number}" for one in company().managers}
    answered = [call for call in all_calls() if call.result == "answered" and call.talked]
    assert {(call.at.astimezone(UTC), managers[call.extension]) for call in answered} <= found
    if system != "zadarma":
        waits = Counter(wait for _, _, wait in built.rows(query))
        assert sum((Counter(call.waited for call in answered) - waits).values()) == 0


def test_a_missed_call_of_uis_belongs_to_the_last_employee_it_rang(built: Workbench) -> None:
    found = built.rows("select started_at, manager_key from intermediate.int_calls where source = 'uis' and is_missed")
    expected = {
        call.at.astimezone(UTC): next((f"uis:{leg.extension}" for leg in reversed(call.legs) if leg.kind != "ivr" and leg.extension), None)
        for call in all_calls()
        if call.direction == "in" and call.result != "answered"
    }
    assert dict(found) == expected
    assert any(expected.values())


def key_of(payment: OnlinePayment, system: str) -> str:
    """The key under which a service tells of a payment."""
    number = payment.number
    return {
        "yookassa": payment.id,
        "cloudpayments": str(504_000_000 + number),
        "payonline": f"{70_000_000 + number}:{'Refund' if payment.is_refund else 'Purchase'}",
        "fiscal_receipts": f"9288000100115785:{1000 + number}",
        "payment_registry": f"{800_000 + number}{'-' if payment.is_refund else '+'}",
    }.get(system, "")


@pytest.mark.parametrize("system", SERVICES)
def test_every_service_tells_of_the_money_that_was_paid(built: Workbench, system: str) -> None:
    query = (
        "select direction, amount, payment_date from intermediate.int_service_payment_links"
        f" where source = '{system}' and payment_key not like '%:{TILL}:%'"
    )
    expected = Counter(("out" if one.is_refund else "in", one.amount, wall(one.captured_at).date()) for one in paid())
    assert Counter(built.rows(query)) == expected


@pytest.mark.parametrize("system", ["yookassa", "cloudpayments", "payonline", "payment_registry", "fiscal_receipts"])
def test_each_payment_finds_the_document_that_counts_it(built: Workbench, system: str) -> None:
    query = f"select payment_key, counted_payment_key, rule from intermediate.int_service_payment_links where source = '{system}'"
    found = {key: (counted, rule) for key, counted, rule in built.rows(query)}
    wrong = []
    for one in paid():
        key = f"{system}:{key_of(one, system)}"
        counted, rule = found[key]
        document = f"books:{one.document}:1"
        # of two payments of the same sum within days nobody can tell which document is whose
        alike = [other for other in paid() if other is not one and other.amount == one.amount and other.is_refund == one.is_refund]
        if one.document and counted != document and not alike:
            wrong.append((key, counted, document, rule))
        if not one.document and system in {"yookassa", "cloudpayments", "payonline"}:
            assert (counted, rule) == (key, None)
    assert not wrong


def test_receipts_and_registries_of_uncounted_payments_point_at_the_service(built: Workbench) -> None:
    rows = built.rows(
        "select source, counted_payment_key, rule from intermediate.int_service_payment_links"
        f" where counted_payment_key not like 'books:%' and payment_key not like '%:{TILL}:%'"
    )
    for source, counted, rule in rows:
        if source in {"fiscal_receipts", "payment_registry"}:
            assert counted.partition(":")[0] in {"yookassa", "cloudpayments", "payonline", "paypal"}
            assert rule in {"reference", "order_amount", "amount_window"}
    by_numbers = built.rows(
        "select count(*) from intermediate.int_service_payment_links where source = 'fiscal_receipts' and rule = 'reference'"
    )
    assert by_numbers[0][0] > 0


def test_of_a_receipt_counts_what_is_neither_cash_nor_paid_before(built: Workbench) -> None:
    rows = built.rows(
        f"select payment_key, amount from intermediate.int_service_payment_links where payment_key like '%:{TILL}:%' order by payment_key"
    )
    assert rows == [(f"fiscal_receipts:{TILL}:10", Decimal("9.00")), (f"fiscal_receipts:{TILL}:9", Decimal("59.00"))]


@pytest.mark.parametrize("system", ["vk_ads", "mytarget", "meta_ads", "google_ads"])
def test_costs_of_campaigns_are_those_of_their_system_on_one_vat_basis(built: Workbench, system: str) -> None:
    found = built.rows(
        "select campaign_key, sum(cost_base), sum(clicks) from intermediate.int_campaign_costs"
        f" where campaign_key like '{system}:%' group by 1 order by 1"
    )
    days = days_of(system)
    assert [(key, clicks) for key, _, clicks in found] == [
        (f"{system}:{number}", sum(one.clicks for one in days if one.id == number)) for number in sorted({one.id for one in days})
    ]
    for key, cost, _ in found:
        costs = [one.cost for one in days if f"{system}:{one.id}" == key]
        # VK says with VAT unless told otherwise, as myTarget does: the mart is without
        rate = Decimal("1.2") if system == "mytarget" else Decimal(1)
        assert abs(cost - sum(costs) / rate) <= Decimal("0.01") * len(costs)


def test_campaigns_of_expense_files_meet_those_that_a_system_reports(built: Workbench) -> None:
    names = dict(built.rows("select campaign_key, channel from intermediate.int_campaigns"))
    assert {key: channel for key, channel in names.items() if key.startswith("vk_ads:")} == {
        "vk_ads:5200004": "paid_social",
        "vk_ads:5200005": "paid_social",
    }
    typed = built.rows("select distinct campaign_key, is_reported_by_system from intermediate.int_spreadsheet_campaigns order by 1")
    assert ("vk_ads:5200004", True) in typed
    assert any(not reported and key == "metrika:podcast/cpm/podcast_spring" for key, reported in typed)
