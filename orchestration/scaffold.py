"""Skeletons of a connector, a report and a company's own dbt project: templates with the name put in; nothing is overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2

from orchestration.errors import OrchestrationError

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SOURCE_FILES = {
    "init.py.j2": "ingestion/sources/{name}/__init__.py",
    "source.py.j2": "ingestion/sources/{name}/source.py",
    "server.py.j2": "ingestion/sandbox/{name}_server.py",
    "contract.py.j2": "tests/ingestion/sources/{name}/contract.py",
    "test.py.j2": "tests/ingestion/sources/{name}/test_{name}.py",
    "customers.sql.j2": "dbt_project/models/staging/{name}/stg_{name}__customers.sql",
    "sources.yml.j2": "dbt_project/models/staging/{name}/_{name}__sources.yml",
    "models.yml.j2": "dbt_project/models/staging/{name}/_{name}__models.yml",
    "guide.md.j2": "docs/sources/{name}.md",
}
_REPORT_FILES = {
    "report.py.j2": "reports/catalog/{name}.py",
    "figures.py.j2": "reports/figures/{name}.py",
    "query.sql.j2": "reports/queries/{name}/totals.sql",
    "test.py.j2": "tests/reports/test_{name}.py",
}
_PROJECT_FILES = {
    "dbt_project.yml.j2": "{name}/dbt_project.yml",
    "deals_by_channel.sql.j2": "{name}/models/marts/deals_by_channel.sql",
    "models.yml.j2": "{name}/models/marts/_marts__models.yml",
    "gitignore.j2": "{name}/.gitignore",
}
_WORDS = {
    "ru": {
        "report": "Новый отчёт",
        "section": "Новый раздел",
        "empty": "За этот период ничего нет.",
        "figure": "Выручка",
        "define": "Сумма продаж с НДС.",
    },
    "en": {
        "report": "New report",
        "section": "New section",
        "empty": "There is nothing in this period.",
        "figure": "Revenue",
        "define": "Sum of sales with VAT.",
    },
    "ro": {
        "report": "Raport nou",
        "section": "Secțiune nouă",
        "empty": "Nu este nimic în această perioadă.",
        "figure": "Venituri",
        "define": "Suma vânzărilor cu TVA.",
    },
    "pl": {
        "report": "Nowy raport",
        "section": "Nowa sekcja",
        "empty": "W tym okresie nic nie ma.",
        "figure": "Przychód",
        "define": "Suma sprzedaży z VAT.",
    },
}


class ScaffoldError(OrchestrationError):
    """The skeleton cannot be written here, or not under this name."""


def new_source(name: str, root: Path) -> list[Path]:
    """Write the skeleton of a source type: module, peer, tests, staging folder, guide.

    Args:
        name: of the type and of its system.
        root: the checkout.

    Returns:
        The files written.

    Raises:
        ScaffoldError: the name is none, or something of that name is there.
    """
    return _write("source", _SOURCE_FILES, name, root, "ingestion/sources")


def new_report(name: str, root: Path) -> list[Path]:
    """Write the skeleton of a report: module, figures, question, test, words in four languages.

    Args:
        name: of the report.
        root: the checkout.

    Returns:
        The files written or changed.

    Raises:
        ScaffoldError: the name is none, or something of that name is there.
    """
    written = _write("report", _REPORT_FILES, name, root, "reports/catalog")
    for locale, words in _WORDS.items():
        file = root / "reports" / "words" / f"{locale}.toml"
        text = file.read_text(encoding="utf-8")
        for table, word in words.items():
            text = _with_word(text, table, name, word)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written


def new_project(name: str, root: Path) -> list[Path]:
    """Write a dbt project of the company's own, whose models stand beside ours and read them.

    Args:
        name: of the folder and of the project.
        root: the folder of skvoz.toml.

    Returns:
        The files written.

    Raises:
        ScaffoldError: the name is none or ours, or something of that name is there.
    """
    if name == "skvoz":
        message = "skvoz is the name of the project that yours stands beside; choose another."
        raise ScaffoldError(message)
    return _write("project", _PROJECT_FILES, name, root, ".")


def _write(kind: str, files: dict[str, str], name: str, root: Path, home: str) -> list[Path]:
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name for a {kind}: use lower-case letters, digits and underscores, beginning with a letter."
        raise ScaffoldError(message)
    if not (root / home).is_dir():
        message = f"{root} has no folder {home}: run this in a checkout of skvoz, or name it with --root."
        raise ScaffoldError(message)
    targets = {template: root / path.format(name=name) for template, path in files.items()}
    present = [path for path in targets.values() if path.exists()]
    if present:
        message = f"{present[0].relative_to(root)} exists already; choose another name for the {kind}."
        raise ScaffoldError(message)
    # SQL and YAML are full of braces of their own
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES / kind),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Python and SQL, not HTML
    )
    title = name.replace("_", " ").capitalize()
    words = {"name": name, "title": title, "NAME": name.upper(), "Name": "".join(part.capitalize() for part in name.split("_"))}
    for template, path in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(environment.get_template(template).render(words), encoding="utf-8")
    return list(targets.values())


def _with_word(text: str, table: str, name: str, word: str) -> str:
    """A word file with one word more, in its alphabetical place in its table."""
    head, marker, rest = text.partition(f"\n[{table}]\n")
    if not marker:
        return f"{text.rstrip()}\n\n[{table}]\n{name} = {_quoted(word)}\n"
    body, gap, tail = rest.partition("\n\n")
    lines = body.splitlines()
    place = next((number for number, line in enumerate(lines) if line.partition(" ")[0] > name), len(lines))
    lines.insert(place, f"{name} = {_quoted(word)}")
    return head + marker + "\n".join(lines) + (gap + tail if gap else "\n")


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
