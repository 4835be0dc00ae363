"""A small S3-compatible store on loopback: put, get, head, delete and list of objects in memory, path style, and no check of signatures."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class ObjectPeer:
    """What the store holds and how it behaves.

    Attributes:
        endpoint: its address.
        objects: by `<bucket>/<key>`.
        refuses: answers everything with 503.
        asked: (method, name) in order.
    """

    def __init__(self) -> None:
        self.endpoint = ""
        self.objects: dict[str, bytes] = {}
        self.refuses = False
        self.asked: list[tuple[str, str]] = []


def _handler(peer: ObjectPeer) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one small method per verb
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _name(self) -> str | None:
            name = unquote(urlsplit(self.path).path).lstrip("/")
            peer.asked.append((self.command, name))
            if peer.refuses:
                self._error(503, "SlowDown")
                return None
            return name

        def _error(self, status: int, code: str) -> None:
            self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), Content_Type="application/xml")

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if (name := self._name()) is not None:
                peer.objects[name] = body
                self._answer(200, ETag=f'"{hashlib.sha256(body).hexdigest()}"')

        def do_DELETE(self) -> None:
            if (name := self._name()) is not None:
                peer.objects.pop(name, None)
                self._answer(204)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            name = self._name()
            if name is None:
                return
            query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
            if "list-type" in query:
                self._list(name.rstrip("/"), query.get("prefix", [""])[0])
                return
            body = peer.objects.get(name)
            if body is None:
                self._error(404, "NoSuchKey")
                return
            stamp = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "Last_Modified": "Sat, 01 Aug 2026 05:00:00 GMT"}
            given = self.headers.get("Range", "")
            if given.startswith("bytes="):
                first, _, last = given.removeprefix("bytes=").partition("-")
                start, end = int(first), min(int(last or len(body)), len(body) - 1)
                self._answer(206, body[start : end + 1], Content_Range=f"bytes {start}-{end}/{len(body)}", **stamp)
            else:
                self._answer(200, body, Accept_Ranges="bytes", **stamp)

        def _list(self, bucket: str, prefix: str) -> None:
            rows = "".join(
                f"<Contents><Key>{escape(name.removeprefix(f'{bucket}/'))}</Key><LastModified>2026-08-01T05:00:00.000Z</LastModified>"
                f"<ETag>&quot;x&quot;</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
                for name, body in sorted(peer.objects.items())
                if name.startswith(f"{bucket}/{prefix}")
            )
            text = f"<ListBucketResult><Name>{bucket}</Name><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
            self._answer(200, text.encode(), Content_Type="application/xml")

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


@contextmanager
def running_store() -> Iterator[ObjectPeer]:
    """A store that lives for the block."""
    peer = ObjectPeer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(peer))
    peer.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
