"""The exchange files of 1C under the contract of all sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter

from ingestion.sandbox import serving
from ingestion.sandbox.exchange_commerceml import root
from ingestion.sandbox.exchange_dbf import DbfField, write_dbf
from ingestion.sandbox.exchange_messages import write_message
from ingestion.sources.onec_commerceml.inbox import inbox_of
from ingestion.sources.onec_commerceml.receiver import Receiver, receiver_app
from tests.ingestion.sources.contract_case import Case, Keys, Peer

Rows = dict[str, str]
Write = Callable[[Path, Rows, int], None]
FIRST = {f"{number:08d}-0000-0000-0000-00000000000a": f"Товар {number}" for number in range(1, 9)}
GONE, CHANGED, ADDED = sorted(FIRST)[0], sorted(FIRST)[1], "00000099-0000-0000-0000-00000000000a"
SECOND = {key: name for key, name in FIRST.items() if key != GONE} | {CHANGED: "Товар переименован", ADDED: "Товар новый"}


def _files(write: Write, stream: str, options: dict[str, Any], path: str = "in") -> Callable[[Path], AbstractContextManager[Peer]]:
    """A folder of files about goods; `write` puts the goods into it, the second time as the format tells changes and deletions."""

    @contextmanager
    def start(folder: Path) -> Iterator[Peer]:
        inside = folder / "in"
        inside.mkdir()
        held = dict(FIRST)
        write(inside, held, 1)

        def edit() -> None:
            held.clear()
            held.update(SECOND)
            write(inside, held, 2)

        def truth() -> Keys:
            return {stream: set(held)} if stream else {}

        yield Peer(
            options={"path": str(folder / path), **options},
            edit=edit,
            truth=truth,
            wrong={"path": str(folder / "nowhere"), **options},
            wrong_says="there is no file or folder",
        )

    return start


def _commerceml(folder: Path, rows: Rows, time: int) -> None:
    (folder / "import.xml").write_bytes(_catalogue(rows, time))


def _catalogue(rows: Rows, time: int) -> bytes:
    goods = "".join(f"<Товар><Ид>{key}</Ид><Наименование>{name}</Наименование></Товар>" for key, name in rows.items())
    formed = datetime(2026, 3, time)  # noqa: DTZ001 - 1C's clock carries no zone
    return root("2.08", formed, f'<Каталог СодержитТолькоИзменения="false"><Ид>k</Ид><Товары>{goods}</Товары></Каталог>').encode()


@contextmanager
def _pushed(_folder: Path) -> Iterator[Peer]:
    """1C as the client of our endpoint: login, chunks, import; every warehouse is sent everything once."""
    held = [dict(FIRST)]
    sent: dict[Path, int] = {}

    def push(state: Path) -> None:
        receiver = Receiver("site", "sent-by-1c", inbox_of(state, "crm"), file_limit=100_000, exchange_limit=1_000_000)
        with serving.serve(receiver_app(receiver)) as url, httpx.Client(base_url=url) as client:
            for time, rows in enumerate(held[sent.get(state, 0) :], sent.get(state, 0) + 1):
                login = client.get("/", params={"type": "catalog", "mode": "checkauth"}, auth=("site", "sent-by-1c")).text.splitlines()
                client.cookies.set(login[1], login[2])
                assert client.get("/", params={"type": "catalog", "mode": "init"}).text.startswith("zip=")
                data = _catalogue(rows, time)
                for start in range(0, len(data), 700):
                    named = {"type": "catalog", "mode": "file", "filename": "import.xml"}
                    assert client.post("/", params=named, content=data[start : start + 700]).text == "success"
                assert client.get("/", params={"type": "catalog", "mode": "import", "filename": "import.xml"}).text == "success"
                client.cookies.clear()
        sent[state] = len(held)

    yield Peer(
        options={"listen": "127.0.0.1:8090", "username": "site", "password": "sent-by-1c"},
        edit=lambda: held.append(dict(SECOND)),
        truth=lambda: {"products": set(held[-1])},
        push=push,
    )


def _statement(folder: Path, rows: Rows, time: int) -> None:
    lines = ["1CClientBankExchange", "Кодировка=Windows", f"ДатаСоздания=0{time}.03.2026", "РасчСчет=40702810000000000001"]
    for place, (key, name) in enumerate(rows.items()):
        lines += ["СекцияДокумент=Платежное поручение", f"Номер={int(key[:8])}", "Дата=01.03.2026", f"Сумма={100 + place}.00"]
        lines += [
            "ПлательщикСчет=40702810000000000002",
            "ПолучательСчет=40702810000000000001",
            f"НазначениеПлатежа={name}",
            "КонецДокумента",
        ]
    (folder / f"kl_{time}.txt").write_bytes("\r\n".join([*lines, "КонецФайла"]).encode("cp1251"))


def _dump(folder: Path, rows: Rows, time: int) -> None:
    goods = "".join(
        f"<CatalogObject.Номенклатура><Ref>{key}</Ref><Description>{name}</Description></CatalogObject.Номенклатура>"
        for key, name in rows.items()
    )
    (folder / f"dump{time}.xml").write_text(f"<D><Data>{goods}</Data></D>", encoding="utf-8")


def _reference(number: int, key: str) -> str:
    guid = f'<Свойство Имя="{{УникальныйИдентификатор}}" Тип="Строка"><Значение>{key}</Значение></Свойство>'
    return f'<Ссылка Нпп="{number}">{guid}</Ссылка>'


def _kd2(folder: Path, rows: Rows, time: int) -> None:
    body = "".join(
        f'<Объект Нпп="{number}" Тип="СправочникСсылка.Номенклатура">{_reference(number, key)}'
        f'<Свойство Имя="Наименование" Тип="Строка"><Значение>{name}</Значение></Свойство></Объект>'
        for number, (key, name) in enumerate(rows.items(), 1)
    )
    body += f'<УдалениеОбъекта Тип="СправочникСсылка.Номенклатура">{_reference(900, GONE)}</УдалениеОбъекта>' if time > 1 else ""
    (folder / f"file{time}.xml").write_text(f'<ФайлОбмена ДатаВыгрузки="2026-03-0{time}T00:00:00">{body}</ФайлОбмена>', encoding="utf-8")


def _message(folder: Path, rows: Rows, time: int) -> None:
    bodies = [
        f"<Справочник.Номенклатура><КлючевыеСвойства><Ссылка>{key}</Ссылка><Наименование>{name}</Наименование></КлючевыеСвойства></Справочник.Номенклатура>"
        for key, name in rows.items()
    ]
    if time > 1:
        bodies.append(
            f"<УдалениеОбъекта><СсылкаНаОбъект><Справочник.Номенклатура>{GONE}</Справочник.Номенклатура></СсылкаНаОбъект></УдалениеОбъекта>"
        )
    write_message(folder / f"message{time}.xml", time, bodies, datetime(2026, 3, time))  # noqa: DTZ001 - 1C's clock carries no zone


def _table(folder: Path, rows: Rows, _time: int) -> None:
    write_dbf(folder / "goods.dbf", [DbfField("ID", "C", 36), DbfField("NAME", "C", 40)], list(rows.items()))


def _report(folder: Path, rows: Rows, time: int) -> None:
    book = xlsxwriter.Workbook(str(folder / "goods.xlsx"))
    page = book.add_worksheet("TDSheet")
    page.write_row(0, 0, [f"Номенклатура, выгрузка {time}"])
    for place, cells in enumerate([("Ссылка", "Наименование"), *rows.items()], 3):
        page.write_row(place, 0, cells)
    book.close()


def _mapped(ours: str, theirs: tuple[str, str], **more: str) -> dict[str, Any]:
    return {"streams": {ours: {"columns": {"id": theirs[0], "name": theirs[1]}, **more}}}


CASES = (
    Case("1c_commerceml", _files(_commerceml, "products", {})),
    Case("1c_commerceml", _pushed, name="listen"),
    Case("1c_client_bank", _files(_statement, "", {}), deletions=False),
    Case("1c_v8exch", _files(_dump, "", {"configuration": "ut"}), deletions=False, streams=("products",)),
    Case("1c_kd2", _files(_kd2, "products", {"configuration": "ut"}), streams=("products",)),
    Case("1c_enterprise_data", _files(_message, "products", {}), streams=("products", "messages")),
    Case("1c_dbf", _files(_table, "products", _mapped("products", ("ID", "NAME"), table="goods"))),
    Case("1c_excel", _files(_report, "products", _mapped("products", ("Ссылка", "Наименование")))),
)
