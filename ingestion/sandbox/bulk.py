"""An amoCRM account with any number of leads of 2 KB that do not compress well, for measuring extraction.

A lead is a numbered head and one of a few thousand random tails, put together when a page is asked for, so that a million leads need no
memory and a page costs the server almost nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from random import Random

import orjson
from starlette.applications import Starlette

from ingestion.sandbox.amocrm_server import AmoCrmOptions, serve
from ingestion.sandbox.amocrm_store import AmoCrmStore, Collection, Key, Shape
from ingestion.spec import JsonObject

FIRST_UPDATE = 1_700_000_000
TAILS = 4_096
ACCOUNT: JsonObject = {"id": 1, "name": "Bulk", "subdomain": "bulk", "currency": "RUB", "country": "RU", "_embedded": {}}


class SyntheticLeads(Collection):
    """Leads 1 … count; lead n was changed n seconds after the first."""

    def __init__(self, count: int, seed: int = 1, size: int = 2_048) -> None:
        super().__init__()
        self._keys = range(1, count + 1)
        self._moments = range(FIRST_UPDATE + 1, FIRST_UPDATE + count + 1)
        self.changed_at = FIRST_UPDATE + count
        rng = Random(seed)
        self._tails = [_tail(rng, size) for _ in range(min(TAILS, max(count, 1)))]

    def __len__(self) -> int:
        return len(self._keys)

    def ordered(self, by: str) -> tuple[Sequence[int], Sequence[Key]]:
        """Any order is that of the ids."""
        return (self._keys if by == "id" else self._moments), self._keys

    def encoded(self, keys: Sequence[Key], variant: str, shape: Shape) -> list[bytes]:  # noqa: ARG002 all variants look alike
        """JSON of the leads."""
        tails = self._tails
        numbers = [int(key) for key in keys]
        return [b'{"id":%d,"updated_at":%d,%b' % (number, FIRST_UPDATE + number, tails[number % len(tails)]) for number in numbers]


def _tail(rng: Random, size: int) -> bytes:
    """Everything of a lead but its id and moment of change, filled up with random text to the size in bytes."""

    def noise(length: int) -> str:
        return base64.b85encode(rng.randbytes(length)).decode()

    lead: JsonObject = {
        "name": f"Сделка {noise(9)}",
        "price": rng.randrange(1_000, 5_000_000),
        "responsible_user_id": 504_000 + rng.randrange(40),
        "group_id": 0,
        "status_id": 32_000_000 + rng.randrange(8),
        "pipeline_id": 3_177_000 + rng.randrange(3),
        "loss_reason_id": None,
        "source_id": None,
        "created_by": 0,
        "updated_by": 0,
        "created_at": FIRST_UPDATE - rng.randrange(10**7),
        "closed_at": None,
        "closest_task_at": None,
        "is_deleted": False,
        "score": None,
        "account_id": 1,
        "labor_cost": None,
        "_embedded": {"tags": [], "companies": [{"id": rng.randrange(10**8)}], "contacts": [{"id": rng.randrange(10**8), "is_main": True}]},
    }
    fields: list[JsonObject] = []
    lead["custom_fields_values"] = fields
    while (missing := size - len(orjson.dumps(lead)) - 40) > 200:
        length = min(160, (missing - 130) * 4 // 5)
        fields.append(
            {
                "field_id": 700_000 + len(fields),
                "field_name": "Поле",
                "field_code": None,
                "field_type": "text",
                "values": [{"value": noise(max(length, 8))}],
            }
        )
    return orjson.dumps(lead)[1:]


def build_app(count: int, seed: int = 1) -> Starlette:
    """The account with so many leads, without limits; its token is `amocrm_tokens.LONG_LIVED_TOKEN`."""
    store = AmoCrmStore(ACCOUNT, {"leads": SyntheticLeads(count, seed)})
    return serve(store, AmoCrmOptions(short_pages=False))


def run(count: int, port: int, seed: int = 1) -> None:
    """Serve on a loopback port until interrupted: the measured process must not share its interpreter with the server."""
    import uvicorn

    uvicorn.run(build_app(count, seed), host="127.0.0.1", port=port, log_level="error", access_log=False)
