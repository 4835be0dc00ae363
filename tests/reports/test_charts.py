"""Charts of names: on the narrowest picture the bars are still what is seen first."""

from typing import Any
from zoneinfo import ZoneInfo

from reports import charts
from reports.charts_by_month import grid_of_cells
from reports.formatting import Formatter
from reports.theme import LIGHT

FORM = Formatter("pl", "RUB", ZoneInfo("Europe/Moscow"))


def drawn(labels: list[str], amounts: list[int], notes: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = charts.horizontal(labels, amounts, FORM, LIGHT, 200, notes).to_plotly_json()
    return found


def test_a_note_stands_under_its_amount_and_leaves_the_bar_its_room() -> None:
    names = ["Reklama w mediach społecznościowych", "E-mail"]
    figure = drawn(names, [535_720, 79_705], ["36 zapytań", "2 zapytania"])
    assert [text.count("<br>") for text in figure["data"][0]["text"]] == [1, 1]
    assert figure["layout"]["xaxis"]["range"][1] < 2.5 * 535_720, "the longest bar has less than two fifths of its room"


def test_a_long_name_takes_two_lines_before_it_is_cut() -> None:
    ticks = drawn(["Reklama w mediach społecznościowych", "<b>&", "a" * 90], [3, 2, 1])["layout"]["yaxis"]["ticktext"]
    assert ticks[0] == "Reklama w mediach<br>społecznościowych"
    assert ticks[1] == "&lt;b&gt;&amp;"
    assert all(len(line) <= charts.LONGEST_LINE for line in ticks[2].split("<br>"))


def test_a_grid_has_no_ticks_beside_its_names() -> None:
    layout = grid_of_cells(["1"], ["Mon"], [[1.0]], [["1"]], FORM, LIGHT).to_plotly_json()["layout"]
    assert (layout["xaxis"]["ticks"], layout["yaxis"]["ticks"]) == ("", "")
