"""The one HTTP client of every connector: timeouts, retries, pacing, and a check of each answer before it is believed.

Retried with exponential backoff and full jitter: network errors, 429 (Retry-After), 5xx, and answers that are not what was asked for
(HTML with status 200, a truncated or empty body). Never retried: other 4xx. A connector adds its system's own reading of errors
through `explain`.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from ingestion.errors import PermanentError, SlowAnswerError, SlowDownError, SourceError, TransientError
from ingestion.redaction import RedactingFilter, redact

log = logging.getLogger(__name__)

Explain = Callable[[httpx.Response], SourceError | None]
"""Reads a system's own error shapes: an error to raise (transient or permanent), or None when the answer is no error."""

T = TypeVar("T")

_NO_SECRETS = RedactingFilter()
_BOM = b"\xef\xbb\xbf"
_MAX_HTML_HINT = 160
_LONGEST_SECONDS = 900.0  # of one answer from its first byte to its last; each part of it has the client's own timeout
_LONGEST_PAUSE = 900.0  # that a server may ask for; a longer one is left to the next run
_MINUTES_OVER = (0.0, 0.0, 10.0, 20.0, 40.0)  # least waits after a 429 that names none; limits are by the second or the minute
_LARGEST_BYTES = 1 << 30  # of one answer, unpacked; one record may have 256 MiB (ingestion.engines.duckdb)
_ALREADY_READ = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_ADVICE = {
    401: "the credentials are wrong, expired or revoked; renew them",
    402: "the account is not paid; pay it or ask its owner",
    403: "access is denied or this address is blocked; give the account the right to read",
    404: "there is nothing at this address; check url in skvoz.toml and what the system publishes",
}


_FOREIGN_LETTER = (
    "a password, token or key of this source holds a letter that is not Latin, or a line break; "
    "copy it anew, and look for one typed in another alphabet."
)
_OWN_AUTHORITY = (
    "add its authority to this machine's store (Debian: update-ca-certificates) and put SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt "
    "into .env"
)
# what the system's own words of a failed connection mean to a person, and what to do about it
_CONNECTIONS = (
    (("WRONG_VERSION_NUMBER", "HTTP_REQUEST"), "it does not speak https there; write http:// in url, or the port of https"),
    (("mismatch", "is not valid for"), "its certificate is of another name; write in url the name that the certificate is made out to"),
    (("certificate has expired",), "its certificate has expired; have it renewed"),
    (("CERTIFICATE_VERIFY_FAILED",), f"its certificate is not trusted here; {_OWN_AUTHORITY}"),
    (("refused",), "nothing listens at that port; see that the system runs, and check host and port of url"),
    (("Name or service not known", "No address associated", "nodename nor servname", "getaddrinfo"),
     "there is no machine of that name; check url, and the name server of this machine"),
    (("Temporary failure in name resolution",), "no name can be looked up from here; check this machine's network"),
    (("unreachable", "No route to host"), "there is no way to that machine from here; check url, the network, VPN and firewall"),
)  # fmt: skip


class Pace:
    """Spaces requests to one host: at most `per_second`, shared by all threads of the process."""

    def __init__(
        self,
        per_second: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Block until the next request may leave."""
        if not self._interval:
            return
        with self._lock:
            start = max(self._next, self._clock())
            self._next = start + self._interval
        delay = start - self._clock()
        if delay > 0:
            self._sleep(delay)


_most_attempts: ContextVar[int | None] = ContextVar("most_attempts", default=None)


@contextmanager
def impatient() -> Iterator[None]:
    """Clients made inside try a request twice at most: a person waits for the answer."""
    token = _most_attempts.set(2)
    try:
        yield
    finally:
        _most_attempts.reset(token)


class HttpClient:
    """HTTP for one source.

    Args:
        source: the source's name, for messages.
        per_second: requests per second the other side allows; None for no pacing.
        timeout: seconds to connect, and to wait for each part of an answer.
        longest: seconds that one answer may take in all: a server that drips would hold the run for ever.
        largest: bytes of one answer, unpacked.
        attempts: tries of one request before its transient error is raised.
        backoff: first wait in seconds; doubles each time up to `max_wait`, with full jitter.
        headers: sent with every request.
        auth: anything httpx takes; user and password as bytes pairs are sent as they are.
        sleep, clock: replaced in tests.
    """

    def __init__(
        self,
        source: str,
        *,
        per_second: float | None = None,
        timeout: tuple[float, float] = (20.0, 120.0),
        longest: float = _LONGEST_SECONDS,
        largest: int = _LARGEST_BYTES,
        attempts: int = 6,
        backoff: float = 1.0,
        max_wait: float = 120.0,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | tuple[str | bytes, str | bytes] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).addFilter(_NO_SECRETS)  # they log whole addresses
        connect, read = timeout
        self._source = source
        self._longest = longest
        self._largest = largest
        self._attempts = min(attempts, _most_attempts.get() or attempts)
        self._watched = _most_attempts.get() is not None  # who waits is told the last fault, not each try
        self._backoff = backoff
        self._max_wait = max_wait
        self._sleep = sleep
        self._jitter = random.Random()  # noqa: S311 - spreads retries, protects nothing
        self._pace = Pace(per_second, sleep=sleep)
        try:
            self._client = httpx.Client(
                timeout=httpx.Timeout(read, connect=connect),
                headers={"User-Agent": "skvoz", **(headers or {})},
                auth=auth,
                follow_redirects=False,  # a redirect could carry credentials to another host
                trust_env=True,
            )
        except UnicodeEncodeError:
            message = f"{source}: {_FOREIGN_LETTER}"
            raise PermanentError(message) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def json(self, method: str, url: str, *, explain: Explain | None = None, divisible: bool = False, **request: Any) -> Any:
        """The parsed JSON of an answer; None for 204. Numbers beyond 64 bits and BOMs are taken.

        `divisible`: the caller can ask for less at once, or do without, so what was not answered in time is not asked for again as it is.

        Raises:
            SlowAnswerError: of a divisible question, at once.
            TransientError: after the last attempt.
            PermanentError: at once, for anything another try would not change.
        """
        return self._retry(lambda: self._json_once(method, url, explain, request), url, divisible=divisible)

    def text(self, method: str, url: str, *, explain: Explain | None = None, **request: Any) -> str:
        """The body as text (UTF-8, BOM stripped), for CSV, TSV and XML answers; errors as in `json`."""
        return self._retry(lambda: _text(self._send(method, url, explain, request)), url)

    def response(self, method: str, url: str, *, explain: Explain | None = None, divisible: bool = False, **request: Any) -> httpx.Response:
        """The whole answer (read, status 2xx), for protocols that speak through status and headers; errors as in `json`."""
        return self._retry(lambda: self._send(method, url, explain, request), url, divisible=divisible)

    def _json_once(self, method: str, url: str, explain: Explain | None, request: dict[str, Any]) -> Any:
        response = self._send(method, url, explain, request)
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        return parse_json(response, self._where(url))

    def _retry(self, attempt: Callable[[], T], url: str, *, divisible: bool = False) -> T:
        for number in range(1, self._attempts + 1):
            try:
                return attempt()
            except TransientError as error:
                if number == self._attempts or (divisible and isinstance(error, SlowAnswerError)):
                    raise
                wait = self._wait(error, number)
                if wait > _LONGEST_PAUSE:
                    message = f"{error} It asks to be left alone for {wait / 60:.0f} minutes: the next run asks again."
                    raise TransientError(message, retry_after=wait) from None
                level = logging.DEBUG if self._watched else logging.WARNING
                log.log(level, "%s: attempt %d of %d failed, again in %.1f s: %s", self._source, number, self._attempts, wait, error)
                self._sleep(wait)
        message = f"{self._where(url)}: no attempt was made."
        raise PermanentError(message)

    def _wait(self, error: TransientError, number: int) -> float:
        if error.retry_after is not None:
            return error.retry_after
        least = _MINUTES_OVER[min(number, len(_MINUTES_OVER)) - 1] if isinstance(error, SlowDownError) else 0.0
        return max(least, self._jittered(number))

    def _jittered(self, number: int) -> float:
        return self._jitter.uniform(0, min(self._max_wait, self._backoff * 2 ** (number - 1)))

    def _send(self, method: str, url: str, explain: Explain | None, request: dict[str, Any]) -> httpx.Response:
        self._pace.wait()
        where = self._where(url)
        try:
            with self._client.stream(method, url, **request) as streamed:
                response = self._read(streamed, where)
        except httpx.ReadTimeout:
            message = f"{where}: no answer in time; the server is slow."
            raise SlowAnswerError(message) from None
        except httpx.TimeoutException:
            message = f"{where}: no answer in time; the server is slow or out of reach."
            raise TransientError(message) from None
        except httpx.InvalidURL:
            message = f"{where}: this is not an address; correct it in skvoz.toml."
            raise PermanentError(message) from None
        except httpx.UnsupportedProtocol:
            message = f"{where}: the address must begin with http:// or https://; correct it in skvoz.toml."
            raise PermanentError(message) from None
        except UnicodeEncodeError:
            message = f"{where}: {_FOREIGN_LETTER}"
            raise PermanentError(message) from None
        except httpx.HTTPError as error:
            if "Illegal header value" in str(error):
                message = f"{where}: {_FOREIGN_LETTER}"
                raise PermanentError(message) from None
            message = f"{where}: {_unconnected(str(error), type(error).__name__)}"
            raise TransientError(message) from None
        if explain is not None:
            problem = explain(response)
            if problem is not None:
                raise problem
        _raise_for_status(response, where)
        return response

    def _read(self, streamed: httpx.Response, where: str) -> httpx.Response:
        """The whole answer, in bounds of time and size."""
        deadline = time.monotonic() + self._longest
        parts: list[bytes] = []
        size = 0
        for part in streamed.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > self._largest:
                limit = f"{self._largest >> 20} MiB"
                message = f"{where}: the answer is larger than {limit}; this is no data of that system, or ask for less at once."
                raise PermanentError(message)
            if time.monotonic() > deadline:
                message = f"{where}: after {self._longest:.0f} s the answer is still not whole ({size} bytes); the server is slow or stuck."
                raise SlowAnswerError(message)
        headers = [(name, value) for name, value in streamed.headers.multi_items() if name.lower() not in _ALREADY_READ]
        return httpx.Response(streamed.status_code, headers=headers, content=b"".join(parts), request=streamed.request)

    def _where(self, url: str) -> str:
        parts = urlsplit(url)
        address = redact(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")
        return redact(f"{self._source}: {unquote(address)}")  # objects of 1C are named in Cyrillic


def _unconnected(said: str, kind: str) -> str:
    """Why there was no connection, in words of a person where they are known, and what to do."""
    known = next((advice for signs, advice in _CONNECTIONS if any(sign in said for sign in signs)), None)
    what = f"{known} ({redact(said)})" if known else f"({redact(said) or kind}); does the system run, and is it reached from here?"
    return f"the connection failed{': ' if known else ' '}{what}{'.' if known else ''}"


def parse_json(response: httpx.Response, where: str) -> Any:
    """JSON of a checked answer; HTML, an empty or a broken body is a TransientError: overload and half-dead proxies answer so."""
    body = response.content.removeprefix(_BOM).strip()
    if not body:
        message = f"{where}: the answer is empty although data was asked for."
        raise TransientError(message)
    if body[:1] == b"<":
        message = f"{where}: a web page came instead of data ({html_hint(body)}); the server is busy, locked, or shows a login page."
        raise TransientError(message)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        message = f"{where}: the answer is broken off or is no JSON ({len(body)} bytes)."
        raise TransientError(message) from None


def html_hint(body: bytes) -> str:
    """The first words a person would see of an HTML page, for messages."""
    text = body[:20_000].decode("utf-8", "replace")
    words: list[str] = []
    title: list[str] = []
    for part in text.split("<"):
        tag, _, content = part.partition(">")
        if tag.lower().startswith(("script", "style")):
            continue
        (title if tag.lower() == "title" else words).extend(content.split())
    words = words if words[: len(title)] == title else title + words  # a page's heading often says its title again
    return redact(" ".join(words))[:_MAX_HTML_HINT] or "no text"


def retry_after(response: httpx.Response) -> float | None:
    """Seconds from a Retry-After header (a number or an HTTP date), if there is a readable one."""
    value = str(response.headers.get("retry-after", "")).strip()
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds: float = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds)


def _raise_for_status(response: httpx.Response, where: str) -> None:
    status = response.status_code
    if status < httpx.codes.MULTIPLE_CHOICES:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS:
        message = f"{where}: the server asks to slow down (429)."
        raise SlowDownError(message, retry_after=retry_after(response))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        message = f"{where}: the server failed ({status})."
        raise TransientError(message, retry_after=retry_after(response))
    if status < httpx.codes.BAD_REQUEST:
        target = redact(response.headers.get("location", "an unnamed address"))
        message = f"{where}: the server redirects to {target}; write the final address in skvoz.toml."
        raise PermanentError(message)
    advice = _ADVICE.get(status, "the server refuses the request")
    message = f"{where}: {advice} ({status})."
    raise PermanentError(message)


def _text(response: httpx.Response) -> str:
    return response.content.removeprefix(_BOM).decode("utf-8", "replace")
