"""docs/settings.md lists every key of skvoz.toml as the program checks it; this file with SKVOZ_UPDATE_SNAPSHOTS=1 writes it anew."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.discovery import all_sources
from orchestration.cli import main
from orchestration.keys import SECTIONS, Key, keys_of, shared_keys, source_keys

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
UPDATE = "SKVOZ_UPDATE_SNAPSHOTS"
ABOUT = """# Every key of skvoz.toml

`skvoz init` writes a commented file to begin with; this page lists all there is. A value like `"${NAME}"` comes from the
environment or from `.env`. The same for one type of source: `skvoz sources amocrm`. `[vars]`, the thresholds of the figures, are those of
`dbt_project/dbt_project.yml`.
A name in `<angle brackets>` is yours to give.
"""


def listed(keys: Iterable[Key]) -> str:
    def row(key: Key) -> str:
        default = f"`{key.default}`" if key.default not in ("", "required") else key.default
        cells = [f"`{key.name}`", default, key.meaning]
        return "".join(f"| {cell} ".replace("|  ", "| ") for cell in (text.replace("|", "\\|") for text in cells)) + "|"

    return "\n".join(["| key | default | what it is |", "|---|---|---|", *map(row, keys)])


def page() -> str:
    parts = [ABOUT.strip(), *(f"## `{name}`\n\n{listed(keys_of(model))}" for name, model in SECTIONS.items())]
    parts.append(f"## `[sources.<name>]`: every source\n\n{listed(shared_keys())}")
    types = sorted(all_sources().values(), key=lambda source: source.type)
    parts += [f"### `{source.type}`: {source.title}\n\n{listed(source_keys(source))}" for source in types if source.options.model_fields]
    return "\n\n".join(parts) + "\n"


def test_the_page_of_all_keys_is_what_the_program_takes() -> None:
    if os.environ.get(UPDATE):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), f"{UPDATE}=1 pytest {Path(__file__).name} writes it anew"


def test_every_key_says_what_it_is() -> None:
    keys = [(name, key) for name, model in SECTIONS.items() for key in keys_of(model)]
    keys += [(source.type, key) for source in all_sources().values() for key in source_keys(source)]
    assert [f"{name}: {key.name}" for name, key in keys if not key.meaning] == []


@pytest.mark.parametrize("kind", sorted(all_sources()))
def test_the_keys_of_a_type_are_told_at_the_terminal(kind: str) -> None:
    told = CliRunner().invoke(main, ["sources", kind]).output
    for key in (*shared_keys(), *source_keys(all_sources()[kind])):
        assert f"  {key.name} " in told


def test_a_type_that_is_none_is_a_usage_fault() -> None:
    done = CliRunner().invoke(main, ["sources", "amocm"])
    assert done.exit_code == 2
    assert "there is no source type 'amocm'; did you mean amocrm?" in done.output
