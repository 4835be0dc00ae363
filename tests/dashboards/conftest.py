"""One browser and one server for all tests of pages: the fixture company behind a login, served as `skvoz dashboard` does it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, sync_playwright
from streamlit.components.v2 import manifest_scanner

from reports.access import Scope
from reports.people import People
from tests.dashboards.full_fixture import build_full
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
CONFIG = '[company]\nname = "ООО Ромашка"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "{auth}"\n'
SERVE = "import sys; from pathlib import Path; from dashboards.serve import serve_dashboard;"
SERVE += " serve_dashboard(Path(sys.argv[1]), '127.0.0.1', int(sys.argv[2]))"
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PASSWORD = "a long enough word"
DIRECTOR, MANAGER, MARKETER = "boss", "anna", "mark"
MANAGER_KEY = "books:m1"
# The last line of every page names the publication.
READY = "text=/2026040[12]T0[56]0000Z/"
# nothing here takes a tenth of it on a machine that does nothing else
WAIT_SECONDS = 180
MAIN = "document.querySelector('[data-testid=stMain]')"


@dataclass
class Site:
    """The served company.

    Attributes:
        url: where.
        folder: its skvoz.toml and data.
        cookies: of those who have logged in, by name.
    """

    url: str
    folder: Path
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def people(self) -> People:
        return People(self.folder / "data" / "state")

    def log_in(self, name: str, password: str = PASSWORD) -> str:
        """The cookie of a new session."""
        with httpx.Client(base_url=self.url) as client:
            word = client.get("/login").text.split('name="word" value="')[1].split('"')[0]
            answer = client.post("/login", data={"word": word, "name": name, "password": password, "next": "/overview"})
            assert answer.status_code == 303, answer.text
            return str(client.cookies["skvoz"])

    def cookie(self, name: str) -> str:
        """The cookie of a session that all tests may share."""
        if name not in self.cookies:
            self.cookies[name] = self.log_in(name)
        return self.cookies[name]


def add_people(folder: Path) -> None:
    """A director, a manager with customers of their own, and a marketer, all with one password."""
    people = People(folder / "data" / "state")
    people.add(DIRECTOR, "director", Scope(), "boss@example.ru")
    people.add(MANAGER, "manager", Scope("manager", MANAGER_KEY), "anna@example.ru")
    people.add(MARKETER, "marketer", Scope(), "mark@example.ru")
    for name in (DIRECTOR, MANAGER, MARKETER):
        people.set_password(name, PASSWORD)


def make_company(folder: Path, auth: str = "local") -> Path:
    """A folder with skvoz.toml, a publication with every mart, and people."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "skvoz.toml").write_text(CONFIG.format(auth=auth), encoding="utf-8")
    build_full(folder / "data" / "published")
    if auth == "local":
        add_people(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _components_found_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package at each run, in search of components: half of what a page costs to draw."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = make_company(tmp_path_factory.mktemp("pages"))
    for url in serving(folder):
        yield Site(url, folder)


def serving(folder: Path, port: int | None = None) -> Iterator[str]:
    """Serves a folder with skvoz.toml in a process of its own; gives the address once, and ends the process afterwards."""
    port = port or free_port()
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder / "skvoz.toml"), str(port)], cwd=ROOT, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until_answered(f"{url}/health", process, folder / "serve.log")
        yield url
    finally:
        process.terminate()
        assert process.wait(120) in (0, -15)
        log.close()
    assert "Traceback" not in (folder / "serve.log").read_text()


def until_answered(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the process answers at the address, which on a busy machine takes a minute."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            httpx.get(address, timeout=10)
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        else:
            return


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with the file: while it is open its event loop counts as running, and nothing else in this process may run one."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def told() -> list[str]:
    """What the browser complained of."""
    return []


Window = Callable[..., Page]


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[dict[tuple[int, str], BrowserContext]]:
    """The browsers of people, by width and name: what one test has loaded of Streamlit's own files the next need not load again."""
    kept: dict[tuple[int, str], BrowserContext] = {}
    yield kept
    for context in kept.values():
        context.close()


@pytest.fixture
def window(browser: Browser, site: Site, contexts: dict[tuple[int, str], BrowserContext], told: list[str]) -> Iterator[Window]:
    """Opens a window of a width for somebody who is logged in (who), for a session of its own (cookie), or for a stranger."""
    opened: list[Page] = []
    alone: list[BrowserContext] = []

    def new_context(width: int, cookie: str) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        context.set_default_timeout(WAIT_SECONDS * 1000)
        if cookie:
            context.add_cookies([{"name": "skvoz", "value": cookie, "url": site.url, "httpOnly": True}])
        return context

    def open_window(width: int = 1440, who: str = DIRECTOR, cookie: str = "") -> Page:
        if cookie or not who:
            alone.append(new_context(width, cookie))
            context = alone[-1]
        else:
            if (width, who) not in contexts:
                contexts[width, who] = new_context(width, site.cookie(who))
            context = contexts[width, who]
        page = context.new_page()
        opened.append(page)
        page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("response", lambda response: told.append(f"{response.status} {response.url}") if response.status >= 400 else None)
        return page

    yield open_window
    for page in opened:
        page.close()
    for context in alone:
        context.close()


def visit(page: Page, url: str, ready: str = READY) -> None:
    """Opens an address and waits until the page has drawn its last line and its script has ended: what is clicked then is not redrawn."""
    page.goto(url)
    page.wait_for_selector(ready)
    settled(page)


def settled(page: Page) -> None:
    """Waits until the script of the page has ended."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def downloaded(page: Page, label: str) -> Download:
    """Clicks a download once the script has ended: its file lives only as long as the run that drew the button."""
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=label).first.click()
    return download.value
