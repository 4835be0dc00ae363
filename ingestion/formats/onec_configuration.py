"""Which configuration of 1C wrote the files of a source, where skvoz.toml does not say: the objects that they name tell it."""

from __future__ import annotations

import re
from contextlib import suppress

from ingestion.durable import private_folder, write_durably
from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import found_files, opened_parts
from ingestion.formats.onec_options import OneCFileOptions
from ingestion.sources.onec_odata.profiles.catalog import PROFILES, looks_like
from ingestion.spec import Context

_USUAL = "ut"
_CHUNK = 1024 * 1024
_LONGEST = 200  # bytes of a type's name, which two chunks may share


def configuration_of(options: OneCFileOptions, suffixes: frozenset[str], context: Context) -> str:
    """As skvoz.toml says; else that of the family whose own objects the files name, or once named; УТ, with a note, if they never did.

    (What is told is kept: the next exchange may hold two customers and nothing else, and keys must not change with that.)
    """
    if options.configuration is not None:
        return options.configuration
    kept = context.state_dir / f"configuration-{context.source}"
    known = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    profile = looks_like(_signs(options.path, suffixes, context))
    if profile is not None and profile.configuration != known:
        known = profile.configuration
        private_folder(context.state_dir)
        write_durably(kept, known.encode())
    if known not in PROFILES:
        known = _USUAL
        context.note(
            f'{context.source}: the files do not tell which configuration wrote them and are read as those of "{known}"; if it is another,'
            f" name it: configuration = one of {', '.join(PROFILES)}."
        )
    return known


def _signs(path: str, suffixes: frozenset[str], context: Context) -> set[str]:
    """The objects named in the files that only one family of configurations has."""
    signs = {name.partition("_")[2].encode(): name for profile in PROFILES.values() for name in profile.signature}
    pattern = re.compile(rb"\.(" + b"|".join(sorted(signs, reverse=True)) + rb")(?=[\s\"<>/])")
    seen: set[str] = set()
    # what is missing, damaged or closed is told where the files are read for their records
    with suppress(PermanentError):
        for file in found_files(path, context.base_dir, context.source, suffixes):
            with suppress(PermanentError, DamagedFileError), opened_parts(file, suffixes) as parts:
                for part in parts:
                    rest = b""
                    while chunk := part.stream.read(_CHUNK):
                        seen |= {signs[sign] for sign in pattern.findall(rest + chunk)}
                        rest = chunk[-_LONGEST:]
    return seen
