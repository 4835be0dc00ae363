"""What happened in the sandbox's amoCRM account: events, notes with calls, tasks, the «Неразобранное» list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ingestion.sandbox.amocrm_account import OTHER_TASK
from ingestion.sandbox.amocrm_events import event
from ingestion.sandbox.amocrm_store import CARDS, Collection
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.amocrm_account import People
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.sales import Activity, Call, Deal, IncomingLead, Task

TASK_TYPES = {"call": 1, "meeting": 2}
CATEGORIES = {"form": "forms", "call": "sip", "mail": "mail", "chat": "chats"}
CALL_STATUS = {"answered": (4, "Разговор состоялся"), "busy": (7, "Занято"), "no_answer": (6, "Нет ответа")}
CALL_STATUS |= {"missed": (6, "Пропущенный"), "voicemail": (1, "Оставлено сообщение")}
PLURAL = {"company": "companies", "contact": "contacts", "lead": "leads", "deal": "leads"}
MEETING_IDS = 50_000_000
"""Meetings are tasks of type 2; their ids must not meet those of the other tasks."""


def collections(company: Company, people: People, account: JsonObject) -> dict[str, Collection]:
    """Collections by path: events, notes of each entity, tasks, unsorted."""
    notes: dict[str, list[JsonObject]] = {entity: [] for entity in CARDS}
    homes: dict[int | None, tuple[str, int]] = {}
    for card in sorted(company.cards_of("amocrm"), key=lambda one: (one.kind == "company", one.id)):
        homes.setdefault(card.customer, (PLURAL[card.kind], card.id))
    for call in company.calls:
        if call.system == "amocrm" and call.direction != "internal":
            for entity, note in _call_notes(call, company, people, account["id"], homes):
                notes[entity].append(note)
    for deal in company.deals_of("amocrm"):
        notes["leads"] += _plain_notes(deal, people, account["id"])
    mine = [one for one in company.activities if one.system == "amocrm"]
    meetings = [_meeting(one, company, people, account["id"]) for one in mine if one.kind == "meeting"]
    tasks = [_task(one, company, people, account["id"]) for one in company.tasks if one.system == "amocrm"]
    made = {f"{entity}/notes": Collection(rows) for entity, rows in notes.items()}
    return made | {
        "events": Collection(_events(company, people, account)),
        "tasks": Collection([*tasks, *meetings]),
        "leads/unsorted": Collection(
            (_unsorted(one, account) for one in company.leads if one.system == "amocrm" and one.status == "open"), key="uid"
        ),
    }


def seconds(moment: datetime) -> int:
    """Unix seconds."""
    return int(moment.timestamp())


def _events(company: Company, people: People, account: JsonObject) -> Iterator[JsonObject]:
    for deal in company.deals_of("amocrm"):
        yield from _deal_events(deal, people, account)
    for card in company.cards_of("amocrm"):
        entity = PLURAL[card.kind]
        by = people.user(card.manager)
        yield event(f"{card.kind}_added", entity, card.id, seconds(card.created_at), by=by, account=account, nonce="added")
        if card.is_deleted:
            yield event(f"{card.kind}_deleted", entity, card.id, seconds(card.updated_at), by=by, account=account, nonce="deleted")
    for one in company.activities:
        if one.system == "amocrm" and one.kind != "meeting" and one.is_done:
            yield from _message_events(one, company, people, account)
    for task in company.tasks:
        if task.system == "amocrm" and task.completed_at is not None:
            entity, key = _owner(task.deal, company)
            at = seconds(task.completed_at)
            text = [{"task": {"text": task.text}}]
            by = people.user(task.manager)
            yield event("task_completed", entity, key, at, by=by, after=text, account=account, nonce=f"task-{task.crm_id}")


def _deal_events(deal: Deal, people: People, account: JsonObject) -> Iterator[JsonObject]:
    def made(kind: str, at: datetime, by: int, nonce: str, after: JsonObject | None = None, before: JsonObject | None = None) -> JsonObject:
        values = [[value] if value else [] for value in (after, before)]
        moment = seconds(at)
        return event(kind, "leads", deal.crm_id, moment, by=by, after=values[0], before=values[1], account=account, nonce=nonce)

    first = deal.entries[0].by if deal.entries else 0
    yield made("lead_added", deal.created_at, people.user(first), "added")
    for number, (left, entered) in enumerate(zip(deal.entries, deal.entries[1:], strict=False)):
        stages = [{"lead_status": {"id": int(one.stage_id), "pipeline_id": one.pipeline_id}} for one in (entered, left)]
        yield made("lead_status_changed", entered.at, people.user(entered.by), f"stage-{number}", *stages)
    for number, change in enumerate(deal.manager_changes):
        both = [{"responsible_user": {"id": people.user(one)}} for one in (change.after, change.before)]
        yield made("entity_responsible_changed", change.at, people.user(change.by), f"responsible-{number}", *both)
    if deal.deleted_at is not None:
        yield made("lead_deleted", deal.deleted_at, people.user(deal.manager), "deleted")


def _message_events(one: Activity, company: Company, people: People, account: JsonObject) -> Iterator[JsonObject]:
    way = "incoming" if one.direction == "in" else "outgoing"
    kind = f"{way}_mail" if one.kind == "email" else f"{way}_chat_message"
    by = 0 if one.is_automatic or way == "incoming" else people.user(one.manager)
    value: JsonObject = (
        {"note": {"id": one.crm_id}} if one.kind == "email" else {"message": {"id": f"m-{one.crm_id}", "origin": "telegram"}}
    )
    entity, key = _owner(one.deal, company)
    if one.deal is None and one.card_id is not None:
        entity, key = PLURAL[one.card_kind], one.card_id
    yield event(kind, entity, key, seconds(one.at), by=by, after=[value], account=account, nonce=f"activity-{one.crm_id}")


def _owner(deal: int | None, company: Company) -> tuple[str, int]:
    return ("leads", 0) if deal is None else ("leads", company.deal[deal].crm_id)


def _call_notes(
    call: Call, company: Company, people: People, account_id: int, homes: Mapping[int | None, tuple[str, int]]
) -> Iterator[tuple[str, JsonObject]]:
    """One call is a note on every card and lead it hangs on, with the same `uniq`; without a card amoCRM keeps no call.

    A call that nobody tied to anything therefore hangs on the card that telephony found by its number.
    """
    places: list[tuple[str, int]] = []
    if call.card_id is not None:
        places.append((PLURAL[call.card_kind], call.card_id))
    if call.second_card is not None:
        places.append((PLURAL[call.second_card[0]], call.second_card[1]))
    if call.deal is not None:
        places.append(("leads", company.deal[call.deal].crm_id))
    if not places and call.customer in homes:
        places.append(homes[call.customer])
    status, text = CALL_STATUS[call.result]
    params: JsonObject = {
        "uniq": call.uniq,
        # some telephony modules send the seconds as text
        "duration": str(call.talk_seconds) if call.number % 6 == 0 else call.talk_seconds,
        "source": "Телефония",
        "link": f"https://records.example.test/{call.uniq}.mp3" if call.talk_seconds else None,
        "phone": call.phone_typed,
        "call_result": text,
        "call_responsible": people.user(call.manager) if call.manager is not None else "",
    }
    # many exchanges leave the status out: a missed call is then one of no duration
    if call.number % 4:
        params["call_status"] = str(status) if call.number % 10 == 0 else status
    author = people.user(call.manager) if call.manager is not None else 0
    for place, (entity, key) in enumerate(places):
        number = 800_000_000 + call.number * 4 + place
        kind = "call_in" if call.direction == "in" else "call_out"
        yield entity, _note(number, key, seconds(call.started_at), kind, params, author, account_id)


def _plain_notes(deal: Deal, people: People, account_id: int) -> list[JsonObject]:
    """Notes that are no calls: they must be filtered away by type. A service message has no params: `[]`."""
    at = seconds(deal.created_at)
    author = people.user(deal.manager)
    number = 700_000_000 + deal.crm_id * 2
    notes = [_note(number, deal.crm_id, at, "service_message", [], 0, account_id)]
    if deal.crm_id % 3 == 0:
        text = {"text": "Клиент просил перезвонить после обеда"}
        notes.append(_note(number + 1, deal.crm_id, at + 60, "common", text, author, account_id))
    return notes


def _note(number: int, key: int, at: int, kind: str, params: JsonObject | list[JsonObject], author: int, account_id: int) -> JsonObject:
    return {
        "id": number,
        "entity_id": key,
        "created_by": author,
        "updated_by": author,
        "created_at": at,
        "updated_at": at,
        "responsible_user_id": author,
        "group_id": 0,
        "note_type": kind,
        "params": params,
        "account_id": account_id,
    }


def _task(one: Task, company: Company, people: People, account_id: int) -> JsonObject:
    entity, key = _owner(one.deal, company)
    changed = one.completed_at or one.created_at
    result: JsonObject | list[JsonObject] = {"text": one.result} if one.completed_at and one.result else []
    return _task_row(one.crm_id, people.user(one.manager), one.created_at, changed, one.due_at, entity, key, account_id) | {
        "task_type_id": TASK_TYPES.get(one.kind, OTHER_TASK),
        "text": one.text,
        "is_completed": one.completed_at is not None,
        "result": result,
    }


def _meeting(one: Activity, company: Company, people: People, account_id: int) -> JsonObject:
    entity, key = _owner(one.deal, company)
    if one.deal is None and one.card_id is not None:
        entity, key = PLURAL[one.card_kind], one.card_id
    # what is only planned was written down before: a card cannot have been changed in the future
    written = one.at if one.is_done or one.deal is None else company.deal[one.deal].created_at
    return _task_row(MEETING_IDS + one.crm_id, people.user(one.manager), written, written, one.at, entity, key, account_id) | {
        "task_type_id": 2,
        "text": one.text,
        "is_completed": one.is_done,
        "result": {"text": "Встретились"} if one.is_done else [],
    }


def _task_row(
    number: int, user: int, created: datetime, changed: datetime, due: datetime, entity: str, key: int, account_id: int
) -> JsonObject:
    return {
        "id": number,
        "created_by": user,
        "updated_by": user,
        "created_at": seconds(created),
        "updated_at": seconds(changed),
        "responsible_user_id": user,
        "group_id": 0,
        "entity_id": key or None,
        "entity_type": entity if key else None,
        "duration": 0,
        "complete_till": seconds(due),
        "account_id": account_id,
    }


def _unsorted(one: IncomingLead, account: JsonObject) -> JsonObject:
    marks = {
        "utm_source": one.origin.utm_source,
        "utm_medium": one.origin.utm_medium,
        "utm_campaign": one.origin.utm_campaign,
    }
    referer = "https://shop.example.test/?" + urlencode({name: text for name, text in marks.items() if text})
    metadata: JsonObject = (
        {"from": one.phone, "phone": "78002000000", "called_at": seconds(one.created_at), "duration": "0", "service_code": "telephony"}
        if one.category == "call"
        else {
            "form_id": "quote",
            "form_name": one.title,
            "form_page": "shop.example.test",
            "form_sent_at": seconds(one.created_at),
            "referer": referer,
        }
    )
    base = f"https://{account['subdomain']}.amocrm.ru/api/v4"
    return {
        "uid": one.uid,
        "source_uid": f"source-{one.category}",
        "source_name": one.title,
        "category": CATEGORIES[one.category],
        "pipeline_id": None,
        "created_at": seconds(one.created_at),
        "metadata": metadata,
        "account_id": account["id"],
        "_links": {"self": {"href": f"{base}/leads/unsorted/{one.uid}"}},
        "_embedded": {
            "leads": [{"id": one.crm_id, "name": one.title, "_links": {"self": {"href": f"{base}/leads/{one.crm_id}"}}}],
            "contacts": [{"name": one.person_name}] if one.person_name else [],
            "companies": [],
        },
    }
