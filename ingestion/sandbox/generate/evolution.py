"""A day later: what a day brings, and what it does to records that were already there.

Beside new records, every day edits old ones: back-dated corrections, documents posted again with fewer lines, unposted, marked or erased,
 deals moved on, reopened or deleted. `Company.changes` names them for tests.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from ingestion.sandbox.generate import evolution_books, evolution_crm

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

Part = Callable[["Company", Random], "Company"]
PARTS: tuple[Part, ...] = (
    evolution_crm.new_business,
    evolution_crm.move_deals,
    evolution_crm.edit_deals,
    evolution_crm.handle_leads,
    evolution_crm.talk,
    evolution_crm.edit_cards,
    evolution_books.new_rates,
    evolution_books.new_papers,
    evolution_books.edit_papers,
    evolution_books.erase_papers,
    evolution_books.settle,
    evolution_books.reference,
)


def next_day(company: "Company") -> "Company":
    """The company a day later. What happens is dated within the day that was `today`, or back-dated: nothing is later than `now`."""
    rng = Random(f"{company.seed}/{company.step + 1}")
    later = replace(company, step=company.step + 1, changes=())
    for part in PARTS:
        later = part(later, rng)
    return later
