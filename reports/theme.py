"""One look for charts, mails and pages: colours told apart by colour-blind readers, on light and on dark."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb.

    The series colours are of the Okabe-Ito family (distinguishable with any colour vision), darkened or lightened until text and
    thin lines reach a contrast of 4.5 to 1 on the paper. `track` to `cell` are the grounds of a grid's
    cells, each of which holds text in ink.
    """

    name: str
    paper: str
    ground: str
    ink: str
    muted: str
    line: str
    track: str
    cell: str
    accent: str
    second: str
    third: str
    quiet: str
    good: str
    warning: str
    bad: str
    bad_ground: str
    series: tuple[str, ...]


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ground="#f2f4f7",
    ink="#17202e",
    muted="#5b6778",
    line="#e3e7ed",
    track="#e8ecf2",
    cell="#78b0d8",
    accent="#0a64a4",
    second="#d9730d",
    third="#00795c",
    quiet="#9aa7b8",
    good="#00694f",
    warning="#8a5200",
    bad="#b3370a",
    bad_ground="#fdf0ea",
    series=("#0a64a4", "#d9730d", "#00795c", "#a8478a", "#4d9ad0", "#8a6d00"),
)

DARK = Theme(
    name="dark",
    paper="#171c24",
    ground="#0f1319",
    ink="#e9edf3",
    muted="#a3afbf",
    line="#2b3340",
    track="#2a323e",
    cell="#2a6a9c",
    accent="#5fb1ec",
    second="#f0a04b",
    third="#3fc39d",
    quiet="#6c7888",
    good="#4fcda8",
    warning="#f0b45c",
    bad="#ff9166",
    bad_ground="#33211b",
    series=("#5fb1ec", "#f0a04b", "#3fc39d", "#dc8cc0", "#94c9f0", "#d8b94a"),
)
