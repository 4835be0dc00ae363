"""What analysts read beside the models: a grain for every model, a text for every column, a page or a reason for every mart."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.dbt.kept_dbt import PROJECT
from tests.marts.sandbox_warehouse import PublishedSandbox

MODELS = PROJECT / "models"


@cache
def told() -> dict[str, dict[str, Any]]:
    """Every model that a properties file tells of."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in MODELS.rglob("*.yml")]
    return {model["name"]: model for file in files for model in file.get("models", ())}


@cache
def read() -> frozenset[str]:
    """References to the marts that an exposure reads."""
    exposures = yaml.safe_load((MODELS / "_exposures.yml").read_text(encoding="utf-8"))["exposures"]
    return frozenset(reference for exposure in exposures for reference in exposure["depends_on"])


def files() -> dict[str, Path]:
    return {path.stem: path for path in MODELS.rglob("*.sql")}


def test_every_model_is_described_and_its_description_begins_with_the_grain() -> None:
    descriptions = {name: told().get(name, {}).get("description", "") for name in files()}
    assert {name: text[:60] for name, text in descriptions.items() if not text.startswith("One row")} == {}


def test_nothing_is_told_of_models_that_are_gone() -> None:
    assert set(told()) - set(files()) == set()


def test_every_column_of_every_table_has_a_text(published_sandbox: PublishedSandbox) -> None:
    with duckdb.connect(str(published_sandbox.settings.warehouse_file), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, list(column_name) from information_schema.columns"
            " where table_schema in ('staging', 'intermediate', 'marts') group by 1"
        ).fetchall()
    models = told()
    silent = {
        table: sorted(set(names) - {column["name"] for column in models[table].get("columns", ()) if column.get("description", "").strip()})
        for table, names in columns
        if table in models
    }
    assert {table: names for table, names in silent.items() if names} == {}


@pytest.mark.parametrize("mart", sorted(path.stem for path in (MODELS / "marts").rglob("*.sql")))
def test_a_mart_is_read_by_a_page_or_a_report_or_says_who_reads_it(mart: str) -> None:
    """A mart of ours that no exposure reads is there for analysts, and its properties say so (meta.read_by)."""
    reader = told()[mart].get("config", {}).get("meta", {}).get("read_by")
    assert (f"ref('{mart}')" in read()) != bool(reader), "exactly one of the two: an exposure that reads it, or meta.read_by"
