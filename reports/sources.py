"""What people call the sources: a director knows no [sources.books], but knows 1C."""

from collections import Counter
from collections.abc import Mapping

from reports.published import Published
from reports.wording import Words


def source_names(published: Published, words: Words) -> Mapping[str, str]:
    """Names by source: its `title` of skvoz.toml, else its system's; of two that are called the same each keeps its own beside that.

    A source that is neither (a spreadsheet, a database of somebody's own) is called as in skvoz.toml, and so is every one of a
    publication from before sources had titles.
    """
    called = {row["source"]: row["source_title"] or _system(words, row["source_type"]) for row in published.sources}
    found = {source: name for source, name in called.items() if name}
    shared = Counter(found.values())
    return {source: name if shared[name] == 1 else f"{name} ({source})" for source, name in found.items()}


def _system(words: Words, kind: str | None) -> str:
    return words.text(f"source_type.{kind}") if f"source_type.{kind}" in words else ""
