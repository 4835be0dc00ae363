"""Charts as PNG through one running browser; without a browser a report goes out without pictures and says so."""

import asyncio
import logging
import os
import shutil
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from kaleido import Kaleido

from reports.blocks import Chart
from reports.theme import LIGHT

logger = logging.getLogger(__name__)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTH = 480
# shown 574 px wide in the mail, at double density
SCALE = 2.4
# The first picture starts the browser (4.2 s on two shared cores), each further one takes 0.3 s.
START_SECONDS = 60
DRAW_SECONDS = 30

Result = TypeVar("Result")


def find_browser() -> str | None:
    """The browser to draw with: BROWSER_PATH, else the first found on PATH."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named if Path(named).is_file() else None
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


class Pictures:
    """Draws charts in one browser, started at the first chart and closed with the batch.

    Kaleido's own synchronous server waits for ever when the browser dies, so this runs its asynchronous side with time limits.
    """

    def __init__(self, browser: str | None = None) -> None:
        """Takes the browser's path; found by itself when not given."""
        self._path = browser or find_browser()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._kaleido: Any = None
        self._broken = self._path is None

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the browser."""
        self.close()

    def draw(self, chart: Chart) -> bytes | None:
        """A chart as PNG, drawn 480 px wide, 1152 pixels, on opaque white; None without a working browser."""
        if self._broken:
            return None
        try:
            if self._kaleido is None:
                self._start()
            options = {"format": "png", "width": WIDTH, "height": chart.height, "scale": SCALE}
            png: bytes = self._run(self._kaleido.calc_fig(chart.draw(LIGHT), opts=options), DRAW_SECONDS)
        except Exception:
            # whatever a browser can do wrong must cost the mail its pictures, never the mail
            logger.exception("the chart %s could not be drawn through %s", chart.name, self._path)
            self._broken = self._kaleido is None
            return None
        return png

    def close(self) -> None:
        """Closes the browser and its thread; may be called twice."""
        if self._loop is None or self._thread is None:
            return
        try:
            if self._kaleido is not None:
                self._run(self._kaleido.close(), DRAW_SECONDS)
        except Exception:
            logger.exception("the browser %s did not close", self._path)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(DRAW_SECONDS)
            self._loop.close()
            self._loop = self._thread = self._kaleido = None

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pictures", daemon=True)
        self._thread.start()
        self._kaleido = self._run(self._open(), START_SECONDS)

    async def _open(self) -> Any:
        # mathjax would be asked for at a public address
        kaleido = Kaleido(n=1, timeout=DRAW_SECONDS, mathjax=False, path=self._path)
        await kaleido.open()
        return kaleido

    def _run(self, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
        if self._loop is None:
            msg = "The picture maker is closed; open it with `with Pictures() as pictures`."
            raise RuntimeError(msg)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)
