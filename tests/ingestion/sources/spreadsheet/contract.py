"""The source type `spreadsheet` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ingestion.sources.contract_case import Case, Peer

HEAD = "Дата;Кампания;Расход\n"


@contextmanager
def start(folder: Path) -> Iterator[Peer]:
    """Costs that somebody keeps."""
    file = folder / "costs.csv"
    rows = [f"{day:02d}.03.2026;Радио;{day}0,50\n" for day in range(1, 9)]
    file.write_text(HEAD + "".join(rows), encoding="cp1251")

    def edit() -> None:
        file.write_text(HEAD + "".join([rows[0].replace("10,50", "11,00"), *rows[1:-1]]), encoding="cp1251")

    yield Peer(
        options={"path": str(file), "stream": "campaign_costs"},
        edit=edit,
        wrong={"path": str(folder / "nowhere.csv"), "stream": "campaign_costs"},
        wrong_says="there is no file",
    )


CASES = (Case("spreadsheet", start),)
