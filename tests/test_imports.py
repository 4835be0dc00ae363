"""The folders are the data flow: imports point one way, and nothing works at import time."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ingestion", "orchestration", "reports", "dashboards")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@cache
def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize(
    ("tool", "homes"),
    [
        ("dagster", {"orchestration"}),
        ("dagster_dbt", {"orchestration"}),
        ("streamlit", {"dashboards"}),
        ("httpx", {"ingestion", "reports"}),
    ],
)
def test_one_tool_one_home(tool: str, homes: set[str]) -> None:
    strays = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        if package not in homes
        for path in modules(package)
        if any(name.split(".")[0] == tool for name in imported(path))
    ]
    assert strays == []


def test_what_is_imported_is_declared() -> None:
    """A package that only comes along with another one may stop coming with its next version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    declared = {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in listed}
    declared |= {"dbt-common", "pydantic-core"}  # each of one piece with the package that it is pinned to
    tops = {name.split(".")[0] for package in PACKAGES for path in modules(package) for name in imported(path)}
    given = packages_distributions()
    others = {top: given.get(top, [top]) for top in tops - set(PACKAGES) - sys.stdlib_module_names}
    assert {top for top, names in others.items() if not declared & {name.lower().replace("_", "-") for name in names}} == set()


def test_imports_point_one_way() -> None:
    done = subprocess.run([str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_dbt_project_holds_no_python() -> None:
    own = [path for path in (ROOT / "dbt_project").rglob("*.py") if "target" not in path.parts and "dbt_packages" not in path.parts]
    assert own == []


def test_an_installed_package_holds_every_file_it_works_from() -> None:
    """A wheel holds what pyproject.toml names, a checkout everything: what is missing is missed by whoever installed it alone."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    endings = ("*.py", *setuptools["package-data"]["*"])
    listed = subprocess.run(["git", "ls-files", *PACKAGES, "dbt_project"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in listed.splitlines() if not any(fnmatch(Path(name).name, ending) for ending in endings)] == []
    assert {f"{folder}*" for folder in (*PACKAGES, "dbt_project")} == set(setuptools["packages"]["find"]["include"])
    assert (ROOT / "orchestration/templates/skvoz.example.toml").resolve() == ROOT / "skvoz.example.toml"


def test_package_inits_are_signposts_only() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("__init__.py"):
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, f"{path.relative_to(ROOT)} holds more than its docstring"
            assert isinstance(body[0], ast.Expr)


def test_top_level_is_as_laid_out() -> None:
    known = {
        "pyproject.toml", "README.md", "ingestion", "dbt_project", "orchestration", "dashboards", "reports", "tests",
        "Makefile", "requirements.lock", "skvoz.example.toml", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "Dockerfile",
        "compose.yaml", "docs", "LICENSE",
    }  # fmt: skip
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    top = {name.split("/")[0] for name in listed}
    assert {name for name in top if not name.startswith(".")} <= known
