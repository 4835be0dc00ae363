"""Receipts of tills and registries of payments, as files."""

from __future__ import annotations

import json

from ingestion.sandbox.clock import wall
from ingestion.sandbox.feeds.payments import OnlinePayment

_DRIVE = "9288000100115785"


def receipts_json(payments: list[OnlinePayment], *, wrapped: bool = True) -> str:
    """Receipts as an app of the tax service hands them over: kopecks, tax numbers padded with blanks, the cashier named."""
    receipts = [_receipt(one) for one in payments if one.status == "succeeded" and not one.is_test]
    return json.dumps([{"ticket": {"document": {"receipt": one}}} for one in receipts] if wrapped else receipts, ensure_ascii=False)


def _receipt(one: OnlinePayment) -> dict[str, object]:
    kopecks = int(one.amount * 100)
    return {
        "dateTime": f"{wall(one.captured_at):%Y-%m-%dT%H:%M:%S}",
        "totalSum": kopecks,
        "cashTotalSum": 0,
        "ecashTotalSum": kopecks,
        "prepaidSum": 0,
        "creditSum": 0,
        "provisionSum": 0,
        "operationType": 2 if one.is_refund else 1,
        "fiscalDriveNumber": _DRIVE,
        "fiscalDocumentNumber": 1000 + one.number,
        "fiscalSign": 2_600_000_000 + one.number,
        "kktRegId": "0001234567012345    ",
        "userInn": "7707083893  ",
        "operator": "Кассирова К. К.",
        "items": [{"name": "Товар", "price": kopecks, "quantity": 1.0, "sum": kopecks, "nds": 1, "paymentType": 4}],
    }


def receipts_qr(payments: list[OnlinePayment]) -> str:
    """QR codes, one a line: roubles, minutes, some with a small t before the time."""
    lines = []
    for one in payments:
        if one.status == "succeeded" and not one.is_test:
            moment = f"{wall(one.captured_at):%Y%m%d}{'t' if one.number % 3 == 0 else 'T'}{wall(one.captured_at):%H%M}"
            sign = 2_600_000_000 + one.number
            lines.append(f"t={moment}&s={one.amount:.2f}&fn={_DRIVE}&i={1000 + one.number}&fp={sign}&n={2 if one.is_refund else 1}")
    return "\n".join(lines) + "\n"


def registry_csv(payments: list[OnlinePayment]) -> bytes:
    """A bank's registry in cp1251: title lines, decimal commas, thousands with spaces, a total."""
    rows = [
        "Реестр операций по интернет-эквайрингу;;;;;",
        "за период;;;;;",
        "Дата операции;Номер операции;Номер заказа;Сумма операции;Комиссия;Статус",
    ]
    for one in payments:
        if not one.is_test:
            sign = "-" if one.is_refund else ""
            amount = f"{one.amount:,.2f}".replace(",", " ").replace(".", ",")
            state = {"succeeded": "Исполнен", "pending": "В обработке", "canceled": "Отклонен"}[one.status]
            rows.append(f"{wall(one.captured_at):%d.%m.%Y %H:%M:%S};{800_000 + one.number};{one.order_code};{sign}{amount};1,20;{state}")
    return ("\r\n".join([*rows, "Итого:;;;;;"]) + "\r\n").encode("cp1251")
