"""YooKassa, CloudPayments, PayOnline and PayPal, each as far as its connector's questions go."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.feeds.payments import OnlinePayment
from ingestion.sandbox.feeds.peers import Answer, peer

SHOP, SECRET = "100500", "test_sandbox-secret-key"
_LARGEST_SET = 200


def _basic(request: Request) -> bool:
    pair = base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode()
    return request.headers.get("authorization") == f"Basic {pair}"


def yookassa_app(payments: list[OnlinePayment], faults: FaultPlan | None = None) -> Starlette:
    """Lists newest first, cursors that belong to their filters, amounts as text and (in refunds) as numbers."""

    def listed(items: list[dict[str, object]]) -> Answer:
        async def answer(request: Request) -> Response:
            if not _basic(request):
                return JSONResponse({"type": "error", "code": "invalid_credentials"}, 401)
            query = dict(request.query_params)
            cursor = query.pop("cursor", "")
            mark = hashlib.sha256(repr(sorted(query.items())).encode()).hexdigest()[:8]
            if cursor and not cursor.startswith(f"{mark}:"):
                return JSONResponse({"type": "error", "description": "cursor of another filter"}, 400)
            found = [item for item in items if _matches(item, query)]
            found.sort(key=lambda item: str(item["created_at"]), reverse=True)
            start, limit = int(cursor.partition(":")[2] or 0), min(100, int(query.get("limit", 10)))
            body: dict[str, object] = {"type": "list", "items": found[start : start + limit]}
            if start + limit < len(found):
                body["next_cursor"] = f"{mark}:{start + limit}"
            return JSONResponse(body)

        return answer

    lists = {
        "payments": [_yookassa_payment(one) for one in payments if not one.is_refund],
        "refunds": [_yookassa_refund(one) for one in payments if one.is_refund],
        "receipts": [_yookassa_receipt(one) for one in payments if one.status == "succeeded"],
    }
    app = peer({f"/v3/{kind}": listed(items) for kind, items in lists.items()}, faults)
    app.state.lists = lists
    return app


def _matches(item: dict[str, object], query: dict[str, str]) -> bool:
    for name in ("created_at", "captured_at"):
        moment = str(item.get(name) or "")
        if f"{name}.gte" in query and not moment >= query[f"{name}.gte"]:
            return False
        if f"{name}.lt" in query and not (moment and moment < query[f"{name}.lt"]):
            return False
    return True


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _yookassa_payment(one: OnlinePayment) -> dict[str, object]:
    item: dict[str, object] = {
        "id": one.id,
        "status": one.status,
        "amount": {"value": f"{one.amount:.2f}", "currency": one.currency},
        "description": f"Оплата заказа {'№' if one.number % 2 else ''}{one.order_code}" if one.order_code else "Оплата на сайте",
        "recipient": {"account_id": SHOP, "gateway_id": "352780"},
        "payment_method": {"type": "bank_card", "id": one.id, "saved": False},
        "created_at": _iso(one.created_at),
        "paid": one.status == "succeeded",
        "refundable": False,
        "test": one.is_test,
        "metadata": {"order_id": one.order_code} if one.order_code and one.number % 4 else {},
    }
    if one.status == "succeeded":
        item |= {"captured_at": _iso(one.captured_at), "income_amount": {"value": f"{one.amount * 97 / 100:.2f}", "currency": one.currency}}
    return item


def _yookassa_refund(one: OnlinePayment) -> dict[str, object]:
    return {
        "id": one.id,
        "payment_id": one.of,
        "created_at": _iso(one.captured_at),
        "amount": {"value": float(one.amount), "currency": one.currency},
        "status": "succeeded",
    }


def _yookassa_receipt(one: OnlinePayment) -> dict[str, object]:
    return {
        "id": f"rt_{one.id}",
        "type": "refund" if one.is_refund else "payment",
        "refund_id" if one.is_refund else "payment_id": one.id,
        "status": "succeeded",
        "fiscal_document_number": str(1000 + one.number),
        "fiscal_storage_number": "9288000100115785",
        "fiscal_attribute": str(2_600_000_000 + one.number),
        "registered_at": _iso(one.captured_at),
        "created_at": _iso(one.captured_at),
    }


def cloudpayments_app(payments: list[OnlinePayment], faults: FaultPlan | None = None) -> Starlette:
    """payments/list: one day of the zone named, amounts as bare numbers, moments without an offset."""

    async def answer(request: Request) -> Response:
        if not _basic(request):
            return Response(status_code=401)
        body = orjson.loads(await request.body())
        day = body["Date"]
        rows = [_cloud(one) for one in payments if f"{one.created_at.astimezone(UTC):%Y-%m-%d}" == day]
        return JSONResponse({"Success": True, "Message": None, "Model": rows})

    return peer({"/payments/list": answer}, faults)


def _cloud(one: OnlinePayment) -> dict[str, object]:
    state = {"succeeded": "Completed", "pending": "Authorized", "canceled": "Declined"}[one.status]
    return {
        "TransactionId": 504_000_000 + one.number,
        "Amount": float(one.amount),
        "Currency": one.currency,
        "InvoiceId": one.order_code or None,
        "AccountId": "user@example.ru",
        "Email": "user@example.ru",
        "JsonData": "{}",
        "CreatedDateIso": f"{one.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "ConfirmDateIso": f"{one.captured_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" if state == "Completed" else None,
        "Status": state,
        "Type": "Refund" if one.is_refund else "Payment",
        "Refunded": False,
        "TestMode": one.is_test,
        "IpAddress": "203.0.113.5",
        "Token": "a4e67841-abb0-42de-a364-d1d8f9f4b3c0",
    }


def payonline_app(payments: list[OnlinePayment], faults: FaultPlan | None = None) -> Starlette:
    """The list of transactions: three days of UTC at most, signed, CSV with a heading."""

    async def answer(request: Request) -> Response:
        form = await request.form()
        signed = "&".join(f"{name}={form.get(name)}" for name in ("MerchantId", "DateFrom", "DateTill"))
        if form.get("SecurityKey") != hashlib.md5(f"{signed}&PrivateSecurityKey={SECRET}".encode()).hexdigest():
            return Response("Error: wrong SecurityKey", 403)
        low, high = (datetime.strptime(str(form[name]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) for name in ("DateFrom", "DateTill"))
        if high - low > timedelta(days=3):
            return Response("Error: the period is longer than 3 days", 400)
        lines = ["Date;Id;OrderId;Type;Status;CardNumber;Amount;Currency;Gateway;PresentmentDate"]
        for one in payments:
            if low <= one.created_at <= high:
                status = {"succeeded": "Settled", "pending": "PreAuthorized", "canceled": "Declined"}[one.status]
                made, settled = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for at in (one.created_at, one.captured_at))
                cells = (
                    made, str(70_000_000 + one.number), one.order_code or f"web-{one.number}",
                    "Refund" if one.is_refund else "Purchase", status, "************1111", f"{one.amount:.2f}", one.currency,
                    "Test" if one.is_test else "Real", settled if status == "Settled" else "",
                )  # fmt: skip
                lines.append(";".join(cells))
        return Response("\r\n".join(lines) + "\r\n" if len(lines) > 1 else "", media_type="text/csv")

    return peer({"/payment/transaction/list/": answer}, faults)


def paypal_app(payments: list[OnlinePayment], faults: FaultPlan | None = None, fresh_to: datetime | None = None) -> Starlette:
    """Transaction Search: tokens, 31 days at most, too large a set refused, and a period that begins later than `fresh_to`."""
    token = "paypal-sandbox-access-token"

    async def sign_in(request: Request) -> Response:
        return JSONResponse({"access_token": token, "expires_in": 32_400}) if _basic(request) else Response(status_code=401)

    async def search(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {token}":
            return JSONResponse({"name": "AUTHENTICATION_FAILURE"}, 401)
        query = request.query_params
        low, high = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if high - low > timedelta(days=31):
            return JSONResponse({"name": "INVALID_REQUEST", "message": "Date range is greater than 31 days"}, 400)
        if fresh_to is not None and low > fresh_to:
            return JSONResponse({"name": "INVALID_REQUEST", "message": "Data for the given start date is not available."}, 400)
        found = [one for one in payments if low <= one.captured_at <= high and not one.is_test]  # tests have a server of their own
        if len(found) > _LARGEST_SET:
            return JSONResponse({"name": "RESULTSET_TOO_LARGE"}, 400)
        page, size = int(query["page"]), min(int(query["page_size"]), 500)
        rows = [_paypal(one) for one in found[(page - 1) * size : page * size]]
        return JSONResponse({"transaction_details": rows, "total_pages": max(1, -(-len(found) // size)), "page": page})

    return peer({"/v1/oauth2/token": sign_in, "/v1/reporting/transactions": search}, faults)


def _paypal(one: OnlinePayment) -> dict[str, object]:
    amount = {"currency_code": one.currency, "value": f"{'-' if one.is_refund else ''}{one.amount:.2f}"}
    info = {
        "transaction_id": f"{one.number:017d}",
        "transaction_event_code": "T1107" if one.is_refund else "T0006",
        "transaction_initiation_date": f"{one.captured_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000",
        "transaction_amount": amount,
        "fee_amount": {"currency_code": one.currency, "value": "-10.00"},
        "transaction_status": {"succeeded": "S", "pending": "P", "canceled": "D"}[one.status],
        "invoice_id": one.order_code,
    }
    return {"transaction_info": info}
