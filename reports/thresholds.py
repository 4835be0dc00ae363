"""The company's own thresholds as a publication was built with them, and how the definitions of figures say them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from reports.formatting import Formatter
from reports.wording import Words


@dataclass(frozen=True)
class Thresholds:
    """Columns of marts.publication named like the vars of dbt_project.yml, whose values stand in for what an older publication lacks."""

    abc_share_a: float = 0.80
    abc_share_b: float = 0.95
    xyz_variation_x: float = 0.10
    xyz_variation_y: float = 0.25
    xyz_months_min: int = 3
    abc_window_months: int = 12
    lifecycle_new_days: int = 90
    lifecycle_sleeping_days: int = 90
    lifecycle_lost_days: int = 180
    tier_basis: str = "rolling"
    basket_gap_min_days: int = 3
    basket_gap_factor: float = 1.5
    callback_hours: float = 24
    position_weight_first: float = 0.40
    position_weight_last: float = 0.40
    marketing_includes_vat: bool = False
    working_hours: str = ""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """Those that a row of marts.publication tells."""
        return cls(**{field.name: row[field.name] for field in fields(cls) if field.name in row})

    @property
    def borders(self) -> tuple[float, float, float, float]:
        """Shares of A and of A with B, variations of X and of Y."""
        return self.abc_share_a, self.abc_share_b, self.xyz_variation_x, self.xyz_variation_y


def in_words(thresholds: Thresholds, words: Words, form: Formatter) -> dict[str, str]:
    """What the places of the definitions are filled with, by their names."""

    def number(value: float) -> str:
        return form.number(value, digits=0 if float(value).is_integer() else 1)

    def than(unit: str, value: float) -> str:
        return words.count(f"plural.than_{unit}", int(value), shown=number(value))

    first, last = thresholds.position_weight_first, thresholds.position_weight_last
    return {
        **borders_in_words(thresholds.borders, form),
        "xyz_months_min": than("months", thresholds.xyz_months_min),
        "lifecycle_new_days": than("days", thresholds.lifecycle_new_days),
        "lifecycle_sleeping_days": than("days", thresholds.lifecycle_sleeping_days),
        "lifecycle_lost_days": than("days", thresholds.lifecycle_lost_days),
        "tier_basis": words.text("basis.tier_full_months" if thresholds.tier_basis == "full_months" else "basis.tier_rolling"),
        "basket_gap_min_days": than("days", thresholds.basket_gap_min_days),
        "basket_gap_factor": number(thresholds.basket_gap_factor),
        "callback_hours": than("hours", thresholds.callback_hours),
        "position_weights": "/".join(number(round(100 * weight, 1)) for weight in (first, 1 - first - last, last)),
        "marketing_vat": words.text("basis.with_vat" if thresholds.marketing_includes_vat else "basis.without_vat"),
        "response_hours": words.text("basis.working_hours" if thresholds.working_hours else "basis.all_hours"),
    }


def borders_in_words(borders: tuple[float, float, float, float], form: Formatter) -> dict[str, str]:
    """The borders of ABC and of XYZ in percent, each pair as in 80/95."""
    a, b, x, y = (form.number(100 * border, digits=0 if round(100 * border, 1).is_integer() else 1) for border in borders)
    return {"abc_borders": f"{a}/{b}", "xyz_borders": f"{x}/{y}"}
