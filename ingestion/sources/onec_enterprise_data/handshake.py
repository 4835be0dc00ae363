"""The answer that 1C waits for: a message without data that says up to which number we have received.

Without it 1C sends everything again with each message. It is written only when every stream of the messages is durable in the raw zone:
the connector calls it at the end of the last stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from ingestion.durable import write_durably
from ingestion.sources.onec_enterprise_data.reader import confirmation_of
from ingestion.spec import JsonObject

_NUMBERED = "Message_{sender}_{receiver}.xml"


def answers(headers: Iterable[JsonObject]) -> dict[tuple[str, str], tuple[int, JsonObject]]:
    """The highest message number received from each sender to each receiver, with its header."""
    highest: dict[tuple[str, str], tuple[int, JsonObject]] = {}
    for header in headers:
        one = confirmation_of(header)
        number = str(one.get("MessageNo", ""))
        sender, receiver = str(one.get("From", "")), str(one.get("To", ""))
        if number.isdigit() and sender and receiver and int(number) > highest.get((sender, receiver), (0, {}))[0]:
            highest[sender, receiver] = (int(number), header)
    return highest


def write_answers(headers: Iterable[JsonObject], folder: Path, node: str, now: datetime) -> list[Path]:
    """Write `Message_<node>_<they>.xml` for every sender to `node`, which is we; what says the same already is left alone."""
    written = []
    for (sender, receiver), (number, header) in answers(headers).items():
        if receiver != node:
            continue
        path = folder / _NUMBERED.format(sender=_safe(receiver), receiver=_safe(sender))
        line = f"<msg:ReceivedNo>{number}</msg:ReceivedNo>"
        if path.exists() and line in path.read_text(encoding="utf-8-sig"):
            continue
        write_durably(path, _answer(header, sender, receiver, number, now).encode("utf-8-sig"), mode=0o644)
        written.append(path)
    return written


def _answer(header: JsonObject, sender: str, receiver: str, number: int, now: datetime) -> str:
    version = str(header.get("Format", "http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.8"))
    plan = str(confirmation_of(header).get("ExchangePlan", ""))
    sent = int(now.timestamp()) // 60  # a number of ours that only grows
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Message xmlns:msg="http://www.1c.ru/SSL/Exchange/Message" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<msg:Header><msg:Format>{escape(version)}</msg:Format><msg:CreationDate>{now:%Y-%m-%dT%H:%M:%S}</msg:CreationDate>"
        f"<msg:Confirmation><msg:ExchangePlan>{escape(plan)}</msg:ExchangePlan><msg:To>{escape(sender)}</msg:To>"
        f"<msg:From>{escape(receiver)}</msg:From><msg:MessageNo>{sent}</msg:MessageNo><msg:ReceivedNo>{number}</msg:ReceivedNo>"
        f'</msg:Confirmation></msg:Header><Body xmlns="{escape(version)}"/></Message>\n'
    )


def _safe(code: str) -> str:
    return "".join(sign for sign in code if sign.isalnum() or sign in "-_")
