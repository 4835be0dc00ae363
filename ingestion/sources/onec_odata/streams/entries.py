"""Entries of account 90 as a sales register, for БП, which has none: gathered by the document that wrote them (the recorder).

`RecordsWithExtDimensions` gives entries with what they are about (a plain record set does not: there the dimensions are missing). On the
credit of 90.01 stands revenue, with VAT; on the debit of 90.02 cost; on the debit of 90.03 the VAT, by document and rate, not by product.
Rows stay as sent; beside them are written the names that staging knows from other configurations. The closing of the year turns 90
against itself and is left out.

The virtual table takes no `$skip`, ignores `$orderby`, and may ignore or refuse `$filter`: what comes is looked through here once more.

Entries have no version: the open months are read again when a document changed, at least hourly, and everything at the sweep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.errors import HeavyAnswerError, QueryRefusedError
from ingestion.sources.onec_odata.streams.balances import accounts
from ingestion.sources.onec_odata.streams.job import Job
from ingestion.sources.onec_odata.streams.windows import Span, by_months, parse_moment, recently
from ingestion.spec import Cursor, JsonObject, Page, Record

_REVENUE, _COST, _VAT = "90.01", "90.02", "90.03"
_DIMENSIONS = (1, 2, 3)
_PRODUCT, _CUSTOMER, _WAREHOUSE = "Catalog_Номенклатура", "Catalog_Контрагенты", "Catalog_Склады"
_TAKEN_EVERY = timedelta(hours=1)
_SHORTEST = timedelta(hours=1)
_MAX_VANISHED = 20  # more at once look like lost rights; the sweep's loss guard judges them
_CENT = Decimal("0.01")


def extract(job: Job) -> Iterator[Page]:
    """Pages of the register; of a first load and of a sweep the last one is complete."""
    codes = accounts(job)
    floor = parse_moment(job.cursor.get("floor"))
    fingerprint = job.memory.fingerprint(job.open_from)
    whole = floor is None or job.since < floor or job.request.mode == "sweep"
    if not whole and job.cursor.get("fingerprint") == fingerprint and recently(job.cursor.get("taken_at"), job.now, _TAKEN_EVERY):
        return
    floor = job.since if floor is None else min(floor, job.since)
    start = floor if whole else max(floor, job.open_from)
    seen: set[str] = set()
    for span in by_months(start, job.now):
        records = [_record(job, ref, rows, codes) for ref, rows in _by_recorder(_read(job, span, codes), codes).items()]
        seen.update(record.key for record in records)
        yield Page(records)
    cursor: Cursor = {"entity": job.entity, "floor": floor.isoformat(), "taken_at": job.now.isoformat(), "fingerprint": fingerprint}
    if whole:
        yield Page(cursor=cursor, complete=True)
        return
    known = job.known()
    gone = [ref for ref, period in known.items() if ref not in seen and (period or "") >= start.isoformat()]
    if len(gone) > max(_MAX_VANISHED, len(known) // 50):
        job.note(
            f"{job.source}: the entries of {len(gone)} documents on account 90 are gone at once; the next sweep will tell if they are."
        )
        gone = []
    yield Page([Record(ref, None) for ref in sorted(gone)], cursor=cursor)


def _read(job: Job, span: Span, codes: dict[str, str]) -> list[JsonObject]:
    """The entries of a span; in halves where the server fails at one answer."""
    end = span.end or max(span.start, job.now) + timedelta(days=366)  # documents are dated ahead
    sides = {_REVENUE: "AccountCr_Key", _COST: "AccountDr_Key", _VAT: "AccountDr_Key"}
    wanted = [(sides[code[:5]], ref) for ref, code in sorted(codes.items()) if code[:5] in sides]
    condition = query.both("Active eq true", query.either(f"{side} eq {query.guid(ref)}" for side, ref in wanted))
    period = f"StartPeriod={query.moment(span.start)},EndPeriod={query.moment(end - timedelta(seconds=1))}"
    divisible = end - span.start > _SHORTEST
    filters = job.memory.filters_entries
    try:
        path = f"{job.entity}/RecordsWithExtDimensions({period})"
        return job.client.entries(path, job.entity, {"$filter": condition} if filters else None, divisible=divisible)
    except QueryRefusedError:
        if not filters:
            raise
        job.memory.filters_entries = False
        return _read(job, span, codes)
    except HeavyAnswerError:
        middle = span.start + (end - span.start) / 2
        middle = middle.replace(microsecond=0)
        return [*_read(job, Span(span.start, middle), codes), *_read(job, Span(middle, span.end), codes)]


def _by_recorder(rows: list[JsonObject], codes: dict[str, str]) -> dict[str, list[JsonObject]]:
    found: dict[str, list[JsonObject]] = defaultdict(list)
    for row in rows:
        ref = str(row.get("Recorder") or row.get("Recorder_Key") or "")
        if ref and row.get("Active") is not False and _sides(row, codes) is not None:
            found[ref].append(row)
    return found


def _sides(row: JsonObject, codes: dict[str, str]) -> str | None:
    """Which of the three accounts an entry is about, None for one of 90 against 90 and for all others."""
    debit, credit = codes.get(str(row.get("AccountDr_Key")), ""), codes.get(str(row.get("AccountCr_Key")), "")
    if debit and credit:
        return None
    if credit.startswith(_REVENUE):
        return _REVENUE
    return debit[:5] if debit.startswith((_COST, _VAT)) else None


def _record(job: Job, ref: str, rows: list[JsonObject], codes: dict[str, str]) -> Record:
    ordered = sorted(rows, key=lambda row: (str(row.get("Period", "")), int(str(row.get("LineNumber") or 0))))
    by_kind: dict[str, list[JsonObject]] = defaultdict(list)
    for row in ordered:
        by_kind[_sides(row, codes) or ""].append(row)
    shares = _shared_vat(by_kind[_REVENUE], by_kind[_VAT])
    told = [_revenue(row, vat) for row, vat in zip(by_kind[_REVENUE], shares, strict=True)]
    told += [_cost(row) for row in by_kind[_COST]]
    kind = str(ordered[0].get("Recorder_Type") or "")
    payload = job.maker.payload({"Recorder": ref, "Recorder_Type": kind, "RecordSet": told, "НДС": by_kind[_VAT]})
    return Record(ref, payload, version=str(ordered[-1].get("Period", "")))


def _revenue(row: JsonObject, vat: Decimal) -> JsonObject:
    return {
        **row,
        "Номенклатура_Key": _about(row, "Cr", _PRODUCT),
        "Контрагент_Key": _about(row, "Dr", _CUSTOMER),
        "Количество": row.get("КоличествоCr"),
        "СуммаВыручки": row.get("Сумма"),
        "СуммаНДС": float(vat),
    }


def _cost(row: JsonObject) -> JsonObject:
    return {
        **row,
        "Номенклатура_Key": _about(row, "Dr", _PRODUCT) or _about(row, "Cr", _PRODUCT),
        "Склад_Key": _about(row, "Cr", _WAREHOUSE),
        "Количество": 0,
        "СуммаВыручки": 0,
        "СуммаНДС": 0,
        "Себестоимость": row.get("Сумма"),
    }


def _about(row: JsonObject, side: str, entity: str) -> str | None:
    """The dimension of a side that refers to this catalog."""
    for number in _DIMENSIONS:
        if row.get(f"ExtDimension{side}{number}_Type") == f"StandardODATA.{entity}":
            return str(row[f"ExtDimension{side}{number}"])
    return None


def _shared_vat(revenue: list[JsonObject], vat: list[JsonObject]) -> list[Decimal]:
    """The document's VAT over its revenue, in proportion, to the cent: by rate where the entries of both name one."""
    shares = [Decimal(0)] * len(revenue)
    rates = [_rate(row, "Cr") for row in revenue]
    by_rate: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in vat:
        rate = _rate(row, "Dr")
        by_rate[rate if rate in rates else None] += _money(row)
    for rate, amount in by_rate.items():
        places = [place for place in range(len(revenue)) if rate is None or rates[place] == rate]
        total, left = sum((_money(revenue[place]) for place in places), Decimal(0)), amount
        for place in places[:-1]:
            share = (amount * _money(revenue[place]) / total).quantize(_CENT, ROUND_HALF_UP) if total else Decimal(0)
            shares[place] += share
            left -= share
        if places:
            shares[places[-1]] += left
    return shares


def _rate(row: JsonObject, side: str) -> str | None:
    """The VAT rate among the dimensions: an enum, or a catalog in newer releases."""
    for number in _DIMENSIONS:
        if "СтавкиНДС" in str(row.get(f"ExtDimension{side}{number}_Type")):
            return str(row[f"ExtDimension{side}{number}"])
    return None


def _money(row: JsonObject) -> Decimal:
    value: Any = row.get("Сумма")
    return Decimal(str(value or 0))
