"""The source type `bitrix24` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from ingestion.sandbox import bitrix24_server, serving
from ingestion.sandbox.bitrix24_store import PortalStore, stamp
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE, WEBHOOK_USER
from ingestion.sandbox.company import Company, build_company
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some two months of a small company."""
    return build_company(scale=0.03, history_days=70)


def edit(store: PortalStore, at: datetime) -> None:
    """A deal is renamed, one is made, one is deleted."""
    first, second, third = list(store.table("deal").rows)[:3]
    store.edit("deal", first, at=at, TITLE="Переименована")
    made = stamp(at)
    store.add("deal", {**store.get("deal", second), "ID": store.table("deal").new_id(), "DATE_CREATE": made, "DATE_MODIFY": made})
    store.delete("deal", third)


@contextmanager
def start(_folder: Path) -> Iterator[Peer]:
    """The sandbox company's portal."""
    now = datetime.combine(company().today, datetime.min.time(), UTC)
    app = bitrix24_server.build_app(company())
    store = app.state.store
    with serving.serve(app) as url:
        options = {"webhook": f"{url}/rest/{WEBHOOK_USER}/{WEBHOOK_CODE}/", "requests_per_second": 0}
        yield Peer(
            options=options,
            edit=lambda: edit(store, now + timedelta(minutes=4)),
            truth=lambda: {"deals": {str(key) for key in store.table("deal").rows}},
            secrets=(WEBHOOK_CODE,),
            wrong={**options, "webhook": f"{url}/rest/{WEBHOOK_USER}/wrongwrongwrong/"},
            wrong_says="webhook",
            faults=app.state.faults,
            now=now,
            since=company().started_on,
        )


CASES = (Case("bitrix24", start, streams=("categories", "statuses", "users", "deals", "contacts")),)
