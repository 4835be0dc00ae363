"""Endpoints that other systems push to, for every configured source that listens; `skvoz serve` keeps them open."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from ingestion.errors import PermanentError
from ingestion.settings import ConfiguredSource, Settings
from ingestion.sources.onec_commerceml.inbox import inbox_of
from ingestion.sources.onec_commerceml.receiver import Receiver, receiver_app
from ingestion.sources.onec_commerceml.source import CommerceMLOptions

_STARTS_WITHIN_SECONDS = 20.0


@contextmanager
def listening(settings: Settings) -> Iterator[dict[str, str]]:
    """The addresses of the endpoints by source while the block runs; empty if no source listens.

    Raises:
        PermanentError: an address is taken or is none of this machine's.
    """
    servers: list[_Endpoint] = []
    addresses: dict[str, str] = {}
    try:
        for source in settings.sources:
            if isinstance(source.options, CommerceMLOptions) and source.options.listen is not None:
                servers.append(_Endpoint(source.name, source.options.listen, _app(settings, source)))
                addresses[source.name] = f"http://{source.options.listen}/"
        yield addresses
    finally:
        for server in servers:
            server.stop()


def _app(settings: Settings, source: ConfiguredSource) -> ASGIApp:
    options = source.options
    assert isinstance(options, CommerceMLOptions)  # noqa: S101 - for the type checker: chosen so above
    receiver = Receiver(
        options.username or "",
        options.password or "",
        inbox_of(settings.state_dir, source.name),
        file_limit=options.file_limit,
        exchange_limit=options.exchange_limit,
    )
    return receiver_app(receiver)


class _Endpoint:
    """One app served in a thread."""

    def __init__(self, name: str, address: str, app: ASGIApp) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, int(port)))
        except (OSError, OverflowError) as error:
            self._socket.close()
            message = f"{name}: cannot listen on {address} ({error}); stop what uses that port or choose another in skvoz.toml."
            raise PermanentError(message) from None
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", http="h11", ws="none", timeout_graceful_shutdown=5
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"listen-{name}", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
        while not self._server.started and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self) -> None:
        """Finish what is under way and free the port."""
        self._server.should_exit = True
        self._thread.join(timeout=_STARTS_WITHIN_SECONDS)
        self._socket.close()
