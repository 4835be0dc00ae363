"""Payment services, receipts and registries under the contract of all sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.sandbox import serving
from ingestion.sandbox.company import build_company
from ingestion.sandbox.feeds import payment_files, payment_servers
from ingestion.sandbox.feeds.payments import OnlinePayment, counted_payments, online_payments
from tests.ingestion.sources.contract_case import Case, Peer

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SINCE = date(2026, 3, 1)
FIRST = datetime(2026, 3, 3, tzinfo=UTC)


@cache
def all_payments() -> list[OnlinePayment]:
    """Those of the last month."""
    return [one for one in online_payments(build_company(scale=0.3, history_days=90, today=NOW.date())) if one.created_at >= FIRST]


def another(number: int) -> OnlinePayment:
    """A payment of the last hours."""
    at = NOW - timedelta(hours=3)
    return replace(
        all_payments()[-1],
        id=f"new-{number}",
        number=90_000 + number,
        created_at=at,
        captured_at=at,
        status="succeeded",
        is_refund=False,
        of="",
    )


def _server(
    app: Callable[..., Any],
    path: str,
    options: dict[str, str],
    secret: str,
    edit: Callable[[Any, list[OnlinePayment]], None],
    since: date = SINCE,
) -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextmanager
    def start(_folder: Path) -> Iterator[Peer]:
        payments = list(all_payments())
        service = app(payments)
        with serving.serve(service) as url:
            address = {"url": url + path, "requests_per_second": 0}
            yield Peer(
                {**address, **options},
                lambda: edit(service, payments),
                secrets=(payment_servers.SECRET,),
                wrong={**address, **options, secret: "wrong-secret-value"},
                wrong_says="refuses",
                faults=service.state.faults,
                now=NOW,
                since=since,
            )

    return start


def _edit(_service: Any, payments: list[OnlinePayment]) -> None:
    pending = next(number for number, one in reversed(list(enumerate(payments))) if not one.is_test)
    payments[pending] = replace(payments[pending], amount=payments[pending].amount + 1)
    payments.append(another(1))


def _edit_yookassa(service: Any, _payments: list[OnlinePayment]) -> None:
    items = service.state.lists["payments"]
    moment = "2026-03-30T20:00:00.000Z"
    items.append({**items[-1], "id": "new-1", "status": "succeeded", "created_at": moment, "captured_at": moment})
    max(items[:-1], key=lambda one: str(one["created_at"]))["description"] = "Изменено"


def _files(write: Callable[[list[OnlinePayment]], str | bytes], name: str, what: str) -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextmanager
    def start(folder: Path) -> Iterator[Peer]:
        file = folder / name

        def put(payments: list[OnlinePayment]) -> None:
            data = write(payments)
            file.write_bytes(data.encode() if isinstance(data, str) else data)

        def edit() -> None:
            put([replace(all_payments()[0], amount=all_payments()[0].amount + 1, status="succeeded"), *all_payments()[1:-3], another(1)])

        put(all_payments())
        wrong = {"path": str(folder / "nowhere")}
        yield Peer({"path": str(folder)}, edit, wrong=wrong, wrong_says=what, now=NOW, since=SINCE)

    return start


def _receipts(payments: list[OnlinePayment]) -> str:
    return payment_files.receipts_json(counted_payments(payments))


SHOP, SECRET = payment_servers.SHOP, payment_servers.SECRET
NOWHERE = "there is no file or folder"
CASES = (
    Case(
        "yookassa",
        _server(payment_servers.yookassa_app, "/v3", {"shop_id": SHOP, "secret_key": SECRET}, "secret_key", _edit_yookassa),
        deletions=False,
    ),
    Case(
        "cloudpayments",
        _server(payment_servers.cloudpayments_app, "", {"public_id": SHOP, "api_secret": SECRET}, "api_secret", _edit),
        deletions=False,
    ),
    Case(
        "payonline",
        _server(payment_servers.payonline_app, "", {"merchant_id": SHOP, "private_security_key": SECRET}, "private_security_key", _edit),
        deletions=False,
    ),
    Case(
        "paypal",
        _server(payment_servers.paypal_app, "", {"client_id": SHOP, "client_secret": SECRET}, "client_secret", _edit, date(2025, 12, 1)),
        deletions=False,
    ),
    Case("fiscal_receipts", _files(_receipts, "receipts.json", NOWHERE)),
    Case("payment_registry", _files(payment_files.registry_csv, "registry.csv", NOWHERE)),
)
