"""A CRM without a history of stages: what the runs have seen of a deal is its history, and says so."""

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench, systems_of

RAW = (
    "_source varchar, _key varchar, _modified_at timestamptz, _loaded_at timestamptz, _load_id bigint, _file varchar, _deleted boolean,"
    " payload json"
)


def moment(day: int) -> datetime:
    return datetime(2026, 3, day, 9, tzinfo=UTC)


def test_the_states_of_the_runs_are_the_history_of_a_deal(dbt: Dbt, tmp_path: Path) -> None:
    sources = [{"name": "fo", "system": "freshoffice", "type": "freshoffice", "position": 1, "won": "3", "lost": "9"}]
    bench = Workbench(dbt, tmp_path, {"sources": sources, "systems_of": systems_of() | {"int_deal_stage_changes": ["freshoffice"]}})
    # seen in stage 1, unchanged but for its sum, in stage 2, then won; the second deal was seen once only
    states = [(1, 1, "5", "1", 10), (2, 2, "5", "1", 20), (3, 3, "5", "2", 20), (4, 5, "5", "3", 20), (1, 1, "6", "1", 5)]
    bench.table(
        "raw.freshoffice__deals__versions", RAW.replace("_loaded_at", "_seen_at"),
        [
            ("fo", key, None, moment(day), load, "f", False, json.dumps({"id": key, "type_id": stage, "sum": amount}))
            for load, day, key, stage, amount in states
        ],
    )  # fmt: skip
    newest = [(key, stage, day) for _, day, key, stage, _ in states[3:]]
    bench.table(
        "raw.freshoffice__deals", RAW,
        [("fo", key, None, moment(day), 4, "f", False, json.dumps({"id": key, "type_id": stage})) for key, stage, day in newest],
    )  # fmt: skip
    bench.table(
        "raw.freshoffice__deal_types", RAW,
        [("fo", n, None, moment(1), 1, "f", False, json.dumps({"id": n, "name": f"Stage {n}"})) for n in ("1", "2", "3", "9")],
    )  # fmt: skip
    bench.table(
        "intermediate.int_deal_records",
        "deal_key varchar, source varchar, stage_key varchar, created_at timestamptz, updated_at timestamptz, stage_seen_at timestamptz",
        [("fo:5", "fo", "fo:main:3", datetime(2026, 2, 20, tzinfo=UTC), None, moment(5)),
         ("fo:6", "fo", "fo:main:1", datetime(2026, 2, 25, tzinfo=UTC), None, moment(1))],
    )  # fmt: skip
    bench.table(
        "intermediate.int_stages",
        "stage_key varchar, source varchar, pipeline_id varchar, stage_kind varchar, stage_position integer",
        [(f"fo:main:{n}", "fo", "main", kind, n) for n, kind in ((1, "open"), (2, "open"), (3, "won"), (9, "lost"))],
    )  # fmt: skip
    bench.run("int_deal_stage_changes", "int_deal_stage_entries")
    entries = bench.rows(
        "select deal_key, stage_key, origin, entered_at, is_current from intermediate.int_deal_stage_entries"
        " order by deal_key, entry_number"
    )
    assert entries == [
        ("fo:5", "fo:main:1", "created", datetime(2026, 2, 20, tzinfo=UTC), False),
        ("fo:5", "fo:main:2", "observed", moment(3), False),
        ("fo:5", "fo:main:3", "observed", moment(5), True),
        ("fo:6", "fo:main:1", "created", datetime(2026, 2, 25, tzinfo=UTC), True),
    ]
