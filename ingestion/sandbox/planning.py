"""What the company keeps in spreadsheets: plans, discount tiers, customer pairs matched by hand."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """A month's plan. scope_key: '' for the company, a manager's internal code, or the name of a department or category."""

    month: date
    metric: str
    scope_kind: str
    scope_key: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class DiscountTier:
    """A level of the cumulative discount: turnover from which it holds, and the discount as a share."""

    name: str
    min_turnover: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """A pair of cards somebody looked at by hand: (system, kind, id) twice. is_same False forbids the pair."""

    left: tuple[str, str, int]
    right: tuple[str, str, int]
    is_same: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Something a day did to an older record, named for tests: what happened, and the number (or card id) of the record."""

    what: str
    number: int
