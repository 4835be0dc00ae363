"""Advertising systems under the contract of all sources: a day that is no longer reported is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.sandbox import serving
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.feeds import ads
from ingestion.sandbox.feeds.ads import AdDay
from tests.ingestion.sources.contract_case import Case, Keys, Peer

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SINCE = date(2026, 3, 1)


@cache
def company() -> Company:
    """The advertiser."""
    return build_company(scale=0.1, history_days=60, today=NOW.date())


@cache
def all_days() -> list[AdDay]:
    """Its campaigns since then, day by day."""
    return [one for one in ads.ad_days(company()) if one.day >= SINCE and one.cost]


def days_of_one() -> list[AdDay]:
    """Those of one campaign."""
    return [one for one in all_days() if one.id == all_days()[0].id]


def edited(days: list[AdDay]) -> list[AdDay]:
    """The last day but one corrected, the last gone, one more."""
    *rest, before, last = sorted(days, key=lambda one: (one.day, one.id))
    return [*rest, replace(before, cost=before.cost + 1), replace(last, id=last.id + 1_000, cost=Decimal("5.00"))]


def _server(app: Callable[[list[AdDay]], Any], path: str, extra: dict[str, str]) -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextmanager
    def start(_folder: Path) -> Iterator[Peer]:
        service = app(list(all_days()))

        def edit() -> None:
            service.state.days = edited(service.state.days)

        def truth() -> Keys:
            return {"campaign_costs": {f"{one.day}:{one.id}" for one in service.state.days}}

        with serving.serve(service) as url:
            options = {"url": url + path, "requests_per_second": 0, "period_days": 10, **extra}
            yield Peer(
                {**options, "token": ads.TOKEN},
                edit,
                truth,
                secrets=(ads.TOKEN,),
                wrong={**options, "token": "wrong-secret-value"},
                wrong_says="the token is wrong",
                faults=service.state.faults,
                now=NOW,
                since=SINCE,
            )

    return start


def _my_target(days: list[AdDay]) -> Any:
    return ads.statistics_app(days, "campaigns")


def _files(
    write: Callable[[list[AdDay]], bytes], name: str, days: Callable[[], list[AdDay]] = all_days
) -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextmanager
    def start(folder: Path) -> Iterator[Peer]:
        file = folder / name
        file.write_bytes(write(days()))
        wrong = {"path": str(folder / "nowhere.csv")}
        options = {"path": str(file)}
        yield Peer(
            options,
            lambda: file.write_bytes(write(edited(days()))),
            wrong=wrong,
            wrong_says="there is no file or folder",
            now=NOW,
            since=SINCE,
        )

    return start


def _expenses(days: list[AdDay]) -> bytes:
    """Those of one campaign: a file of expenses knows no ids, so the edit's new campaign is left out and its last day is gone."""
    return ads.metrika_expenses([one for one in days if one.id == all_days()[0].id], company())


@contextmanager
def _visits(folder: Path) -> Iterator[Peer]:
    file = folder / "visits.tsv"
    file.write_bytes(ads.metrika_visits(company()))
    wrong = {"visits": str(folder / "nowhere.tsv")}
    yield Peer(
        {"visits": str(file)},
        lambda: file.write_bytes(ads.metrika_visits(company(), 70)),
        wrong=wrong,
        wrong_says="there is no file or folder",
        now=NOW,
    )


CASES = (
    Case("vk_ads", _server(ads.statistics_app, "/api/v2", {})),
    Case("mytarget", _server(_my_target, "/api/v2", {})),
    Case("meta_ads", _server(ads.meta_app, "/v23.0", {"account_id": "77"})),
    Case("google_ads", _files(ads.google_csv, "report.csv")),
    Case("google_ads", _files(ads.google_stream, "report.json"), name="stream"),
    Case("metrika_expenses", _files(_expenses, "expenses.csv", days_of_one)),
    Case("metrika_expenses", _visits, name="visits", deletions=False),
)
