"""A blocking test that fails keeps the last published version, and says which test, which rows, and how to see them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import duckdb
from dagster_dbt import DbtCliInvocation

from orchestration.project import Project
from orchestration.publish import current_file
from orchestration.transform import explain_failures
from tests.marts.built_in_memory import built
from tests.marts.sandbox_warehouse import AS_OF, PublishedSandbox
from tests.properties.compiled import CompiledProject

# The same deal twice: no load can do this, so only a test of the marts can notice.
TWICE = "insert into raw.amocrm__leads select * from raw.amocrm__leads limit 1"
# A company's own project in place of ours: what becomes of a build does not depend on how many models it has.
OWN_PROJECT = {
    "dbt_project.yml": """
name: own
profile: skvoz
models: {own: {+schema: marts}}
data_tests: {own: {+store_failures: true, +schema: failures}}
""",
    "macros/generate_schema_name.sql": "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
    "models/fct_deals.sql": "select _source || ':' || _key as deal_key from raw.amocrm__leads",
    "models/publication.sql": "select '{{ var(\"as_of_date\") }}' as as_of_date from {{ ref('fct_deals') }} limit 1",
    "models/models.yml": "models: [{name: fct_deals, columns: [{name: deal_key, data_tests: [unique]}]}]",
}


def test_a_broken_mart_is_not_published(published_sandbox: PublishedSandbox, tmp_path: Path) -> None:
    folder = tmp_path / "company"
    shutil.copytree(published_sandbox.settings.base_dir, folder, symlinks=True, ignore=shutil.ignore_patterns("dbt"))
    for name, text in OWN_PROJECT.items():
        (folder / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "own" / name).write_text(text, encoding="utf-8")
    with (folder / "skvoz.toml").open("a", encoding="utf-8") as configuration:
        configuration.write('[dbt]\nproject = "own"\n')
    before = current_file(folder / "data" / "published")
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        connection.execute(TWICE)
        key = connection.execute("select _source || ':' || _key from raw.amocrm__leads group by 1 having count(*) > 1").fetchall()[0][0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DAGSTER_"))}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "build", "--as-of", AS_OF.isoformat()]
    done = subprocess.run(
        [*command, "--config", str(folder / "skvoz.toml")],
        capture_output=True, text=True, check=False, cwd=folder, env=environment, timeout=600,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "the last published version stays" in done.stderr
    assert re.search(r"^- test unique_fct_deals_deal_key\S*: 1 rows break it$", done.stderr, re.MULTILINE), done.stderr
    assert f"unique_field={key}, n_records=2" in done.stderr
    assert 'skvoz query --warehouse "select * from warehouse.failures.unique_fct_deals_deal_key"' in done.stderr
    assert "Traceback" not in done.stderr
    assert before is not None
    assert current_file(folder / "data" / "published") == before


class Refused:
    """What dbt leaves of a build in which a model that grows by each load has gained a column."""

    def get_artifact(self, _name: str) -> dict[str, Any]:
        message = "The source and target schemas on this incremental model are out of sync! … set the `on_schema_change` config to …"
        return {"results": [{"status": "error", "unique_id": "model.skvoz.stg_onec__orders", "message": message, "failures": None}]}


def test_a_table_made_with_other_columns_says_what_to_run(published_sandbox: PublishedSandbox) -> None:
    """So it is after an upgrade; dbt's own advice is for those who write models."""
    project = Project(published_sandbox.settings, AS_OF)
    told = explain_failures(cast("DbtCliInvocation", Refused()), project).splitlines()[-1]
    assert told == "- stg_onec__orders: it has other columns than its table was made with; run once: skvoz build --full-refresh"


def test_the_marts_tests_notice_a_deal_that_stands_there_twice(published_sandbox: PublishedSandbox, compiled: CompiledProject) -> None:
    check = next(one for one in compiled.checks if one.name.startswith("mart_is_sound_fct_deals__"))
    assert check.is_blocking
    made = compiled.upstream(check.parents)
    warehouse = published_sandbox.settings.warehouse_file
    wrong = built(published_sandbox, compiled, published_sandbox.company, AS_OF, raw=warehouse, changes=[TWICE], marts=made)
    assert check.name in compiled.broken(wrong.connection, made)
