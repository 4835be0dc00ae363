"""Calls, tasks, messages and meetings around deals."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from ingestion.sandbox.generate import words
from ingestion.sandbox.generate.buyers import mobile
from ingestion.sandbox.generate.chance import Timeline, counted, later, likely, work_moment
from ingestion.sandbox.people import Card, Customer, Manager
from ingestion.sandbox.sales import Activity, Call, Deal, Task

# What becomes of a missed call: returned soon, returned after more than a day, never.
RETURNED_SOON, RETURNED_LATE = 0.70, 0.12


class TalkMaker:
    """Makes what people say to each other; numbers are given when all is sorted."""

    def __init__(
        self, rng: Random, now: datetime, customers: tuple[Customer, ...], managers: tuple[Manager, ...], cards: tuple[Card, ...]
    ) -> None:
        """From the parts of the company that exist before talks."""
        self._rng, self._now = rng, now
        self._customers = {one.number: one for one in customers}
        self._managers = {one.number: one for one in managers}
        self._card = {(one.system, one.kind, one.id): one for one in cards}

    def _typed(self, phone: str) -> str:
        return self._rng.choice((phone, phone[1:], "8" + phone[2:], f"+7 ({phone[2:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}"))

    def _call(self, system: str, when: datetime, direction: str, phone: str, manager: int | None, result: str) -> Call:
        rng = self._rng
        talked = result == "answered"
        return Call(
            number=0,
            system=system,
            uniq="",
            started_at=when,
            direction=direction,
            phone=phone,
            phone_typed=self._typed(phone) if phone.startswith("+") else phone,
            manager=manager,
            extension=self._managers[manager].extension if manager else "",
            wait_seconds=rng.randrange(3, 26) if talked else rng.randrange(8, 61),
            talk_seconds=max(4, round(rng.lognormvariate(4.6, 0.9))) if talked else rng.randrange(5, 30) if result == "voicemail" else 0,
            result=result,
        )

    def around(self, deal: Deal) -> list[Call]:
        """The calls of a deal: zero to nine between its creation and its end, with their returns."""
        rng = self._rng
        customer = self._customers.get(deal.customer or 0)
        if customer is None or not customer.phones:
            return []
        found = []
        moment = deal.created_at
        for _ in range(min(9, int(rng.expovariate(0.31)))):
            moment = later(rng, moment, 2.5)
            if moment >= self._now - timedelta(hours=2) or (deal.closed_at and moment > deal.closed_at + timedelta(days=5)):
                break
            phone = customer.phones[-1] if likely(rng, 0.8) else customer.phones[0]
            manager = deal.manager if likely(rng, 0.92) else None
            direction = "in" if likely(rng, 0.42) else "out"
            if direction == "out":
                result = "answered" if likely(rng, 0.72) else rng.choice(("no_answer", "busy", "no_answer"))
                found.append(self._linked(deal, self._call(deal.system, moment, "out", phone, deal.manager, result)))
                continue
            result = "answered" if likely(rng, 0.8) else "voicemail" if likely(rng, 0.1) else "missed"
            found.append(
                self._linked(deal, self._call(deal.system, moment, "in", phone, deal.manager if result == "answered" else manager, result))
            )
            if result != "answered":
                found += [self._linked(deal, call) for call in self._return(deal.system, moment, phone, deal.manager)]
        return found

    def _return(self, system: str, missed: datetime, phone: str, manager: int) -> list[Call]:
        rng = self._rng
        fate = rng.random()
        if fate >= RETURNED_SOON + RETURNED_LATE:
            return []
        delay = timedelta(minutes=rng.randrange(2, 240)) if fate < RETURNED_SOON else timedelta(hours=rng.randrange(25, 90))
        if missed + delay >= self._now:
            return []
        calls = [self._call(system, missed + delay, "out" if likely(rng, 0.85) else "in", phone, manager, "answered")]
        if likely(rng, 0.2):
            calls.insert(0, self._call(system, missed + delay / 2, "out", phone, manager, "no_answer"))
        return [replace(one, started_at=one.started_at.replace(microsecond=0)) for one in calls]

    def _linked(self, deal: Deal, call: Call) -> Call:
        """The call hung on a card: mostly the contact, in amoCRM sometimes on the deal as well."""
        cards: list[tuple[str, int]] = [("contact", one) for one in deal.contact_cards[:1]]
        if deal.company_card and likely(self._rng, 0.3):
            cards.insert(0, ("company", deal.company_card))
        linked = deal.number if likely(self._rng, 0.25) else None
        if not cards or likely(self._rng, 0.05):
            return replace(call, customer=deal.customer, deal=linked)
        kind, card_id = cards[0]
        second = cards[1] if len(cards) > 1 and deal.system == "amocrm" and likely(self._rng, 0.15) else None
        return replace(call, customer=deal.customer, card_kind=kind, card_id=card_id, second_card=second, deal=linked)

    def stray(self, when: datetime) -> Call:
        """A call of nobody known, or between colleagues (Bitrix24 telephony keeps both)."""
        rng = self._rng
        number = rng.choice([one.number for one in self._managers.values() if one.b24_id])
        if likely(rng, 0.45):
            other = rng.choice([one.extension for one in self._managers.values() if one.number != number])
            return self._call("bitrix24", when, "internal", other, number, "answered" if likely(rng, 0.8) else "no_answer")
        result = "answered" if likely(rng, 0.8) else "missed"
        return self._call("bitrix24", when, "in", mobile(500_000 + rng.randrange(10**5)), number if result == "answered" else None, result)

    def tasks(self, deal: Deal) -> list[Task]:
        """Tasks of a deal: done in time, late, or left lying."""
        rng = self._rng
        found: list[Task] = []
        for _ in range(min(3, int(rng.expovariate(0.9)))):
            created = later(rng, deal.created_at, 4) if found else deal.created_at + timedelta(minutes=rng.randrange(1, 90))
            if created >= self._now - timedelta(hours=1) or (deal.closed_at and created > deal.closed_at):
                break
            due = later(rng, created, 3)
            done = due + timedelta(hours=rng.uniform(-20, 4 if likely(rng, 0.8) else 120))
            done = max(done, created + timedelta(minutes=3)).replace(microsecond=0)
            is_done = done < self._now and not likely(rng, 0.04)
            kind = rng.choice(("call", "call", "other", "meeting"))
            text = rng.choice(words.TASK_TEXTS)
            found.append(
                Task(
                    0,
                    deal.system,
                    0,
                    deal.number,
                    deal.manager,
                    kind,
                    text,
                    "Сделано" if is_done else "",
                    created,
                    due,
                    done if is_done else None,
                )
            )
        return found

    def activities(self, deal: Deal) -> list[Activity]:
        """Letters, messages and meetings of a deal; robots' mailings and planned meetings among them."""
        rng = self._rng
        found: list[Activity] = []
        card = (
            ("contact", deal.contact_cards[0])
            if deal.contact_cards
            else ("company", deal.company_card)
            if deal.company_card
            else ("", None)
        )
        moment = deal.created_at
        for _ in range(min(5, int(rng.expovariate(0.7)))):
            moment = later(rng, moment, 3)
            kind = rng.choice(("email", "email", "message", "message", "meeting"))
            planned = kind == "meeting" and moment >= self._now
            if (moment >= self._now and not planned) or (deal.closed_at and moment > deal.closed_at + timedelta(days=3)):
                break
            found.append(
                Activity(
                    number=0,
                    system=deal.system,
                    crm_id=0,
                    kind=kind,
                    direction="" if kind == "meeting" else rng.choice(("in", "out")),
                    at=moment,
                    deal=deal.number,
                    customer=deal.customer,
                    card_kind=card[0],
                    card_id=card[1],
                    manager=deal.manager,
                    text=rng.choice(words.MESSAGE_TEXTS),
                    is_done=not planned,
                    is_automatic=kind == "email" and likely(rng, 0.15),
                )
            )
            if planned:
                break
        return found


def make_calls(maker: TalkMaker, rng: Random, scale: float, timeline: Timeline, deals: list[Deal]) -> list[Call]:
    """All calls in the order of time: about 5,000 at scale 1."""
    found = [call for deal in deals for call in maker.around(deal)]
    found += [maker.stray(work_moment(rng, timeline.pick(rng))) for _ in range(counted(700, scale, least=6))]
    found.sort(key=lambda one: (one.started_at, one.phone, one.direction))
    return number_calls(found)


def number_calls(calls: list[Call], first: int = 1) -> list[Call]:
    """The calls with numbers and the exchange's ids."""
    return [replace(one, number=number, uniq=f"pbx-{one.started_at:%Y%m%d%H%M%S}-{number}") for number, one in enumerate(calls, first)]


def number_tasks(tasks: list[Task], first: int = 1) -> list[Task]:
    """Tasks in the order of creation with numbers and ids."""
    ordered = sorted(tasks, key=lambda one: (one.created_at, one.deal or 0))
    return [replace(one, number=number, crm_id=400_000 + number) for number, one in enumerate(ordered, first)]


def number_activities(activities: list[Activity], first: int = 1) -> list[Activity]:
    """Activities in the order of time with numbers and ids."""
    ordered = sorted(activities, key=lambda one: (one.at, one.deal or 0))
    return [replace(one, number=number, crm_id=600_000 + number) for number, one in enumerate(ordered, first)]
