"""skvoz.toml as a whole: what the job reads of it, what readers read of it, [vars] and [[alerts]], with the faults of all of them at once.

Commands that begin a run read it so; the pages, reports and the code server read their own part, and hold no secret of another.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigurationError
from ingestion.settings import Settings, load_settings, read_toml
from orchestration.project import PROJECT_FILE
from orchestration.thresholds import faults_of_vars

_SAID_BY_THE_JOB = ("company", "warehouse")  # both halves check these tables, by the same keys


def whole_settings(file: Path) -> Settings:
    """The job's settings, once nothing in the file is wrong.

    Raises:
        ConfigurationError: with every fault of every table.
    """
    document = read_toml(file)
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = load_settings(file)
    except ConfigurationError as error:
        problems += error.problems
    given, project = document.get("vars", {}), document.get("dbt", {})
    own = project.get("project") if isinstance(project, dict) else None
    if settings is not None:
        given, own = settings.vars, settings.dbt.project
    if isinstance(own, str) and not (file.parent / own / PROJECT_FILE).is_file():
        problems.append(f"{file.name}: [dbt] project: there is no {own}/{PROJECT_FILE} beside it; make one with: skvoz new project NAME")
    if isinstance(given, dict):
        problems += faults_of_vars(file, given, own if isinstance(own, str) else None)
    problems += _readers_faults(file, document, alerts="alerts" in document or file.with_name("alerts.toml").is_file())
    if problems or settings is None:
        raise ConfigurationError(problems)
    return settings


def _readers_faults(file: Path, document: dict[str, Any], *, alerts: bool) -> list[str]:
    from reports.errors import SettingsError
    from reports.settings import load_settings as load_reader_settings

    problems: list[str] = []
    try:
        load_reader_settings(file)
    except SettingsError as error:
        problems += [problem for problem in error.problems if not _is_said(problem, document)]
    if alerts:
        from reports.alerts import load_alerts

        try:
            load_alerts(file)
        except SettingsError as error:
            problems += error.problems
    return problems


def _is_said(problem: str, document: dict[str, Any]) -> bool:
    """Whether the job has told it already: an unset variable anywhere, a fault of a table that both read, a table that neither knows."""
    key = problem.partition(" ")[0].rstrip(":")
    if "the environment variable " in problem or key.partition(".")[0] in _SAID_BY_THE_JOB:
        return True
    return key in document and "unknown key" in problem


def _tell_faults(file: Path) -> None:
    problems: list[str] = []
    try:
        whole_settings(file)
    except ConfigurationError as error:
        problems = error.problems
    sys.stdout.write(json.dumps(problems))


if __name__ == "__main__":
    _tell_faults(Path(sys.argv[1]))
