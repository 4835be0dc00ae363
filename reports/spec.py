"""What a report is: its name, period, blocks, default schedule and readers. Catalogue modules hold one each, called REPORT."""

import re
from dataclasses import dataclass
from typing import Literal

from reports.compute import Block
from reports.periods import PeriodKind

Role = Literal["director", "marketer", "analyst", "manager"]


@dataclass(frozen=True)
class Report:
    """A report as the catalogue declares it; the title is the word `report.<name>`.

    Attributes:
        name: as on the command line and in file names.
        period: what one issue of it covers.
        headline: the block that says it all in two sentences; also the line that mail programs show beside the subject.
        blocks: the rest, in order.
        schedule: default cron in the company's time zone.
        roles: who may receive it.
        workbook: whether an xlsx with every table goes along.
    """

    name: str
    period: PeriodKind
    headline: Block
    blocks: tuple[Block, ...]
    schedule: str
    roles: frozenset[Role]
    workbook: bool = True

    def __post_init__(self) -> None:
        """Checks what discovery cannot see later."""
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            msg = f"The report name {self.name!r} must be lower-case letters, digits and underscores."
            raise ValueError(msg)
        names = [block.name for block in self.blocks]
        if len(set(names)) != len(names):
            msg = f"The report {self.name} has two blocks of one name: {names}."
            raise ValueError(msg)

    @property
    def tables(self) -> frozenset[str]:
        """Every published table that it reads, those of optional blocks included."""
        always = frozenset({"publication", "data_freshness"})
        return always.union(*(block.tables for block in (self.headline, *self.blocks)))
