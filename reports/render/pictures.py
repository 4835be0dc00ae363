"""Charts as PNG and pages as PDF through one running browser; without a browser a report goes out without them and says so."""

import asyncio
import base64
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from reports.blocks import Chart
from reports.theme import LIGHT

logger = logging.getLogger(__name__)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTH = 420
# shown 504 px wide in the mail, at double density
SCALE = 1008 / WIDTH
# The first picture starts the browser (4.2 s on two shared cores), each further one takes 0.3 s.
START_SECONDS = 60
DRAW_SECONDS = 30
PRINT_SECONDS = 60
# A4 in inches; the foot is a template of Chromium's own
PAPER = {
    "printBackground": True,
    "paperWidth": 8.27,
    "paperHeight": 11.69,
    **dict.fromkeys(("marginTop", "marginLeft", "marginRight"), 0.45),
    "marginBottom": 0.6,
    "displayHeaderFooter": True,
    "headerTemplate": "<span></span>",
    "footerTemplate": '<div style="width:100%;text-align:center;font:9px sans-serif;color:#5b6778"><span class="pageNumber"></span>'
    ' / <span class="totalPages"></span></div>',
}

# A page has all it needs inside: should markup of a hostile record ever slip through, it runs nothing and asks nobody.
ALONE = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">"""

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
        """A chart as PNG, drawn 420 px wide, 1008 pixels, on opaque white; None without a working browser."""
        if self._broken:
            return None
        try:
            if self._kaleido is None:
                self._start()
            options = {"format": "png", "width": WIDTH, "height": chart.height, "scale": SCALE}
            png: bytes = self._run(self._kaleido.calc_fig(chart.draw(LIGHT), opts=options), DRAW_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever a browser can do wrong must cost the mail its pictures, never the mail
            logger.warning("the chart %s could not be drawn: %s", chart.name, self._said(error))
            self._broken = self._kaleido is None
            return None
        return png

    def print_page(self, html: str) -> bytes | None:
        """A page of its own as PDF on A4, numbered at its foot; None without a working browser."""
        if self._broken:
            return None
        with tempfile.TemporaryDirectory(prefix="skvoz-") as folder:
            path = Path(folder) / "page.html"
            start = html.find("<head>") + len("<head>") if "<head>" in html else 0
            path.write_text(html[:start] + ALONE + html[start:], encoding="utf-8")
            try:
                if self._kaleido is None:
                    self._start()
                return self._run(self._print(path.as_uri()), PRINT_SECONDS)
            except Exception as error:  # noqa: BLE001 - as above
                logger.warning("a page could not be printed: %s", self._said(error))
                self._broken = self._kaleido is None
                return None

    async def _print(self, address: str) -> bytes:
        tab = await self._kaleido.create_tab(url="")
        try:
            await tab.send_command("Page.enable")
            loaded = tab.subscribe_once("Page.loadEventFired")
            await tab.send_command("Page.navigate", params={"url": address})
            await loaded
            answer = await tab.send_command("Page.printToPDF", params=PAPER)
            return base64.b64decode(answer["result"]["data"])
        finally:
            await tab.close()

    def close(self) -> None:
        """Closes the browser and its thread; may be called twice."""
        if self._loop is None or self._thread is None:
            return
        try:
            if self._kaleido is not None:
                self._run(self._kaleido.close(), DRAW_SECONDS)
        except Exception as error:  # noqa: BLE001 - as above
            logger.warning("the browser did not close: %s", self._said(error))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(DRAW_SECONDS)
            self._loop.close()
            self._loop = self._thread = self._kaleido = None

    def _said(self, error: Exception) -> str:
        """What went wrong in a line, and what to do: a trace of two libraries says nothing to whoever reads the log."""
        reason = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
        return f"{self._path} says: {reason}; see that it is Chromium and starts, pages and reports go on without it"

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pictures", daemon=True)
        self._thread.start()
        self._kaleido = self._run(self._open(), START_SECONDS)

    async def _open(self) -> Any:
        from kaleido import Kaleido  # 5 MiB, which who only waits for something to draw need not hold

        # mathjax would be asked for at a public address
        kaleido = Kaleido(n=1, timeout=DRAW_SECONDS, mathjax=False, path=self._path)
        await kaleido.open()
        return kaleido

    def _run(self, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
        if self._loop is None:
            msg = "The picture maker is closed; open it with `with Pictures() as pictures`."
            raise RuntimeError(msg)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)
