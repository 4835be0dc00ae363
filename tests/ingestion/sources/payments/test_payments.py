"""Payments of services over HTTP and by file: each once, exact to the kopeck, re-read when they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ingestion.errors import PermanentError
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.feeds.tables import Export
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.feeds import payment_files, payment_servers
from ingestion.sandbox.feeds.payments import OnlinePayment, counted_payments, online_payments
from ingestion.sources.cloudpayments.source import SOURCE as CLOUDPAYMENTS
from ingestion.sources.fiscal_receipts.receipts import read_receipts
from ingestion.sources.fiscal_receipts.source import SOURCE as RECEIPTS
from ingestion.sources.payment_registry.source import LAYOUT
from ingestion.sources.payment_registry.source import SOURCE as REGISTRY
from ingestion.sources.payonline.source import SOURCE as PAYONLINE
from ingestion.sources.paypal.source import SOURCE as PAYPAL
from ingestion.sources.yookassa.source import SOURCE as YOOKASSA
from ingestion.spec import Record, Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]
SECRET = payment_servers.SECRET
OPTIONS: dict[str, dict[str, Any]] = {
    "yookassa": {"shop_id": payment_servers.SHOP, "secret_key": SECRET},
    "cloudpayments": {"public_id": payment_servers.SHOP, "api_secret": SECRET},
    "payonline": {"merchant_id": payment_servers.SHOP, "private_security_key": SECRET},
    "paypal": {"client_id": payment_servers.SHOP, "client_secret": SECRET},
}
PATHS = {"yookassa": "/v3", "cloudpayments": "", "payonline": "", "paypal": ""}
APPS: dict[str, Callable[..., Any]] = {
    "yookassa": payment_servers.yookassa_app,
    "cloudpayments": payment_servers.cloudpayments_app,
    "payonline": payment_servers.payonline_app,
    "paypal": payment_servers.paypal_app,
}
SOURCES = [YOOKASSA, CLOUDPAYMENTS, PAYONLINE, PAYPAL]


@cache
def company() -> Company:
    """Whom they pay."""
    return build_company(scale=0.2, history_days=200, today=date(2026, 4, 1))


@cache
def all_payments() -> list[OnlinePayment]:
    """What its customers paid online."""
    return online_payments(company())


@cache
def counted() -> list[OnlinePayment]:
    """Those that count as money."""
    return counted_payments(all_payments())


def prepared(source: Source, zones: Zones) -> Any:
    zone = zones(source)
    zone.now = datetime.combine(company().today, datetime.min.time(), UTC)
    zone.since = company().started_on
    return zone


def connected(zone: Any, source: Source, url: str, **more: Any) -> Any:
    return zone.connect(**{**OPTIONS[source.type], "url": url + PATHS[source.type], "requests_per_second": 0, **more})


def amounts(zone: Any, source: Source) -> list[Decimal]:
    """Amounts of everything a service sent, unsigned."""
    if source is YOOKASSA:
        rows = [*zone.records("payments").values(), *zone.records("refunds").values()]
        return sorted(Decimal(str(row["amount"]["value"])) for row in rows)
    if source is PAYPAL:
        rows = [row["transaction_info"]["transaction_amount"]["value"] for row in zone.records("transactions").values()]
        return sorted(abs(Decimal(value)) for value in rows)
    stream = source.streams[0].name
    return sorted(Decimal(str(row["Amount"])) for row in zone.records(stream).values())


def expected(source: Source) -> list[Decimal]:
    """Amounts of everything there is; test payments of PayPal live on a server of their own."""
    return sorted(one.amount for one in all_payments() if source is not PAYPAL or not one.is_test)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.type)
def test_every_payment_comes_once_and_exactly(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    app = APPS[source.type](all_payments())
    url = serve(app)
    zone.extract(connected(zone, source, url))
    assert amounts(zone, source) == expected(source)
    again = zone.extract(connected(zone, source, url))
    assert sum(result.written for result in again.values()) == 0
    assert "answers" in connected(zone, source, url).check()
    stored = repr([zone.records(stream.name) for stream in source.streams])
    assert SECRET not in stored
    assert "@example" not in stored, "who paid is no business of a warehouse of payments"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.type)
def test_faults_on_the_way_change_nothing(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    zone.extract(connected(zone, source, serve(APPS[source.type](all_payments(), faults=FaultPlan(every=4, slow_seconds=0.01)))))
    assert amounts(zone, source) == expected(source)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.type)
def test_wrong_credentials_are_explained_without_them(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    name = next(name for name, value in OPTIONS[source.type].items() if value == SECRET)
    with pytest.raises(PermanentError, match="refuses") as caught:
        connected(zone, source, serve(APPS[source.type](all_payments())), **{name: "wrong-secret-value"}).check()
    assert "wrong-secret-value" not in str(caught.value)


@pytest.mark.parametrize("source", [YOOKASSA, PAYPAL])
@pytest.mark.parametrize(("days", "first"), [(3 * 365 + 1, 3 * 365), (4000, 4000)])
def test_the_three_years_of_a_first_load_are_what_a_service_keeps(source: Source, zone_of: Zones, days: int, first: int) -> None:
    """With a leap year they are a day more than it answers for; who names an earlier day is asked for."""
    zone = prepared(source, zone_of)
    zone.since = (zone.now - timedelta(days=days)).date()
    connector = connected(zone, source, "http://127.0.0.1:9")
    asked: list[datetime] = []

    def nothing(low: datetime, _high: datetime) -> list[Record | Fault]:
        asked.append(low)
        return []

    connector._readings = {name: replace(reading, read=nothing) for name, reading in connector._readings.items()}
    zone.extract(connector)
    assert abs(zone.now - timedelta(days=first) - min(asked)) < timedelta(days=1)


def test_a_payment_captured_long_after_it_was_made_arrives(serve: Serve, zone_of: Zones) -> None:
    zone = prepared(YOOKASSA, zone_of)
    app = payment_servers.yookassa_app(all_payments())
    url = serve(app)
    zone.extract(connected(zone, YOOKASSA, url))
    old = min((one for one in app.state.lists["payments"] if one["status"] == "pending"), key=lambda one: str(one["created_at"]))
    old |= {"status": "succeeded", "captured_at": "2026-03-31T10:00:00.000Z", "paid": True}
    zone.extract(connected(zone, YOOKASSA, url))
    assert zone.records("payments")[old["id"]]["status"] == "succeeded"


def test_a_set_that_is_too_large_is_asked_for_in_halves(serve: Serve, zone_of: Zones, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_servers, "_LARGEST_SET", 3)
    zone = prepared(PAYPAL, zone_of)
    zone.extract(connected(zone, PAYPAL, serve(payment_servers.paypal_app(all_payments()))))
    assert amounts(zone, PAYPAL) == expected(PAYPAL)


def test_paypal_that_is_not_so_far_yet_is_read_next_time(serve: Serve, zone_of: Zones) -> None:
    """Entries appear hours late: a period that begins after them is refused, and is no failure."""
    zone = prepared(PAYPAL, zone_of)
    zone.since = zone.now.date() - timedelta(days=31)
    app = payment_servers.paypal_app(all_payments(), fresh_to=zone.now - timedelta(hours=30))
    zone.now += timedelta(hours=1)  # of the second period of 31 days, which begins with the day
    zone.extract(connected(zone, PAYPAL, serve(app)))
    assert zone.records("transactions")


def test_payonline_that_refuses_in_words_is_heard(serve: Serve, zone_of: Zones) -> None:
    async def refused(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("Code=5&Message=Invalid security key")

    zone, app = prepared(PAYONLINE, zone_of), payment_servers.payonline_app(all_payments())
    app.router.routes.insert(0, Route("/payment/transaction/list/", refused, methods=["GET", "POST"]))
    with pytest.raises(PermanentError, match=r"PayOnline refuses \(Code=5&Message=Invalid security key\); check merchant_id"):
        zone.extract(connected(zone, PAYONLINE, serve(app)))


@pytest.mark.parametrize("form", ["json", "wrapped", "qr"])
def test_receipts_are_read_in_every_form(form: str, zone_of: Zones) -> None:
    zone = zone_of(RECEIPTS)
    text = (
        payment_files.receipts_qr(all_payments())
        if form == "qr"
        else payment_files.receipts_json(all_payments(), wrapped=form == "wrapped")
    )
    zone.root.mkdir()
    (zone.root / "receipts.txt").write_text(text, encoding="utf-8")
    zone.extract(zone.connect(path="receipts.txt"))
    receipts = zone.records("receipts")
    assert sum(int(one["totalSum"]) for one in receipts.values()) == sum(int(one.amount * 100) for one in counted())
    assert not any({"operator", "user"} & one.keys() for one in receipts.values())
    assert all(key.startswith("9288000100115785:") for key in receipts)
    if form != "qr":
        assert {one["userInn"] for one in receipts.values()} == {"7707083893"}


def test_a_receipt_is_not_hidden_by_its_code_and_is_read_in_utf_16(zone_of: Zones) -> None:
    zone = zone_of(RECEIPTS)
    zone.root.mkdir()
    receipt = {"fiscalDriveNumber": "1", "fiscalDocumentNumber": 2, "totalSum": 70000, "cashTotalSum": 70000}
    (zone.root / "a.json").write_bytes(json.dumps(receipt).encode("utf-16"))
    (zone.root / "b.txt").write_text("t=20260310T1000&s=700.00&fn=1&i=2&fp=3&n=1\n", encoding="utf-8")
    zone.extract(zone.connect(path="*.*"))
    assert {key: one.get("cashTotalSum") for key, one in zone.records("receipts").items()} == {"1:2": 70000, "1:2:qr": None}


def test_a_broken_off_file_keeps_its_beginning_and_loses_nothing_loaded_before(zone_of: Zones) -> None:
    zone = zone_of(RECEIPTS)
    (zone.root / "in").mkdir(parents=True)
    text = payment_files.receipts_json(all_payments())
    file = zone.root / "in/receipts.json"
    file.write_text(text, encoding="utf-8")
    zone.extract(zone.connect(path="in"), "receipts")
    before = zone.records("receipts")
    file.write_text(text[: len(text) // 2], encoding="utf-8")
    (zone.root / "in/more.json").write_text(payment_files.receipts_json(all_payments()[:2]).replace('"9288', '"7288'), encoding="utf-8")
    with pytest.raises(PermanentError, match=r"receipts\.json, receipt \d+ \(character \d+\): the JSON is damaged"):
        zone.extract(zone.connect(path="in"))
    assert before.items() <= zone.records("receipts").items()
    assert len(zone.records("receipts")) > len(before)


def test_a_registry_is_read_in_the_words_and_numbers_of_its_bank(zone_of: Zones) -> None:
    zone = zone_of(REGISTRY)
    zone.root.mkdir()
    (zone.root / "реестр.csv").write_bytes(payment_files.registry_csv(all_payments()))
    zone.extract(zone.connect(path="*.csv"))
    rows = zone.records("payments").values()
    paid = [row for row in rows if row["status"] == "Исполнен"]
    assert sum(Decimal(row["amount"]) for row in paid) == sum(-one.amount if one.is_refund else one.amount for one in counted())
    assert {row["order_ref"] for row in rows if "order_ref" in row} == {one.order_code for one in all_payments() if one.order_code}
    (zone.root / "реестр.csv").write_bytes(b"nothing;like;it\r\n1;2;3\r\n")
    with pytest.raises(PermanentError, match=r"реестр\.csv, row 1: there is no heading row"):
        zone.extract(zone.connect(path="*.csv"))
    assert len(zone.records("payments")) == len(rows)


def test_a_payment_of_a_registry_keeps_its_time_of_day(zone_of: Zones) -> None:
    zone = zone_of(REGISTRY)
    zone.root.mkdir()
    rows = ("08.11.2026 14:01:02;1", "09.11.2026;2", "2026-11-10 09:30;3", "11.11.2026 1:05 PM;4", "12.11.2026 25:00;5")
    (zone.root / "a.csv").write_text("Дата и время;Сумма\n" + "\n".join(rows), encoding="cp1251")
    zone.extract(zone.connect(path="a.csv"))
    assert [row["paid_on"] for row in sorted(zone.records("payments").values(), key=lambda row: row["amount"])] == [
        "2026-11-08T14:01:02", "2026-11-09", "2026-11-10T09:30:00", "2026-11-11T13:05:00", "2026-11-12",
    ]  # fmt: skip


@given(data=st.data())
@fuzzed(80)
def test_no_damage_of_receipts_is_an_unnamed_exception(data: st.DataObject) -> None:
    raw = data.draw(
        st.sampled_from((payment_files.receipts_json(all_payments()[:6]), payment_files.receipts_qr(all_payments()[:12])))
    ).encode()
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:place] + data.draw(st.binary(max_size=12)) + raw[place + data.draw(st.integers(0, 12)) :]
    found: list[Any] = []
    with suppress(DamagedError):  # anything else fails
        found.extend(read_receipts(damaged, FoundFile(Path("r.json"), "r.json", len(damaged), 0)))
    json.dumps([one.payload for one in found if isinstance(one, Record)]).encode()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(st.sampled_from(("receipt", "document", "fiscalDriveNumber", "totalSum", "fiscalDocumentNumber")), one)
        ),
    )
)
@fuzzed(80)
def test_any_json_is_receipts_or_faults(thing: object) -> None:
    data = json.dumps(thing).encode()
    with suppress(DamagedError):
        for one in read_receipts(data, FoundFile(Path("r.json"), "r.json", len(data), 0)):
            assert one is not None


@given(data=st.data())
@fuzzed(60)
def test_no_damage_of_a_registry_is_an_unnamed_exception(data: st.DataObject) -> None:
    raw = payment_files.registry_csv(all_payments()[:10])
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:place] + data.draw(st.binary(max_size=12)) + raw[place + data.draw(st.integers(0, 12)) :]
    export = Export(LAYOUT, "paid_on", ("amount",))
    with suppress(DamagedError):  # anything else fails
        for one in export.rows(damaged, FoundFile(Path("r.csv"), "r.csv", len(damaged), 0)):
            assert isinstance(one, Fault) or Decimal(one[1]["amount"]).is_finite()
