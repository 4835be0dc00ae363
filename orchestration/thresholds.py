"""[vars] of skvoz.toml against what dbt_project.yml declares: a misspelt threshold would otherwise be handed to dbt and change nothing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigurationError
from ingestion.settings import Settings
from orchestration.project import OWN_PROJECT, PROJECT_FILE, declared_vars

# Handed over by orchestration from other keys of skvoz.toml (Project.vars): a value in [vars] would be overwritten.
_HANDED_OVER = {
    "as_of_date": "--as-of",
    "run_id": "each run",
    "skvoz_version": "the program",
    "company_name": "[company] name",
    "base_currency": "[company] currency",
    "company_timezone": "[company] timezone",
    "company_country": "[company] country",
    "working_hours": "[company] working_hours",
    "sources": "[sources.*]",
}


def check_vars(settings: Settings) -> None:
    """Compare [vars] with the declared vars of our dbt project, and of the company's own if there is one.

    Raises:
        ConfigurationError: with every fault: a key that nothing declares, one that comes from elsewhere, a value of another kind.
    """
    problems = faults_of_vars(settings.file, settings.vars, settings.dbt.project)
    if problems:
        raise ConfigurationError(problems)


def faults_of_vars(file: Path, given: Mapping[str, Any], own_project: str | None) -> list[str]:
    """A sentence for each fault of the [vars] given in a file; `own_project` is the folder of the company's own dbt project.

    Raises:
        ConfigurationError: there is no such project.
    """
    declared = declared_vars(OWN_PROJECT)
    known = set(declared)
    if own_project is not None:
        own = declared_vars((file.parent / own_project).resolve())
        known |= set(own)
        known |= {name for value in own.values() if isinstance(value, dict) for name in value}  # vars under a package's name
    problems = []
    for name, value in given.items():
        where = f"{file.name}: [vars] {name}"
        if name in _HANDED_OVER:
            problems.append(f"{where}: this comes from {_HANDED_OVER[name]}; take it out of [vars]")
        elif name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" (is {close[0]} meant?)" if close else ""
            problems.append(f"{where}: unknown key{hint}; all of them stand in dbt_project/{PROJECT_FILE} with their meaning")
        elif name in declared and not _same_kind(declared[name], value):
            problems.append(f"{where}: must be {_kind(declared[name])}, like {declared[name]!r}")
    return problems


def _same_kind(default: Any, value: Any) -> bool:
    return default is None or _kind(default) == _kind(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a text"
