"""The company's telephone exchange: every call of the company as legs, with what makes legs hard to count (feeds.md 1.0, 1.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from ingestion.sandbox.company import Company
from ingestion.sandbox.sales import Call

OWN_NUMBER = "74951234567"
"""The company's outside line."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg.

    kind: ivr (the exchange answered, nobody talked) | ring (an extension rang in vain) | talk | voicemail | out | internal.
    result: answered | missed | busy | no_answer. at is the beginning of the leg, waited and talked are seconds.
    """

    call: str
    number: int
    kind: str
    at: datetime
    direction: str
    client: str
    extension: str
    result: str
    waited: int
    talked: int


@dataclass(frozen=True, slots=True)
class ExchangeCall:
    """A call as the exchange saw it. company_call: the number of the company's call, 0 for one that no CRM has recorded."""

    id: str
    company_call: int
    at: datetime
    direction: str
    client: str
    extension: str
    result: str
    waited: int
    talked: int
    legs: tuple[Leg, ...]


def exchange_calls(company: Company, unrecorded: int = 15) -> list[ExchangeCall]:
    """All calls of the company in the order of time, and some more that no CRM knows of.

    The exchange's clock is some seconds away from the CRMs', and its talk time differs by a second or two: its word counts.

    Args:
        company: whose calls.
        unrecorded: how many calls only the exchange has.
    """
    rng = Random(company.seed)
    extensions = [one.extension for one in company.managers]
    calls = [_seen(rng, call, extensions) for call in company.calls]
    outside = [call for call in company.calls if call.direction != "internal"]
    for number in range(min(unrecorded, len(outside))):
        model = outside[(number * 37) % len(outside)]
        moment = model.started_at + timedelta(hours=3)
        if moment < company.now:
            calls.append(_seen(rng, replace(model, number=0, started_at=moment, phone=f"+7999555{number:04d}", uniq=""), extensions))
    return sorted(calls, key=lambda call: (call.at, call.id))


def _seen(rng: Random, call: Call, extensions: list[str]) -> ExchangeCall:
    at = call.started_at + timedelta(seconds=rng.randrange(-3, 6))
    talked = call.talk_seconds + (rng.randrange(3) if call.result == "answered" else 0)
    name = f"{int(at.timestamp())}.{rng.randrange(10**6)}"
    extension = call.extension or rng.choice(extensions)
    client = call.phone.removeprefix("+")
    found: list[Leg] = []

    def add(kind: str, delay: int, who: str, result: str, waited: int, talk: int) -> None:
        found.append(Leg(name, len(found), kind, at + timedelta(seconds=delay), call.direction, client, who, result, waited, talk))

    if call.direction == "internal":
        add("internal", 0, extension, "answered" if call.result == "answered" else "no_answer", call.wait_seconds, talked)
    elif call.direction == "out":
        add("out", 0, extension, call.result, call.wait_seconds, talked)
    else:
        if rng.random() < 0.4:
            add("ivr", 0, "", "answered", 0, min(4, call.wait_seconds))
        if call.result == "answered":
            for other in rng.sample([one for one in extensions if one != extension], rng.randrange(3)):
                add("ring", 0, other, "no_answer", call.wait_seconds, 0)
            add("talk", 0, extension, "answered", call.wait_seconds, talked)
        elif call.result == "voicemail":
            add("ring", 0, extension, "no_answer", call.wait_seconds, 0)
            add("voicemail", call.wait_seconds, extension, "answered", 0, talked)
        else:
            if not any(leg.kind == "ivr" for leg in found) and rng.random() < 0.5:
                add("ivr", 0, "", "answered", 0, call.wait_seconds)
            if call.extension:
                add("ring", 0, call.extension, "no_answer", call.wait_seconds, 0)
            elif not found:
                add("ring", 0, extension, "no_answer", call.wait_seconds, 0)
    result = call.result if call.result in {"answered", "voicemail"} else "missed" if call.direction == "in" else call.result
    return ExchangeCall(name, call.number, at, call.direction, client, extension, result, call.wait_seconds, talked, tuple(found))
