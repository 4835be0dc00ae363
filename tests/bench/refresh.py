"""The demo from nothing, a refresh that finds nothing new, and one with a few changes; dbt's start apart."""

import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from ingestion.sandbox.amocrm_records import company_store
from ingestion.sandbox.bitrix24_records import company_portal
from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from tests.bench.measure import tell, timed

TODAY = date(2026, 4, 1)
SKVOZ = Path(sys.executable).with_name("skvoz")


def run(scale: float) -> None:
    """Three runs of the whole job in processes of their own, as an administrator would start them."""
    company = build_company(seed=1, scale=scale, today=TODAY)
    with tempfile.TemporaryDirectory() as name, running_systems(company, Path(name)) as systems:
        folder = Path(name)
        (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        os.environ.update(systems.environment)
        for what in ("first run (extract, load, build, publish)", "refresh that finds nothing new (no dbt)"):
            tell(what, f"{_skvoz(folder, 'run', '--as-of', '2026-03-31'):.1f} s")
        later = company.evolve(1)
        systems.apps["onec"].state.base.replace(later)
        systems.apps["amocrm"].state.store.become(company_store(later))
        systems.apps["bitrix24"].state.store.become(company_portal(later))
        tell("refresh with a day's changes", f"{_skvoz(folder, 'run', '--as-of', '2026-03-31'):.1f} s")
        with timed() as start:
            subprocess.run([str(SKVOZ.with_name("dbt")), "--version"], check=True, capture_output=True)
        tell("of it: dbt's start (dbt --version)", f"{start.seconds:.1f} s")


def _skvoz(folder: Path, *arguments: str) -> float:
    with timed() as clock:
        subprocess.run([str(SKVOZ), *arguments, "--config", str(folder / "skvoz.toml")], check=True, capture_output=True)
    return clock.seconds
