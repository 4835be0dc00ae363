"""`${NAME}` in strings of skvoz.toml: values from the process environment, else from `.env` beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from ingestion.errors import ConfigurationError

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_UNBRACED = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\}|%([A-Za-z_][A-Za-z0-9_]*)%")


def read_environment(folder: Path) -> dict[str, str]:
    """The process environment over the `.env` file of `folder`, if there is one; ConfigurationError if it cannot be read."""
    with readable(folder / ".env"):
        values = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    return {**values, **os.environ}


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Faults of an `.env` that is read in the block as a sentence."""
    try:
        yield
    except UnicodeDecodeError:
        raise ConfigurationError([f"{file}: this is not in UTF-8; save it with that encoding"]) from None
    except PermissionError:
        whose = "give it to the user that runs skvoz (chown), and chmod 600"
        raise ConfigurationError([f"{file}: this user may not read it; {whose}"]) from None


def substitute(value: Any, environment: Mapping[str, str], where: str, problems: list[str], secrets: set[str]) -> Any:
    """The value with every `${NAME}` in its strings replaced; missing names go to `problems`, replaced values to `secrets`."""
    if isinstance(value, dict):
        return {key: substitute(item, environment, f"{where}.{key}" if where else key, problems, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, environment, f"{where}[{number}]", problems, secrets) for number, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    bare = _UNBRACED.fullmatch(value)
    name = next(filter(None, bare.groups()), "") if bare else ""
    if environment.get(name):
        problems.append(f"{where}: this is no reference to the environment variable {name}; write it as ${{{name}}}")

    def replaced(match: re.Match[str]) -> str:
        name = match.group(1)
        if not environment.get(name):
            problems.append(
                f"{where}: the environment variable {name} is not set; put it into the environment or into .env beside this file"
            )
            return ""
        secrets.add(environment[name])
        return environment[name]

    return _REFERENCE.sub(replaced, value)
