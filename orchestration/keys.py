"""What may stand in skvoz.toml, told by the models that check it: `skvoz sources TYPE` and docs/settings.md say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import ingestion.settings
import reports.settings
from ingestion.settings import SHARED_KEYS
from ingestion.spec import Source
from reports.alerts import Alert

SECTIONS: Mapping[str, type[BaseModel]] = {
    "[company]": ingestion.settings.Company,
    "[warehouse]": ingestion.settings.Warehouse,
    "[dbt]": ingestion.settings.Dbt,
    "[runs]": ingestion.settings.Runs,
    "[reports]": reports.settings.Reports,
    "[email]": reports.settings.Email,
    "[telegram]": reports.settings.Telegram,
    "[dashboard]": reports.settings.Dashboard,
    "[[alerts]]": Alert,
}
"""The tables of skvoz.toml beside [sources.<name>], and [vars], which dbt_project/dbt_project.yml lists."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        name: dotted where it stands in a table within the table; `<name>` is a name that the company gives.
        default: as TOML; empty where nothing is taken, `required` where it must be given.
        meaning: in words.
    """

    name: str
    default: str
    meaning: str


def source_keys(source: Source) -> list[Key]:
    """The keys of [sources.<name>] of a type, without those that every source takes."""
    return list(keys_of(source.options))


def shared_keys() -> list[Key]:
    """The keys that every source takes."""
    return [Key(name, "required" if name == "type" else "", meaning) for name, meaning in SHARED_KEYS.items()]


def keys_of(model: type[BaseModel], above: str = "") -> Iterator[Key]:
    """Every key of a table, those of tables within it after it."""
    for field, info in model.model_fields.items():
        name = above + (info.alias or field)
        yield Key(name, _default(info), info.description or "")
        for within, named in _tables(info.annotation):
            yield from keys_of(within, f"{name}.<name>." if named else f"{name}.")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.default if info.default_factory is None else None
    if value is None or value in ("", (), [], {}) or isinstance(value, BaseModel):
        return ""
    plain: Any = sorted(value) if isinstance(value, frozenset) else str(value) if isinstance(value, Path) else value
    return json.dumps(plain, ensure_ascii=False, default=str)


def _tables(annotation: Any, *, named: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, named
        return
    mapping = isinstance(get_origin(annotation), type) and issubclass(get_origin(annotation), Mapping)
    for part in get_args(annotation):
        yield from _tables(part, named=named or mapping)
