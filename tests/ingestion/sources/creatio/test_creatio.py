"""What is particular to Creatio: sessions that end, the memory limit, rows of one moment, addresses with and without /0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from ingestion.sandbox import creatio_server
from ingestion.sandbox.creatio_server import PASSWORD, USERNAME, CreatioOptions
from ingestion.sandbox.creatio_tables import guid
from ingestion.sources.creatio.source import SOURCE
from ingestion.spec import Source

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]
CONTACT = {"Id": guid("c", 1), "Name": "A", "ModifiedOn": "2026-01-01T00:00:00.0000000Z"}


def rows(*moments: str) -> list[dict[str, Any]]:
    return [{"Id": guid("deal", number), "Title": str(number), "ModifiedOn": moment} for number, moment in enumerate(moments)]


class Site:
    """A site, a raw zone, and connectors between them."""

    def __init__(self, serve: Serve, zones: Zones, deals: list[dict[str, Any]], **options: Any) -> None:
        self.tables = {"Contact": [CONTACT], "Opportunity": deals}
        self.app = creatio_server.serve(self.tables, CreatioOptions(**options))
        self.url = serve(self.app)
        self.zone = zones(SOURCE)

    def load(self, **options: Any) -> set[str]:
        given = {"url": self.url, "username": USERNAME, "password": PASSWORD, "requests_per_second": 0, **options}
        self.zone.extract(self.zone.connect(**given), "opportunities")
        return set(self.zone.records("opportunities"))


@pytest.fixture
def site(serve: Serve, zone_of: Zones) -> Callable[..., Site]:
    return lambda deals, **options: Site(serve, zone_of, deals, **options)


def test_more_rows_of_one_moment_than_a_page_holds_all_arrive(site: Callable[..., Site]) -> None:
    deals = rows(*["2026-01-01T00:00:00.1234567Z"] * 11, *["2026-01-02T00:00:00.1234567Z"] * 3, "2026-01-03T00:00:00.0000000Z")
    assert site(deals).load(page_rows=4) == {row["Id"] for row in deals}


@pytest.mark.parametrize("odata", [3, 4])
def test_a_site_that_gives_less_than_asked_for_is_read_to_its_end(site: Callable[..., Site], odata: int) -> None:
    """Its own link to the next page says that there is more."""
    deals = rows(*["2026-01-01T00:00:00.1234567Z"] * 7, *(f"2026-01-02T00:00:{number:02d}.0000000Z" for number in range(9)))
    assert len(site(deals, page_rows=3).load(page_rows=100, odata=odata)) == 16


@pytest.mark.parametrize("moments", [[f"2026-01-02T00:00:{number:02d}.0000000Z" for number in range(20)], ["2026-01-01T00:00:00.1Z"] * 20])
def test_a_site_that_gives_less_without_a_link_is_read_to_its_end(site: Callable[..., Site], moments: list[str]) -> None:
    """Such a site's first page once counted as all there is, and the nightly listing as the end of all the other rows."""
    one = site(rows(*moments), page_rows=3, links=False)
    assert len(one.load(page_rows=100)) == 20
    assert len(one.load(page_rows=100)) == 20


def test_rows_without_a_moment_of_change_arrive_too(site: Callable[..., Site]) -> None:
    deals = rows(*[""] * 5, "2026-01-01T00:00:00.1234567Z")
    one = site(deals)
    assert len(one.load(page_rows=2)) == 6
    assert len(one.load(page_rows=2)) == 6


def test_the_memory_limit_is_met_by_asking_for_less(site: Callable[..., Site]) -> None:
    deals = rows(*(f"2026-01-01T00:{number // 60:02d}:{number % 60:02d}.0000000Z" for number in range(300)))
    assert len(site(deals, memory_rows=100).load(page_rows=400)) == 300
    assert len(site(deals, memory_rows=7).load(page_rows=400)) == 300


@pytest.mark.parametrize("ended", ["401", "302", "page"])
def test_a_session_that_ends_is_entered_again(site: Callable[..., Site], ended: str) -> None:
    deals = rows(*(f"2026-01-01T00:00:{number:02d}.0000000Z" for number in range(40)))
    one = site(deals, session_requests=3, ended=ended)
    assert len(one.load(page_rows=4)) == 40
    assert len(one.app.state.log.to("AuthService")) > 2


@pytest.mark.parametrize("framework", [True, False])
def test_addresses_are_found_with_and_without_a_zero(site: Callable[..., Site], framework: bool) -> None:
    one = site(rows("2026-01-01T00:00:00.0000000Z"), framework=framework)
    assert len(one.load()) == 1


def test_an_entity_that_is_not_given_is_noted(site: Callable[..., Site]) -> None:
    one = site(rows("2026-01-01T00:00:00.0000000Z"), hidden=frozenset({"Opportunity"}))
    assert one.load() == set()
    assert any("no entity Opportunity" in note for note in one.zone.notes)


@pytest.mark.parametrize(
    "options",
    [
        {"url": "http://a"},
        {"url": "http://a", "username": "u"},
        {"url": "http://a", "username": "u", "password": "p", "client_id": "c", "client_secret": "s", "identity_url": "http://b"},
        {"url": "http://a", "username": "u", "password": "p", "entities": {"dreams": "Dream"}},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SOURCE.options.model_validate(options)
