"""A small CRM of somebody's own in SQLite: clients, their deals and the stages those went through."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

STREAMS: dict[str, Any] = {
    "customers": {
        "table": "Clients",
        "cursor": "ChangedAt",
        "columns": {
            "id": "ClientID", "name": "ClientName", "phone": "Phone1", "tax_id": "INN", "manager_id": "UserID", "created_at": "CreatedAt",
        },
        "defaults": {"kind": "company"},
    },
    "managers": {"query": "select UserID as id, FullName as name, Blocked = 0 as is_active from Users"},
    "deals": {
        "query": "select d.*, s.StageName from Deals d join Stages s on s.StageID = d.StageID where d.CreatedAt >= :since",
        "cursor": "ChangedAt",
        "columns": {
            "id": "DealID", "stage": "StageName", "status": "Result", "customer_id": "ClientID", "amount": "Total",
            "created_at": "CreatedAt",
        },
        "values": {"status": {"Продано": "won", "Потеряно": "lost", "": "open"}},
        "defaults": {"status": "open", "currency_code": "RUB"},
        "modified": "ChangedAt",
    },
    "orders": {"table": "Orders", "columns": {"id": "OrderID", "number": "Number", "order_date": "Day", "amount": "Total"}},
    "order_lines": {
        "table": "OrderLines",
        "columns": {"order_id": "OrderID", "line_number": "Line", "product_id": "ProductID", "quantity": "Qty", "amount": "Total"},
    },
}  # fmt: skip


def make_database(file: Path, clients: int = 25) -> Path:
    """The database of so many clients, two deals and an order each."""
    with closing(sqlite3.connect(file)) as base, base:
        base.executescript(
            """
            create table Users (UserID integer primary key, FullName text, Blocked integer);
            create table Clients (ClientID integer primary key, ClientName text, Phone1 text, INN text, UserID integer,
                                  CreatedAt text, ChangedAt text);
            create table Stages (StageID integer primary key, StageName text);
            create table Deals (DealID text primary key, ClientID integer, StageID integer, Result text, Total numeric,
                                CreatedAt text, ChangedAt text);
            create table Orders (OrderID integer primary key, Number text, Day text, Total numeric);
            create table OrderLines (OrderID integer, Line integer, ProductID text, Qty numeric, Total numeric);
            insert into Users values (1, 'Анна Котова', 0), (2, 'Пётр Ильин', 1);
            insert into Stages values (1, 'Новая'), (2, 'Договор'), (3, 'Закрыта');
            """
        )
        for number in range(1, clients + 1):
            moment = f"2026-03-{1 + number % 28:02d} 10:{number % 60:02d}:00"
            # some were never changed and have no moment of a change
            changed = None if number % 9 == 0 else moment
            base.execute(
                "insert into Clients values (?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    f"Клиент {number}",
                    f"8 495 000-00-{number:02d}",
                    f"77010000{number:02d}",
                    1 + number % 2,
                    "2025-01-01 00:00:00",
                    changed,
                ),
            )
            for deal in (1, 2):
                result = ("", "Продано", "Потеряно")[(number + deal) % 3]
                base.execute(
                    "insert into Deals values (?, ?, ?, ?, ?, ?, ?)",
                    (f"{number}-{deal}", number, 1 + (number + deal) % 3, result, number * 100.5, "2026-01-15 09:00:00", moment),
                )
            base.execute("insert into Orders values (?, ?, ?, ?)", (number, f"З-{number}", "2026-02-01", number * 10))
            base.executemany(
                "insert into OrderLines values (?, ?, ?, ?, ?)", [(number, line, f"P{line}", line, number * 5) for line in (1, 2)]
            )
    return file


def edit(file: Path) -> None:
    """A client is renamed, a deal is won, a client and a line appear, a client and a deal disappear."""
    with closing(sqlite3.connect(file)) as base, base:
        base.execute("update Clients set ClientName = 'Переименован', ChangedAt = '2026-03-30 20:00:00' where ClientID = 3")
        base.execute("update Deals set Result = 'Продано', StageID = 3, ChangedAt = '2026-03-30 20:01:00' where DealID = '4-1'")
        base.execute("insert into Clients values (900, 'Новый', '', '', 1, '2026-03-30 20:00:00', '2026-03-30 20:02:00')")
        base.execute("insert into OrderLines values (5, 3, 'P3', 1, 7)")
        base.execute("delete from Clients where ClientID = 7")
        base.execute("delete from Deals where DealID = '8-2'")


def truth(file: Path) -> dict[str, set[str]]:
    """Keys by stream."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base, base:
        return {
            stream: {"|".join(str(part) for part in row) for row in base.execute(query)}
            for stream, query in {
                "customers": "select ClientID from Clients",
                "managers": "select UserID from Users",
                "deals": "select DealID from Deals",
                "orders": "select OrderID from Orders",
                "order_lines": "select OrderID, Line from OrderLines",
            }.items()
        }
