"""Every unit test of the dbt project, on DuckDB; a thorough tests/dbt/test_equal_engines.py runs them on ClickHouse's engine."""

import shutil
from pathlib import Path

from orchestration.project import Project
from tests.dbt.kept_dbt import Dbt
from tests.marts.sandbox_warehouse import PublishedSandbox


def test_every_unit_test_holds(dbt: Dbt, published_sandbox: PublishedSandbox, tmp_path: Path) -> None:
    """(They take the columns of their inputs from a warehouse that was built; a failed one is told with its difference.)"""
    project = Project(published_sandbox.settings, published_sandbox.as_of)
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(published_sandbox.settings.warehouse_file, warehouse)
    environment = {**project.environment("test"), "SKVOZ_WAREHOUSE": str(warehouse), "SKVOZ_TEMP": str(tmp_path / "tmp")}
    dbt.run("test", "--select", "test_type:unit", folder=tmp_path / "dbt", environment=environment, variables=project.vars())
