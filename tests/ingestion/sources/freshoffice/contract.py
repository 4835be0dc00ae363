"""The source type `freshoffice` under the contract of all sources: the older API and API 2.0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.sandbox import freshoffice_server, serving
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.freshoffice_server import API_ID, API_KEY, TOKEN
from ingestion.sources.freshoffice.source import LISTS
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some two months of a small company."""
    return build_company(scale=0.02, history_days=70)


def edit(tables: dict[str, list[dict[str, Any]]]) -> None:
    """A deal is renamed, one is made, one is deleted."""
    deals = tables["deal"]
    deals[0] = {**deals[0], "name": "Переименована"}
    deals.append({**deals[1], "id_deal": 990_001})
    del deals[2]


def case(name: str, right: dict[str, Any], wrong: dict[str, Any], secret: str, streams: tuple[str, ...]) -> Case:
    """The case of one of the APIs."""

    @contextmanager
    def start(_folder: Path) -> Iterator[Peer]:
        app = freshoffice_server.build_app(company())
        tables = app.state.tables
        with serving.serve(app) as address:
            url = address + ("/2.0" if "token" in right else "")
            yield Peer(
                options={"url": url, **right},
                edit=lambda: edit(tables),
                truth=lambda: {stream: {str(row[key]) for row in tables[table]} for stream, (table, key) in LISTS.items()},
                secrets=(secret,),
                wrong={"url": url, **wrong},
                wrong_says="the credentials are wrong",
                faults=app.state.faults,
                now=company().now,
                since=company().started_on,
            )

    started: Callable[[Path], AbstractContextManager[Peer]] = start
    return Case("freshoffice", started, name=name, streams=streams)


ADDRESSES = {"deals": "deal", "companies": "companies", "users": "users"}
CASES = (
    case("older", {"api_id": API_ID, "api_key": API_KEY}, {"api_id": API_ID, "api_key": "wrong-key"}, API_KEY, ()),
    case(
        "newer",
        {"token": TOKEN, "addresses": ADDRESSES},
        {"token": "wrong-token", "addresses": ADDRESSES},
        TOKEN,
        ("deal_types", "deals", "companies", "users"),
    ),
)
