"""A synthetic publication and the pages served over it, by the same function as `skvoz dashboard`, in a process of their own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.reports.published_fixture import build_published

ROOT = Path(__file__).parents[2]
CONFIG = '[company]\nname = "ООО Ромашка"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "none"\n'
SERVE = "import sys; from pathlib import Path; from dashboards.serve import serve_dashboard;"
SERVE += " serve_dashboard(Path(sys.argv[1]), '127.0.0.1', int(sys.argv[2]))"


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with skvoz.toml and a publication."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
    build_published(folder / "data" / "published")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def address(company: Path) -> Iterator[str]:
    """The address of the served pages."""
    yield from serving(company)


def serving(folder: Path) -> Iterator[str]:
    """Serves a folder with skvoz.toml in a process of its own; gives the address once, and ends the process afterwards."""
    port = free_port()
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder / "skvoz.toml"), str(port)], cwd=ROOT, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                httpx.get(f"{url}/health", timeout=2)
                break
            except httpx.TransportError:
                assert process.poll() is None, (folder / "serve.log").read_text()
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        assert process.wait(20) in (0, -15)
        log.close()
    assert "Traceback" not in (folder / "serve.log").read_text()
