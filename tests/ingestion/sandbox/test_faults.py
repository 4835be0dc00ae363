"""The fault layer spoils every Nth answer in each way, and tells which."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from ingestion.sandbox.faults import ALL_FAULTS, Fault, FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.sandbox.serving import serve

BODY = b'{"records":[1,2,3,4]}'


class Inner:
    """An app that answers one body and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append((await receive())["body"])
        length = str(len(BODY)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": BODY})


def ask(layer: FaultLayer, method: str = "POST", path: str = "/x", body: bytes = b"asked") -> tuple[Message, bytes, bool]:
    """Send one request; its start, its body, and whether the answer was finished."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "query_string": b"a=1", "headers": []}
    asyncio.run(layer(scope, receive, send))
    parts = sent[1:]
    finished = bool(parts) and not parts[-1].get("more_body", False)
    return sent[0], b"".join(part["body"] for part in parts), finished


def layer(*kinds: Fault, every: int = 1, **more: Any) -> FaultLayer:
    return FaultLayer(Inner(), RequestLog(), FaultSwitch(FaultPlan(every, kinds or ALL_FAULTS, **more)))


def test_every_third_request_goes_wrong_in_turn() -> None:
    one = layer("server_error", "html_page", every=3)
    assert [ask(one)[0]["status"] for _ in range(6)] == [200, 200, 500, 200, 200, 200]
    assert [entry.fault for entry in one.log] == [None, None, "server_error", None, None, "html_page"]


def test_only_the_named_paths_are_spoiled() -> None:
    one = layer("server_error", paths=("/leads",))
    assert ask(one, path="/token")[0]["status"] == 200
    assert ask(one, path="/api/leads")[0]["status"] == 500


def test_too_many_requests_names_the_wait() -> None:
    start, _, _ = ask(layer("too_many_requests", retry_after=7))
    assert (b"retry-after", b"7") in start["headers"]


def test_pages_of_proxies_never_reach_the_peer() -> None:
    one = layer("html_page", "empty_body")
    start, body, finished = ask(one)
    assert (start["status"], body[:5], finished) == (200, b"<!DOC", True)
    assert ask(one)[1] == b""
    assert isinstance(one.app, Inner)
    assert one.app.asked == []


@pytest.mark.parametrize(
    ("kind", "body", "finished"), [("reset", b"", False), ("truncated", BODY[:10], False), ("cut_body", BODY[:10], True)]
)
def test_a_lost_answer_has_had_its_effect(kind: Fault, body: bytes, finished: bool) -> None:
    one = layer(kind)
    start, received, complete = ask(one)
    assert (received, complete) == (body, finished)
    length = int(dict(start["headers"])[b"content-length"])
    assert (length > len(received)) is not finished
    assert isinstance(one.app, Inner)
    assert one.app.asked == [b"asked"]


def test_slow_answers_come_whole() -> None:
    assert ask(layer("slow", slow_seconds=0.0))[1] == BODY


def test_the_plan_can_change_while_the_peer_runs() -> None:
    one = layer("server_error")
    assert ask(one)[0]["status"] == 500
    one.switch.plan = FaultPlan()
    assert ask(one)[0]["status"] == 200
    assert [(entry.method, entry.body, entry.arguments) for entry in one.log] == [("POST", b"asked", {"a": "1"})] * 2


@pytest.mark.parametrize("kind", ["reset", "truncated"])
def test_over_a_socket_a_lost_answer_is_a_broken_connection(kind: Fault) -> None:
    with serve(layer(kind)) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)
