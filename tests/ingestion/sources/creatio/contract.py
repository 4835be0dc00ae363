"""The source type `creatio` under the contract of all sources: by user over OData 4, by client over OData 3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.sandbox import creatio_server, serving
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.creatio_server import CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME
from ingestion.sources.creatio.options import ENTITIES
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some two months of a small company."""
    return build_company(scale=0.02, history_days=70)


def edit(tables: dict[str, list[dict[str, Any]]]) -> None:
    """An opportunity is renamed, one is made, one is deleted; a row of the history is rewritten."""
    deals = tables["Opportunity"]
    deals[0] = {**deals[0], "Title": "Переименована", "ModifiedOn": "2026-03-30T21:30:00.0000000Z"}
    deals.append({**deals[1], "Id": "ffffffff-0000-4000-8000-000000000001", "ModifiedOn": "2026-03-30T21:31:00.0000000Z"})
    del deals[2]
    history = tables["OpportunityInStage"]
    history[0] = {**history[0], "ModifiedOn": "2026-03-30T21:30:00.0000000Z", "Historical": False}


def _peer(url: str, tables: dict[str, list[dict[str, Any]]], **given: Any) -> Peer:
    return Peer(
        edit=lambda: edit(tables),
        truth=lambda: {stream: {row["Id"] for row in tables[entity]} for stream, entity in ENTITIES.items()},
        now=company().now,
        since=company().started_on,
        **given,
    )


@contextmanager
def by_user(_folder: Path) -> Iterator[Peer]:
    """.NET Framework, cookies."""
    app = creatio_server.build_app(company(), memory_rows=400)
    with serving.serve(app) as url:
        options = {"url": url, "username": USERNAME, "password": PASSWORD, "requests_per_second": 0, "page_rows": 800}
        yield _peer(
            url,
            app.state.tables,
            options=options,
            secrets=(PASSWORD,),
            wrong={**options, "password": "wrong-password"},
            wrong_says="Creatio refuses the login",
            faults=app.state.faults,
        )


@contextmanager
def by_client(_folder: Path) -> Iterator[Peer]:
    """.NET, a token that ends often, the older protocol."""
    app = creatio_server.build_app(company(), framework=False, session_requests=9)
    with serving.serve(app) as url:
        options = {
            "url": url,
            "identity_url": url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "odata": 3,
            "requests_per_second": 0,
        }
        yield _peer(
            url,
            app.state.tables,
            options=options,
            secrets=(CLIENT_SECRET,),
            wrong={**options, "client_secret": "wrong-secret"},
            wrong_says="the identity service refuses",
            faults=app.state.faults,
        )


CASES = (
    Case("creatio", by_user, name="user"),
    Case("creatio", by_client, name="client", streams=("opportunities", "opportunity_stage_history")),
)
