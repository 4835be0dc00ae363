"""A Bot API server on this machine that holds messages to the real limits and can be told to misbehave.

Limits as core.telegram.org/bots/api states them: text 1-4096 and captions up to 1024 characters after parsing, albums of 2-10, only
the known tags, balanced. Faults are given per method and taken in order.
"""

import email
import email.policy
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "12345678:test-token-of-a-local-bot"
TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote"}


class _Parser(HTMLParser):
    """Telegram's HTML: known tags, balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.error = ""

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.error = self.error or f'Unsupported start tag "{tag}"'
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.error = self.error or f'Unexpected end tag "{tag}"'

    def handle_data(self, data: str) -> None:
        self.text += data


class BotApiServer:
    """What the server has got, and the faults it is still to show."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.delivered: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self.faults: dict[str, list[dict[str, Any] | str]] = defaultdict(list)
        self.blocked: set[str] = set()
        self.moved: dict[str, int] = {}
        self.updates: list[dict[str, Any]] = []
        self.offsets: list[int] = []
        self.lock = threading.Lock()
        self.url = ""

    def texts(self, chat: str) -> list[str]:
        return [str(params["text"]) for method, params in self.delivered[chat] if method == "sendMessage"]

    def methods(self, chat: str) -> list[str]:
        return [method for method, _ in self.delivered[chat]]

    def answer(self, token: str, method: str, params: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any] | str:
        """The JSON document of the answer, or `drop` for a connection that closes instead."""
        with self.lock:
            self.calls.append((method, params))
            if token != TOKEN:
                return refusal(401, "Unauthorized")
            if method == "getMe":
                return {"ok": True, "result": {"id": 1, "is_bot": True, "username": "skvoz_test_bot"}}
            if method == "getUpdates":
                offset = int(params.get("offset", 0))
                self.offsets.append(offset)
                self.updates = [update for update in self.updates if update["update_id"] >= offset]
                return {"ok": True, "result": list(self.updates)}
            if method in ("answerCallbackQuery", "setMyCommands"):
                return {"ok": True, "result": True}
            return self._send(method, params, files)

    def _send(self, method: str, params: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any] | str:
        chat = str(params["chat_id"])
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if isinstance(fault, dict) or fault == "drop_before":
            return fault
        if chat in self.blocked:
            return refusal(403, "Forbidden: bot was blocked by the user")
        if chat in self.moved:
            return refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.moved[chat])
        problem = self._problem(method, params, files)
        if problem:
            return refusal(400, f"Bad Request: {problem}")
        self.delivered[chat].append((method, params))
        if fault is not None:
            return fault
        return {"ok": True, "result": {"message_id": len(self.delivered[chat])}}

    def _problem(self, method: str, params: dict[str, Any], files: dict[str, bytes]) -> str:
        if method == "sendMessage":
            return text_problem(str(params.get("text", "")), params.get("parse_mode"), 4096, "message is too long")
        if method == "sendPhoto":
            if "photo" not in files:
                return "there is no photo in the request"
            return text_problem(str(params.get("caption") or "-"), None, 1024, "message caption is too long")
        if method == "sendDocument":
            return "" if files.get("document") else "there is no document in the request"
        if method == "sendMediaGroup":
            media = json.loads(params["media"])
            if not 2 <= len(media) <= 10:
                return "album must include 2-10 items"
            for item in media:
                if item["media"].removeprefix("attach://") not in files:
                    return f"can't find {item['media']}"
                problem = text_problem(item.get("caption") or "-", None, 1024, "message caption is too long")
                if problem:
                    return problem
            return ""
        return f"method {method} not found"


def text_problem(text: str, mode: str | None, longest: int, too_long: str) -> str:
    if mode == "HTML":
        parser = _Parser()
        parser.feed(text)
        parser.close()
        if parser.error or parser.open:
            return f"can't parse entities: {parser.error or 'unclosed tag'}"
        text = parser.text
    if not text.strip():
        return "message text is empty"
    return too_long if len(text) > longest else ""


def refusal(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": description, **({"parameters": parameters} if parameters else {})}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: BotApiServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, token, method = self.path.split("/", 2)
        params, files = parse(self.headers["Content-Type"] or "", body)
        answer = self.state.answer(token.removeprefix("bot"), method, params, files)
        if isinstance(answer, str):
            self.close_connection = True
            self.connection.close()
            return
        code = 200 if answer["ok"] else int(answer["error_code"])
        data = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""


def parse(content_type: str, body: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    if not content_type.startswith("multipart/"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True)), {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    params: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        assert isinstance(name, str)
        assert isinstance(data, bytes)
        if part.get_filename():
            files[name] = data
        else:
            params[name] = data.decode()
    return params, files


@contextmanager
def running_bot_api() -> Iterator[BotApiServer]:
    state = BotApiServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
