"""dbt as a process of its own, its events as Dagster's; dbt is never imported here."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from dagster import AssetExecutionContext
from packaging.version import Version

_LINEAGE = ("sqlglot", "sqlglot.expressions", "sqlglot.lineage", "sqlglot.optimizer")


@contextmanager
def _without_dbt() -> Iterator[None]:
    """dagster-dbt works with dbt in another environment too, and then imports none of it.

    With dbt-core importable it loads dbt at import, and opens the warehouse through dbt's adapter and asks `dbt --version` before every
    build, all for column metadata that is not asked for here: 4 of the 10 s of a refresh that finds nothing, 5 s of one that builds.
    The lineage of columns is not asked for either, and the parser of SQL for it is 29 MiB of every process: names stand in its place.
    """
    held = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in {"dbt", "sqlglot"}}
    sys.modules["dbt"] = None  # type: ignore[assignment]  # Python's own mark of a module that is not to be found
    for name in _LINEAGE:
        sys.modules[name] = _names_alone(name)
    try:
        yield
    finally:
        for name in ("dbt", *_LINEAGE):
            del sys.modules[name]
        sys.modules.update(held)


def _names_alone(name: str) -> ModuleType:
    """A module with every name and nothing behind it."""
    module = ModuleType(name)
    module.__dict__["__getattr__"] = lambda _: None
    return module


with _without_dbt():
    from dagster_dbt import DagsterDbtCliRuntimeError, DagsterDbtTranslator, DbtCliInvocation, dbt_assets
    from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context

__all__ = ["DagsterDbtCliRuntimeError", "DagsterDbtTranslator", "DbtCliInvocation", "dbt_assets", "start_dbt"]


def start_dbt(
    arguments: Sequence[str],
    *,
    exclude: Sequence[str],
    executable: Path,
    folders: tuple[Path, Path, Path],
    environment: Mapping[str, str],
    context: AssetExecutionContext,
) -> DbtCliInvocation:
    """Starts dbt over the models that the run has chosen.

    Args:
        arguments: a command and its options, without a selection.
        exclude: what of the chosen models and their tests is left out, in dbt's words.
        executable: dbt.
        folders: of the project, of its profile, of the artefacts.
        environment: of the process.
        context: of the asset made by `dbt_assets`.

    `.stream()` of what is returned gives its events as Dagster's and raises DagsterDbtCliRuntimeError when it failed.
    """
    project, profiles, target = folders
    chosen = get_updated_cli_invocation_params_for_context(
        context=context, manifest={}, dagster_dbt_translator=DagsterDbtTranslator(), runtime_excludes=exclude
    )
    return DbtCliInvocation.run(
        args=[str(executable), *arguments, *chosen.selection_args],
        env={
            **environment,
            **({"DBT_INDIRECT_SELECTION": chosen.indirect_selection} if chosen.indirect_selection else {}),
            "PYTHONUNBUFFERED": "1",
            "DBT_LOG_FORMAT": "json",
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target),
            "DBT_PROFILES_DIR": str(profiles),
            "DBT_PROJECT_DIR": str(project),
        },
        manifest=chosen.manifest,
        dagster_dbt_translator=chosen.dagster_dbt_translator,
        project_dir=project,
        target_path=target,
        raise_on_error=True,
        context=context,
        adapter=None,
        cli_version=Version(version("dbt-core")),
    )
