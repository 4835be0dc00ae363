"""An address in a hostile record is never asked for: not by the browser that draws and prints, not by anything a letter or a page holds."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from reports.catalogue import find_report
from reports.delivery.compose import Order, compose
from reports.delivery.recipients import Recipient
from reports.delivery.telegram import calls_of
from reports.periods import last_complete
from reports.published import Published
from reports.render.pictures import Pictures, find_browser
from reports.render.report import render_report
from reports.settings import Settings
from tests.reports.hostile_names import fetched_by, give_names, names_that_fetch

# every kind of chart and of block stands in one of these
REPORTS = ("director_daily", "marketing_weekly")


@dataclass
class Trap:
    """A server on this machine that a hostile record wants asked, like an administrator's page or a cloud's metadata service."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def names(self) -> tuple[str, ...]:
        """Names that fetch it, if anything takes them for markup."""
        return names_that_fetch(self.url)


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    found = Trap()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's own name
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        httpx.get(f"{found.url}/alive")
        assert found.asked == ["/alive"], "the trap hears"
        found.asked.clear()
        yield found
        server.shutdown()


@pytest.fixture(scope="module")
def hostile(complete_published: Published, trap: Trap, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    path = tmp_path_factory.mktemp("hostile") / "marts-1.duckdb"
    shutil.copy(complete_published.path, path)
    give_names(path, trap.names, trap.names[0])
    with Published(path) as published:
        yield published


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    assert find_browser() is not None, "this is about the browser"
    with Pictures() as running:
        yield running


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_drawn_printed_and_mailed_without_asking(
    hostile: Published, trap: Trap, pictures: Pictures, settings: Settings, tmp_path: Path, name: str
) -> None:
    rendered = render_report(name, hostile, settings, None, "ru", tmp_path, pictures=pictures, pdf=True)
    assert (rendered.state, rendered.failures) == ("ok", ())
    assert rendered.pdf is not None
    assert rendered.pdf.read_bytes().startswith(b"%PDF")
    assert rendered.pictures, "charts were drawn"
    html = rendered.html.read_text(encoding="utf-8")
    assert trap.url in html, "the names are there, as text"
    assert [address for address in fetched_by(html) if not address.startswith(f"{name}-")] == [], "pictures of its own only"
    assert trap.asked == []


@pytest.mark.parametrize("kind", ["email", "telegram"])
def test_a_message_has_nothing_to_fetch(hostile: Published, trap: Trap, settings: Settings, no_pictures: Pictures, kind: str) -> None:
    period = last_complete(find_report("director_daily").period, hostile.publication.as_of_date)
    recipient = Recipient("email", "boss@example.ru") if kind == "email" else Recipient("telegram", "77")
    message = compose(Order("director_daily", period), recipient, hostile, settings, no_pictures)
    if kind == "email":
        parts = message_from_bytes(message.mail, policy=policy.default).walk()
        letters = [part.get_content() for part in parts if part.get_content_type() == "text/html"]
        assert letters
        fetched = [address for letter in letters for address in fetched_by(letter)]
        assert [address for address in fetched if not address.startswith("cid:")] == []
    else:
        for call in calls_of(message):
            if call.method == "sendMessage":
                assert call.params["link_preview_options"] == {"is_disabled": True}, "Telegram's servers would fetch the first address"
    assert trap.asked == []


def test_the_browser_that_prints_asks_nobody_even_if_markup_slips_through(trap: Trap, pictures: Pictures) -> None:
    script = f"<script>fetch('{trap.url}/script')</script>"
    page = f"<body>{''.join(trap.names)}{script}</body>"
    printed = pictures.print_page(page)
    assert printed is not None
    assert printed.startswith(b"%PDF")
    assert trap.asked == []
