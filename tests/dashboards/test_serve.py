"""Serving: only on loopback while nobody has to log in, only on the port that was asked for, and quiet before the first publication."""

import socket
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import serve
from dashboards.state import configure
from reports.errors import SettingsError
from reports.wording import LOCALES, load_words


def first_page() -> None:
    from dashboards.app_pages.overview import show

    show()


def write(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "skvoz.toml"
    path.write_text('[company]\nname = "ООО <Ромашка>"\n\n[dashboard]\nauth = "none"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("10.0.0.1", False), ("192.168.1.5", False), ("example.ru", False)],
)
def test_a_loopback_address_is_told_from_others(host: str, expected: bool) -> None:
    assert serve.is_loopback(host) is expected


def test_other_addresses_and_taken_ports_are_refused_before_anything_starts(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(SettingsError, match="loopback address only"):
        serve.serve_dashboard(path, "192.168.1.5", 8501)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="cannot be listened on"):
            serve.serve_dashboard(path, "127.0.0.1", taken.getsockname()[1])


def test_before_the_first_publication_the_page_says_what_to_do(tmp_path: Path) -> None:
    configure(write(tmp_path))
    for locale in LOCALES:
        page = AppTest.from_function(first_page, default_timeout=300)
        page.query_params["lang"] = locale
        page.run()
        assert not page.exception
        assert [load_words(locale).text("page.empty") in element.proto.body for element in page.get("html")] == [True]
