"""The source type `bitrix24_bi` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.sandbox import bitrix24_bi_server, serving
from ingestion.sandbox.bitrix24_bi_server import KEY
from ingestion.sandbox.company import Company, build_company
from ingestion.sources.bitrix24_bi.tables import TABLES
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some two months of a small company."""
    return build_company(scale=0.02, history_days=70)


def edit(tables: dict[str, list[dict[str, Any]]]) -> None:
    """A deal is renamed, one is made, one is deleted."""
    deals = tables["crm_deal"]
    deals[0] = {**deals[0], "TITLE": "Переименована", "DATE_MODIFY": "2026-03-30 12:00:00"}
    deals.append({**deals[1], "ID": 990_001, "DATE_CREATE": "2026-03-30 12:00:00", "DATE_MODIFY": "2026-03-30 12:00:00"})
    del deals[2]


@contextmanager
def start(_folder: Path) -> Iterator[Peer]:
    """The sandbox company's portal."""
    app = bitrix24_bi_server.build_app(company())
    tables = app.state.tables
    with serving.serve(app) as url:
        yield Peer(
            options={"url": url, "key": KEY},
            edit=lambda: edit(tables),
            truth=lambda: {name: {str(row[table.key]) for row in tables[table.name]} for name, table in TABLES.items()},
            secrets=(KEY,),
            wrong={"url": url, "key": "wrongkeywrongkey"},
            wrong_says="the key is wrong or revoked",
            faults=app.state.faults,
            now=company().now,
            since=company().started_on,
        )


CASES = (Case("bitrix24_bi", start),)
