"""The HTTP client believes only whole answers of the right kind, retries what may pass, and never tells a secret."""

import gzip
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from ingestion.errors import PermanentError, TransientError
from ingestion.http import HttpClient, Pace, html_hint, impatient
from ingestion.redaction import redact, register_secret

Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


@contextmanager
def answering(*answers: Answer | str) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers in turn ("truncated", "reset", "drips" are broken); yields its address and the paths asked for."""
    waiting = list(answers)
    asked: list[str] = []
    stopped = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if answer == "reset":
                self.connection.close()
                return
            if answer == "drips":
                self._drip()
                return
            if isinstance(answer, str):
                assert answer == "truncated"
                answer = (200, {**JSON, "Content-Length": "500"}, b'{"half": ')
            status, headers, body = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _drip(self) -> None:
            """A letter now and then, as long as somebody listens."""
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            with suppress(OSError):
                while not stopped.wait(0.01):
                    self.wfile.write(b" ")

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Iterator[HttpClient]:
    with HttpClient("books", attempts=3, sleep=waits.append) as client:
        yield client


@pytest.mark.parametrize(
    "bad",
    [
        (503, {}, b""),
        (429, {}, b"<html>slow down</html>"),
        (200, {"Content-Type": "text/html"}, b"<html><title>License not found</title></html>"),
        (200, JSON, b""),
        (200, JSON, b'{"value": [1, 2'),
        "truncated",
        "reset",
    ],
)
def test_passing_trouble_is_tried_again(client: HttpClient, bad: Answer | str) -> None:
    with answering(bad, (200, JSON, b'\xef\xbb\xbf{"ok": true}')) as (url, asked):
        assert client.json("GET", url) == {"ok": True}
        assert len(asked) == 2


def test_trouble_that_stays_is_named_after_the_last_attempt(client: HttpClient, waits: list[float]) -> None:
    with (
        answering((200, JSON, b"<html><body>Base is locked for backup</body></html>")) as (url, asked),
        pytest.raises(TransientError, match="Base is locked for backup"),
    ):
        client.json("GET", url)
    assert len(asked) == 3
    assert len(waits) == 2


def test_a_count_by_the_minute_is_waited_out_though_the_server_does_not_say_so(waits: list[float]) -> None:
    with HttpClient("shop", sleep=waits.append) as client, answering(*[(429, {}, b"")] * 5, (200, JSON, b"[]")) as (url, _):
        assert client.json("GET", url) == []
    assert sum(waits) > 60
    assert sum(waits[:2]) < 10, "a count by the second is soon over"


def test_a_server_that_wants_hours_of_rest_holds_no_run(client: HttpClient, waits: list[float]) -> None:
    with (
        answering((429, {"Retry-After": "7200"}, b""), (200, JSON, b"[]")) as (url, log),
        pytest.raises(TransientError, match="120 minutes"),
    ):
        client.json("GET", url)
    assert (waits, len(log)) == ([], 1)


def test_the_server_says_how_long_to_wait(client: HttpClient, waits: list[float]) -> None:
    with answering((429, {"Retry-After": "17"}, b""), (200, JSON, b"[]")) as (url, _):
        client.json("GET", url)
    assert waits == [17.0]


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "credentials"), (402, "paid"), (403, "denied"), (404, "nothing at this address"), (400, "refuses")]
)
def test_what_another_try_would_not_change_is_not_tried_again(client: HttpClient, status: int, advice: str) -> None:
    with answering((status, {}, b"")) as (url, asked), pytest.raises(PermanentError, match=advice):
        client.json("GET", url)
    assert len(asked) == 1


def test_a_redirect_is_not_followed_with_credentials(client: HttpClient) -> None:
    with answering((302, {"Location": "http://elsewhere.example/"}, b"")) as (url, _), pytest.raises(PermanentError, match="redirects to"):
        client.json("GET", url)


def test_no_content_is_nothing(client: HttpClient) -> None:
    with answering((204, {}, b"")) as (url, _):
        assert client.json("GET", url) is None


def test_a_system_reads_its_own_errors_first(client: HttpClient) -> None:
    def explain(response: Any) -> PermanentError | None:
        return PermanentError("the app is not installed") if b"insufficient_scope" in response.content else None

    with answering((503, JSON, b'{"error": "insufficient_scope"}')) as (url, asked), pytest.raises(PermanentError, match="not installed"):
        client.json("GET", url, explain=explain)
    assert len(asked) == 1


def test_the_query_is_sent_as_it_was_built(client: HttpClient) -> None:
    with answering((200, JSON, b"[]")) as (url, asked):
        client.json("GET", f"{url}/Catalog_%D0%A5?$filter=Ref_Key%20eq%20guid'1'&$top=2")
    assert asked == ["/Catalog_%D0%A5?$filter=Ref_Key%20eq%20guid'1'&$top=2"]


def test_secrets_are_in_no_error_and_no_log(client: HttpClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with answering((500, {}, b"")) as (url, _), pytest.raises(TransientError) as caught:
        client.json("GET", f"{url}/rest/1/s3cr3tc0de/crm.deal.list?auth=t0k3n")
    lines = [record.getMessage() for record in caplog.records]
    assert "s3cr3tc0de" not in str(caught.value)
    assert "t0k3n" not in str(caught.value)
    assert lines
    assert not [line for line in lines if "s3cr3tc0de" in line or "t0k3n" in line]


@pytest.mark.parametrize(
    ("text", "kept_out"),
    [
        ("GET https://p.bitrix24.ru/rest/12/ab12cd34ef/batch", "ab12cd34ef"),
        ("Authorization: Bearer eyJhbGciOi.payload.sig", "eyJhbGciOi"),
        ("http://user:pa55word@host/x", "pa55word"),
        ("POST /oauth2/access_token?client_secret=abc123&x=1", "abc123"),
        ("the password is hunter22!", "hunter22!"),
    ],
)
def test_redaction(text: str, kept_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.redaction._secrets", set())  # a password of another test may be an ordinary word
    register_secret("hunter22!")
    assert kept_out not in redact(text)
    assert redact("x=1 and nothing secret, deal 12") == "x=1 and nothing secret, deal 12"


@pytest.mark.parametrize(
    ("secret", "text", "told"),
    [
        ("https://p.bitrix24.ru/rest/12/ab12cd34ef/", "https://p.bitrix24.ru/rest/12/ab12cd34ef/batch", "https://p.bitrix24.ru/***/batch"),
        ("http://me:pa55word@host:81/in/x1y2z3", "to http://me:pa55word@host:81/in/x1y2z3", "to http://host:81/***"),
        ("https://x1y2z3.example/", "to https://x1y2z3.example/a", "to ***a"),
        ("https://[x1y2z3", "to https://[x1y2z3", "to ***"),
    ],
)
def test_of_a_secret_address_the_server_is_told(secret: str, text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that an error of a mistyped webhook says where it went; an address without a path may be secret in its name."""
    monkeypatch.setattr("ingestion.redaction._secrets", set())
    register_secret(secret)
    assert redact(text) == told


def test_requests_are_spaced() -> None:
    now = [0.0]
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    pace = Pace(4, clock=lambda: now[0], sleep=sleep)
    for _ in range(3):
        pace.wait()
    assert waited == [0.25, 0.25]


def test_messages_name_an_object_of_1c_in_its_own_letters() -> None:
    client = HttpClient("books", attempts=1)
    with pytest.raises(TransientError, match="odata/Catalog_Партнеры: the connection failed"):
        client.json("GET", "http://127.0.0.1:1/odata/Catalog_%D0%9F%D0%B0%D1%80%D1%82%D0%BD%D0%B5%D1%80%D1%8B")
    client.close()


def test_backoff_grows_and_is_bounded(waits: list[float]) -> None:
    client = HttpClient("books", attempts=12, backoff=1.0, max_wait=8.0, sleep=waits.append)
    refuse: Callable[[], Any] = lambda: client.json("GET", "http://127.0.0.1:1/")  # noqa: E731
    with pytest.raises(TransientError, match="connection failed"):
        refuse()
    client.close()
    assert len(waits) == 11
    assert max(waits) <= 8.0
    assert all(wait <= 2.0**number for number, wait in enumerate(waits))


@pytest.mark.parametrize("secret", ["токен", "one\ntwo"])
def test_a_secret_that_no_header_can_carry_is_a_sentence(client: HttpClient, secret: str) -> None:
    """Typed in the wrong keyboard layout, or copied with what stood behind it."""
    register_secret(secret)
    with answering((200, JSON, b"{}")) as (url, asked), pytest.raises(PermanentError, match="not Latin") as caught:
        client.json("GET", url, headers={"Authorization": f"Bearer {secret}"})
    assert not asked
    assert secret not in str(caught.value)
    if not secret.isascii():
        with pytest.raises(PermanentError, match="a password, token or key of this source"):
            HttpClient("shop", headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "write http:// in url"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)", "SSL_CERT_FILE="),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] Hostname mismatch, certificate is not valid for 'x'.",
            "of another name",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)", "have it renewed"),
        ("[Errno 111] Connection refused", "nothing listens at that port"),
        ("[Errno -2] Name or service not known", "no machine of that name"),
        ("[Errno 113] No route to host", "VPN"),
        ("something new", "does the system run, and is it reached from here?"),
    ],
)
def test_why_there_is_no_connection_is_told_with_what_to_do(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch, said: str, advice: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise httpx.ConnectError(said)

    monkeypatch.setattr(httpx.Client, "stream", refuse)
    with pytest.raises(TransientError) as caught:
        client.json("GET", "http://1c.example/base")
    assert advice in str(caught.value)
    assert redact(said) in str(caught.value)  # a word of it may be somebody's password


def test_who_waits_for_a_check_is_told_the_last_fault_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), impatient(), HttpClient("books", sleep=lambda _: None) as client, pytest.raises(TransientError):
        client.json("GET", "http://127.0.0.1:1/")
    assert "attempt" not in caplog.text


def test_what_a_page_says_is_told_once() -> None:
    assert (
        html_hint(b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>No base</body>") == "404 Not Found No base"
    )
    assert html_hint(b"<html><head><title>IIS</title></head><body>No base</body>") == "IIS No base"


def test_a_server_that_drips_holds_nobody_for_ever(waits: list[float]) -> None:
    with (
        HttpClient("books", attempts=2, longest=0.1, sleep=waits.append) as client,
        answering("drips", (200, JSON, b'{"ok": true}')) as (url, asked),
    ):
        assert client.json("GET", url) == {"ok": True}
    assert len(asked) == 2


def test_an_answer_without_end_is_refused_also_when_it_is_packed_small() -> None:
    packed = gzip.compress(b"[" + b"0," * 100_000 + b"0]")
    assert len(packed) < 1_000
    with (
        HttpClient("books", largest=50_000) as client,
        answering((200, {**JSON, "Content-Encoding": "gzip"}, packed)) as (url, asked),
        pytest.raises(PermanentError, match="larger than"),
    ):
        client.json("GET", url)
    assert len(asked) == 1
