"""The company as a 1C base: which entity sets are published in each configuration, and their rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ingestion.sandbox import onec_bp, onec_entries, onec_retail, onec_unf, onec_ut
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_values import Row

Rows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Configuration:
    """How a configuration shows a company: rows of every entity set, and rows behind every register's Balance at the end of a day.

    entries: the rows of accounting registers with their dimensions.
    """

    entities: Callable[[Company], Rows]
    balances: Callable[[Company, date | None], Rows]
    entries: Callable[[Company], Rows] = lambda _: {}


_UT = Configuration(onec_ut.entities, onec_ut.balances)
# КА 2 and ERP 2 are supersets of УТ 11: what analytics reads has the same shapes.
PROFILES = {
    "ut": _UT,
    "ka": _UT,
    "erp": _UT,
    "unf": Configuration(onec_unf.entities, onec_unf.balances),
    "bp": Configuration(onec_bp.entities, onec_bp.balances, onec_entries.entries),
    "retail": Configuration(onec_retail.entities, onec_retail.balances),
}
