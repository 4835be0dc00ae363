"""The source type `regionsoft` under the contract of all sources: XML files, and a database (SQLite stands in for Firebird's server)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.ingestion.sources.contract_case import Case, Peer

XML_STREAMS: dict[str, Any] = {
    "customers": {"files": "*.xml", "records": "Client", "columns": {"id": "@CUSTNO", "name": "Name", "phone": "Phones.Phone[*].#text"}}
}
SQL_STREAMS: dict[str, Any] = {"customers": {"table": "CLIENTS", "columns": {"name": "NAME"}}}


def _write(file: Path, names: dict[int, str]) -> None:
    clients = "".join(
        f'<Client CUSTNO="{number}"><Name>{name}</Name><Phones><Phone Kind="1">8 831 400 00 0{number % 10}</Phone></Phones></Client>'
        for number, name in names.items()
    )
    file.write_bytes(f'<?xml version="1.0" encoding="windows-1251"?><Data><Clients>{clients}</Clients></Data>'.encode("cp1251"))


@contextmanager
def files(folder: Path) -> Iterator[Peer]:
    """What the program writes out."""
    names = {1: "ООО Волга", 2: "ИП Окин", 3: "ЗАО Кама"}
    _write(folder / "clients.xml", names)

    def edit() -> None:
        names.update({1: "ООО Волга-2", 4: "Новый"})
        del names[2]
        _write(folder / "clients.xml", names)

    yield Peer(
        options={"path": str(folder), "streams": XML_STREAMS},
        edit=edit,
        truth=lambda: {"customers": {str(number) for number in names}},
        wrong={"path": str(folder / "nowhere"), "streams": XML_STREAMS},
        wrong_says="there is no file",
    )


@contextmanager
def database(folder: Path) -> Iterator[Peer]:
    """Clients by CUSTNO."""
    file = folder / "base.sqlite"
    with closing(sqlite3.connect(file)) as base, base:
        base.execute("create table CLIENTS (CUSTNO integer primary key, NAME text)")
        base.executemany("insert into CLIENTS values (?, ?)", [(number, f"Клиент {number}") for number in range(1, 8)])

    def edit() -> None:
        with closing(sqlite3.connect(file)) as base, base:
            base.execute("update CLIENTS set NAME = 'Другой' where CUSTNO = 2")
            base.execute("insert into CLIENTS values (50, 'Новый')")
            base.execute("delete from CLIENTS where CUSTNO = 5")

    def truth() -> dict[str, set[str]]:
        with closing(sqlite3.connect(file)) as base, base:
            return {"customers": {str(row[0]) for row in base.execute("select CUSTNO from CLIENTS")}}

    yield Peer(
        options={"dsn": f"sqlite:///{file}", "streams": SQL_STREAMS},
        edit=edit,
        truth=truth,
        wrong={"dsn": f"sqlite:///{folder}/nowhere.sqlite", "streams": SQL_STREAMS},
        wrong_says="the database lacks",
    )


CASES = (Case("regionsoft", files, name="files"), Case("regionsoft", database, name="database"))
