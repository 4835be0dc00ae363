"""What goes wrong on the way: an ASGI layer that logs every request and spoils every Nth answer.

All local peers are wrapped in it, so that one fault plan means the same for each protocol.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fault = Literal[
    "too_many_requests",
    "server_error",
    "bad_gateway",
    "reset",
    "truncated",
    "cut_body",
    "html_page",
    "empty_body",
    "slow",
    "drip",
]
ALL_FAULTS: tuple[Fault, ...] = (
    "too_many_requests",
    "server_error",
    "bad_gateway",
    "reset",
    "truncated",
    "cut_body",
    "html_page",
    "empty_body",
    "slow",
)
_DRIP_SECONDS = 0.05
HTML_PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Please come back in a minute</body></html>"
SPOILED_BEFORE: dict[Fault, tuple[int, bytes]] = {
    "too_many_requests": (429, b"<html><body><h1>429 Too Many Requests</h1></body></html>"),
    "server_error": (500, b"Internal Server Error"),
    "bad_gateway": (502, b"<html><head><title>502 Bad Gateway</title></head><body></body></html>"),
    "html_page": (200, HTML_PAGE),
    "empty_body": (200, b""),
}
"""Faults whose request never reaches the peer: status and body of a proxy in front of it."""


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Which requests go wrong.

    Attributes:
        every: each Nth request is spoiled; 0 means none.
        kinds: taken in turn. `reset`, `truncated`, `cut_body` and `slow` reach the peer first, so that its state changes all the same.
        retry_after: seconds named in the Retry-After header of `too_many_requests`.
        slow_seconds: how long `slow` waits before it answers, and `drip` sends a letter now and then and never ends.
        paths: only requests whose path contains one of these; empty means all.
    """

    every: int = 0
    kinds: tuple[Fault, ...] = ALL_FAULTS
    retry_after: int = 1
    slow_seconds: float = 0.2
    paths: tuple[str, ...] = ()


@dataclass(slots=True)
class LoggedRequest:
    """One request as it came, and how it was answered (`status` 0: not answered)."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]
    status: int = 0
    fault: Fault | None = None

    @property
    def arguments(self) -> dict[str, str]:
        """The decoded query string; of repeated names the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(slots=True)
class RequestLog:
    """Every request a peer has had, in the order of arrival."""

    requests: list[LoggedRequest] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.requests)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self.requests)

    def to(self, part: str) -> list[LoggedRequest]:
        """Requests whose path contains `part`."""
        return [request for request in self.requests if part in request.path]

    def clear(self) -> None:
        """Forget what was logged."""
        self.requests.clear()


@dataclass(slots=True)
class FaultSwitch:
    """The plan in force, which may be exchanged while the peer runs, and the requests counted under it."""

    plan: FaultPlan = field(default_factory=FaultPlan)
    counted: int = 0

    def next(self, path: str) -> Fault | None:
        """Count a request; how it goes wrong, if it does."""
        plan = self.plan
        if plan.every <= 0 or (plan.paths and not any(part in path for part in plan.paths)):
            return None
        self.counted += 1
        if self.counted % plan.every:
            return None
        return plan.kinds[(self.counted // plan.every - 1) % len(plan.kinds)]


class FaultLayer:
    """ASGI middleware: logs, counts, spoils."""

    def __init__(self, app: ASGIApp, log: RequestLog, switch: FaultSwitch) -> None:
        self.app = app
        self.log = log
        self.switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b"" if scope["method"] == "GET" else await _read(receive)
        request = LoggedRequest(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            body,
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        )
        self.log.requests.append(request)
        request.fault = self.switch.next(request.path)
        reader = receive if scope["method"] == "GET" else _replay(body)
        await self._answer(request, scope, reader, send)

    async def _answer(self, request: LoggedRequest, scope: Scope, receive: Receive, send: Send) -> None:
        fault = request.fault
        if fault in SPOILED_BEFORE:
            request.status, body = SPOILED_BEFORE[fault]
            headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
            if fault == "too_many_requests":
                headers.append((b"retry-after", str(self.switch.plan.retry_after).encode()))
            await send({"type": "http.response.start", "status": request.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        if fault == "slow":
            await asyncio.sleep(self.switch.plan.slow_seconds)
        if fault == "drip":
            await self._drip(send)
            return
        if fault in {"reset", "truncated", "cut_body"}:
            await self._break_off(request, scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        await self.app(scope, receive, watch)

    async def _drip(self, send: Send) -> None:
        """An answer that is always under way: no part of it is late, and it never comes to an end."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        for _ in range(round(self.switch.plan.slow_seconds / _DRIP_SECONDS)):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(_DRIP_SECONDS)

    async def _break_off(self, request: LoggedRequest, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the peer answer, then lose the answer: all of the body, its second half, or half of it under an honest length."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        start = next(message for message in messages if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
        request.status = start["status"]
        half = body[: len(body) // 2]
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        length = len(half) if request.fault == "cut_body" else max(len(body), 1)
        headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": start["status"], "headers": headers})
        if request.fault == "cut_body":
            await send({"type": "http.response.body", "body": half})
        elif request.fault == "truncated":
            await send({"type": "http.response.body", "body": half, "more_body": True})
        # leaving a response unfinished makes the server close the connection under the client


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
