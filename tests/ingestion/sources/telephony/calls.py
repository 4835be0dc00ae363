"""The calls of four months that telephone exchanges are tested with, made once in a process."""

from __future__ import annotations

from datetime import date
from functools import cache

from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.feeds.exchange import ExchangeCall, exchange_calls


@cache
def company() -> Company:
    """Whose exchange it is."""
    return build_company(scale=0.05, history_days=120, today=date(2026, 4, 1))


@cache
def all_calls() -> list[ExchangeCall]:
    """What was said over it."""
    return exchange_calls(company())
