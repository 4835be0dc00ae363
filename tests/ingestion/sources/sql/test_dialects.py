"""Questions as PostgreSQL is asked them; the texts were tried on a server of version 15, which a test run has not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import column
from sqlalchemy.dialects.postgresql import psycopg

from ingestion.sources.sql.database import bound
from ingestion.sources.sql.walk import _beyond


def asked(condition: Any) -> str:
    return str(condition.compile(dialect=psycopg.dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy leaves it untyped


@pytest.mark.parametrize(
    "condition",
    [column("calldate") >= bound("2026-03-01 00:00:00"), _beyond([column("changed"), column("id")], ["2026-03-01", "0e617604-55bd"])],
    ids=["a moment", "a key"],
)
def test_text_is_compared_as_what_the_column_is(condition: Any) -> None:
    # "timestamp >= varchar" and "uuid > varchar" are errors there
    assert "VARCHAR" not in asked(condition)


def test_values_with_a_type_keep_it() -> None:
    assert asked(column("changed") >= bound(datetime(2026, 3, 1))).endswith("TIMESTAMP WITHOUT TIME ZONE")  # noqa: DTZ001 - of the base
