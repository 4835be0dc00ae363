"""Sessions, forms and the door without a browser: what ends a session, what locks a name, what a stranger gets."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from dashboards import login
from dashboards.forms import wanted_page
from dashboards.guard import Guard, is_open
from dashboards.navigation import ADDRESSES
from dashboards.sessions import IDLE, LONGEST, TRIES, TRIES_WITHIN, MustWaitError, Sessions
from dashboards.state import configure
from reports import people
from reports.access import Scope
from tests.dashboards.conftest import DIRECTOR, MANAGER, PASSWORD, add_people

CONFIG = '[company]\nname = "ООО Ромашка"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "local"\n'


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here is not how long argon2 takes."""
    monkeypatch.setattr(people, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 31, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
    add_people(tmp_path)
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(folder: Path, clock: Clock) -> Sessions:
    return Sessions(folder / "data" / "state", clock)


def opened(sessions: Sessions, name: str = DIRECTOR) -> str:
    return sessions.open(sessions.people.get(name)).cookie


def test_a_session_names_its_person_until_it_has_idled_or_lasted_too_long(sessions: Sessions, clock: Clock) -> None:
    cookie = opened(sessions)
    found = sessions.find(cookie)
    assert found is not None
    assert found.name == DIRECTOR
    clock.time += IDLE + timedelta(seconds=1)
    assert sessions.find(cookie) is None
    cookie = opened(sessions)
    for _ in range(2 * (LONGEST // IDLE) - 1):
        clock.time += IDLE / 2
        sessions.find(cookie)
    assert sessions.find(cookie) is not None
    clock.time += IDLE / 2
    assert sessions.find(cookie) is None


def test_a_changed_cookie_names_nobody(sessions: Sessions) -> None:
    cookie = opened(sessions)
    token, until, signature = cookie.split(".")
    for changed in (
        "",
        ".",
        f"{token}.{int(until) + 9}.{signature}",
        f"x{token}.{until}.{signature}",
        cookie[:-1],
        f"ё{cookie}",
        cookie * 50,
    ):
        assert sessions.find(changed) is None, changed
    assert sessions.find(cookie) is not None


def test_two_data_folders_do_not_know_each_others_sessions(sessions: Sessions, tmp_path: Path) -> None:
    add_people(tmp_path / "other")
    assert Sessions(tmp_path / "other" / "data" / "state").find(opened(sessions)) is None


def test_a_new_password_a_removal_and_a_return_end_every_session(sessions: Sessions) -> None:
    first, second, other = opened(sessions), opened(sessions), opened(sessions, MANAGER)
    sessions.people.set_password(DIRECTOR, "quite another word")
    assert sessions.find(first) is None
    assert sessions.find(second) is None
    assert sessions.find(other) is not None
    sessions.people.remove(MANAGER)
    assert sessions.find(other) is None
    sessions.people.add(MANAGER, "manager", Scope("manager", "books:m2"))
    assert sessions.find(other) is None


def test_a_new_scope_counts_at_once(sessions: Sessions) -> None:
    """Rights are read with every request, never kept in the cookie."""
    cookie = opened(sessions, MANAGER)
    with sessions.people.store.writing() as connection:
        connection.execute("update people set scope_value = 'books:m3' where name = ?", (MANAGER,))
    found = sessions.find(cookie)
    assert found is not None
    assert found.scope == Scope("manager", "books:m3")


def test_a_name_must_wait_after_wrong_passwords_whether_anybody_has_it_or_not(sessions: Sessions, clock: Clock) -> None:
    for name in (DIRECTOR, "nobody"):
        for _ in range(TRIES):
            assert sessions.log_in(name, "wrong") is None
        with pytest.raises(MustWaitError) as refused:
            sessions.log_in(name, PASSWORD)
        assert refused.value.minutes == 15
    assert sessions.log_in(MANAGER, PASSWORD) is not None
    clock.time += TRIES_WITHIN
    assert sessions.log_in(DIRECTOR, PASSWORD) is not None
    assert sessions.log_in(DIRECTOR, "wrong") is None
    assert sessions.log_in(DIRECTOR, PASSWORD) is not None


def test_a_strange_name_costs_as_much_as_a_known_one(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash is verified and none is made, whether the name is known, unknown, or has no password."""
    done: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, *given: Any) -> Literal[True]:
            done.append("verify")
            return super().verify(*given)

        def hash(self, *given: Any, **more: Any) -> str:
            done.append("hash")
            return super().hash(*given, **more)

    sessions.people.add("new", "director", Scope())
    monkeypatch.setattr(people, "PasswordHasher", partial(Counting, time_cost=1, memory_cost=8, parallelism=1))
    sessions.log_in("first after the start", "wrong")
    for name in (DIRECTOR, "nobody", "new"):
        done.clear()
        assert sessions.log_in(name, "wrong") is None
        assert done == ["verify"], name


def test_a_person_without_a_password_cannot_log_in(sessions: Sessions) -> None:
    sessions.people.add("new", "director", Scope())
    assert sessions.log_in("new", "") is None


def test_the_key_and_the_sessions_are_readable_by_their_owner_only(sessions: Sessions, folder: Path) -> None:
    opened(sessions)
    for name in ("session.key", "sessions.sqlite", "people.sqlite"):
        assert (folder / "data" / "state" / name).stat().st_mode & 0o077 == 0, name
    held = (folder / "data" / "state" / "sessions.sqlite").read_bytes()
    assert opened(sessions).split(".")[0].encode() not in held


async def figures(_request: Request) -> Response:
    return PlainTextResponse("figures")


async def stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("figures")


class Client:
    """A browser without a window: keeps cookies, follows nothing."""

    def __init__(self, app: Starlette, base: str = "http://testserver") -> None:
        self.app = app
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.get(path, **more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.post(path, **more))

    def websocket(self, path: str) -> list[Message]:
        """What the server answers to a websocket's opening."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "ws", "server": ("testserver", 80),
            "headers": [(b"host", b"testserver"), (b"cookie", cookies.encode())], "subprotocols": [],
        }  # fmt: skip
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        return sent


@pytest.fixture
def client(folder: Path) -> Client:
    """The door and the login around a page, a download and a websocket that hold figures."""
    configure(folder / "skvoz.toml")
    paths = ("/overview", "/media/file.xlsx", "/_stcore/upload_file/x", "/_stcore/bidi-components/x", "/component/x", "/{rest:path}")
    routes = [*login.routes(), *(Route(path, figures) for path in paths), WebSocketRoute("/_stcore/stream", stream)]
    return Client(Starlette(routes=routes, middleware=[Middleware(Guard)]))


def word(client: Client, path: str = "/login") -> str:
    return str(client.get(path).text.split('name="word" value="')[1].split('"')[0])


def enter(client: Client, name: str = DIRECTOR, password: str = PASSWORD, **fields: str) -> httpx.Response:
    return client.post("/login", data={"word": word(client), "name": name, "password": password, **fields})


@pytest.mark.parametrize("path", [*(f"/{name}" for name in ADDRESSES), "/media/file.xlsx", "/_stcore/metrics", "/component/x", "/%2e%2e/x"])
def test_a_stranger_gets_no_figures(client: Client, path: str) -> None:
    page = client.get(path, headers={"accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"].startswith("/login?next=")
    asked = client.get(path)
    assert asked.status_code == 401
    assert "figures" not in asked.text


def test_a_stranger_gets_no_websocket(client: Client) -> None:
    assert [message["type"] for message in client.websocket("/_stcore/stream")] == ["websocket.close"]
    enter(client)
    assert client.websocket("/_stcore/stream")[1]["text"] == "figures"


def test_only_what_holds_no_figures_is_open() -> None:
    assert not [
        path for path in ("/overview", "//overview", "/media/x", "/_stcore/stream", "/loginx", "/login/..", "/staticx", "") if is_open(path)
    ]


def test_the_cookie_is_hidden_from_scripts_and_other_sites_and_fresh_at_every_login(client: Client) -> None:
    answer = enter(client)
    assert answer.status_code == 303
    told = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("skvoz="))
    assert "HttpOnly" in told
    assert "SameSite=lax" in told
    assert f"Max-Age={int(LONGEST.total_seconds())}" in told
    first = client.cookies["skvoz"]
    assert client.get("/overview").text == "figures"
    # logging in once more ends the session before
    fields = {"word": word(client, "/account"), "name": MANAGER, "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 303
    second = client.cookies["skvoz"]
    assert second != first
    client.cookies.clear()
    assert client.get("/overview", headers={"cookie": f"skvoz={first}"}).status_code == 401
    assert client.get("/overview", headers={"cookie": f"skvoz={second}"}).status_code == 200


def test_behind_https_the_cookie_is_secure_and_bound_to_its_host(client: Client, folder: Path) -> None:
    (folder / "skvoz.toml").write_text(CONFIG + 'url = "https://skvoz.example.ru"\n', encoding="utf-8")
    configure(folder / "skvoz.toml")
    secure = Client(client.app, "https://skvoz.example.ru")
    told = next(value for value in enter(secure).headers.get_list("set-cookie") if "skvoz=" in value)
    assert told.startswith("__Host-skvoz=")
    assert "Secure" in told
    assert secure.get("/overview").text == "figures"


def test_a_proxy_may_leave_its_port_out_of_the_name(client: Client, folder: Path) -> None:
    """nginx's $host is the name alone; the browser's Origin has the port."""
    (folder / "skvoz.toml").write_text(CONFIG + 'url = "https://skvoz.example.ru:8443"\n', encoding="utf-8")
    configure(folder / "skvoz.toml")
    told = Client(client.app, "https://skvoz.example.ru")
    data = {"word": word(told), "name": DIRECTOR, "password": PASSWORD}
    assert told.post("/login", data=data, headers={"origin": "https://skvoz.example.ru:8444"}).status_code == 403
    assert told.post("/login", data=data, headers={"origin": "https://skvoz.example.ru:8443"}).status_code == 303


def test_a_wrong_name_and_a_wrong_password_read_the_same(client: Client) -> None:
    answers = [enter(client, name, "wrong word") for name in (DIRECTOR, "nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    texts = [answer.text.replace(DIRECTOR, "?").replace("nobody", "?") for answer in answers]
    assert texts[0] == texts[1]
    for _ in range(TRIES):
        answer = enter(client, "nobody", "wrong word")
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("headers", "fields"),
    [({}, {"word": "guessed"}), ({"origin": "https://evil.example"}, {}), ({"sec-fetch-site": "cross-site"}, {}), ({"origin": "null"}, {})],
)
def test_a_form_of_another_site_is_not_taken(client: Client, headers: dict[str, str], fields: dict[str, str]) -> None:
    data = {"word": word(client), "name": DIRECTOR, "password": PASSWORD, **fields}
    assert client.post("/login", data=data, headers=headers).status_code == 403
    enter(client)
    assert client.post("/logout", data={"word": word(client, "/account"), **fields}, headers=headers).headers["location"] == "/account"
    assert client.get("/overview").text == "figures"


def test_logging_out_ends_the_session_and_a_get_does_not(client: Client) -> None:
    enter(client)
    cookie = client.cookies["skvoz"]
    assert client.get("/logout").status_code in (404, 405, 200)
    assert client.get("/overview").text == "figures"
    assert client.post("/logout", data={"word": word(client, "/account")}).headers["location"] == "/login"
    assert "skvoz" not in client.cookies
    assert client.get("/overview", headers={"cookie": f"skvoz={cookie}"}).status_code == 401


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(client: Client) -> None:
    enter(client)
    other = client.cookies["skvoz"]
    client.cookies.delete("skvoz")
    enter(client)

    def change(password: str, new: str, again: str) -> int:
        fields = {"word": word(client, "/account"), "password": password, "new": new, "again": again}
        return int(client.post("/account", data=fields).status_code)

    assert change("wrong word", "another good word", "another good word") == 401
    assert change(PASSWORD, "another good word", "another word") == 400
    assert change(PASSWORD, "short", "short") == 400
    assert change(PASSWORD, "another good word", "another good word") == 303
    assert client.get("/overview").text == "figures"
    client.cookies.delete("skvoz")
    assert client.get("/overview", headers={"cookie": f"skvoz={other}"}).status_code == 401
    assert enter(client, password="another good word").status_code == 303


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("/funnel?deal=sales:1", "/funnel?deal=sales:1"), ("//evil.example/overview", "/overview"),
        ("https://evil.example/overview", "/overview"),
        ("/\\evil.example", "/overview"), ("javascript:alert(1)", "/overview"), ("", "/overview"), ("/media/x", "/overview"),
    ],
)  # fmt: skip
def test_the_login_leads_to_our_own_pages_only(client: Client, asked: str, expected: str) -> None:
    assert wanted_page(asked) == expected
    assert enter(client, next=asked).headers["location"] == expected


def test_nothing_of_what_is_typed_becomes_markup(client: Client) -> None:
    answer = enter(client, '"><script>alert(1)</script>', "wrong word")
    assert "<script>" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_before_anybody_has_a_password_the_login_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
    configure(tmp_path / "skvoz.toml")
    client = Client(Starlette(routes=login.routes()))
    assert "skvoz user passwd NAME" in client.get("/login").text
