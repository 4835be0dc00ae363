"""Where this base keeps each stream: profile and skvoz.toml matched against what is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingestion.errors import PermanentError
from ingestion.sources.onec_odata.metadata import EntityType, Schema
from ingestion.sources.onec_odata.options import EntityOverride, OneCOptions
from ingestion.sources.onec_odata.profiles.spec import EntitySpec, Profile

_NOTHING = EntityOverride()
ATTRIBUTES = "ДополнительныеРеквизиты"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A value that is written into the payload under another name, so that staging finds it.

    Attributes:
        source: the 1C field: a property (without `_Key`), a column `<table>.<column>`, or `ДополнительныеРеквизиты:<guid>`.
        target: the standard name; with a leading `_` the bare value is written, else a reference keeps its `_Key` or `_Type`.
        table: tabular part whose rows are stamped; '' for the document itself.
    """

    source: str
    target: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One stream as it is kept in this base.

    Attributes:
        stream: its name.
        type: the published type it is read from.
        spec: of the profile (or made up for a stream that only skvoz.toml knows).
        rows: of a register, the type of its flat rows.
        balance: of a register, the type of its balance table.
        stamps: what skvoz.toml maps differently.
    """

    stream: str
    type: EntityType
    spec: EntitySpec
    rows: EntityType
    balance: EntityType
    stamps: tuple[Stamp, ...]

    @property
    def entity(self) -> str:
        """Name of the entity set."""
        return self.type.name


def wanted_types(profile: Profile, options: OneCOptions) -> set[str]:
    """Names of all types whose properties may be needed."""
    names = set(profile.signature)
    for stream in [*profile.entities, *options.entities]:
        for name in candidates(profile, options, stream):
            names |= {name, f"{name}_RecordType", f"{name}_Balance"}
    return names


def candidates(profile: Profile, options: OneCOptions, stream: str) -> tuple[str, ...]:
    """Entity sets a stream may be kept in, most likely first."""
    override = options.entities.get(stream, _NOTHING)
    if override.entity:
        return (override.entity,)
    spec = profile.entities.get(stream)
    return spec.candidates if spec else ()


def resolve(profile: Profile, options: OneCOptions, schema: Schema, stream: str, source: str) -> SourceObject | None:
    """The stream in this base; None if nothing of it is published.

    Raises:
        PermanentError: a field that the stream cannot do without, or one that skvoz.toml names, is not there.
    """
    found = schema.first(candidates(profile, options, stream))
    if found is None:
        return None
    override = options.entities.get(stream, _NOTHING)
    spec = profile.entities.get(stream, EntitySpec((found.name,)))
    rows = schema.type(f"{found.name}_RecordType") or EntityType(f"{found.name}_RecordType", None)
    balance = schema.type(f"{found.name}_Balance") or EntityType(f"{found.name}_Balance", None)
    is_register = found.name.startswith("AccumulationRegister_")
    fields = rows if is_register else found
    stamps = sorted(_stamps(fields, spec, override, stream, source), key=lambda one: bool(one.table))
    if is_register:
        stamps = [Stamp(one.source, one.target, table="RecordSet") for one in stamps]
    mapped = set(override.fields)
    for logical in spec.required if schema.described else ():
        if logical not in mapped and not any(fields.find(name) for name in spec.fields[logical]):
            names = " or ".join(spec.fields[logical])
            message = (
                f'{source}: {found.name} has no field {names}, so the "{logical}" of {stream} is unknown; name the field that holds it: '
                f'[sources.{source}.entities.{stream}] fields = {{{logical} = "…"}}.'
            )
            raise PermanentError(message)
    return SourceObject(stream, found, spec, rows, balance, tuple(stamps))


def _stamps(found: EntityType, spec: EntitySpec, override: EntityOverride, stream: str, source: str) -> Iterator[Stamp]:
    for logical, field in override.fields.items():
        if logical not in spec.fields:
            known = ", ".join(sorted(spec.fields)) or "none"
            message = f'{source}: {stream} has no field "{logical}" that could be mapped in skvoz.toml; there are: {known}.'
            raise PermanentError(message)
        table, dot, _ = logical.partition(".")
        if dot:
            # the table may itself be mapped: rows are stamped after the table has got its standard name
            yield Stamp(field, spec.fields[logical][0], table=spec.fields[table][0])
            continue
        _demand(found, field, stream, source)
        yield Stamp(field, spec.fields[logical][0])
    if override.deal:
        _demand(found, override.deal, stream, source)
        yield Stamp(override.deal, "_deal")


def _demand(found: EntityType, field: str, stream: str, source: str) -> None:
    """A field that skvoz.toml names must exist."""
    name = field.partition(":")[0]
    if found.find(name) is None:
        message = f'{source}: {found.name} has no field "{name}", which skvoz.toml names for {stream}; correct it there.'
        raise PermanentError(message)
