"""docs/benchmarks.md: a section for every bench, replaced when that bench is run again."""

import re
from pathlib import Path

HEAD = """# Benchmarks

Measured by `make bench`, which writes this file; each section says on which machine, with which versions and by which command. Every
comparison runs side by side in the same command on the same records. No test asserts a figure: those of a busy machine say little.
"""


def write_section(paper: Path, bench: str, how: str, lines: list[tuple[str, str]]) -> None:
    """Put a bench's figures in place of its earlier ones.

    Args:
        paper: the file; it is made if it is missing.
        bench: its name, the section's heading.
        how: machine, versions, command and day.
        lines: what was measured and what came out.
    """
    sections = _sections(paper.read_text(encoding="utf-8")) if paper.exists() else {}
    rows = [f"| {_cell(what.strip())} | {_cell(figure)} |" for what, figure in lines]
    sections[bench] = "\n".join([how, "", "| what | figure |", "|---|---|", *rows])
    text = HEAD + "".join(f"\n## {name}\n\n{body}\n" for name, body in sections.items())
    paper.write_text(text, encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {name.strip(): body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
