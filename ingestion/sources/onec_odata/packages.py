"""Change packages of an exchange plan: 1C itself tells what was written since we last confirmed, so nothing has to be compared.

`SelectChanges` gives everything that was registered for our node and not confirmed yet; asked again, it gives all of that again and what
came since. `NotifyChangesReceived` makes 1C forget it for good. Therefore a package is confirmed only when every stream it names has been
read through and is durable, by the same connector that asked for it; a run that dies in between leaves it for the next one.

What the plan registers is nowhere told over OData. An entity set is followed by packages alone from the run after it was first seen in
one; until then, and in what the plan leaves out, changes are found by comparing as without a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import orjson

from ingestion.durable import private_folder, write_durably
from ingestion.errors import PermanentError, SourceError
from ingestion.sources.onec_odata.client import ODataClient
from ingestion.sources.onec_odata.feed import Package, Written, parse_package
from ingestion.sources.onec_odata.metadata import MetadataError

_PREFIX = "ExchangePlan_"
_NONE: Mapping[str, Written] = {}
_MOST = 1000  # written objects of one kind; more are found faster by comparing lists, 20 keys a request


class ChangePackages:
    """The packages of one node in one run.

    Args:
        client: asks the base.
        plan: name of the exchange plan, with or without `ExchangePlan_`.
        node: reference or code of the node that stands for skvoz.
        folder: what has been seen of the plan is kept there.
        source: the source's name.
        note: tells the person.
    """

    def __init__(self, client: ODataClient, plan: str, node: str, folder: Path, source: str, note: Callable[[str], None]) -> None:
        self._client = client
        self._plan = plan if plan.startswith(_PREFIX) else _PREFIX + plan
        self._node = node
        self._path = folder / f"onec-{source}-plan.json"
        self._source = source
        self._note = note
        self._package: Package | None = None
        self._point = ""
        self._number = 0
        self._trusted: set[str] = set()
        self._asked = self._confirmed = False
        self._through: str | None = None
        self._durable: set[str] = set()

    def check(self) -> str:
        """The node as 1C knows it; raises if it is not there."""
        node = self._find_node()
        return f"changes are told by {self._plan}, node {str(node.get('Code', '')).strip() or node['Ref_Key']}"

    def begin(self, needed: Callable[[Collection[str]], set[str]]) -> None:
        """A stream is about to be read: the one before it is durable by now. `needed`: the streams that are kept in these entity sets."""
        if self._through is not None:
            self._durable.add(self._through)
            self._through = None
        if not self._asked:
            self._asked = True
            self._ask()
        package = self._package
        if package and not package.unknown and not self._confirmed and needed(package.written) <= self._durable:
            self._confirm(package)

    def done(self, stream: str) -> None:
        """A stream was read through; it is durable when the next one is asked for."""
        self._through = stream

    def written(self, entity: str) -> Mapping[str, Written]:
        """What the package names of an entity set."""
        return self._package.written.get(entity, _NONE) if self._package is not None else _NONE

    def suffice(self, entity: str) -> bool:
        """Whether the package alone tells what changed in an entity set."""
        return self._package is not None and entity in self._trusted and len(self.written(entity)) <= _MOST

    @property
    def mark(self) -> str:
        """The same text as long as 1C registers nothing; '' without a package."""
        if self._package is None:
            return ""
        return f"message {self._number if self._package else self._number - 1}"

    def _ask(self) -> None:
        try:
            node = self._find_node()
            self._number = int(node.get("ReceivedNo") or 0) + 1
            self._point = str(node["Ref_Key"])
            self._package = parse_package(self._client.select_changes(self._plan, self._point, self._number))
        except (MetadataError, SourceError, ValueError) as error:
            self._note(f"{self._source}: no package of changes could be had ({error}) Changes are found by comparing, as without it.")
            return
        if self._package.unknown:
            self._note(
                f"{self._source}: the package of changes names {len(self._package.unknown)} things that could not be read, such as "
                f"{self._package.unknown[0]!r}; it is not confirmed."
            )
        self._trusted = self._kept()

    def _confirm(self, package: Package) -> None:
        self._confirmed = True  # tried once a run
        try:
            self._client.confirm_changes(self._plan, self._point, self._number)
        except SourceError as error:
            self._note(f"{self._source}: the package of changes is loaded but could not be confirmed ({error}) 1C will send it again.")
            return
        if not self._trusted >= {*package.written}:
            self._keep(self._trusted | {*package.written})

    def _find_node(self) -> dict[str, Any]:
        nodes = [one for one in self._client.entries(self._plan, self._plan) if not one.get("ThisNode")]
        for one in nodes:
            if self._node.lower() in {str(one.get("Ref_Key", "")).lower(), str(one.get("Code", "")).strip().lower()}:
                return one
        there = ", ".join(str(one.get("Code", "")).strip() or str(one.get("Ref_Key")) for one in nodes) or "none but the base's own"
        message = (
            f"{self._source}: {self._plan} has no node {self._node!r}; there are: {there}; create one for skvoz, or correct change_node."
        )
        raise PermanentError(message)

    def _kept(self) -> set[str]:
        try:
            saved = orjson.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return set()
        return set(saved["entities"]) if saved.get("node") == self._identity else set()

    def _keep(self, entities: set[str]) -> None:
        private_folder(self._path.parent)
        write_durably(self._path, orjson.dumps({"node": self._identity, "entities": sorted(entities)}))

    @property
    def _identity(self) -> str:
        return f"{self._plan} {self._point}"
