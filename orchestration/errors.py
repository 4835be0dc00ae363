"""Errors of building, publishing and the command line: one sentence each."""

from __future__ import annotations


class OrchestrationError(Exception):
    """Anything orchestration refuses or fails at."""


class BuildError(OrchestrationError):
    """dbt did not come through; nothing was published."""


class PublishError(OrchestrationError):
    """A publication could not be made or chosen."""


class NoVersionError(PublishError):
    """There is no published version of that name."""


class ExportError(OrchestrationError):
    """A mart could not be written as it was asked for."""


class MigrationError(OrchestrationError):
    """The warehouse could not be moved; the old one serves on."""


class ForgetError(OrchestrationError):
    """A person could not be forgotten, or not everywhere."""
