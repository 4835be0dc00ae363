"""Records that are read in their exact shape (json_transform): what fits it not is NULL, as where every path is looked up by itself."""

from decimal import Decimal

import duckdb
import pytest

from ingestion.engines.duckdb import create_raw_table
from tests.properties.compiled import CompiledProject

NOBODY = "00000000-0000-0000-0000-000000000000"
PAYLOADS = {
    "two rows": '{"Recorder": "r1", "Recorder_Type": "T", "RecordSet": [{"Сумма": "1.50", "Количество": 2, "Active": true}, {"Сумма": 3}]}',
    "old name": '{"Recorder_Key": "r2", "RecordSet": [{"СуммаВыручки": "", "Сумма": "7", "Номенклатура_Key": {"a": [1]}}]}',
    "nobody": f'{{"Recorder": "{NOBODY}", "Recorder_Key": "r3", "RecordSet": [{{"Номенклатура_Key": "{NOBODY}", "Номенклатура": "p"}}]}}',
    "spoilt row": f'{{"Recorder": "{NOBODY}", "RecordSet": [null, 5, [], {{"Сумма": "much", "Period": "soon"}}]}}',
    "no array": '{"Recorder": "r4", "RecordSet": {"Сумма": 1}}',
    "no object": "[1, 2]",
    "empty": '{"Recorder": "r6", "RecordSet": []}',
    "gone": None,
}


@pytest.fixture(scope="module")
def rows(compiled: CompiledProject) -> dict[str, list[tuple[object, ...]]]:
    """What staging makes of each record: recorder, type, line, revenue, quantity, is_active, product, uncast."""
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        create_raw_table(connection, "onec__sales_register")
        connection.executemany(
            "insert into raw.onec__sales_register values ('b', ?, null, now(), 1, 'f', ?, ?)",
            [(key, payload is None, payload) for key, payload in PAYLOADS.items()],
        )
        found = connection.execute(
            "select _key, recorder_id, recorder_type, line_number, revenue, quantity, is_active, product_id, _uncast_fields"
            f" from ({compiled.models['stg_onec__sales_register_rows'].sql}) order by _key, line_number"
        ).fetchall()
    return {key: [row[1:] for row in found if row[0] == key] for key in PAYLOADS}


def test_rows_carry_their_record(rows: dict[str, list[tuple[object, ...]]]) -> None:
    assert rows["two rows"] == [
        ("r1", "T", 1, Decimal("1.50"), Decimal("2.000"), True, None, None),
        ("r1", "T", 2, Decimal("3.00"), None, None, None, None),
    ]


def test_an_empty_text_gives_way_to_the_other_name(rows: dict[str, list[tuple[object, ...]]]) -> None:
    assert rows["old name"] == [("r2", None, 1, Decimal("7.00"), None, None, '{"a":[1]}', None)]


def test_an_empty_reference_gives_way_to_the_other_name(rows: dict[str, list[tuple[object, ...]]]) -> None:
    assert rows["nobody"] == [("r3", None, 1, None, None, None, "p", None)]


def test_a_row_that_is_none_keeps_its_place(rows: dict[str, list[tuple[object, ...]]]) -> None:
    nothing = (None, None, None, None)
    assert rows["spoilt row"] == [
        (None, None, 1, *nothing, None),
        (None, None, 2, *nothing, None),
        (None, None, 3, *nothing, None),
        (None, None, 4, *nothing, "period, revenue"),
    ]


@pytest.mark.parametrize("key", ["no array", "no object", "empty", "gone"])
def test_a_record_without_rows_gives_none(rows: dict[str, list[tuple[object, ...]]], key: str) -> None:
    assert rows[key] == []
