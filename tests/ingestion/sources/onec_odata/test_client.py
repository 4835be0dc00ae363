"""How lists are read from a server that shifts, cuts, miscounts or breaks; the server is a function."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson
import pytest

from ingestion.errors import SlowAnswerError, SourceError, TransientError
from ingestion.http import HttpClient
from ingestion.sources.onec_odata.client import Listing, ODataClient
from ingestion.sources.onec_odata.errors import NoRightsError, NotPublishedError
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.paging import PageSize
from ingestion.sources.onec_odata.records import reference

Answer = Callable[[httpx.Request], httpx.Response]
OpenClient = Callable[..., ODataClient]


def asked(request: httpx.Request) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(request.url.query.decode()).items()}


def page(rows: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
    options = asked(request)
    skip, top = int(options.get("$skip", 0)), int(options["$top"])
    return httpx.Response(200, content=b"\xef\xbb\xbf" + orjson.dumps({"value": rows[skip : skip + top]}))


@pytest.fixture
def open_client() -> Iterator[OpenClient]:
    clients = []

    def connect(answer: Answer, **chosen: Any) -> ODataClient:
        http = HttpClient("books", attempts=3, sleep=lambda _: None, auth=("Иванов".encode(), b"p"))
        http._client.close()
        http._client = httpx.Client(transport=httpx.MockTransport(answer))
        clients.append(http)
        options = OneCOptions(url="http://h/база/odata/standard.odata/", username="Иванов", configuration="unf", **chosen)
        return ODataClient(http, options, "books")

    yield connect
    for http in clients:
        http.close()


def rows_of(number: int) -> list[dict[str, Any]]:
    return [{"Ref_Key": f"r{index:05d}"} for index in range(number)]


def read(client: ODataClient, **chosen: Any) -> list[str]:
    listing = Listing("Catalog_Валюты", "Ref_Key", reference, **chosen)
    return sorted({row["Ref_Key"] for rows in client.pages(listing) for row in rows})


def test_every_page_is_ordered_and_none_has_a_plus(open_client: OpenClient) -> None:
    lines = []

    def answer(request: httpx.Request) -> httpx.Response:
        lines.append(request.url.query.decode())
        return httpx.Response(200, text="120") if "count" in request.url.path else page(rows_of(120), request)

    assert len(read(open_client(answer), condition="DeletionMark eq false")) == 120
    assert all("$orderby=Ref_Key" in line for line in lines if "$top" in line)
    assert not any("+" in line for line in lines)
    assert len(lines) < 6


def test_a_list_that_shifts_while_it_is_read_is_read_again(open_client: OpenClient) -> None:
    """A row deleted from a page already read would hide the first row of the next page."""
    rows = rows_of(200)
    calls = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        if "count" in request.url.path:
            return httpx.Response(200, text=str(len(rows)))
        calls += 1
        if calls == 2:
            del rows[3]
        return page(rows, request)

    names = read(open_client(answer))
    assert {row["Ref_Key"] for row in rows} <= set(names)


def test_a_server_that_cuts_answers_short_is_not_believed(open_client: OpenClient) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "count" in request.url.path:
            return httpx.Response(200, text="\ufeff500")
        return page(rows_of(100), request)

    with pytest.raises(TransientError, match=r"500 entries .* 100 arrived.*allowed_only = true"):
        read(open_client(answer))
    assert len(read(open_client(answer, allowed_only=True))) == 100


def cut_to(most: int, rows: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
    """A page of no more than `most` rows, whatever was asked for."""
    options = asked(request)
    skip, top = int(options.get("$skip", 0)), int(options["$top"])
    return httpx.Response(200, json={"value": rows[skip : skip + min(top, most)]})


@pytest.mark.parametrize(("most", "number", "select"), [(100, 730, ()), (25, 45, ()), (25, 45, ("Ref_Key",))])
def test_pages_that_something_between_cuts_are_read_to_the_count(
    open_client: OpenClient, most: int, number: int, select: tuple[str, ...]
) -> None:
    """A gateway with a limit of its own: a page shorter than asked for is not the last one while 1C counts more."""
    counts = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "count" in request.url.path:
            counts.append(request.url.path)
            return httpx.Response(200, text=str(number))
        return cut_to(most, rows_of(number), request)

    assert len(read(open_client(answer), select=select)) == number
    assert len(counts) == 1


def test_pages_that_something_between_cuts_are_read_to_the_end_where_nothing_counts(open_client: OpenClient) -> None:
    assert len(read(open_client(lambda request: cut_to(100, rows_of(730), request), allowed_only=True))) == 730


def test_a_table_that_knows_no_top_is_read_once(open_client: OpenClient) -> None:
    """Some virtual tables give everything, whatever is asked for; another page would be the same once more."""
    paths = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, json={"value": rows_of(70)})

    assert len(read(open_client(answer), countable=False)) == 70
    assert len(paths) == 1


def test_a_set_that_cannot_be_counted_leaves_the_others_counted(open_client: OpenClient) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if "Date" in request.url.path else httpx.Response(200, text="7")

    client = open_client(answer)
    assert client.count("InformationRegister_Date", "") is None
    assert client.count("Catalog_Валюты", "") == 7


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(404, json={"odata.error": {"code": "8", "message": {"value": "нет"}}}),
        httpx.Response(500, text="Internal Server Error"),
        httpx.Response(200, json={"value": 300}),
    ],
    ids=["refuses", "fails", "says something else"],
)
def test_a_base_without_counts_is_read_all_the_same(open_client: OpenClient, refusal: httpx.Response) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return refusal if "count" in request.url.path else page(rows_of(300), request)

    assert len(read(open_client(answer))) == 300


def test_allowed_only_is_asked_for_and_not_counted(open_client: OpenClient) -> None:
    paths = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        assert asked(request)["allowedOnly"] == "true"
        return page(rows_of(90), request)

    assert len(read(open_client(answer, allowed_only=True))) == 90
    assert not any("count" in path for path in paths)


def test_pages_shrink_to_one_entry_when_the_device_is_full(open_client: OpenClient) -> None:
    tops = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "count" in request.url.path:
            return httpx.Response(200, text="60")
        top = int(asked(request)["$top"])
        tops.append(top)
        if top > 2:
            return httpx.Response(500, json={"odata.error": {"code": "-1", "message": {"value": "The device is full"}}})
        return page(rows_of(60), request)

    assert len(read(open_client(answer))) == 60
    assert tops[:3] == [20, 5, 1]


def test_a_page_that_takes_too_long_is_asked_for_smaller_at_once(open_client: OpenClient) -> None:
    """The same question again would take as long, and the server works on at the first."""
    tops = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "count" in request.url.path:
            return httpx.Response(200, text="60")
        tops.append(int(asked(request)["$top"]))
        if tops[-1] > 5:
            message = "slow"
            raise httpx.ReadTimeout(message)
        return page(rows_of(60), request)

    assert len(read(open_client(answer))) == 60
    assert tops[:3] == [20, 5, 5]


def test_a_package_that_takes_too_long_is_asked_for_once(open_client: OpenClient) -> None:
    calls = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        message = "slow"
        raise httpx.ReadTimeout(message)

    with pytest.raises(SlowAnswerError):
        open_client(answer).select_changes("ExchangePlan_П", "n", 1)
    assert calls == ["POST"]


def test_an_entry_that_never_comes_is_a_transient_error(open_client: OpenClient) -> None:
    with pytest.raises(SourceError):
        read(open_client(lambda _: httpx.Response(500, text="Internal Server Error")))


def test_pages_grow_with_light_entries_and_stay_within_the_target(open_client: OpenClient) -> None:
    tops = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "count" in request.url.path:
            return httpx.Response(200, text="3000")
        tops.append(int(asked(request)["$top"]))
        return page(rows_of(3000), request)

    read(open_client(answer))
    assert tops[0] == 20
    assert tops[1] == 2000


def test_a_heavy_entry_makes_small_pages() -> None:
    size = PageSize(8_000_000)
    size.learn(20, 20 * 1_100_000)
    assert size.rows == 7
    size.learn(7, 7 * 100_000_000)
    assert size.rows == 1


def test_a_size_that_failed_is_not_tried_at_once_again() -> None:
    size = PageSize(8_000_000, first=2000)
    assert size.shrink()
    size.learn(500, 50_000)
    assert size.rows == 500
    for _ in range(20):
        size.learn(500, 50_000)
    assert size.rows > 500


PAGE_OF_IIS = httpx.Response(404, html="<!DOCTYPE html><html><title>404 - File or directory not found.</title></html>")


@pytest.mark.parametrize("gone", [httpx.Response(404, json={"odata.error": {"code": "9", "message": {"value": "нет"}}}), PAGE_OF_IIS])
def test_a_missing_entry_is_none_also_where_the_web_server_says_it(open_client: OpenClient, gone: httpx.Response) -> None:
    assert open_client(lambda _: gone).entry("Catalog_Валюты", "r") is None


@pytest.mark.parametrize("unknown", [httpx.Response(404, json={"odata.error": {"code": "8", "message": {"value": "нет"}}}), PAGE_OF_IIS])
def test_a_missing_set_is_an_error(open_client: OpenClient, unknown: httpx.Response) -> None:
    with pytest.raises(NotPublishedError):
        read(open_client(lambda _: unknown))


def test_a_user_who_was_let_in_has_no_wrong_password(open_client: OpenClient) -> None:
    """Rows beyond the user's rights are 401 too, and a web server may leave nothing of what 1C said of them."""
    answers = iter([httpx.Response(200, json={"value": []}), httpx.Response(401, html="<html><title>401 - Unauthorized</title></html>")])
    client = open_client(lambda _: next(answers))
    assert read(client) == []
    with pytest.raises(NoRightsError, match="may not read all"):
        read(client)


def test_a_list_whose_order_never_holds_says_so(open_client: OpenClient) -> None:
    """Without a count to compare with: pages that never meet."""
    calls = count()

    def answer(request: httpx.Request) -> httpx.Response:
        rows = rows_of(200)
        return page(rows if next(calls) % 2 else rows[::-1], request)

    with pytest.raises(TransientError, match="changes its order"):
        read(open_client(answer, allowed_only=True))
