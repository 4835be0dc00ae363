"""Errors of building, publishing and the command line: one sentence each."""

from __future__ import annotations


class OrchestrationError(Exception):
    """Anything orchestration refuses or fails at."""


class BuildError(OrchestrationError):
    """dbt did not come through; nothing was published."""


class PublishError(OrchestrationError):
    """A publication could not be made or chosen."""
