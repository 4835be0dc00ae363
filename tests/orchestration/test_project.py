"""What orchestration hands to dbt: the checks it finds, and the publication that readers have."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from ingestion.settings import load_settings
from orchestration.errors import BuildError
from orchestration.project import OWN_PROJECT, Project
from orchestration.publish import point_at
from orchestration.transform import grows_otherwise, write_state


@pytest.fixture
def project(tmp_path: Path) -> Project:
    own = tmp_path / "own"
    (own / "models" / "checks").mkdir(parents=True)
    (own / "models" / "checks" / "check_sleeping_deal.sql").write_text("select 1")
    (own / "models" / "int_call_legs__own_switchboard.sql").write_text("select 1")
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "x"\n[dbt]\nproject = "own"\n')
    return Project(load_settings(file), date(2026, 3, 31))


DBT_OF_TEST = """
import sys
from pathlib import Path
target = Path(sys.argv[sys.argv.index("--target-path") + 1])
if "{needed}" in sys.argv:
    (target / "manifest.json").write_text('"parsed"')
else:
    print("two unit_tests with the name one")
    sys.exit("leaked 84 functions" * 200)
"""


def test_what_does_not_parse_from_the_last_state_is_parsed_from_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade dbt may find one unit test twice."""
    (project.folder / "dbt_project.yml").write_text("name: own")
    program = tmp_path / "dbt_of_test.py"
    monkeypatch.setattr("orchestration.project.LEAN_DBT", program)
    program.write_text(DBT_OF_TEST.format(needed="--no-such-option"))
    with pytest.raises(BuildError, match=r"does not parse:\ntwo unit_tests with the name one$"):
        project.manifest()
    program.write_text('import sys; sys.exit("Traceback\\nOSError: [Errno 28] No space left on device")')
    with pytest.raises(BuildError, match=r"^the data folder: No space left on device; make room\.$"):
        project.manifest()
    program.write_text(DBT_OF_TEST.format(needed="--no-partial-parse"))
    assert project.manifest().read_text() == '"parsed"'
    (project.target / "manifest.json").write_text('"par')  # on a full disk, or by a build that was killed
    assert project.manifest().read_text() == '"parsed"'


def grows_by(project: Project) -> None:
    (project.folder / "models" / "stg_own.sql").write_text("{{ config(materialized='incremental') }} select 1")


def reads_otherwise(project: Project) -> None:
    project.settings.vars["bitrix24_fields"] = {"loss_reason": "UF_CRM_WHY"}


def has_a_macro(project: Project) -> None:
    (project.folder / "macros").mkdir()
    (project.folder / "macros" / "own.sql").write_text("{% macro own() %}1{% endmacro %}")


@pytest.mark.parametrize("change", [grows_by, reads_otherwise, has_a_macro])
def test_tables_that_grow_are_made_anew_when_their_rows_would_be_others(project: Project, change: Callable[[Project], None]) -> None:
    """A field that the administrator names later held for new records alone; another day or a mart of the company's own changes no row."""
    before = project.growing_fingerprint()
    (project.folder / "models" / "own_mart.sql").write_text("select 1")
    assert replace(project, as_of=date(2026, 4, 1)).growing_fingerprint() == before
    change(project)
    after = project.growing_fingerprint()
    assert after != before
    assert not grows_otherwise(project.settings, {"growing": before}), "nothing was built yet"
    write_state(project.settings, {"growing": before})
    assert not grows_otherwise(project.settings, {"growing": before})
    assert grows_otherwise(project.settings, {"growing": after})


def test_another_day_parses_the_project_anew_only_where_own_models_ask_for_the_var(project: Project) -> None:
    """Each morning's build began with 8 to 13 s of parsing: dbt does it whenever a var has changed."""
    tomorrow = replace(project, as_of=date(2026, 4, 1))
    assert tomorrow.parsed_vars() == project.parsed_vars()
    assert tomorrow.fingerprint() == project.fingerprint()
    assert [day.environment("test")["SKVOZ_AS_OF"] for day in (project, tomorrow)] == ["2026-03-31", "2026-04-01"]
    (project.folder / "models" / "own_mart.sql").write_text("select '{{ var( \"as_of_date\" ) }}'")
    assert '"as_of_date":"2026-04-01"' in tomorrow.parsed_vars()
    assert tomorrow.fingerprint() != project.fingerprint()


def test_a_check_is_added_by_adding_its_file(project: Project) -> None:
    """The company's own checks stand beside ours, by the names of their files."""
    checks = project.vars()["reconciliation_checks"]
    assert "sleeping_deal" in checks
    assert "won_deal_without_order" in checks
    assert checks == sorted(checks)


def test_a_system_is_added_by_adding_its_model(project: Project) -> None:
    """The company's own systems stand beside ours, and what no source was ever of is left out, but for one that gives the columns."""
    systems = project.systems_of()
    assert systems["int_call_legs"] == ["own_switchboard"]
    assert systems["int_stock_records"] == ["commerceml"]
    assert "bitrix24" in project.vars()["unused_systems"]


@pytest.mark.parametrize("left", ["portal/deals", "skvoz/deals"])
def test_what_a_source_gave_counts_when_it_is_configured_no_longer(project: Project, left: str) -> None:
    """The raw zone does not say of which system a source was: all of them then, in the words of dbt_project.yml, which plain dbt reads."""
    (project.settings.raw_dir / "skvoz" / "calendar").mkdir(parents=True)
    assert project.vars()["unused_systems"]
    (project.settings.raw_dir / left).mkdir(parents=True)
    assert not project.vars()["unused_systems"]
    systems = project.systems_of()
    systems["int_call_legs"].remove("own_switchboard")
    assert systems == yaml.safe_load((OWN_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["systems_of"]


def test_the_previous_publication_is_named_when_there_is_one(project: Project) -> None:
    """An empty name, not a missing one: the environment of a long-lived process is written over."""
    assert project.environment("run")["SKVOZ_PREVIOUS"] == ""
    published = project.settings.data_dir / "published"
    published.mkdir(parents=True)
    version = published / "marts-20260331T060000Z-1.duckdb"
    version.touch()
    point_at(published, version)
    assert project.environment("run")["SKVOZ_PREVIOUS"] == str(version)
    version.unlink()
    assert project.environment("run")["SKVOZ_PREVIOUS"] == ""


@pytest.mark.parametrize(
    ("sources", "left", "expected"),
    [
        ("[sources.crm]\ntype = 'amocrm'\nurl = 'https://a.amocrm.ru'\ntoken = 't'\n", None, True),
        ("[sources.crm]\ntype = 'amocrm'\nurl = 'https://a.amocrm.ru'\ntoken = 't'\n", "books/sales_register", False),
        (
            "[sources.books]\ntype = '1c_odata'\nurl = 'https://b/base'\nconfiguration = 'unf'\nusername = 'u'\npassword = 'p'\n",
            None,
            False,
        ),
    ],
    ids=["a CRM alone", "a CRM, and books that were read once", "books"],
)
def test_won_deals_are_the_sales_where_nothing_keeps_sales(tmp_path: Path, sources: str, left: str | None, expected: bool) -> None:
    """fct_sales of a company without 1C is not empty, and no sale of one that has or had books is counted twice."""
    file = tmp_path / "skvoz.toml"
    file.write_text(f'[company]\nname = "x"\n{sources}')
    project = Project(load_settings(file), date(2026, 3, 31))
    if left:
        (project.settings.raw_dir / left).mkdir(parents=True)
    assert project.vars()["sales_from_deals"] is expected
