"""Batches, limits and errors of Bitrix24, without a portal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx
import pytest
from pydantic import ValidationError

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.http import HttpClient
from ingestion.redaction import redact
from ingestion.sources.bitrix24.api import Answer, BitrixApi, Command, as_map, php_query
from ingestion.sources.bitrix24.connector import BitrixConnector
from ingestion.sources.bitrix24.limits import Bucket, WorkClock
from ingestion.sources.bitrix24.listings import Listing, Walker
from ingestion.sources.bitrix24.problems import ExpiredTokenError, MethodMissingError, MissingRightError, problem
from ingestion.sources.bitrix24.source import SOURCE, BitrixOptions
from ingestion.spec import Source

ITEMS = Listing("crm.item.list", "item", "items", {"entityTypeId": 2}, ("*",))


def test_maps_of_a_batch_may_be_a_dict_an_empty_list_or_a_numbered_list() -> None:
    assert as_map({"a": 1}, ["a"]) == {"a": 1}
    assert as_map([], ["a"]) == {}
    assert as_map([{"error": "x"}], ["a", "b"]) == {"a": {"error": "x"}}
    assert as_map(None, ["a"]) == {}


def test_parameters_are_written_as_php_reads_them() -> None:
    assert php_query({"filter": {">id": "$result[p][items][49][id]"}, "select": ["*"], "start": -1, "flag": True, "none": None}) == (
        "filter%5B%3Eid%5D=%24result%5Bp%5D%5Bitems%5D%5B49%5D%5Bid%5D&select%5B0%5D=%2A&start=-1&flag=1"
    )


def test_the_bucket_lets_a_burst_through_and_then_paces() -> None:
    now = 0.0
    waits: list[float] = []
    bucket = Bucket(2.0, 3, clock=lambda: now, sleep=waits.append)
    for _ in range(5):
        bucket.wait()
    assert waits == [0.5, 1.0]


def test_a_bucket_that_others_have_filled_is_known_to_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every one of the next forty requests would knock at a door that is shut, and be refused."""
    now, refusals = 0.0, [2]
    waits: list[float] = []
    bucket = Bucket(2.0, 40, clock=lambda: now, sleep=waits.append)

    def answer(_request: httpx.Request) -> httpx.Response:
        if refusals and refusals.pop():
            return httpx.Response(503, json={"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"})
        return httpx.Response(200, json={"result": []})

    http = HttpClient("portal", sleep=lambda _seconds: None)
    monkeypatch.setattr(http, "_client", httpx.Client(transport=httpx.MockTransport(answer)))
    api = BitrixApi("http://portal/rest/1/code/", "portal", http, bucket)
    api.call("crm.status.list")
    assert waits == []
    api.call("crm.status.list")
    assert waits == [0.5]


@pytest.mark.parametrize(
    "times",
    [
        {"finish": 1000.0, "operating_reset_at": 1090},
        {"date_finish": "2026-03-01T10:00:00+03:00", "operating_reset_at": "2026-03-01T10:01:30+03:00"},
    ],
)
def test_a_method_rests_until_the_portal_gives_its_time_back(times: dict[str, Any]) -> None:
    now = 50.0
    clock = WorkClock(clock=lambda: now)
    assert clock.rest("crm.deal.list") == 60.0
    clock.learn("crm.deal.list", times)
    now += 30
    assert clock.rest("crm.deal.list") == pytest.approx(60.0)
    now += 59.5
    assert clock.rest("crm.deal.list") == 1.0
    # refused although its moment has come: not all that was spent is given back at once
    now += 1
    assert clock.rest("crm.deal.list") == 60.0


@pytest.mark.parametrize(
    ("error", "description", "status", "kind"),
    [
        ("QUERY_LIMIT_EXCEEDED", "", 503, TransientError),
        ("INTERNAL_SERVER_ERROR", "", 500, TransientError),
        ("", "odd", 502, TransientError),
        ("OVERLOAD_LIMIT", "", 503, PermanentError),
        ("expired_token", "", 401, ExpiredTokenError),
        ("INVALID_CREDENTIALS", "", 401, PermanentError),
        ("insufficient_scope", "", 403, MissingRightError),
        ("ACCESS_DENIED", "Access denied!", 403, MissingRightError),
        ("ACCESS_DENIED", "REST is available only on commercial plans", 403, PermanentError),
        ("", "Access denied.", 400, MissingRightError),
        (400, "Access denied", 400, MissingRightError),
        ("ERROR_METHOD_NOT_FOUND", "", 404, MethodMissingError),
        (0, "Not found", 400, PermanentError),
    ],
)
def test_errors_mean_what_the_documentation_says(error: Any, description: str, status: int, kind: type[SourceError]) -> None:
    found = problem("portal", "crm.item.list", error, description, status, 5.0)
    assert isinstance(found, kind)
    assert str(found).startswith("portal: crm.item.list: ")


def test_the_rest_of_a_method_is_waited_for() -> None:
    found = problem("portal", "crm.item.list", "OPERATION_TIME_LIMIT", "", 429, 42.0)
    assert isinstance(found, TransientError)
    assert found.retry_after == 42.0


class Portal(BitrixApi):
    """A list in memory that resolves, ignores or empties references between the commands of a batch."""

    def __init__(self, ids: list[int], references: str = "resolved") -> None:
        self.ids = ids
        self.references = references
        self.batches = self.calls = 0

    def call(self, _method: str, params: Mapping[str, Any] | None = None) -> Answer:
        self.calls += 1
        assert params is not None
        return Answer({"items": self.rows(int(params["filter"][">id"]))})

    def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | SourceError]:
        self.batches += 1
        answers: dict[str, Answer | SourceError] = {}
        last: list[dict[str, int]] = []
        for name, command in commands.items():
            bound = command.params["filter"][">id"]
            if not isinstance(bound, int):
                if self.references == "empty":
                    answers[name] = Answer({"items": []})
                    continue
                bound = last[49]["id"] if self.references == "resolved" and len(last) == 50 else 0
            last = self.rows(bound)
            answers[name] = Answer({"items": last})
        return answers

    def rows(self, after: int) -> list[dict[str, int]]:
        return [{"id": key} for key in self.ids if key > after][:50]


@pytest.mark.parametrize("references", ["resolved", "ignored", "empty"])
@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 300, 1000, 1234])
def test_a_walk_gives_every_row_once_whatever_the_portal_does_with_references(references: str, count: int) -> None:
    portal = Portal([key * 7 for key in range(1, count + 1)], references)
    seen = [row["id"] for rows in Walker(portal).walk(ITEMS, {}) for row in rows]
    assert seen == portal.ids
    if references == "resolved" and count == 1234:
        assert portal.batches + portal.calls < 8


def test_a_portal_that_ignores_the_id_filter_is_read_by_counted_pages() -> None:
    class Old(Portal):
        def call(self, _method: str, params: Mapping[str, Any] | None = None) -> Answer:
            assert params is not None
            start = max(int(params.get("start", 0)), 0)
            following = start + 50 if start + 50 < len(self.ids) and params.get("start") != -1 else None
            return Answer({"items": [{"id": key} for key in reversed(self.ids)][start : start + 50]}, following)

    portal = Old(list(range(1, 121)))
    assert {row["id"] for rows in Walker(portal).walk(ITEMS, {}) for row in rows} == set(portal.ids)


def test_a_list_of_statuses_that_comes_in_pages_is_read_to_its_end(zone_of: Callable[[Source], Any]) -> None:
    """It is documented as one list, and its examples as the first 50 of it: the funnels behind them are not lost."""

    class Paging:
        server_time = None

        def call(self, _method: str, params: Mapping[str, Any] | None = None) -> Answer:
            start = int((params or {}).get("start", 0))
            return Answer([{"ID": str(key)} for key in range(120)][start : start + 50], start + 50 if start + 50 < 120 else None)

    zone = zone_of(SOURCE)
    connector = BitrixConnector(cast(BitrixApi, Paging()), zone.context(), webhook=True)
    zone.extract(connector, "statuses")
    assert len(zone.records("statuses")) == 120


def test_the_webhook_is_kept_out_of_every_text() -> None:
    options = SOURCE.options.model_validate({"webhook": "https://portal.example/rest/17/s3cr3tc0de/profile.json"})
    assert "s3cr3tc0de" not in repr(options)
    assert isinstance(options, BitrixOptions)
    assert options.url == "https://portal.example"
    behind = SOURCE.options.model_validate({"webhook": "http://gateway.example/b24/rest/1/s3cr3tc0de/crm.deal.list"})
    assert isinstance(behind, BitrixOptions)
    assert behind.webhook is not None
    assert behind.webhook.get_secret_value() == "http://gateway.example/b24/rest/1/s3cr3tc0de/"
    assert behind.url == "http://gateway.example"
    assert "s3cr3tc0de" not in redact("POST https://portal.example/rest/17/s3cr3tc0de/crm.item.list and s3cr3tc0de alone")


HALF: tuple[dict[str, Any], ...] = (
    {},
    {"webhook": "https://portal.example/"},
    {"url": "https://portal.example", "client_id": "x"},
    {"webhook": "https://portal.example/rest/1/abcd/", "client_id": "x"},
    {"webhook": "https://portal.example/rest/1/abcd/", "colour": "red"},
)


@pytest.mark.parametrize("options", HALF)
def test_options_refuse_half_a_configuration(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        SOURCE.options.model_validate(options)
    assert "abcd" not in str(caught.value)
