"""Benchmark records like real ones: amoCRM leads of 2 KB or more with high entropy, so that compression flatters nobody."""

import random
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ingestion.rawzone import StreamZone
from ingestion.spec import Record

_LETTERS = string.ascii_letters + string.digits + "абвгдежзиклмнопрстуфхцчшэюя "


def leads(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """`count` lead objects of about 2.2 KB as JSON."""
    chance = random.Random(seed)
    pool = "".join(chance.choices(_LETTERS, k=1 << 20))

    def text(length: int) -> str:
        start = chance.randrange(len(pool) - length)
        return pool[start : start + length]

    for number in range(1, count + 1):
        created = 1_600_000_000 + chance.randrange(150_000_000)
        yield {
            "id": number,
            "name": text(40),
            "price": chance.randrange(1_000_000),
            "responsible_user_id": chance.randrange(60),
            "group_id": 0,
            "status_id": chance.choice([142, 143, 32392156, 32392157]),
            "pipeline_id": 3177727,
            "loss_reason_id": None,
            "created_at": created,
            "updated_at": created + chance.randrange(10_000_000),
            "closed_at": None,
            "is_deleted": False,
            "custom_fields_values": [
                {
                    "field_id": chance.randrange(10**6),
                    "field_name": text(18),
                    "field_code": None,
                    "field_type": "text",
                    "values": [{"value": text(45)}],
                }
                for _ in range(11)
            ],
            "account_id": 28805383,
            "_links": {"self": {"href": f"https://example.amocrm.ru/api/v4/leads/{number}"}},
            "_embedded": {"tags": [], "companies": [], "contacts": [{"id": chance.randrange(10**7), "is_main": True}]},
        }


def write_leads(zone: StreamZone, count: int) -> int:
    """Writes so many leads through an opened raw zone, with a checkpoint a page of 250, and closes it; gives the bytes of its files."""
    for number, lead in enumerate(leads(count)):
        zone.add(Record(str(lead["id"]), lead, datetime.fromtimestamp(lead["updated_at"], UTC)))
        if number % 250 == 0:
            zone.checkpoint({"page": number})
    zone.flush()
    zone.close()
    return sum(path.stat().st_size for path in zone.folder.glob("*.zst"))
