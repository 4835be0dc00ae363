"""An exchange plan of a base: what was written since a node last confirmed, as the platform's Atom feed (guide 17.4.13.3, recorded bases).

Everything that is written while the plan is there is registered: objects, and record sets of registers by their recorder. A message holds
all that is not confirmed; confirming it forgets exactly what was sent under that number and has not been written again since.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

import orjson

from ingestion.sandbox.onec_answers import BAD_OPTION, NO_ENTITY, OneCError
from ingestion.sandbox.onec_values import Row, ref

PLAN, NODE_CODE = "ExchangePlan_Витрина", "SK"
NODE = ref("exchange node", NODE_CODE)
_POINT = re.compile(r"'.*/(?P<plan>ExchangePlan_[^(]+)\(guid'(?P<node>[^']+)'\)'$")
_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"

Written = tuple[str, str]
"""Entity set, and the reference of the object or of the recorder."""


@dataclass
class ExchangePlan:
    """One plan with one node besides the base's own.

    Attributes:
        contents: entity sets it registers; empty for all objects and record sets.
        received: number of the last confirmed message.
        registered: what is to be sent -> number of the message it was sent in, None while it was in none.
        confirms: numbers that were confirmed, in order.
    """

    contents: Collection[str] = ()
    received: int = 0
    registered: dict[Written, int | None] = field(default_factory=dict)
    confirms: list[int] = field(default_factory=list)
    _there: dict[Written, Row] = field(default_factory=dict)

    def notice(self, sets: Mapping[str, list[Row]], *, first: bool = False) -> None:
        """The base was written: register what differs from before. `first`: the plan was only now created, nothing is registered."""
        now = _records(sets)
        if not first:
            for one in {*now, *self._there}:
                if (not self.contents or one[0] in self.contents) and now.get(one) != self._there.get(one):
                    self.registered[one] = None
        self._there = now

    def nodes(self) -> bytes:
        """The plan's own entity set; the base's own node cannot be asked for changes."""
        own = {"Ref_Key": ref("exchange node", "own"), "Code": "БАЗА", "Description": "Эта база", "ThisNode": True, "ReceivedNo": "0"}
        ours = {"Ref_Key": NODE, "Code": NODE_CODE, "Description": "Витрина", "ThisNode": False, "ReceivedNo": str(self.received)}
        return orjson.dumps({"value": [own, ours]})

    def answer(self, action: str, raw_query: str, root: str) -> bytes:
        """SelectChanges or NotifyChangesReceived."""
        given = dict(part.partition("=")[::2] for part in raw_query.split("&"))
        point, number = _POINT.search(unquote(given.get("DataExchangePoint", ""))), given.get("MessageNo", "")
        if point is None or point["plan"] != PLAN or point["node"] != NODE or not number.isdigit():
            raise OneCError(400, BAD_OPTION, "Ошибка при разборе опции запроса: DataExchangePoint")
        if action == "NotifyChangesReceived":
            self.registered = {one: sent for one, sent in self.registered.items() if sent is None or sent > int(number)}
            self.received = int(number)
            self.confirms.append(int(number))
            return b""
        if action != "SelectChanges":
            raise OneCError(404, NO_ENTITY, f"Сущность '{action}' не найдена")
        self.registered = dict.fromkeys(self.registered, int(number))
        entries = "".join(self._entry(one, root) for one in self.registered)
        return (
            f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:d="{_DATA}" '
            f'xmlns:m="{_DATA}/metadata" xml:base="{escape(root)}/">{entries}</feed>'
        ).encode()

    def _entry(self, one: Written, root: str) -> str:
        entity, reference = one
        row = self._there.get(one)
        if not entity.startswith("AccumulationRegister_"):
            address = f"{root}/{entity}(guid'{reference}')"
            if row is None:
                return f'<at:deleted-entry ref="{escape(address)}" when="2026-03-31T00:00:00Z"/>'
            values = "".join(f"<d:{name}>{escape(str(row[name]))}</d:{name}>" for name in ("Ref_Key", "DataVersion", "Date") if name in row)
        else:
            kind, _, recorder = reference.partition("|")
            address = f"{root}/{entity}(Recorder='{recorder}', Recorder_Type='{kind}')"
            lines = "".join(f"<d:element><d:Period>{line['Period']}</d:Period></d:element>" for line in (row or {}).get("RecordSet", ()))
            values = f"<d:Recorder>{recorder}</d:Recorder><d:Recorder_Type>{kind}</d:Recorder_Type><d:RecordSet>{lines}</d:RecordSet>"
        return (
            f'<entry><id>{escape(address)}</id><category term="StandardODATA.{entity}"/><title type="text"/>'
            f'<content type="application/xml"><m:properties>{values}</m:properties></content></entry>'
        )


def _records(sets: Mapping[str, list[Row]]) -> dict[Written, Any]:
    """Objects by reference, and the record sets of registers by recorder."""
    found: dict[Written, Any] = {}
    for name, rows in sets.items():
        if name.startswith("AccumulationRegister_") and name.endswith("_RecordType"):
            for row in rows:
                identity = (name.removesuffix("_RecordType"), f"{row['Recorder_Type']}|{row['Recorder']}")
                found.setdefault(identity, {"RecordSet": []})["RecordSet"].append(row)
        elif name.startswith(("Catalog_", "Document_")):
            for row in rows:
                if "Ref_Key" in row and "LineNumber" not in row:
                    found[name, row["Ref_Key"]] = row
    return found
