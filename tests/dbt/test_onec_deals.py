"""Deals that 1C keeps: counted where the company has no CRM, and nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench, systems_of

RAW = (
    "_source varchar, _key varchar, _modified_at timestamptz, _loaded_at timestamptz, _load_id bigint, _file varchar, _deleted boolean,"
    " payload json"
)
BOOKS = {"name": "books", "system": "onec", "type": "1c_odata", "position": 1, "timezone": "Europe/Moscow", "url": ""}
CRM = {"name": "sales", "system": "amocrm", "type": "amocrm", "position": 2, "timezone": "Europe/Moscow", "url": ""}
LOADED = datetime(2026, 3, 31, tzinfo=UTC)


def day(number: int) -> datetime:
    """Noon in Moscow."""
    return datetime(2026, 3, number, 9, tzinfo=UTC)


def deal(key: str, **fields: Any) -> tuple[object, ...]:
    payload = {"_entity": "Catalog_СделкиСКлиентами", "_configuration": "ut", "Description": f"Сделка {key}", **fields}
    return ("books", key, None, LOADED, 1, "", False, json.dumps(payload))


@pytest.mark.parametrize("sources", [[BOOKS], [BOOKS, CRM]], ids=["alone", "beside a CRM"])
def test_deals_of_1c_are_those_of_a_company_without_a_crm(dbt: Dbt, tmp_path: Path, sources: list[dict[str, Any]]) -> None:
    bench = Workbench(dbt, tmp_path, {"sources": sources, "systems_of": systems_of() | {"int_deal_records": ["onec"]}})
    bench.table(
        "raw.onec__deals", RAW,
        [
            deal("1", Статус="Выиграна", Закрыта=True, Партнер_Key="p", ДатаНачала="2026-03-01T12:00:00",
                 ДатаОкончания="2026-03-09T00:00:00"),
            deal("2", Статус="Проиграна", Закрыта=True, ДатаНачала="2026-03-02T12:00:00", ДатаОкончания="0001-01-01T00:00:00"),
            deal("3", Статус="ВРаботе", Закрыта=False, ДатаНачала="2026-03-03T12:00:00", _amount=150.5),
            deal("4", Статус="ВРаботе", DeletionMark=True),
            deal("5", _entity="Document_CRM_Интерес", _configuration="crm", Тема="Интерес", Date="2026-03-04T12:00:00"),
        ],
    )  # fmt: skip
    bench.run("int_deal_records")
    columns = "deal_id, stage_kind, created_at, system_closed_at, company_card_key, amount"
    found = bench.rows(f"select {columns} from intermediate.int_deal_records order by deal_id")
    expected = [
        ("1", "won", day(1), datetime(2026, 3, 8, 21, tzinfo=UTC), "books:partner:p", None),
        ("2", "lost", day(2), None, None, None),
        ("3", "open", day(3), None, None, 150.5),
        ("5", "open", day(4), None, None, None),
    ]
    assert found == (expected if len(sources) == 1 else [])
