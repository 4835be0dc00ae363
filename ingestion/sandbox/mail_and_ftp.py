"""Local servers that hand out files, as far as reading goes: FTP (RFC 959 with MLSD of 3659) and IMAP (RFC 3501), for the type `files`."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

USERNAME, PASSWORD = "reader", "sandbox-files-password"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, handler: type[socketserver.BaseRequestHandler], **given: Any) -> None:
        self.given = given
        super().__init__(("127.0.0.1", 0), handler)


@contextmanager
def ftp(folder: Path, *, knows_mlsd: bool = True) -> Iterator[str]:
    """An FTP server over a folder; gives its address. Without MLSD it knows only NLST, SIZE and MDTM, as older ones do."""
    with _running(_Server(_Ftp, folder=folder, knows_mlsd=knows_mlsd)) as port:
        yield f"ftp://127.0.0.1:{port}/"


@contextmanager
def imap(letters: dict[int, bytes], validity: list[int] | None = None) -> Iterator[str]:
    """An IMAP server with one mailbox; `letters` by their number, and its UIDVALIDITY, may change while it runs. Gives its address."""
    with _running(_Server(_Imap, letters=letters, validity=validity or [1])) as port:
        yield f"imap://127.0.0.1:{port}/INBOX"


@contextmanager
def _running(server: _Server) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Lines(socketserver.StreamRequestHandler):
    server: _Server

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def lines(self) -> Iterator[str]:
        while line := self.rfile.readline():
            yield line.decode("utf-8", "replace").rstrip("\r\n")


class _Ftp(_Lines):
    def handle(self) -> None:
        self.data: socket.socket | None = None
        try:
            self._talk()
        finally:
            if self.data is not None:
                self.data.close()

    def _talk(self) -> None:
        self.say("220 ready")
        user, known = "", False
        for line in self.lines():
            command, _, argument = line.partition(" ")
            match command.upper():
                case "USER":
                    user = argument
                    self.say("331 password please")
                case "PASS":
                    known = (user, argument) == (USERNAME, PASSWORD)
                    self.say("230 welcome" if known else "530 Login incorrect.")
                case "TYPE" | "OPTS":
                    self.say("200 ok")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _ if known:
                    self._give(command.upper(), argument.strip().rsplit("/", 1)[-1])
                case _:
                    self.say("530 Please login.")

    def _give(self, command: str, name: str) -> None:
        folder: Path = self.server.given["folder"]
        files = {file: (size, moment) for file, size, moment in _listed(folder)}
        match command:
            case "PASV" | "EPSV":
                if self.data is not None:
                    self.data.close()
                self.data = socket.create_server(("127.0.0.1", 0))
                port = self.data.getsockname()[1]
                self.say(f"227 ok (127,0,0,1,{port >> 8},{port & 255})" if command == "PASV" else f"229 ok (|||{port}|)")
            case "MLSD" if self.server.given["knows_mlsd"]:
                self._send("\r\n".join(f"type=file;size={size};modify={moment}; {file}" for file, (size, moment) in files.items()))
            case "NLST":
                self._send("\r\n".join(f"/{file}" for file in files))
            case "SIZE" | "MDTM" if name in files:
                self.say(f"213 {files[name][0 if command == 'SIZE' else 1]}")
            case "RETR" if name in files:
                self._send((folder / name).read_bytes())
            case _:
                self.say("550 No such file or command")

    def _send(self, content: str | bytes) -> None:
        data, self.data = self.data, None
        if data is None:
            self.say("425 PASV first")
            return
        self.say("150 here it comes")
        connection, _ = data.accept()
        with connection, data:
            connection.sendall(content.encode() if isinstance(content, str) else content)
        self.say("226 done")


class _Imap(_Lines):
    def handle(self) -> None:
        letters: dict[int, bytes] = self.server.given["letters"]
        self.say("* OK IMAP4rev1 ready")
        for line in self.lines():
            tag, _, rest = line.partition(" ")
            command, _, argument = rest.partition(" ")
            match command.upper():
                case "CAPABILITY":
                    self.say("* CAPABILITY IMAP4rev1")
                    self.say(f"{tag} OK done")
                case "LOGIN":
                    welcome = argument in {f'{USERNAME} "{PASSWORD}"', f'"{USERNAME}" "{PASSWORD}"'}
                    self.say(f"{tag} OK welcome" if welcome else f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")
                case "SELECT":
                    self.say(f"{tag} BAD a reader does not open a mailbox for writing")
                case "EXAMINE":
                    self.say(f"* {len(letters)} EXISTS")
                    self.say(f"* OK [UIDVALIDITY {self.server.given['validity'][0]}] numbers are good")
                    self.say(f"{tag} OK [READ-ONLY] done")
                case "UID" if argument.upper().startswith("SEARCH"):
                    found = re.search(r'FROM "?([^" ]+)', argument)
                    wanted = found[1].encode() if found else b""
                    self.say("* SEARCH " + " ".join(str(number) for number, raw in letters.items() if wanted in raw.split(b"\n\n")[0]))
                    self.say(f"{tag} OK done")
                case "UID":
                    number = int(argument.split(" ")[1])
                    raw = letters[number]
                    self.wfile.write(f"* {number} FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
                    self.say(f"{tag} OK done")
                case "LOGOUT":
                    self.say("* BYE")
                    self.say(f"{tag} OK done")
                    return
                case _:
                    self.say(f"{tag} BAD unknown")


def _listed(folder: Path) -> list[tuple[str, int, str]]:
    return [
        (path.name, path.stat().st_size, datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%d%H%M%S.%f"))
        for path in sorted(folder.iterdir())
        if path.is_file()
    ]
