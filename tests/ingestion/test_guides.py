"""The commented examples of skvoz.example.toml are configurations that this version takes, and mapped types have their guides."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ingestion.discovery import all_sources
from ingestion.settings import SHARED_KEYS

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"BITRIX24_WEBHOOK": "https://romashka.bitrix24.ru/rest/1/abcdefgh0123456/"}


def test_examples_of_the_configuration_are_taken() -> None:
    text = (ROOT / "skvoz.example.toml").read_text(encoding="utf-8")
    for name, secret in SECRETS.items():
        text = text.replace(f"${{{name}}}", secret)
    plain = "\n".join(line.removeprefix("# ") for line in text.splitlines())
    examples = re.findall(r"^\[sources\.\w+\]\n(?:.+\n)+", plain, re.MULTILINE)
    assert len(examples) >= 12
    for example in examples:
        for table in tomllib.loads(example)["sources"].values():
            options = {name: value for name, value in table.items() if name not in SHARED_KEYS}
            all_sources()[table["type"]].options.model_validate(options)


@pytest.mark.parametrize("name", ["sql", "rest", "files", "bitrix24_bi", "creatio", "freshoffice", "regionsoft"])
def test_every_one_of_these_types_has_a_guide(name: str) -> None:
    assert name in all_sources()
    assert f"(`{name}`)" in (ROOT / "docs" / "sources" / f"{name}.md").read_text(encoding="utf-8")
