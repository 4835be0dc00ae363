"""A small server that speaks ClickHouse's HTTP interface with ClickHouse's own engine (chdb) behind it: loading, dbt and readers meet it as
they meet a server, each in its own process. It knows no users and no cluster.

Called as `python clickhouse_server.py <folder>`; the first line it prints is its address. It ends when its standard input does.

A file `refuse` in the folder with "<code> <sentence>" makes it answer every statement so.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# of the protocol, no settings of a statement
_NO_SETTINGS = frozenset(
    {"query", "database", "session_id", "session_timeout", "session_check", "query_id", "quota_key", "compress", "decompress"}
    | {"wait_end_of_query", "client_protocol_version", "enable_http_compression", "default_format", "buffer_size", "role"}
    | {"send_progress_in_http_headers", "http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"}
)
_FORMAT = re.compile(r"\s+format\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_INPUT = re.compile(r"\binput\(('(?:[^'\\]|\\.)*')\)")
_REFUSED = re.compile(r"Code: (\d+)\.")


class Engine:
    """Handles on one folder, one statement at a time each."""

    def __init__(self, folder: Path) -> None:
        import chdb

        self._handles: Queue[Any] = Queue()
        for _ in range(2):
            self._handles.put(chdb.connect(str(folder)))  # type: ignore[no-untyped-call] # chdb says no types

    def answer(self, sql: str, fmt: str, settings: dict[str, str], parameters: dict[str, str], database: str) -> bytes:
        """The body of an answer; RuntimeError as ClickHouse says it."""
        handle = self._handles.get()
        try:
            handle.query(f"use {database or 'default'}")
            for name, value in settings.items():
                handle.query(f"set {name} = '" + value.replace("\\", "\\\\").replace("'", "\\'") + "'")
            found = handle.query(sql, fmt, params=parameters)
            return bytes(found.bytes() or b"")
        finally:
            for name in settings:
                handle.query(f"set {name} = default")
            self._handles.put(handle)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    engine: Engine
    folder: Path

    def do_GET(self) -> None:
        """`/ping` and read-only queries."""
        if urlsplit(self.path).path == "/ping":
            self._send(200, b"Ok.\n")
        else:
            self._run(b"")

    def do_POST(self) -> None:
        """A statement in the query string or at the head of the body."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline().strip() or b"0", 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            self._run(b"".join(pieces))
        else:
            self._run(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _run(self, body: bytes) -> None:
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        parameters = {name.removeprefix("param_"): value for name, value in given.items() if name.startswith("param_")}
        settings = {name: value for name, value in given.items() if name not in _NO_SETTINGS and not name.startswith("param_")}
        sql, data = given.get("query", ""), body
        if not sql:
            head, mark, rest = body.partition(b" FORMAT Native\n")
            sql, data = (head.decode() + " FORMAT Native", rest) if mark and head[:6].upper() == b"INSERT" else (body.decode(), b"")
        refusal = self.folder / "refuse"
        if refusal.exists():
            code, _, text = refusal.read_text().partition(" ")
            self._send(500, f"Code: {code}. DB::Exception: {text}".encode(), {"X-ClickHouse-Exception-Code": code})
            return
        try:
            with _as_file(data, self.headers.get("Content-Encoding", "")) as path:
                named = _FORMAT.search(sql)
                fmt = named[1] if named else given.get("default_format", "TabSeparated")
                if path is not None and named:
                    sql = _from_file(sql[: named.start()], fmt, path)
                answer = self.engine.answer(sql, fmt, settings, parameters, given.get("database", ""))
        except Exception as error:  # noqa: BLE001 - whatever the engine says is the answer
            code = (_REFUSED.search(str(error)) or ["", "0"])[1]
            self._send(404 if code in ("60", "81") else 500, str(error).encode(), {"X-ClickHouse-Exception-Code": code})
            return
        self._send(200, answer, {"X-ClickHouse-Format": fmt} if answer or sql.lstrip()[:6].lower() == "select" else {})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Summary": "{}", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


def _from_file(statement: str, fmt: str, path: str) -> str:
    """An insert of a body as an insert of the file that holds it."""
    if _INPUT.search(statement):
        return _INPUT.sub(lambda found: f"file('{path}', '{fmt}', {found[1]})", statement)
    return f"{statement} select * from file('{path}', '{fmt}')"


@contextmanager
def _as_file(data: bytes, encoding: str) -> Iterator[str | None]:
    if not data:
        yield None
        return
    with tempfile.NamedTemporaryFile(suffix={"zstd": ".zst", "gzip": ".gz", "lz4": ".lz4"}.get(encoding, ".data")) as file:
        file.write(data)
        file.flush()
        yield file.name


@contextmanager
def running_clickhouse(folder: Path) -> Iterator[str]:
    """A server over a folder in a process of its own: its address."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-W", "ignore", str(Path(__file__).resolve()), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC"}) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate(timeout=60)


def main() -> None:
    """Serve until standard input ends."""
    Handler.folder = Path(sys.argv[1])
    Handler.engine = Engine(Handler.folder / "db")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.shutdown()
    os._exit(0)  # the engine's own threads need no farewell


if __name__ == "__main__":
    main()
