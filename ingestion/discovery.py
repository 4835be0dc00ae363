"""Finds the source types: every module or package in `ingestion.sources` declares one `SOURCE`. A broken one fails by name."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ingestion import sources
from ingestion.spec import Source


@cache
def all_sources() -> dict[str, Source]:
    """Every source type by its name in skvoz.toml.

    Raises:
        ImportError, AttributeError: a module in `ingestion.sources` is broken or declares nothing.
        ValueError: two modules declare the same type.
    """
    found: dict[str, Source] = {}
    for module in sorted(pkgutil.iter_modules(sources.__path__), key=lambda info: info.name):
        path = f"{sources.__name__}.{module.name}" + (".source" if module.ispkg else "")
        source = importlib.import_module(path).SOURCE
        if source.type in found:
            message = f"{path} declares source type {source.type!r}, which another module declares already"
            raise ValueError(message)
        found[source.type] = source
    return found
