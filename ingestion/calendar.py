"""The company's calendar of workdays as a source of its own: `raw.skvoz__calendar`, made by the holidays package for [company] country."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import holidays

from ingestion.spec import Connector, Context, Extraction, Page, Record, Source, SourceOptions, Stream

FIRST_YEAR = 2010
_YEARS_AHEAD = 2

CALENDAR = Stream(
    name="calendar",
    loads="made anew at each run from the holidays package; a day is written only when it changed",
    feeds=("dim_dates", "revenue_plan_months"),
    snapshot=True,
)


class Calendar:
    """Days from 1 January 2010 to the end of the year after next."""

    def __init__(self, country: str) -> None:
        self._country = country

    def check(self) -> str:
        """Always answers: nothing is asked over the network."""
        return f"workdays of {self._country}"

    def extract(self, request: Extraction) -> Iterator[Page]:
        """One page with every day: {date, is_workday, name}."""
        last = date(request.now.year + _YEARS_AHEAD, 12, 31)
        days = holidays.country_holidays(self._country, years=range(FIRST_YEAR, last.year + 1))
        records = []
        day = date(FIRST_YEAR, 1, 1)
        while day <= last:
            payload = {"date": day.isoformat(), "is_workday": bool(days.is_working_day(day)), "name": days.get(day)}
            records.append(Record(day.isoformat(), payload))
            day += timedelta(days=1)
        yield Page(records, complete=True)

    def close(self) -> None:
        """Nothing is held."""


def _connect(_options: SourceOptions, context: Context) -> Connector:
    return Calendar(context.country)


SOURCE = Source(
    type="skvoz",
    system="skvoz",
    title="Reference data made by skvoz itself",
    streams=(CALENDAR,),
    options=SourceOptions,
    connect=_connect,
)
