"""The receiving end of CommerceML over HTTP: 1C (or a site) logs in, sends files in chunks, asks for their import.

GET/POST ?type=catalog|sale&mode=checkauth|init|file|import|query|info|success|deactivate|complete. Answers are text, the first line
`success`, `progress` or `failure`. What one login sent becomes visible to the connector as one folder of the inbox when its import is asked
for, by a rename: half an exchange is never read. Older modules never ask for the import of what they send as type=sale, so such a file is
handed over as soon as it is whole. Pictures are taken and thrown away. We hold no orders and no statuses of our own: `query` and `info`
give none.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ingestion.durable import private_folder, sync_folder
from ingestion.errors import IngestionError

COOKIE = "skvoz_exchange"
_KEPT_SUFFIXES = frozenset({".xml", ".zip"})
_SESSION_SECONDS = 6 * 3600
_TRIES, _TRIES_SECONDS = 5, 15 * 60  # wrong logins of one address; as on the pages
_ADDRESSES = 10_000
_NAME_PIECE = re.compile(r"[\w.\-+#=()\[\] ]{1,200}")
_STATUSES = '<?xml version="1.0" encoding="UTF-8"?>\n<Справочник/>\n'
_ENDS = tuple("</КоммерческаяИнформация>".encode(encoding) for encoding in ("utf-8", "cp1251"))
_TAIL_BYTES = 256
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.05" ДатаФормирования="{now}"/>\n'


class RefusedError(IngestionError):
    """A request that is answered with `failure` and this sentence."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class _Session:
    """One login: its cookie, the folder its files gather in, bytes taken so far."""

    token: str
    folder: Path
    started: float
    taken: int = 0


class Receiver:
    """One source's endpoint.

    Args:
        username: who may send.
        password: the sender's.
        inbox: where complete exchanges go.
        file_limit: most bytes of one request.
        exchange_limit: most bytes of one login's files.
        clock: seconds; replaced in tests.
    """

    def __init__(
        self,
        username: str,
        password: str,
        inbox: Path,
        *,
        file_limit: int,
        exchange_limit: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._wrong: dict[str, list[float]] = {}  # moments of wrong logins by address, the least recent address first
        self._credentials = f"{username}:{password}".encode()
        self._inbox = inbox
        self._incoming = private_folder(inbox.parent / f".incoming-{inbox.name}")
        self._file_limit = file_limit
        self._exchange_limit = exchange_limit
        self._session: _Session | None = None
        self._busy = asyncio.Lock()
        for left in self._incoming.iterdir():  # of a process that died: its sender begins again
            shutil.rmtree(left, ignore_errors=True)

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        try:
            return await self._answer(request)
        except RefusedError as error:
            headers = {"WWW-Authenticate": 'Basic realm="skvoz"'} if error.status == 401 else None
            return PlainTextResponse(f"failure\n{error}", status_code=error.status, headers=headers)
        except ClientDisconnect:
            return PlainTextResponse("failure\nthe connection broke off", status_code=400)

    async def _answer(self, request: Request) -> Response:
        mode = request.query_params.get("mode", "")
        if mode == "checkauth":
            return self._login(request)
        session = self._current(request)
        if mode == "init":
            return PlainTextResponse(f"zip=yes\nfile_limit={self._file_limit}")
        if mode == "file":
            return await self._file(request, session)
        if mode == "import":
            return await self._import(session)
        if mode == "query":
            now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
            return Response(_EMPTY.format(now=now), media_type="application/xml")
        if mode == "info":
            return Response(_STATUSES, media_type="application/xml")
        if mode in {"success", "deactivate", "complete"}:
            return PlainTextResponse("success")
        message = f"mode {mode[:40]!r} is not known here"
        raise RefusedError(message)

    def _login(self, request: Request) -> Response:
        address = request.client.host if request.client else ""
        recent = [moment for moment in self._wrong.pop(address, []) if self._clock() - moment < _TRIES_SECONDS]
        if recent:
            self._wrong[address] = recent
        if len(recent) >= _TRIES:  # whatever it sends now: an answer to the right word would tell it
            message = f"{_TRIES} wrong logins from {address}; wait {_TRIES_SECONDS // 60} minutes"
            raise RefusedError(message, 429)
        if not self._may_enter(request):
            if "authorization" in request.headers:  # some ask without it first
                self._wrong[address] = [*recent, self._clock()]
            if len(self._wrong) > _ADDRESSES:
                del self._wrong[next(iter(self._wrong))]
            message = "wrong user or password"
            raise RefusedError(message, 401)
        self._wrong.pop(address, None)
        if self._busy.locked():
            message = "another exchange is being taken just now; try again in a minute"
            raise RefusedError(message)
        self._drop()
        token = secrets.token_hex(24)
        folder = private_folder(self._incoming / token[:16])
        self._session = _Session(token, folder, time.monotonic())
        response = PlainTextResponse(f"success\n{COOKIE}\n{token}")
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return response

    def _may_enter(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            credentials = base64.b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            return False
        if scheme.lower() != "basic":
            return False
        as_cp1251 = credentials.decode("cp1251", "replace").encode()  # 1C on Windows sends Cyrillic names so
        return hmac.compare_digest(credentials, self._credentials) or hmac.compare_digest(as_cp1251, self._credentials)

    def _current(self, request: Request) -> _Session:
        session = self._session
        token = request.cookies.get(COOKIE, "")
        if session is None or not hmac.compare_digest(token.encode(), session.token.encode()):
            message = "log in first (mode=checkauth) and send the cookie it gives; a newer login ends an older one"
            raise RefusedError(message, 401)
        if time.monotonic() - session.started > _SESSION_SECONDS:
            self._drop()
            message = "the login is too old; log in again"
            raise RefusedError(message, 401)
        return session

    async def _file(self, request: Request, session: _Session) -> Response:
        given = request.query_params.get("filename", "")
        if PurePosixPath(given).suffix.lower() in {"", *_KEPT_SUFFIXES}:
            name = safe_name(given)
            async with self._busy:
                session.taken += await self._append(request, session, session.folder / name)
                if request.query_params.get("type") == "sale" and _is_whole(session.folder / name):
                    alone = private_folder(self._incoming / f"{session.token[:16]}-sale")
                    (session.folder / name).rename(alone / Path(name).name)
                    self._hand_over(alone, session)
        else:  # a picture, whatever it is called: 1C ends its exchange at the first file that is refused
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                self._check_size(size, session)
        return PlainTextResponse("success")

    async def _append(self, request: Request, session: _Session, path: Path) -> int:
        """Add a chunk to its file, whole or not at all; its bytes."""
        private_folder(path.parent)
        before = path.stat().st_size if path.exists() else 0
        size = 0
        with path.open("ab") as opened:
            try:
                async for chunk in request.stream():
                    size += len(chunk)
                    self._check_size(size, session)
                    opened.write(chunk)
            except BaseException:  # its sender sends it again
                opened.truncate(before)
                raise
        return size

    def _check_size(self, size: int, session: _Session) -> None:
        if size > self._file_limit:
            message = f"a chunk is larger than file_limit={self._file_limit}"
            raise RefusedError(message, 413)
        if session.taken + size > self._exchange_limit:
            message = f"the exchange is larger than {self._exchange_limit} bytes (exchange_limit in skvoz.toml)"
            raise RefusedError(message, 413)

    async def _import(self, session: _Session) -> Response:
        if self._busy.locked():
            return PlainTextResponse("progress\nanother request of this exchange is under way")
        async with self._busy:
            if any(path.is_file() for path in session.folder.rglob("*")):
                self._hand_over(session.folder, session)
                private_folder(session.folder)
                session.taken = 0
        return PlainTextResponse("success")

    def _hand_over(self, folder: Path, session: _Session) -> None:
        """Make a folder's files visible to the connector, all at once."""
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        folder.rename(self._inbox / f"{stamp}-{session.token[:8]}")
        sync_folder(self._inbox)

    def _drop(self) -> None:
        if self._session is not None:
            shutil.rmtree(self._session.folder, ignore_errors=True)
            self._session = None


def _is_whole(path: Path) -> bool:
    """Whether the last chunk of a file has arrived, told by its end."""
    if path.suffix.lower() == ".zip":
        return zipfile.is_zipfile(path)
    with path.open("rb") as opened:
        opened.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return opened.read().rstrip().endswith(_ENDS)


def safe_name(name: str) -> str:
    """A file name as sent, if it stays inside the folder.

    Raises:
        RefusedError: it is empty, absolute, climbs out, or holds what no exchange file is called by.
    """
    pieces = PurePosixPath(name.replace("\\", "/")).parts
    bad = not pieces or name.startswith(("/", "\\")) or len(pieces) > 8
    if bad or any(piece in {".", ".."} or piece.startswith(".") or not _NAME_PIECE.fullmatch(piece) for piece in pieces):
        message = "this file name is not taken"
        raise RefusedError(message)
    return "/".join(pieces)


def receiver_app(receiver: Receiver) -> Starlette:
    """The endpoint as an ASGI app; it answers at every path, for 1C is given one that ends in /bitrix/admin/1c_exchange.php or another."""
    return Starlette(routes=[Route("/{path:path}", receiver.handle, methods=["GET", "POST"])])
