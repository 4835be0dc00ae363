"""`adapter.dispatch` of dbt: every engine macro becomes one plain expression."""

from collections.abc import Callable


def dispatch(name: str, *_packages: str) -> Callable[..., str]:
    """A macro that renders as a call of a function with the macro's name."""
    return lambda *_args, **_kwargs: f"{name}()"
