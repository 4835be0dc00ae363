"""What a report or a page shows, before any markup: figures, tables, bars, charts and sentences with typed values.

Renderers (mail, text, workbook, page) only lay these out, so that all of them show the same figures.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from reports.formatting import Kind
from reports.theme import Theme

Tone = Literal["plain", "good", "warning", "bad"]
State = Literal["ok", "empty", "failed"]


@dataclass(frozen=True)
class Comparison:
    """A figure against another period: `change` is a share (0.12 is +12 %), None without a denominator.

    With `points` (what a percentage point is called) the figure is a percentage itself and `change` the difference of the two.
    `is_part`: a stretch that still runs is held against a whole one, so that the change is neither good nor bad yet.
    """

    label: str
    change: float | None
    growth_is_good: bool = True
    points: str = ""
    is_part: bool = False

    @property
    def tone(self) -> Tone:
        """How the change reads; never the only sign of it, an arrow or a sign stands beside."""
        if self.is_part or self.change is None or abs(self.change) < 0.005:
            return "plain"
        return "good" if (self.change > 0) == self.growth_is_good else "bad"


@dataclass(frozen=True)
class Progress:
    """A figure against its plan: `share` of the plan done, `pace` the share of the time gone (both 0 to 1 and above)."""

    share: float | None
    pace: float | None
    label: str
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of a KPI row.

    Attributes:
        name: its key, by which workbooks and tests find it.
        label: what it is, in the reader's words.
        kind: how it is formatted.
        value: None shows «—».
        definition: how it is reckoned, one sentence.
        note: a short line under it.
        comparisons: against other periods.
        progress: against the plan.
        tone: whether it asks for attention.
    """

    name: str
    label: str
    kind: Kind
    value: Any
    definition: str = ""
    note: str = ""
    comparisons: tuple[Comparison, ...] = ()
    progress: Progress | None = None
    tone: Tone = "plain"


@dataclass(frozen=True)
class Kpi:
    """A row of figures; `lead` shows the first one large."""

    figures: tuple[Figure, ...]
    lead: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no figure is known."""
        return all(figure.value is None for figure in self.figures)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its key in the workbook.
        label: its heading.
        kind: how its cells are formatted.
        place: `title` names the row, `value` is a column, `detail` goes into the small line under the title, `workbook` only to xlsx.
        warn_above: cells above it are marked.
        longest: characters of text that are shown; the rest is in the workbook.
    """

    name: str
    label: str
    kind: Kind
    place: Literal["title", "value", "detail", "workbook"] = "value"
    warn_above: float | None = None
    longest: int = 60


@dataclass(frozen=True)
class Table:
    """Rows under typed columns; a mail shows the first `shown`, a workbook all of them."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    shown: int = 10
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no row."""
        return not self.rows


@dataclass(frozen=True)
class Bar:
    """One bar: `value` is drawn against the largest of its group, `note` stands after it."""

    label: str
    value: Any
    note: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Bars:
    """Horizontal bars drawn by markup alone: they survive where images are blocked."""

    name: str
    title: str
    kind: Kind
    bars: tuple[Bar, ...]
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no bar."""
        return not self.bars

    @property
    def largest(self) -> float:
        """The value that fills the whole width."""
        return max((float(bar.value) for bar in self.bars if bar.value is not None), default=0.0)


@dataclass(frozen=True)
class Chart:
    """A picture; `draw` makes the plotly figure in a theme, `alt` says in words what it shows."""

    name: str
    title: str
    draw: Callable[[Theme], Any] = field(compare=False)
    alt: str
    height: int = 270

    @property
    def is_empty(self) -> bool:
        """A chart is only made when there is something to draw."""
        return False


@dataclass(frozen=True)
class Text:
    """A sentence or two."""

    text: str
    tone: Tone = "plain"

    @property
    def is_empty(self) -> bool:
        """A sentence alone does not make a block full: an empty block with a remark is still empty."""
        return True


Content = Kpi | Table | Bars | Chart | Text


@dataclass(frozen=True)
class Section:
    """A computed block.

    Attributes:
        name: the block's key.
        title: its heading.
        state: ok, empty (says so) or failed (says why).
        contents: what it shows.
        reason: why it failed or what being empty means.
        warnings: which of its sources are stale.
        page: the dashboard page that shows more, with what stands behind its question mark.
    """

    name: str
    title: str
    state: State
    contents: tuple[Content, ...] = ()
    reason: str = ""
    warnings: tuple[str, ...] = ()
    page: str = ""
