"""`adapter.dispatch` of dbt: every engine macro becomes one plain expression."""

from collections.abc import Callable


def dispatch(name: str, *_packages: str) -> Callable[..., str]:
    """A macro that renders as a call of a function with the macro's name; one that joins a table, as a join under the wanted alias."""
    if name == "left_join_rate":
        return lambda alias, *_args: f"left join int_exchange_rate_ranges as {alias} on {alias}.currency_code = 'RUB'"
    return lambda *_args, **_kwargs: f"{name}()"
