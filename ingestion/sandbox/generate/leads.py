"""Enquiries before deals: Bitrix24 leads, amoCRM «Неразобранное», leads of 1C УНФ."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from ingestion.sandbox.generate.advertising import Origins
from ingestion.sandbox.generate.buyers import mobile
from ingestion.sandbox.generate.cards import dirty_phone
from ingestion.sandbox.generate.chance import Timeline, counted, likely, work_moment
from ingestion.sandbox.generate.staff import full_name
from ingestion.sandbox.people import Customer, Manager
from ingestion.sandbox.sales import Deal, IncomingLead, Pipeline, StageEntry

JUNK_REASONS = ("Спам", "Не дозвонились", "Нецелевой", "Дубль")


class LeadMaker:
    """Makes leads; numbered in the order of creation by `make_leads`."""

    def __init__(
        self,
        rng: Random,
        now: datetime,
        customers: tuple[Customer, ...],
        managers: tuple[Manager, ...],
        pipelines: tuple[Pipeline, ...],
        origins: Origins,
    ) -> None:
        """From the parts of the company that exist before leads."""
        self._rng, self._now, self._origins = rng, now, origins
        self._customers = {one.number: one for one in customers}
        self._sellers = [one.number for one in managers if one.is_sales and one.is_active and one.b24_id]
        self._unsorted = {stage.id for one in pipelines for stage in one.stages if stage.kind == "unsorted"}

    def before(self, deal: Deal) -> IncomingLead | None:
        """The lead a deal was made from: half of Bitrix24's deals, and amoCRM's that went through «Неразобранное»."""
        rng = self._rng
        customer = self._customers.get(deal.customer or 0)
        name = customer.name if customer else " ".join(full_name(rng)[:2])
        phone = customer.phones[-1] if customer else mobile(rng.randrange(10**6))
        if deal.system == "amocrm":
            if deal.entries[0].stage_id not in self._unsorted:
                return None
            accepted = deal.entries[1].at
            return self._lead("amocrm", deal.created_at, name, phone, deal, accepted, deal.manager)
        if deal.is_repeat or not likely(rng, 0.6):
            return None
        created = deal.created_at - timedelta(minutes=rng.randrange(15, 2000))
        return self._lead("bitrix24", created, name, phone, deal, deal.created_at, deal.manager)

    def loose(self, system: str, created: datetime) -> IncomingLead:
        """A lead that has become no deal: refused, or still waiting (most of the last days')."""
        rng = self._rng
        waits = self._now - created < timedelta(days=6) or likely(rng, 0.02)
        name = " ".join(full_name(rng)[:2])
        lead = self._lead(
            system,
            created,
            name,
            mobile(900_000 + rng.randrange(10**6)),
            None,
            None,
            None if system == "amocrm" else rng.choice(self._sellers),
        )
        if waits:
            return lead
        closed = min(created + timedelta(minutes=rng.randrange(20, 4000)), self._now - timedelta(minutes=2))
        entries = (*lead.entries, StageEntry(0, "JUNK", closed, lead.manager or 0)) if system == "bitrix24" else ()
        return replace(lead, status="lost", closed_at=closed, updated_at=closed, loss_reason=rng.choice(JUNK_REASONS), entries=entries)

    def _lead(
        self, system: str, created: datetime, name: str, phone: str, deal: Deal | None, closed: datetime | None, manager: int | None
    ) -> IncomingLead:
        rng = self._rng
        entries: tuple[StageEntry, ...] = ()
        if system == "bitrix24":
            entries = (StageEntry(0, "NEW", created, manager or 0),)
            if closed and closed - created > timedelta(minutes=10):
                entries = (*entries, StageEntry(0, "IN_PROCESS", created + timedelta(minutes=6), manager or 0))
            if closed:
                entries = (*entries, StageEntry(0, "CONVERTED", closed, manager or 0))
        return IncomingLead(
            number=0,
            system=system,
            crm_id=deal.crm_id if deal and system == "amocrm" else 0,
            uid="",
            category=rng.choice(("form", "form", "call", "mail", "chat")),
            title=f"Заявка с сайта от {created:%d.%m.%Y}",
            person_name=name,
            phone=dirty_phone(rng, phone) if likely(rng, 0.93) else "",
            email=f"lead{rng.randrange(10**6)}@post.example" if likely(rng, 0.4) else "",
            created_at=created,
            updated_at=closed or created,
            status="converted" if deal else "open",
            closed_at=closed,
            deal=deal.number if deal else None,
            customer=deal.customer if deal else None,
            manager=manager,
            origin=deal.origin if deal else self._origins.pick(rng, created.date()),
            entries=entries,
        )


# Leads of each system that become no deal, at scale 1; УНФ keeps a handful by hand.
LOOSE = (("bitrix24", 260), ("amocrm", 150), ("onec", 24))
FIRST_ID = {"bitrix24": 1, "amocrm": 39_000_001, "onec": 1}


def make_leads(maker: LeadMaker, rng: Random, scale: float, timeline: Timeline, deals: list[Deal]) -> list[IncomingLead]:
    """All leads in the order of creation; some of the loose ones are always from the last days, so that the inbox is never empty."""
    found = [lead for deal in deals if (lead := maker.before(deal))]
    for system, count in LOOSE:
        wanted = counted(count, scale, least=3)
        found += [maker.loose(system, work_moment(rng, timeline.pick(rng))) for _ in range(wanted)]
        recent = (timeline.last - timedelta(days=rng.randrange(3)) for _ in range(counted(6, scale, least=2)))
        found += [maker.loose(system, work_moment(rng, day)) for day in recent]
    return number_leads(sorted(found, key=lambda one: (one.created_at, one.system, one.phone)))


def number_leads(leads: list[IncomingLead], first: int = 1, taken: dict[str, int] | None = None) -> list[IncomingLead]:
    """The leads with numbers, ids and amoCRM's uids."""
    upto = dict(taken or FIRST_ID)
    found = []
    for number, lead in enumerate(leads, first):
        crm_id = lead.crm_id
        if not crm_id:
            crm_id = upto[lead.system]
            upto[lead.system] += 1
        uid = hashlib.sha256(f"unsorted {crm_id}".encode()).hexdigest()[:64] if lead.system == "amocrm" else ""
        found.append(replace(lead, number=number, crm_id=crm_id, uid=uid))
    return found
