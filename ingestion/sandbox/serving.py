"""Runs peer apps on loopback ports in a background thread: `with serve(app) as url:`."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

STARTS_WITHIN_SECONDS = 120.0


class Server:
    """One app on one loopback port. `url` has no slash at its end."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        """Bind the port (0: any free one); the app answers after `start`."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app, log_level="critical", access_log=False, lifespan="off", http="h11", ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name=f"peer-{self.port}", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> "Server":
        """Serve until `stop`.

        Raises:
            RuntimeError: the server did not come up in time.
        """
        self._thread.start()
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                reason = (
                    f"The local peer on port {self.port} did not start within {STARTS_WITHIN_SECONDS:g} s: see whether the port is taken"
                )
                raise RuntimeError(reason)
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Finish the requests under way and free the port."""
        self._server.should_exit = True
        self._thread.join(timeout=STARTS_WITHIN_SECONDS)
        self._socket.close()


@contextmanager
def serve(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """The app's address while the block runs."""
    server = Server(app, port).start()
    try:
        yield server.url
    finally:
        server.stop()
