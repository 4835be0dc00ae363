"""Walks over lists that move, lie or ignore what was asked: nothing is lost, and a lie is noticed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ingestion.http import HttpClient
from ingestion.sources.amocrm.api import AmoApi, Listing
from ingestion.sources.amocrm.cards import walk
from ingestion.sources.amocrm.events import last_deeds, windows
from ingestion.sources.amocrm.tokens import FixedToken
from ingestion.sources.amocrm.walks import Batch, Feed, FilterIgnoredError, OrderIgnoredError, by_id, by_recency, by_value, by_window

LEADS = Feed("leads", "leads", limit=3, alpha_filter=True)


class Account(AmoApi):
    """A list of amoCRM in memory: {id: updated_at}."""

    def __init__(self, rows: dict[int, int], *, filters: bool = True, orders: bool = True, promises: bool = False) -> None:
        self.rows = rows
        self.filters = filters
        self.orders = orders
        self.promises = promises
        self.asked: list[dict[str, str]] = []
        self.between: Callable[[int], None] = lambda _number: None

    def page(self, _path: str, _name: str, query: Any, number: int, limit: int) -> Listing:
        asked = dict(query)
        self.asked.append(asked | {"page": str(number)})
        rows = sorted(self.rows.items())
        if self.orders and "order[updated_at]" in asked:
            rows.sort(key=lambda row: (row[1], row[0]), reverse=asked["order[updated_at]"] == "desc")
        if self.filters and "filter[updated_at][from]" in asked:
            rows = [row for row in rows if int(asked["filter[updated_at][from]"]) <= row[1] <= int(asked["filter[updated_at][to]"])]
        part = rows[(number - 1) * limit : number * limit]
        self.between(len(self.asked))
        more = bool(part) if self.promises else number * limit < len(rows)
        return Listing([{"id": key, "updated_at": at} for key, at in part], more=more, empty=not part)


def ids(batches: Iterator[Batch]) -> set[int]:
    return {row["id"] for batch in batches for row in batch.rows}


def test_a_walk_by_value_reads_everything_and_never_a_second_page_unless_one_second_overflows() -> None:
    account = Account({key: 100 + key // 2 for key in range(1, 20)})
    assert ids(by_value(account, LEADS, 1, 1000)) == set(range(1, 20))
    assert {asked["page"] for asked in account.asked} == {"1"}
    crowd = Account(dict.fromkeys(range(1, 11), 500))
    assert ids(by_value(crowd, LEADS, 1, 1000)) == set(range(1, 11))


def test_rows_edited_while_a_walk_runs_push_no_other_row_out() -> None:
    account = Account({key: 100 + key for key in range(1, 31)})

    def edit(number: int) -> None:
        account.rows[number] = 5000 + number  # an early row leaves the window, so every later page would shift

    account.between = edit
    seen = ids(by_value(account, LEADS, 1, 1000))
    assert {key for key, at in account.rows.items() if at <= 1000} <= seen


class UnsteadyAccount(Account):
    """Rows of one second come in another order for every page, as a database gives ties."""

    def page(self, path: str, name: str, query: Any, number: int, limit: int) -> Listing:
        if "order[id]" in dict(query):
            return super().page(path, name, query, number, limit)
        rows = [row for row in self.rows.items() if row[1] >= int(dict(query)["filter[updated_at][from]"])]
        random.Random(number).shuffle(rows)
        rows.sort(key=lambda row: row[1])
        part = rows[(number - 1) * limit : number * limit]
        return Listing([{"id": key, "updated_at": at} for key, at in part], more=number * limit < len(rows), empty=not part)


def test_an_import_of_one_second_is_read_whole_whatever_order_its_rows_have() -> None:
    rows = {key: 500 if key > 4 else 400 + key for key in range(1, 40)} | {50: 900}
    assert ids(by_value(UnsteadyAccount(rows), LEADS, 1, 1000)) == set(rows)


@pytest.mark.parametrize("way", [by_value, by_window])
def test_rows_that_leave_an_import_of_one_second_take_no_other_with_them(way: Callable[..., Iterator[Batch]]) -> None:
    account = Account(dict.fromkeys(range(1, 31), 500))

    def edit(number: int) -> None:
        if number % 2:
            account.rows[number] = 5000

    account.between = edit
    seen = ids(way(account, LEADS, 500, 500))
    assert {key for key, at in account.rows.items() if at == 500} <= seen


def test_an_ignored_filter_is_noticed() -> None:
    with pytest.raises(FilterIgnoredError):
        list(by_value(Account({1: 10, 2: 20}, filters=False), LEADS, 100, 1000))
    with pytest.raises(FilterIgnoredError):  # the first page happens to obey; the second request shows it
        list(by_value(Account({key: 200 + key for key in range(9)}, filters=False), LEADS, 100, 1000))


def test_an_ignored_order_is_noticed() -> None:
    with pytest.raises(OrderIgnoredError):
        list(by_value(Account({1: 300, 2: 200, 3: 400}, orders=False), LEADS, 100, 1000))


def test_windows_are_halved_until_they_fit_one_page() -> None:
    account = Account({key: 100 + key * key for key in range(1, 31)})
    assert ids(by_window(account, LEADS, 1, 2000)) == set(range(1, 31))
    assert {asked["page"] for asked in account.asked} == {"1"}
    crowd = Account(dict.fromkeys(range(1, 11), 500))
    assert ids(by_window(crowd, LEADS, 1, 1000)) == set(range(1, 11))


def test_a_next_page_that_is_promised_and_not_there_does_not_halve_windows_down_to_seconds() -> None:
    account = Account({key: 1_000_000 + key * 5_000 for key in range(1, 31)}, promises=True)
    assert ids(by_window(account, LEADS, 1, 2_000_000)) == set(range(1, 31))
    assert len(account.asked) < 120


def test_without_a_filter_the_newest_are_read_down_to_the_cursor() -> None:
    account = Account({key: 100 + key for key in range(1, 31)}, filters=False)
    assert ids(by_recency(account, LEADS, 120)) == set(range(20, 31))
    assert len(account.asked) < 6


@pytest.mark.parametrize(
    "account", [Account({key: 1000 - key for key in range(1, 30)}, filters=False, orders=orders) for orders in (True, False)]
)
def test_the_best_way_that_is_obeyed_is_taken(account: Account) -> None:
    notes: list[str] = []
    assert ids(walk(account, LEADS, 985, 2000, filters=True, note=notes.append)) == set(range(1, 16))
    assert "ignores the filter" in notes[0]


def test_a_scan_that_is_resumed_steps_back_over_deleted_rows() -> None:
    account = Account(dict.fromkeys(range(1, 31), 1))
    first = [listing for number, listing in by_id(account, LEADS) if number <= 4]
    last = first[-1].rows[-1]["id"]
    for key in (1, 2, 3, 4):
        del account.rows[key]
    rest = {row["id"] for _, listing in by_id(account, LEADS, page=5, after=last) for row in listing.rows}
    assert set(range(last + 1, 31)) <= rest


class SparseAccount(Account):
    """Every second page shows nothing and still promises a further one: its rows are hidden from the token's user."""

    def page(self, path: str, name: str, query: Any, number: int, limit: int) -> Listing:
        if number % 2:
            return Listing([], more=True)
        return super().page(path, name, query, number // 2, limit)


@pytest.mark.parametrize("way", [by_value, by_window])
def test_an_empty_page_that_promises_another_is_not_the_end(way: Callable[..., Iterator[Batch]]) -> None:
    rows = {key: 100 + key for key in range(1, 12)}
    assert ids(way(SparseAccount(rows), LEADS, 1, 1000)) == set(rows)
    assert ids(by_recency(SparseAccount(rows), LEADS, 105)) == set(range(5, 12))
    assert {row["id"] for _, listing in by_id(SparseAccount(rows), LEADS, page=3, after=3) for row in listing.rows} >= set(range(4, 12))


def test_a_page_without_rows_is_the_end_only_without_a_link_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """PHP writes the empty object as []; a server that promises empty pages for ever is not believed twice."""
    links = {"next": {"href": "/api/v4/users?page=2"}}

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        return httpx.Response(200, json={"_links": links if page < 3 else [], "_embedded": []})

    http = HttpClient("sales")
    monkeypatch.setattr(http, "_client", httpx.Client(transport=httpx.MockTransport(answer)))
    api = AmoApi("http://account", "sales", FixedToken("abcdef"), http)
    assert api.page("users", "users", (), 1, 250) == Listing([], more=True)
    assert api.page("users", "users", (), 2, 250) == Listing([], more=False, empty=True)
    assert api.page("users", "users", (), 3, 250).empty


def test_windows_of_events_touch_and_do_not_overlap() -> None:
    parts = list(windows(10, 100, width=30))
    assert parts == [(10, 39), (40, 69), (70, 99), (100, 100)]


def test_the_last_deed_of_a_record_counts_and_links_name_both_sides() -> None:
    rows = [
        {"id": "b", "type": "lead_restored", "entity_type": "lead", "entity_id": 5, "created_at": 20},
        {"id": "a", "type": "lead_deleted", "entity_type": "lead", "entity_id": 5, "created_at": 10},
        {
            "id": "c", "type": "entity_linked", "entity_type": "contact", "entity_id": 9, "created_at": 30,
            "value_after": [{"link": {"entity": {"type": "lead", "id": 7}}}],
        },
    ]  # fmt: skip
    assert {key: row["type"] for key, row in last_deeds(rows, "lead").items()} == {5: "lead_restored", 7: "entity_linked"}
