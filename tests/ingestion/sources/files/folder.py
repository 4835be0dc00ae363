"""A folder as programs and people fill it: a table with lines above its heading, Windows-1251, XML, JSON, lists of calls day by day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import polars as pl
import xlsxwriter

STREAMS: dict[str, Any] = {
    "customers": {
        "files": "clients-*.csv",
        "columns": {"id": "Код", "name": "Наименование", "tax_id": "ИНН", "phone": "Телефон", "kind": "Вид", "created_at": "Создан"},
    },
    "products": {"files": "price.xlsx", "columns": {"id": "Артикул", "sku": "Артикул", "name": "Товар", "category": "Группа"}},
    "orders": {
        "files": "orders.xml",
        "records": "Заказ",
        "decimal_mark": ",",
        "columns": {"id": "@Ид", "order_date": "Дата", "number": "Номер", "amount": "Сумма", "customer_id": "Клиент.@Код"},
    },
    "order_lines": {
        "files": "orders.xml",
        "records": "Заказ",
        "rows": "Строки.Строка",
        "decimal_mark": ",",
        "columns": {
            "order_id": "@Ид",
            "line_number": "row_number",
            "product_id": "row.@Товар",
            "quantity": "row.Кол",
            "amount": "row.Сумма",
        },
    },
    "payments": {
        "files": "payments.json",
        "records": "data.items",
        "columns": {"id": "uid", "paid_at": "date", "amount": "sum.value", "currency_code": "sum.currency"},
    },
    "calls": {"files": "calls-*.ndjson", "mode": "append", "columns": {"started_at": "begin", "talk_seconds": "talk"}},
    "stock": {"files": "stock.parquet", "columns": {"product_id": "sku", "warehouse_id": "store", "quantity": "rest"}},
}


def make_folder(folder: Path) -> Path:
    """Files of every format with a few records each."""
    folder.mkdir(exist_ok=True)
    write_clients(
        folder, ["К1;ООО Ива;7701000001;(495) 000-00-01;Юр. лицо;05.02.2026 14:30", "К2;Анна;;8 495 000 00 02;Физ. лицо;06.02.2026"]
    )
    (folder / "clients-b.csv").write_bytes("﻿Код,Наименование,ИНН,Телефон,Вид,Создан\nК3,Клён,7702000003,,,\n".encode())
    write_price(folder, [("A1", "Стол", "Мебель"), ("A2", "Стул", "Мебель")])
    write_orders(folder, [("о1", 2), ("о2", 1)])
    write_payments(folder, [("p1", "10.50"), ("p2", "1234.00"), ("p3", "7")])
    write_calls(folder, 1)
    write_calls(folder, 2)
    pl.DataFrame({"sku": ["A1", "A2"], "store": ["Осн", "Осн"], "rest": [3.0, 4.5]}).write_parquet(folder / "stock.parquet")
    return folder


def write_clients(folder: Path, rows: list[str]) -> None:
    """Windows-1251 with what a program prints above its table."""
    text = "\r\n".join(["Список клиентов;;;;;", "на 31.03.2026;;;;;", "", "Код;Наименование;ИНН;Телефон;Вид;Создан", *rows])
    (folder / "clients-a.csv").write_bytes(text.encode("cp1251"))


def write_price(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    """A workbook with another sheet before the one that is meant."""
    with xlsxwriter.Workbook(folder / "price.xlsx") as book:
        book.add_worksheet("О нас").write(0, 0, "Прайс-лист")
        sheet = book.add_worksheet("Прайс")
        for number, row in enumerate([("Артикул", "Товар", "Группа"), *rows]):
            sheet.write_row(number, 0, row)


def write_orders(folder: Path, orders: list[tuple[str, int]]) -> None:
    """XML with a namespace; orders of so many lines."""
    body = "".join(
        f'<Заказ Ид="{order}"><Номер>{order}</Номер><Дата>2026-02-1{lines}</Дата><Сумма>{lines * 10},50</Сумма><Клиент Код="К1"/><Строки>'
        + "".join(f'<Строка Товар="A{line}"><Кол>1</Кол><Сумма>10</Сумма></Строка>' for line in range(1, lines + 1))
        + "</Строки></Заказ>"
        for order, lines in orders
    )
    (folder / "orders.xml").write_text(f'<?xml version="1.0" encoding="UTF-8"?><Обмен xmlns="urn:x">{body}</Обмен>', encoding="utf-8")


def write_payments(folder: Path, payments: list[tuple[str, str]]) -> None:
    """JSON with the list deep inside."""
    items = [{"uid": uid, "date": "2026-02-20T10:00:00Z", "sum": {"value": value, "currency": "RUB"}} for uid, value in payments]
    (folder / "payments.json").write_bytes(orjson.dumps({"data": {"items": items}}))


def write_calls(folder: Path, day: int) -> None:
    """The calls of one day."""
    lines = [
        orjson.dumps({"id": f"{day}-{number}", "begin": f"2026-03-0{day} 1{number}:00:00", "direction": "входящий", "talk": number * 10})
        for number in range(3)
    ]
    (folder / f"calls-{day}.ndjson").write_bytes(b"\n".join(lines) + b"\n")


def edit(folder: Path) -> None:
    """A client is renamed, one comes, one goes; an order has a line less; another day of calls."""
    write_clients(folder, ["К1;ООО Ивушка;7701000001;(495) 000-00-01;Юр. лицо;05.02.2026 14:30", "К9;Новый;;;;"])
    write_orders(folder, [("о1", 1), ("о2", 1)])
    write_payments(folder, [("p1", "10.50"), ("p3", "7.5")])
    write_calls(folder, 3)


def truth(folder: Path) -> dict[str, set[str]]:
    """Keys by stream, as the two states above have them."""
    edited = (folder / "calls-3.ndjson").exists()
    days = (1, 2, 3) if edited else (1, 2)
    return {
        "customers": {"К1", "К9" if edited else "К2", "К3"},
        "products": {"A1", "A2"},
        "orders": {"о1", "о2"},
        "order_lines": {"о1|1", "о2|1"} if edited else {"о1|1", "о1|2", "о2|1"},
        "payments": {"p1", "p3"} if edited else {"p1", "p2", "p3"},
        "calls": {f"{day}-{number}" for day in days for number in range(3)},
        "stock": {"A1|Осн", "A2|Осн"},
    }
