"""Errors of the reading side: one sentence each, saying what, where, and what to do."""

from collections.abc import Sequence


class ReportsError(Exception):
    """Base of every error that this package raises on purpose."""


class SettingsError(ReportsError):
    """The configuration cannot be used; `problems` holds one sentence per fault, all of them."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        told = self.problems if len(self.problems) == 1 else (f"{where}:", *(f"- {problem}" for problem in self.problems))
        super().__init__("\n".join(told))


class PublishedError(ReportsError):
    """There is no published file to read, or it is not what it claims to be."""


class QuestionError(ReportsError):
    """A question under queries/ is unknown, or was asked with the wrong parameters."""


class PeriodError(ReportsError):
    """A period that cannot be read or does not fit the report."""


class CatalogError(ReportsError):
    """A module under catalog/ is broken or a report's name is unknown."""


class WordsError(ReportsError):
    """A word is missing in words/, or a locale is not one of ours."""
