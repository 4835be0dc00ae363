"""A service of somebody's own and how skvoz.toml declares it: an address for every way of paging."""

from __future__ import annotations

from typing import Any

from ingestion.sandbox.rest_server import RestTable

STREAMS: dict[str, Any] = {
    "customers": {
        "path": "clients",
        "records": "data",
        "paging": {"kind": "page", "size": 100},
        "changes": {"parameter": "since", "field": "updated", "format": "utc"},
        "columns": {"id": "uid", "name": "title", "phone": "phones[*].number", "city": "address.city", "code": "id1c"},
        "deleted": "removed",
    },
    "deals": {
        "path": "deals",
        "records": "data",
        "paging": {"kind": "offset", "total_at": "total"},
        "columns": {"stage": "stage.title", "status": "stage.kind", "amount": "sum", "created_at": "created"},
        "values": {"status": {"ok": "won", "fail": "lost", "work": "open"}},
    },
    "calls": {
        "path": "calls",
        "records": "data",
        "paging": {"kind": "cursor", "parameter": "after", "at": "meta.after"},
        "columns": {"started_at": "at", "talk_seconds": "talk"},
        "nightly": False,
    },
    "orders": {"path": "orders", "paging": {"kind": "link"}, "columns": {"order_date": "day", "amount": "total"}},
    "order_lines": {
        "path": "orders",
        "paging": {"kind": "link"},
        "rows": "lines",
        "columns": {"order_id": "id", "line_number": "row_number", "product_id": "row.sku", "quantity": "row.qty", "amount": "row.sum"},
    },
    "payments": {
        "path": "payments",
        "method": "POST",
        "records": "data",
        "paging": {"kind": "next", "at": "next"},
        "columns": {"paid_at": "unix"},
    },
}


def make_tables(count: int = 11) -> dict[str, RestTable]:
    """So many records of everything."""
    clients = [
        {
            "uid": f"c{number}",
            "title": f"Клиент {number}",
            "updated": f"2026-03-{number:02d}T10:00:00+03:00",
            "phones": [{"number": f"+7495000000{number % 10}"}, {"number": f"+7812000000{number % 10}"}],
            "address": {"city": "Тверь"} if number % 2 else None,
            "id1c": None,
            "removed": number == 2,
        }
        for number in range(1, count + 1)
    ]
    deals = [
        {
            "id": number,
            "name": f"Сделка {number}",
            "sum": number * 10.5,
            "created": "2026-02-01 09:00:00",
            "stage": {"title": "Шаг", "kind": kind},
        }
        for number in range(1, count + 1)
        for kind in [("ok", "fail", "work")[number % 3]]
    ]
    calls = [
        {"id": f"k{number}", "at": f"2026-03-{number:02d}T11:00:00Z", "direction": "in", "talk": number, "phone": "+74950000001"}
        for number in range(1, count + 1)
    ]
    orders = [
        {
            "id": number,
            "day": "2026-02-03",
            "total": "20.00",
            "lines": [{"sku": "A", "qty": 1, "sum": 5}, {"sku": "B", "qty": 2, "sum": 15}],
        }
        for number in range(1, count + 1)
    ]
    payments = [{"id": number, "unix": 1_770_000_000 + number, "amount": "12.30"} for number in range(1, count + 1)]
    return {
        "clients": RestTable(clients, "page", "data", "updated"),
        "deals": RestTable(deals, "offset"),
        "calls": RestTable(calls, "cursor"),
        "orders": RestTable(orders, "link", ""),
        "payments": RestTable(payments, "next"),
    }


def edit(tables: dict[str, RestTable]) -> None:
    """A client is renamed, one is made, one vanishes; a deal is won, one vanishes; a line appears; a call is made."""
    clients, deals = tables["clients"].rows, tables["deals"].rows
    clients[2] = {**clients[2], "title": "Переименован", "updated": "2026-03-30T10:00:00+03:00"}
    clients.append({**clients[3], "uid": "c900", "updated": "2026-03-30T11:00:00+03:00"})
    del clients[4]
    deals[2]["stage"] = {"title": "Шаг", "kind": "ok"}
    del deals[5]
    tables["orders"].rows[0]["lines"].append({"sku": "C", "qty": 1, "sum": 1})
    tables["calls"].rows.append({"id": "k900", "at": "2026-03-30T11:00:00Z", "direction": "out", "talk": 5, "phone": "+74950000001"})


def truth(tables: dict[str, RestTable]) -> dict[str, set[str]]:
    """Keys by stream."""
    orders = tables["orders"].rows
    return {
        "customers": {row["uid"] for row in tables["clients"].rows if not row["removed"]},
        "deals": {str(row["id"]) for row in tables["deals"].rows},
        "calls": {row["id"] for row in tables["calls"].rows},
        "orders": {str(row["id"]) for row in orders},
        "order_lines": {f"{row['id']}|{number}" for row in orders for number in range(1, len(row["lines"]) + 1)},
        "payments": {str(row["id"]) for row in tables["payments"].rows},
    }
