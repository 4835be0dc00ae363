"""The source type `amocrm` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ingestion.sandbox import amocrm_server, serving
from ingestion.sandbox.amocrm_store import AmoCrmStore
from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN
from ingestion.sandbox.company import Company, build_company
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some two months of a small company."""
    return build_company(scale=0.03, history_days=70)


def edit(store: AmoCrmStore, at: int) -> None:
    """A lead is renamed, one is made, one is deleted."""
    first, second, third = list(store.collection("leads").rows)[:3]
    store.edit("leads", first, at=at, name="Переименована")
    store.add("leads", {**store.get("leads", second), "id": 99_000_001, "created_at": at, "updated_at": at})
    store.delete("leads", third, at=at)


@contextmanager
def start(_folder: Path) -> Iterator[Peer]:
    """The sandbox company's account."""
    app = amocrm_server.build_app(company())
    store = app.state.store
    now = datetime.combine(company().today, datetime.min.time(), UTC)
    with serving.serve(app) as url:
        options = {"url": url, "token": LONG_LIVED_TOKEN, "requests_per_second": 0}
        yield Peer(
            options=options,
            edit=lambda: edit(store, int(now.timestamp()) + 20 * 60),
            truth=lambda: {"leads": {str(key) for key, row in store.collection("leads").rows.items() if not row.get("is_deleted")}},
            secrets=(LONG_LIVED_TOKEN,),
            wrong={**options, "token": LONG_LIVED_TOKEN[:-6] + "broken"},
            wrong_says="token",
            faults=app.state.faults,
            now=now,
            since=company().started_on,
        )


CASES = (Case("amocrm", start, streams=("account", "users", "pipelines", "leads", "contacts", "events")),)
