"""Balance tables of registers, taken whole; rows have no identity but their dimensions.

A picture of now is taken when a document of the run differs from the last time, at least once an hour, and at every sweep: purchases and
transfers, which move stock, are not among the documents that are read. An opening balance is the table at the midnight that opens the
first day that documents are kept of, whatever `since` has become meanwhile (unless it says so, it moves on with every day): all that moved
later is there to be counted. Only a document dated before that day can change it, which every sweep looks for. A base that gives today's
balance for a day before all books does not hear the period, and a balance of today would be counted on top of what moved since.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ingestion.errors import SourceError
from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.client import Listing
from ingestion.sources.onec_odata.declarations import OPENINGS
from ingestion.sources.onec_odata.errors import HeavyAnswerError, QueryRefusedError
from ingestion.sources.onec_odata.streams.job import Job
from ingestion.sources.onec_odata.streams.windows import parse_moment, recently
from ingestion.spec import Cursor, JsonObject, Page, Record

_TAKEN_EVERY = timedelta(hours=1)
_BEFORE_ALL_BOOKS = datetime(1980, 1, 1)  # noqa: DTZ001 - wall time of the base has no zone
_FIGURES = ("Balance", "BalanceDr", "BalanceCr", "SplittedBalanceDr", "SplittedBalanceCr")


def extract(job: Job) -> Iterator[Page]:
    """One complete page of balance rows, or nothing if the last picture still holds."""
    opened_at = _opened_at(job) if job.kept.stream in OPENINGS else None
    fingerprint = query.moment(opened_at) if opened_at else job.memory.fingerprint(job.open_from)
    unchanged = job.request.mode == "refresh" and job.cursor.get("fingerprint") == fingerprint
    if unchanged and (opened_at or recently(job.cursor.get("taken_at"), job.now, _TAKEN_EVERY)):
        return
    rows = _opening(job, opened_at) if opened_at else _rows(job, "")
    records: dict[str, Record] = {}
    for row, account in rows:
        told = {"_account": account} if account else {}
        if opened_at:
            told["_balance_at"] = opened_at.isoformat()
        payload = job.maker.payload(row, told or None)
        key = _key(row) if "Account_Key" in row else f"{account}|{_key(row)}" if account else _key(row)
        records[key] = Record(key, payload)
    opening = {"opened_at": opened_at.isoformat()} if opened_at else {}
    cursor: Cursor = {"entity": job.entity, "taken_at": job.now.isoformat(), "fingerprint": fingerprint, **opening}
    yield Page(list(records.values()), cursor=cursor, complete=True)


def _rows(job: Job, period: str) -> list[tuple[JsonObject, str]]:
    """Rows of the table, each with the account it is of, or ''."""
    if job.kept.entity.startswith("AccountingRegister_"):
        return list(_of_accounts(job, period))
    return [(row, "") for row in _table(job, f"{job.entity}/Balance({period})")]


def _opened_at(job: Job) -> datetime:
    """The first day that documents are kept of: of this run's question, of what the documents' streams keep, or of the last opening."""
    return min(filter(None, (job.since, job.memory.kept_from, parse_moment(job.cursor.get("opened_at")))))


def _opening(job: Job, opened_at: datetime) -> list[tuple[JsonObject, str]]:
    """Rows of the table as it stood at a moment; none, and a note, where the base cannot say."""
    try:
        rows = _rows(job, f"Period={query.moment(opened_at)}")
    except QueryRefusedError as error:
        return _unknown(job, opened_at, f"has no balance of a past day ({error})")
    return _unknown(job, opened_at, "gives the same balance for every day") if rows and not _hears_period(job) else rows


def _hears_period(job: Job) -> bool:
    """Whether the base answers nothing for a day before all books; one that fails at such a day has at least read it."""
    try:
        return not _rows(job, f"Period={query.moment(_BEFORE_ALL_BOOKS)}")
    except SourceError:
        return True


def _unknown(job: Job, opened_at: datetime, why: str) -> list[tuple[JsonObject, str]]:
    what = f"what stood there on {opened_at:%Y-%m-%d} is unknown, and only what moved since is counted"
    job.note(f"{job.source}: {job.entity} {why}: {what}.")
    return []


def _key(row: JsonObject) -> str:
    """The dimensions, in the order of their names, for the order of properties says nothing."""
    return "|".join(str(row[name]) for name in sorted(row) if "@" not in name and not name.endswith((*_FIGURES, "_Type")))


def _table(job: Job, path: str) -> list[JsonObject]:
    """A balance table in one answer; in ordered pages where the server fails at one answer, if it knows pages of virtual tables."""
    dimensions = [name for name in job.kept.balance.properties or () if not name.endswith((*_FIGURES, "_Type"))]
    try:
        return job.client.entries(path, job.entity, divisible=bool(dimensions))
    except HeavyAnswerError:
        listing = Listing(path, ",".join(dimensions), _key, countable=False)
    try:
        return [row for rows in job.client.pages(listing) for row in rows]
    except QueryRefusedError:  # live bases answer 400 to a $skip there; what failed may have been the moment
        return job.client.entries(path, job.entity)


def accounts(job: Job) -> dict[str, str]:
    """The wanted accounts: reference -> code."""
    chart = job.entity.replace("AccountingRegister_", "ChartOfAccounts_")
    condition = query.either(f"startswith(Code,{query.text(code)})" for code in job.kept.spec.accounts)
    listing = Listing(chart, "Code", lambda row: row.get("Ref_Key"), condition, ("Ref_Key", "Code"))
    return {str(row["Ref_Key"]): str(row.get("Code", "")).strip() for rows in job.client.pages(listing) for row in rows}


def _of_accounts(job: Job, period: str) -> Iterator[tuple[JsonObject, str]]:
    """Balances of the wanted accounts, each row with its account's code, which the row itself does not hold.

    (A row of another account is no answer to the condition; where rows name no account at all, the condition is believed.)
    """
    for ref, code in sorted(accounts(job).items(), key=lambda one: one[1]):
        within = f"AccountCondition={query.text(f'Account_Key eq {query.guid(ref)}')}"
        for row in _table(job, f"{job.entity}/Balance({','.join(filter(None, (period, within)))})"):
            if row.get("Account_Key", ref) == ref:
                yield row, code
