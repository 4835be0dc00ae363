"""The source type `1c_odata` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from ingestion.sandbox import serving
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.onec_server import PASSWORD, ROOT, USERNAME, OneCOptions, build_app
from tests.ingestion.sources.contract_case import Case, Peer


@cache
def company() -> Company:
    """Some three months of a small company."""
    return build_company(scale=0.02, history_days=90)


def edited() -> Company:
    """The company with an order of fewer lines, and one erased."""
    orders = [one for one in company().orders if one.is_posted]
    shorter, gone = orders[-1], orders[-2]
    changed = (replace(one, lines=one.lines[:1], comment="иначе") if one.number == shorter.number else one for one in company().orders)
    return replace(company(), orders=tuple(one for one in changed if one.number != gone.number))


@contextmanager
def start(_folder: Path) -> Iterator[Peer]:
    """A base of УНФ."""
    app = build_app(company(), "unf", OneCOptions())
    base = app.state.base
    with serving.serve(app) as url:
        options = {"url": url + ROOT, "username": USERNAME, "password": PASSWORD, "configuration": "unf"}
        yield Peer(
            options=options,
            edit=lambda: base.replace(edited(), touch=1),
            secrets=(PASSWORD,),
            wrong={**options, "password": "wrong-password"},
            wrong_says="password",
            faults=app.state.faults,
            now=company().now,
            since=company().started_on,
        )


CASES = (Case("1c_odata", start, streams=("organisations", "counterparties", "products", "orders", "shipments")),)
