"""`skvoz new source` and `new report`: what they write passes ruff, mypy and its own tests, in a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingestion", "reports", "orchestration", "dashboards")
HELPERS = ("tests/ingestion/sources/conftest.py", "tests/ingestion/sources/contract_case.py", "tests/ingestion/sources/test_contract.py")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with a new source and a new report."""
    root = tmp_path_factory.mktemp("checkout")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "skvoz.example.toml", *HELPERS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for arguments in (["source", "acme_shop"], ["report", "acme_week"]):
        result = CliRunner().invoke(main, ["new", *arguments, "--root", str(root)])
        assert result.exit_code == 0, result.output
    return root


def _run(root: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_what_is_written_passes_ruff(checkout: Path) -> None:
    written = [str(path.relative_to(checkout)) for path in checkout.rglob("*acme*") if path.suffix == ".py" or path.is_dir()]
    assert len(written) >= 6
    _run(checkout, "ruff", "check", "--no-cache", *written)
    _run(checkout, "ruff", "format", "--no-cache", "--check", *written)


def test_what_is_written_passes_mypy(checkout: Path) -> None:
    files = ["ingestion/sources/acme_shop/source.py", "ingestion/sandbox/acme_shop_server.py", "reports/catalog/acme_week.py"]
    known = ROOT / ".mypy_cache"
    if known.is_dir():  # what mypy knows of other packages since it last looked at the checkout; to find it out anew takes 20 s
        shutil.copytree(known, checkout / known.name, copy_function=_linked)
    _run(checkout, "mypy", *files)


def _linked(source: str, target: str) -> None:
    """The same file under another name where the disk can do that; mypy replaces its files and writes into none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_what_is_written_passes_its_own_tests(checkout: Path) -> None:
    _run(checkout, "pytest", "-q", "-p", "no:cacheprovider", "tests/ingestion/sources", "-k", "acme and not every_source_type")
    _run(checkout, "pytest", "-q", "-p", "no:cacheprovider", "tests/reports/test_acme_week.py")


@pytest.mark.parametrize(("arguments", "told"), [(["source", "Acme"], "is no name"), (["report", "acme_week"], "exists already")])
def test_a_wrong_or_taken_name_is_told(checkout: Path, arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["new", *arguments, "--root", str(checkout)])
    assert result.exit_code == 1
    assert told in result.output


def test_outside_a_checkout_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["new", "source", "acme", "--root", str(tmp_path)])
    assert result.exit_code == 1
    assert "run this in a checkout" in result.output
