"""A company's own dbt project beside ours: its skeleton parses, sees our models, macros and vars, and follows an upgrade.

Ours is a small one here, of the same make: what matters is what a project that uses another as a package can see of it.
"""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import orjson
import pytest

from ingestion.settings import load_settings
from orchestration import project as project_module
from orchestration.errors import BuildError
from orchestration.project import OWN_PROJECT, PACKAGE, Project
from orchestration.scaffold import ScaffoldError, new_project
from orchestration.transform import drop_gone_marts

OURS = {
    "dbt_project.yml": """
name: skvoz
profile: skvoz
vars: {digits: 2, company_name: ""}
models: {skvoz: {marts: {+schema: marts}}}
""",
    "macros/generate_schema_name.sql": "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
    "macros/numbers.sql": """
{% macro round_money(amount) %}round({{ amount }}, {{ money_digits() }}){% endmacro %}
{% macro money_digits() %}{{ var('digits') + 0 }}{% endmacro %}
""",
    "models/marts/fct_deals.sql": "select 'ads' as channel, {{ round_money('1.005') }} as amount_base, 'won' as deal_status",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    ours = tmp_path / "ours"
    for name, text in OURS.items():
        (ours / name).parent.mkdir(parents=True, exist_ok=True)
        (ours / name).write_text(text, encoding="utf-8")
    shutil.copy(OWN_PROJECT / "profiles.yml", ours)
    monkeypatch.setattr(project_module, "OWN_PROJECT", ours)
    file = tmp_path / "company" / "skvoz.toml"
    file.parent.mkdir()
    file.write_text('[company]\nname = "ООО Ромашка"\n[dbt]\nproject = "models_of_ours"\n', encoding="utf-8")
    return Project(load_settings(file), date(2026, 3, 31))


def test_the_skeleton_sees_our_models_macros_and_vars(project: Project) -> None:
    base = project.settings.base_dir
    written = {path.relative_to(base).as_posix() for path in new_project("models_of_ours", base)}
    assert "models_of_ours/models/marts/deals_by_channel.sql" in written
    nodes = orjson.loads(project.manifest().read_bytes())["nodes"]
    assert nodes["model.models_of_ours.deals_by_channel"]["schema"] == "marts"
    assert nodes["model.models_of_ours.deals_by_channel"]["depends_on"]["nodes"] == ["model.skvoz.fct_deals"]
    assert nodes["model.skvoz.fct_deals"]["schema"] == "marts"
    assert {node["schema"] for node in nodes.values() if node["resource_type"] == "test"} == {"failures"}
    with pytest.raises(ScaffoldError, match="exists already"):
        new_project("models_of_ours", base)
    with pytest.raises(ScaffoldError, match="choose another"):
        new_project("skvoz", base)


def test_what_the_own_project_says_of_a_var_wins(project: Project) -> None:
    new_project("models_of_ours", project.settings.base_dir)
    assert project.vars()["digits"] == 2
    with (project.folder / "dbt_project.yml").open("a", encoding="utf-8") as file:
        file.write("\nvars: {digits: 0}\n")
    assert "digits" not in project.vars(), "a value handed over would win over it"


def test_an_upgrade_is_followed_and_what_stands_in_the_way_is_told(project: Project) -> None:
    new_project("models_of_ours", project.settings.base_dir)
    link = project.folder / PACKAGE
    link.parent.mkdir()
    link.symlink_to("/nowhere/skvoz-0.9/dbt_project")
    project.link_package()
    assert link.resolve() == project_module.OWN_PROJECT
    link.unlink()
    link.mkdir()
    with pytest.raises(BuildError, match="take away what stands there"):
        project.link_package()
    shutil.rmtree(project.folder)
    with pytest.raises(BuildError, match="skvoz new project"):
        project.link_package()


def test_a_mart_that_is_renamed_leaves_no_old_twin(tmp_path: Path) -> None:
    """The table of its old name would be published for ever, and never change again."""
    manifest = tmp_path / "manifest.json"
    node = {"resource_type": "model", "schema": "marts", "alias": "deals_by_channel"}
    manifest.write_bytes(orjson.dumps({"nodes": {"model.own.deals_by_channel": node}}))
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts; create schema staging; create table staging.deals as select 1 as n")
        connection.execute("create table marts.deals_by_channel as select 1 as n; create table marts.deals_by_source as select 1 as n")
        connection.execute("create view marts.deals_by_hand as from marts.deals_by_channel")
    assert drop_gone_marts(warehouse, manifest) == ["deals_by_hand", "deals_by_source"]
    assert drop_gone_marts(warehouse, manifest) == []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall() == [
            ("marts", "deals_by_channel"),
            ("staging", "deals"),
        ]
