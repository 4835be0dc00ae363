"""Telephone exchanges under the contract of all sources: calls are only ever added."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.sandbox import serving
from ingestion.sandbox.company import build_company
from ingestion.sandbox.feeds import call_files, call_servers
from ingestion.sandbox.feeds.exchange import ExchangeCall, exchange_calls
from ingestion.sources.asterisk.records import MasterCsv
from tests.ingestion.sources.contract_case import Case, Peer

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SINCE = date(2026, 1, 30)
OLD = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@cache
def all_calls() -> list[ExchangeCall]:
    """The calls of two months."""
    return exchange_calls(build_company(scale=0.05, history_days=60, today=NOW.date()))


def later_call(call: ExchangeCall) -> ExchangeCall:
    """The same call again, an hour before now."""
    at = NOW - timedelta(hours=1)
    name = f"{int(at.timestamp())}.424242"
    return replace(call, id=name, at=at, legs=tuple(replace(leg, call=name, at=at) for leg in call.legs))


def _files(write: Callable[[list[ExchangeCall]], str], name: str, later: str = "") -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextmanager
    def start(folder: Path) -> Iterator[Peer]:
        file = folder / name
        file.write_text(write(all_calls()), encoding="utf-8")
        os.utime(file, (OLD, OLD))

        def edit() -> None:
            target = folder / (later or name)
            text = write([later_call(all_calls()[-1])])
            target.write_text(text if later else file.read_text(encoding="utf-8") + text, encoding="utf-8")
            os.utime(target, (OLD + 60, OLD + 60))

        wrong = {"path": str(folder / "nowhere")}
        yield Peer({"path": str(folder)}, edit, wrong=wrong, wrong_says="there is no file or folder", now=NOW, since=SINCE)

    return start


@contextmanager
def _cdr_table(folder: Path) -> Iterator[Peer]:
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"sqlite:///{folder}/pbx.db")

    def insert(calls: list[ExchangeCall]) -> None:
        with engine.begin() as connection:
            for record in MasterCsv().read(call_files.master_csv(calls).splitlines(), 1).records:
                payload = record.payload or {}
                names = [f'"{name}"' for name in payload]
                connection.exec_driver_sql(f"create table if not exists cdr ({', '.join(names)})")
                connection.exec_driver_sql(f"insert into cdr values ({', '.join('?' * len(names))})", tuple(payload.values()))

    insert(all_calls())
    wrong = {"dsn": f"sqlite:///{folder}/pbx.db", "table": "nothing"}
    yield Peer(
        {"dsn": f"sqlite:///{folder}/pbx.db"},
        lambda: insert([later_call(all_calls()[-1])]),
        wrong=wrong,
        wrong_says="the database lacks what is asked for",
        now=NOW,
        since=SINCE,
    )
    engine.dispose()


def _server(
    app: Callable[..., Any], path: str, options: dict[str, str], secret: str, says: str, more: dict[str, Any] | None = None
) -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextmanager
    def start(_folder: Path) -> Iterator[Peer]:
        calls = list(all_calls())
        service = app(calls)
        with serving.serve(service) as url:
            address = {"url": url + path, "requests_per_second": 0, **(more or {})}
            yield Peer(
                {**address, **options},
                lambda: calls.append(later_call(all_calls()[-1])),
                secrets=tuple(options.values()),
                wrong={**address, **options, secret: "wrong-secret-value"},
                wrong_says=says,
                faults=service.state.faults,
                now=NOW,
                since=SINCE,
            )

    return start


def _mango(calls: list[ExchangeCall]) -> Any:
    return call_servers.mango_app(calls, waits=0)


CASES = (
    Case("asterisk", _files(call_files.master_csv, "Master.csv"), deletions=False),
    Case("asterisk", _cdr_table, name="dsn", deletions=False),
    Case("avaya_smdr", _files(call_files.avaya_lines, "smdr.log"), deletions=False),
    Case("panasonic_smdr", _files(call_files.panasonic_listing, "smdr.txt"), deletions=False),
    Case("cisco_cdr", _files(call_files.cisco_file, "cdr_Alone_01_202603300000_1", "cdr_Alone_01_202603301200_2"), deletions=False),
    Case(
        "mango",
        _server(
            _mango, "/vpbx/", {"key": call_servers.MANGO_KEY, "salt": call_servers.MANGO_SALT}, "salt", "the key or the signature is wrong"
        ),
        deletions=False,
    ),
    Case(
        "uis",
        _server(call_servers.uis_app, "/v2.0", {"token": call_servers.UIS_TOKEN}, "token", "the token is wrong", {"page_size": 20}),
        deletions=False,
    ),
    Case(
        "zadarma",
        _server(
            call_servers.zadarma_app,
            "",
            {"key": call_servers.ZADARMA_KEY, "secret": call_servers.ZADARMA_SECRET},
            "secret",
            "the key or the secret",
        ),
        deletions=False,
    ),
)
