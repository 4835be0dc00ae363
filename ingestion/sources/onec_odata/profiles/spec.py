"""The vocabulary of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """Where a configuration keeps one stream.

    Attributes:
        candidates: entity sets, most usual first; the first published one is read.
        fields: logical field -> attribute names without `_Key`, most usual first; the first is the standard name that staging reads
            and that an override is stamped under. `lines.product` is a column of the tabular part that `lines` names. A name that
            begins with `_` is in no configuration: the field exists only where skvoz.toml maps it.
        required: logical fields without which the stream is of no use.
        accounts: for a balance of an accounting register: beginnings of the account codes.
    """

    candidates: tuple[str, ...]
    fields: Fields = field(default_factory=dict)
    required: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = [name for name in self.required if name not in self.fields]
        if unknown or not self.candidates:
            message = f"entity {self.candidates}: required fields {unknown} are not among its fields"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Profile:
    """One configuration of 1C.

    Attributes:
        configuration: as written in skvoz.toml and in `_configuration`.
        title: for people.
        entities: stream -> where it is kept; a stream left out does not exist in this configuration.
        recorders: streams whose documents move the sales register.
        needs: groups of streams of which at least one must be published, or nothing useful can be said about this base.
        signature: entity sets that only this family of configurations has.
    """

    configuration: str
    title: str
    entities: Mapping[str, EntitySpec]
    recorders: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    signature: tuple[str, ...]


def catalog(*candidates: str, required: tuple[str, ...] = (), **fields: tuple[str, ...]) -> EntitySpec:
    """A catalog; its name and code are standard everywhere."""
    return EntitySpec(candidates, {"name": ("Description",), "code": ("Code",), **fields}, required)


STAFF_MARKS: Fields = {"internal_code": ("_internal_code",), "extension": ("_extension",)}
"""The code that 1C, the CRMs and telephony share, and the extension: kept in a different attribute in every base."""

DOCUMENT_FIELDS: Fields = {
    "number": ("Number",),
    "organisation": ("Организация",),
    "amount": ("СуммаДокумента",),
    "comment": ("Комментарий",),
}


def document(*candidates: str, required: tuple[str, ...] = (), **fields: tuple[str, ...] | None) -> EntitySpec:
    """A document; None takes a usual field away."""
    merged = {**DOCUMENT_FIELDS, **fields}
    return EntitySpec(candidates, {name: names for name, names in merged.items() if names is not None}, required)
