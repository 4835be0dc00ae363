"""What goes wrong between 1C and skvoz: the same records in the end, or one sentence that says what to do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.errors import PermanentError, TransientError
from ingestion.sandbox.company import Company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sources.onec_odata.streams import windows
from ingestion.spec import Connector, Extraction, Mode, Page
from tests.ingestion.sources.conftest import Serve
from tests.ingestion.sources.onec_odata.conftest import Open


@pytest.mark.parametrize("profile", ["unf", "ut", "bp"])
def test_faults_on_the_way_change_nothing(open_books: Open, profile: str) -> None:
    books = open_books(profile)
    books.app.state.faults.plan = FaultPlan(every=4, retry_after=0, slow_seconds=0.0)
    books.load()
    assert books.differing() == []
    books.load(mode="sweep")
    assert books.differing() == []


def test_a_server_that_fills_its_disk_gives_smaller_pages(open_books: Open) -> None:
    books = open_books("ut", device_limit=12_000)
    books.load()
    assert books.differing() == []


def test_a_wrong_password_is_explained_in_one_sentence(open_books: Open) -> None:
    books = open_books("ut")
    with pytest.raises(PermanentError, match='did not let the user "Аналитика" in') as caught:
        books.connect(password="не тот").check()
    assert "не тот" not in str(caught.value)
    assert str(caught.value).count(". ") == 0


def test_a_missing_licence_is_worth_another_try(open_books: Open) -> None:
    books = open_books("ut", no_licence=True)
    with pytest.raises(TransientError, match="лиценз"):
        books.connect().check()


def test_a_wrong_address_says_so(open_books: Open) -> None:
    books = open_books("ut")
    with pytest.raises(PermanentError, match=r"no OData interface at this address.*check url.*Publish on web server"):
        books.connect(url=f"{books.url}/other/odata/standard.odata").check()


def test_rows_hidden_by_rights_stop_a_needed_stream_unless_allowed_only_is_set(open_books: Open) -> None:
    def hides(row: dict[str, Any]) -> bool:
        return str(row["Number"]).endswith("1")

    books = open_books("ut", hidden={"Document_ЗаказКлиента": hides})
    with pytest.raises(PermanentError, match="allowed_only"):
        books.load("orders")
    books.load("orders", allowed_only=True)
    seen = {key for key, row in books.expected("orders").items() if not hides(row)}
    assert set(books.held("orders")) == seen


def test_rows_hidden_by_rights_leave_an_optional_stream_out_with_a_note(open_books: Open) -> None:
    books = open_books("ut", hidden={"Catalog_ПретензииКлиентов": lambda _: True})
    books.load("claims", "orders")
    assert books.held("claims") == {}
    assert books.differing("orders") == []
    assert any("claims is not loaded" in note for note in books.zone.notes)


POWER = "the power went"


class Interrupted:
    """A connector that dies after so many pages, at the latest after the last."""

    def __init__(self, inner: Connector, pages: int) -> None:
        self.inner = inner
        self.pages = pages

    def check(self) -> str:
        return self.inner.check()

    def close(self) -> None:
        self.inner.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        for number, page in enumerate(self.inner.extract(request)):
            if number == self.pages:
                raise TransientError(POWER)
            yield page
        raise TransientError(POWER)


@pytest.mark.parametrize("stream", ["orders", "sales_register"])
def test_a_first_load_goes_on_after_the_last_window_that_was_durable(
    open_books: Open, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    monkeypatch.setattr(windows, "_FEW", 0)  # a window stays a month
    books = open_books("ut")
    with pytest.raises(TransientError):
        books.zone.extract(Interrupted(books.connect(), 19), stream, chunk_records=5)
    held = books.held(stream)
    assert 0 < len(held) < len(books.expected(stream))
    books.load(stream)
    name = {"orders": "Document_ЗаказКлиента", "sales_register": "_RecordType"}[stream]
    first = next(request for request in books.app.state.log.to(name) if "%20ge%20" in request.query)
    assert books.zone.since.isoformat() not in first.query
    assert books.differing(stream) == []
    books.load(stream, mode="sweep")
    assert books.differing(stream) == []


@pytest.mark.parametrize("stream", ["orders", "sales_register", "products"])
@pytest.mark.parametrize("mode", ["sweep", "full"])
def test_any_run_may_die_at_any_page(open_books: Open, company: Company, stream: str, mode: Mode) -> None:
    books = open_books("ut")
    books.load("shipments", stream)
    edited = tuple(replace(one, manager=one.manager % 2 + 1) for one in company.orders[::3])
    rest = tuple(one for number, one in enumerate(company.orders) if number % 3)
    products = tuple(replace(one, name=one.name.upper()) for one in company.products)
    orders = tuple(sorted((*edited, *rest), key=lambda one: one.number))
    books.write(replace(company, orders=orders, products=products, shipments=company.shipments[:-9]))
    for pages in range(0, 6, 2):
        with pytest.raises(TransientError):
            books.zone.extract(Interrupted(books.connect(), pages), stream, mode=mode, chunk_records=5)
    books.load("shipments", stream, mode=mode)
    assert books.differing(stream) == []


def without_metadata(app: ASGIApp) -> ASGIApp:
    """The same base behind something that spoils its description."""

    async def spoiled(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("$metadata"):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/xml")]})
            await send({"type": "http.response.body", "body": b'<!DOCTYPE a [<!ENTITY x "y">]><Edmx>&x;</Edmx>'})
            return
        await app(scope, receive, send)

    return spoiled


def test_without_a_readable_description_the_list_of_objects_is_enough(open_books: Open, serve: Serve) -> None:
    books = open_books("ut")
    books.url = serve(without_metadata(books.app))
    books.load()
    assert any("$metadata cannot be read" in note for note in books.zone.notes)
    assert books.differing() == []


def test_a_kept_description_that_is_out_of_date_is_fetched_again(open_books: Open) -> None:
    books = open_books("ut")
    books.load("orders", "returns")
    name = "Document_ВозвратТоваровОтКлиента"
    del books.base.sets[name]
    books.base.published = frozenset(books.base.sets)
    books.base.revision += 1
    before = books.held("returns")
    books.load("orders", "returns")
    assert books.app.state.log.to("$metadata")
    assert books.held("returns") == before


def test_credentials_are_sent_as_utf8(open_books: Open) -> None:
    books = open_books("ut")
    books.connect().check()
    sent = books.app.state.log.requests[0].headers["authorization"]
    assert sent == httpx.BasicAuth("Аналитика".encode(), "песочница".encode())._auth_header
