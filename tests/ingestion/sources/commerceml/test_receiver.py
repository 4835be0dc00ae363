"""1C pushes an exchange to us: login, chunks, import; what is refused, and that half an exchange is never read."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from ingestion.receiving import listening
from ingestion.sandbox.exchange_commerceml import root
from ingestion.settings import load_settings
from ingestion.sources.onec_commerceml.inbox import inbox_of
from ingestion.sources.onec_commerceml.receiver import Receiver, RefusedError, receiver_app, safe_name
from ingestion.sources.onec_commerceml.source import SOURCE
from ingestion.spec import Source

PASSWORD = "secret"
PATH = "/bitrix/admin/1c_exchange.php"
GOODS = root(
    "2.08",
    datetime(2026, 3, 1),  # noqa: DTZ001 - 1C's clock carries no zone
    "<Каталог><Ид>k</Ид><Товары><Товар><Ид>p1</Ид><Наименование>Стол</Наименование></Товар></Товары></Каталог>",
)

ORDERS = root(
    "2.08",
    datetime(2026, 3, 1),  # noqa: DTZ001 - 1C's clock carries no zone
    "<Документ><Ид>1</Ид><Номер>1</Номер><Дата>2026-03-01</Дата><ХозОперация>Заказ товара</ХозОперация></Документ>",
)


def _zipped(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


class Sender:
    """1C's side of the exchange."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url)

    def ask(
        self, mode: str, kind: str = "catalog", data: bytes | None = None, auth: tuple[str, str] | None = None, **more: str
    ) -> httpx.Response:
        params = {"type": kind, "mode": mode, **more}
        if data is None:
            return self.client.get(PATH, params=params, auth=auth)
        return self.client.request("POST", PATH, params=params, content=data, auth=auth)

    def login(self, password: str = PASSWORD) -> httpx.Response:
        answer = self.ask("checkauth", auth=("site", password))
        lines = answer.text.splitlines()
        if lines[0] == "success":
            self.client.cookies.clear()
            self.client.cookies.set(lines[1], lines[2])
        return answer


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return inbox_of(tmp_path / "0" / "state", "crm")


@pytest.fixture
def sender(inbox: Path, serve: Callable[[ASGIApp], str]) -> Iterator[Sender]:
    receiver = Receiver("site", "secret", inbox, file_limit=2000, exchange_limit=5000)
    one = Sender(serve(receiver_app(receiver)))
    yield one
    one.client.close()


def test_an_exchange_sent_in_chunks_is_read_after_its_import(sender: Sender, zone_of: Callable[[Source], Any]) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(listen="127.0.0.1:9", username="site", password="secret")
    assert sender.login().text.startswith("success\n")
    assert sender.ask("init").text == "zip=yes\nfile_limit=2000"
    data = GOODS.encode()
    for start in range(0, len(data), 300):
        assert sender.ask("file", data=data[start : start + 300], filename="import0_1.xml").text == "success"
    assert sender.ask("file", data=b"\xff\xd8", filename="import_files/aa/picture.jpg").text == "success"
    zone.extract(connector)
    assert zone.records("products") == {}
    assert sender.ask("import", filename="import0_1.xml").text == "success"
    assert sender.ask("import", filename="import0_1.xml").text == "success"  # asked again, it is done already
    zone.extract(connector)
    assert zone.records("products") == {"p1": {"Ид": "p1", "Наименование": "Стол"}}
    orders = sender.ask("query", kind="sale")
    assert orders.headers["content-type"].startswith("application/xml")
    assert "<КоммерческаяИнформация" in orders.text
    assert sender.ask("success", kind="sale").text == "success"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "zip"])
def test_orders_of_a_module_that_never_asks_for_their_import_are_read_when_they_are_whole(
    sender: Sender, zone_of: Callable[[Source], Any], encoding: str
) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(listen="127.0.0.1:9", username="site", password="secret")
    data = _zipped("orders.xml", ORDERS) if encoding == "zip" else ORDERS.encode(encoding)
    name = "v8_1.zip" if encoding == "zip" else "orders.xml"
    for number in range(2):
        sender.login()
        for start in range(0, len(data), 150):
            zone.extract(connector)
            assert zone.records("documents").keys() == ({"Заказ товара:1"} if number else set()), "half a file is none"
            assert sender.ask("file", kind="sale", data=data[start : start + 150], filename=name).text == "success"
        assert sender.ask("import", kind="sale", filename=name).text == "success", "a module that does ask finds it done"
        zone.extract(connector)
        assert zone.records("documents").keys() == {"Заказ товара:1"}


def test_a_site_without_statuses_gives_none(sender: Sender) -> None:
    sender.login()
    answer = sender.ask("info", kind="sale")
    assert answer.headers["content-type"].startswith("application/xml")
    assert "<Справочник/>" in answer.text


def test_exchanges_that_were_read_long_ago_are_cleared_away(zone_of: Callable[[Source], Any]) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(listen="127.0.0.1:9", username="site", password=PASSWORD)
    for name, age in (("old", 20), ("new", 1)):
        folder = inbox_of(zone.root / "state", "crm") / name
        folder.mkdir()
        (folder / "import.xml").write_text(GOODS.replace("p1", name), encoding="utf-8")
        moment = (zone.now - timedelta(days=age)).timestamp()
        os.utime(folder, (moment, moment))
    zone.extract(connector)
    assert zone.records("products").keys() == {"old", "new"}
    assert [one.name for one in inbox_of(zone.root / "state", "crm").iterdir()] == ["new"]
    zone.extract(connector)
    assert zone.records("products").keys() == {"old", "new"}


def test_nobody_sends_without_the_password_or_the_cookie(sender: Sender) -> None:
    assert sender.ask("file", data=b"x", filename="a.xml").status_code == 401
    assert sender.login("wrong").status_code == 401
    assert sender.ask("checkauth").status_code == 401
    sender.login()
    sender.client.cookies.clear()
    sender.client.cookies.set("skvoz_exchange", "0" * 48)
    assert sender.ask("import", filename="a.xml").text.startswith("failure\nlog in first")


def test_whoever_guesses_is_held_off_for_a_while(inbox: Path, serve: Callable[[ASGIApp], str]) -> None:
    now = 1000.0
    receiver = Receiver("site", PASSWORD, inbox, file_limit=2000, exchange_limit=5000, clock=lambda: now)
    sender = Sender(serve(receiver_app(receiver)))
    with sender.client:
        for _ in range(7):
            assert sender.ask("checkauth").status_code == 401, "a question without a word is no guess"
        for number in range(5):
            assert sender.login(f"guess {number}").status_code == 401
        refused = sender.login()
        assert refused.status_code == 429, "also the right word, or the answer would tell it"
        assert "wait 15 minutes" in refused.text
        now += 15 * 60
        assert sender.login().text.startswith("success\n")
        assert sender.login("guess").status_code == 401
        assert sender.login().text.startswith("success\n")


def test_what_is_thrown_away_is_bounded_too(sender: Sender) -> None:
    sender.login()
    assert sender.ask("file", data=b"x" * 2001, filename="import_files/picture.jpg").status_code == 413


def test_a_picture_of_any_name_is_taken_for_a_refusal_would_end_the_exchange(sender: Sender, inbox: Path) -> None:
    sender.login()
    assert sender.ask("file", data=b"x", filename="import_files/кот, рыжий & белый.jpg").text == "success"
    assert not [path for path in inbox.parent.rglob("*") if path.is_file()]


def test_a_newer_login_ends_an_older_one_and_its_files(sender: Sender, inbox: Path) -> None:
    sender.login()
    old = dict(sender.client.cookies)
    sender.ask("file", data=b"half", filename="a.xml")
    sender.login()
    sender.ask("import", filename="a.xml")
    assert list(inbox.iterdir()) == []
    sender.client.cookies.clear()
    sender.client.cookies.update(old)
    assert sender.ask("init").status_code == 401


@pytest.mark.parametrize(
    "name", ["../a.xml", "/etc/a.xml", "a/../../b.xml", "..\\a.xml", "", ".htaccess", "a\x00.xml", "c:\\a.xml", "a/.ssh/b.xml"]
)
def test_a_name_that_climbs_out_is_refused(sender: Sender, inbox: Path, name: str) -> None:
    with pytest.raises(RefusedError):
        safe_name(name)
    sender.login()
    assert sender.ask("file", data=b"x", filename=name).text.startswith("failure\nthis file name is not taken")
    assert not [path for path in inbox.parent.rglob("*") if path.is_file()]


def test_a_chunk_or_an_exchange_too_large_is_refused_and_leaves_what_was_whole(sender: Sender, inbox: Path) -> None:
    sender.login()
    assert sender.ask("file", data=b"a" * 1500, filename="a.xml").text == "success"
    answer = sender.ask("file", data=b"b" * 2500, filename="a.xml")
    assert (answer.status_code, answer.text) == (413, "failure\na chunk is larger than file_limit=2000")
    for _ in range(2):
        assert sender.ask("file", data=b"c" * 1500, filename="a.xml").text == "success"
    assert "the exchange is larger than 5000 bytes" in sender.ask("file", data=b"d" * 1500, filename="a.xml").text
    sender.ask("import", filename="a.xml")
    (kept,) = inbox.rglob("a.xml")
    assert kept.read_bytes() == b"a" * 1500 + b"c" * 3000


def test_unknown_modes_and_names_of_windows_are_answered(sender: Sender) -> None:
    sender.login()
    assert sender.ask("format_disk").text == "failure\nmode 'format_disk' is not known here"
    assert safe_name("import_files\\a\\1.xml") == "import_files/a/1.xml"


def test_every_source_that_listens_is_served_and_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    toml = '[company]\nname = "x"\n[sources.site]\ntype = "1c_commerceml"\nlisten = "127.0.0.1:{port}"\nusername = "u"\npassword = "p"\n'
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        (tmp_path / "skvoz.toml").write_text(toml.format(port=port), encoding="utf-8")
        settings = load_settings(tmp_path / "skvoz.toml")
        free.listen()
        with pytest.raises(Exception, match=r"site: cannot listen on 127\.0\.0\.1"), listening(settings):
            pass
    with listening(settings) as addresses:
        answer = httpx.get(addresses["site"], params={"mode": "checkauth"}, auth=("u", "p"))
        assert answer.text.startswith("success\n")
