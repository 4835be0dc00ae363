"""The source type `yandex_direct` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from ingestion.sandbox import serving, yandex_direct_server
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.yandex_direct_server import DirectStore
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some three months of a small company."""
    return build_company(scale=0.05, history_days=90)


def edit(store: DirectStore) -> None:
    """A day's cost is corrected, another day is no longer reported."""
    (campaign, day), gone = sorted(store.rows, key=lambda key: key[1])[-2:]
    store.correct(campaign, day, cost=Decimal("0.01"))
    del store.rows[gone]


@contextmanager
def start(_folder: Path) -> Iterator[Peer]:
    """The sandbox company's advertiser."""
    app = yandex_direct_server.build_app(company(), waits=0)
    store = app.state.store
    with serving.serve(app) as url:
        options = {"url": f"{url}/json/v5/", "token": yandex_direct_server.TOKEN}
        yield Peer(
            options=options,
            edit=lambda: edit(store),
            truth=lambda: {"campaign_costs": {f"{day}:{campaign}" for campaign, day in store.rows}},
            secrets=(yandex_direct_server.TOKEN,),
            wrong={**options, "token": "wrong-token"},
            wrong_says="the token is wrong",
            faults=app.state.faults,
            now=datetime.combine(company().today, datetime.min.time(), UTC),
            since=company().started_on - timedelta(days=1),
        )


CASES = (Case("yandex_direct", start),)
