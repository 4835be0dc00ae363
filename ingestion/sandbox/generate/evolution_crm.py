"""What a day brings to the CRMs."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from ingestion.sandbox.generate import leads as enquiries
from ingestion.sandbox.generate.advertising import Origins
from ingestion.sandbox.generate.buyers import mobile
from ingestion.sandbox.generate.cards import dirty_phone
from ingestion.sandbox.generate.deals import DealMaker, number_deals
from ingestion.sandbox.generate.evolving import during, following, note, share, some, swap
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.generate.staff import full_name
from ingestion.sandbox.generate.talks import TalkMaker, number_activities, number_calls, number_tasks
from ingestion.sandbox.people import Card, Customer
from ingestion.sandbox.sales import Deal, ResponsibleChange, Stage, StageEntry

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company


def _stages(company: "Company", deal: Deal) -> tuple[Stage, ...]:
    return next(one.stages for one in company.pipelines if one.system == deal.system and one.id == deal.pipeline_id)


def _entered(company: "Company", deal: Deal, stage: Stage, rng: Random) -> Deal:
    moment = during(rng, company.now)
    entry = StageEntry(deal.pipeline_id, stage.id, moment, deal.manager)
    status = stage.kind if stage.kind in ("won", "lost") else "open"
    reason = rng.choice(company.loss_reasons).name if status == "lost" else ""
    closed = None if status == "open" else moment
    return replace(
        deal, entries=(*deal.entries, entry), stage_id=stage.id, status=status, closed_at=closed, updated_at=moment, loss_reason=reason
    )


def new_business(company: "Company", rng: Random) -> "Company":
    """A new customer who so far exists only in the CRM, and new deals of old and new ones."""
    number = following(company.customers)
    last, first, patronymic = full_name(rng)
    manager = next(one.number for one in company.managers if one.is_sales and one.amo_id)
    phone = mobile(700_000 + number)
    name = f"{last} {first} {patronymic}"
    newcomer = Customer(number, "person", name, "", "", "Тверь", (phone,), (), manager, company.today, "amocrm", 1.0)
    moment = during(rng, company.now)
    card_id = max(card.id for card in company.cards if card.system == "amocrm" and card.kind == "contact") + 1
    card = Card(
        "amocrm",
        "contact",
        card_id,
        number,
        f"{first} {last}",
        first,
        last,
        (dirty_phone(rng, phone),),
        (),
        "",
        "",
        "",
        manager,
        moment,
        moment,
    )
    cards = (*company.cards, card)
    rates = Rates(company.rates, company.currency)
    end = company.now + timedelta(days=1)
    maker = DealMaker(
        rng, end, company.pipelines, company.loss_reasons, company.managers, cards, company.products, Origins(company.campaigns), rates
    )
    maker.line_id = max(line.id for deal in company.deals for line in deal.lines)
    buyers = some(rng, company.customers, share(4, company.scale), lambda one: bool(one.home) and maker.knows(one))
    made = [
        maker.make(newcomer, moment + timedelta(minutes=2), False),
        *(maker.make(one, during(rng, company.now), True) for one in buyers),
    ]
    made.sort(key=lambda one: one.created_at)
    taken = {system: max(deal.crm_id for deal in company.deals_of(system)) + 1 for system in ("amocrm", "bitrix24")}
    fresh = number_deals(made, following(company.deals), taken)
    return replace(company, customers=(*company.customers, newcomer), cards=cards, deals=(*company.deals, *fresh))


def move_deals(company: "Company", rng: Random) -> "Company":
    """Open deals go on: to the next stage, to the win, to the loss; a lost one is reopened."""
    moved = []
    for system, count in (("amocrm", 10), ("bitrix24", 4)):
        standing = some(
            rng,
            company.deals_of(system),
            share(count, company.scale),
            lambda one: one.status == "open" and one.updated_at < company.now and not one.deleted_at,
        )
        for deal in standing:
            stages = _stages(company, deal)
            opened = [stage for stage in stages if stage.kind == "open"]
            ahead = opened[next((index for index, stage in enumerate(opened) if stage.id == deal.stage_id), -1) + 1 :]
            won, lost, *_ = [stage for stage in stages if stage.kind in ("won", "lost")]
            fate = rng.random()
            stage = lost if fate < 0.2 else won if fate < 0.4 or not ahead else ahead[0]
            moved.append(_entered(company, deal, stage, rng))
    reopened = [
        _entered(company, deal, next(stage for stage in _stages(company, deal) if stage.kind == "open"), rng)
        for deal in some(rng, company.deals, 1, lambda one: one.status == "lost" and not one.deleted_at)
    ]
    changes = note(company, "deal_moved", [one.number for one in moved])
    company = replace(company, deals=swap(company.deals, [*moved, *reopened]), changes=changes)
    return replace(company, changes=note(company, "deal_reopened", [one.number for one in reopened]))


def edit_deals(company: "Company", rng: Random) -> "Company":
    """Closed deals get another amount, open ones another manager, one of each CRM is deleted."""
    closed = some(
        rng, company.deals, share(3, company.scale), lambda one: one.status == "won" and one.updated_at < company.now and not one.deleted_at
    )
    edited = [replace(deal, amount=deal.amount + Decimal(1000), updated_at=during(rng, company.now)) for deal in closed]
    handed = []
    for deal in some(rng, company.deals, 2, lambda one: one.status == "open" and one.updated_at < company.now and not one.deleted_at):
        attribute = "amo_id" if deal.system == "amocrm" else "b24_id"
        others = [one.number for one in company.managers if one.is_sales and getattr(one, attribute) and one.number != deal.manager]
        moment = during(rng, company.now)
        change = ResponsibleChange(moment, deal.manager, rng.choice(others), deal.manager)
        handed.append(replace(deal, manager=change.after, manager_changes=(*deal.manager_changes, change), updated_at=moment))
    taken = {one.number for one in (*edited, *handed)}
    deleted = []
    for system in ("amocrm", "bitrix24"):
        for deal in some(rng, company.deals_of(system), 1, lambda one: not one.deleted_at and one.number not in taken):
            moment = during(rng, company.now)
            deleted.append(replace(deal, deleted_at=moment, updated_at=moment))
    company = replace(company, deals=swap(company.deals, [*edited, *handed, *deleted]))
    for what, deals in (("deal_edited", edited), ("deal_handed_over", handed), ("deal_deleted", deleted)):
        company = replace(company, changes=note(company, what, [one.number for one in deals]))
    return company


def handle_leads(company: "Company", rng: Random) -> "Company":
    """New enquiries; one that waited is refused, in each system."""
    maker = enquiries.LeadMaker(
        rng, company.now + timedelta(days=1), company.customers, company.managers, company.pipelines, Origins(company.campaigns)
    )
    made = [maker.loose(system, during(rng, company.now)) for system in ("amocrm", "bitrix24") for _ in range(share(1, company.scale))]
    taken = {system: max(one.crm_id for one in company.leads if one.system == system) + 1 for system in ("amocrm", "bitrix24")}
    fresh = enquiries.number_leads(made, following(company.leads), taken)
    refused = []
    for system in ("amocrm", "bitrix24"):
        for lead in some(rng, company.leads, 1, lambda one: one.system == system and one.status == "open"):  # noqa: B023 used at once
            moment = during(rng, company.now)
            entries = (*lead.entries, StageEntry(0, "JUNK", moment, lead.manager or 0)) if lead.entries else ()
            refused.append(replace(lead, status="lost", closed_at=moment, updated_at=moment, loss_reason="Спам", entries=entries))
    changes = note(company, "lead_refused", [one.number for one in refused])
    return replace(company, leads=(*swap(company.leads, refused), *fresh), changes=changes)


def talk(company: "Company", rng: Random) -> "Company":
    """Calls, tasks and messages of the day; tasks that lay open are done."""
    maker = TalkMaker(rng, company.now + timedelta(days=1), company.customers, company.managers, company.cards)
    open_deals = some(
        rng, company.deals, share(8, company.scale), lambda one: one.status == "open" and one.customer is not None and not one.deleted_at
    )
    today = [replace(deal, created_at=during(rng, company.now), closed_at=None) for deal in open_deals]
    end = company.now + timedelta(days=1)
    calls = [call for deal in today for call in maker.around(deal) if call.started_at < end]
    calls += [maker.stray(during(rng, company.now)) for _ in range(share(2, company.scale))]
    calls.sort(key=lambda one: one.started_at)
    tasks = number_tasks([one for deal in today for one in maker.tasks(deal) if one.created_at < end], following(company.tasks))
    activities = number_activities([one for deal in today for one in maker.activities(deal)], following(company.activities))
    done = [
        replace(task, completed_at=during(rng, company.now), result="Сделано")
        for task in some(rng, company.tasks, share(3, company.scale), lambda one: one.completed_at is None)
    ]
    company = replace(
        company,
        calls=(*company.calls, *number_calls(calls, following(company.calls))),
        tasks=(*swap(company.tasks, done), *tasks),
        activities=(*company.activities, *activities),
    )
    return replace(company, changes=note(company, "task_done", [one.number for one in done]))


def edit_cards(company: "Company", rng: Random) -> "Company":
    """Cards are renamed, given a phone, and a duplicate contact is deleted; a partner of 1C gets another manager."""
    changed: dict[tuple[str, str, int], Card] = {}
    for card in some(rng, company.cards_of("amocrm"), 2, lambda one: not one.is_deleted):
        phone = dirty_phone(rng, mobile(800_000 + card.id))
        changed[card.system, card.kind, card.id] = replace(card, phones=(*card.phones, phone), updated_at=during(rng, company.now))
    for card in some(rng, company.cards_of("bitrix24"), 1, lambda one: not one.is_deleted):
        changed[card.system, card.kind, card.id] = replace(card, name=f"{card.name} (новый)", updated_at=during(rng, company.now))
    partners = some(rng, company.cards_of("onec"), 2, lambda one: one.kind == "partner" and one.manager is not None)
    sellers = [one.number for one in company.managers if one.is_sales and one.is_active]
    for card in partners:
        after = replace(card, manager=rng.choice(sellers), updated_at=during(rng, company.now))
        changed[card.system, card.kind, card.id] = after
        entity = company.card.get(("onec", "counterparty", card.id))
        if entity is not None:
            changed[entity.system, entity.kind, entity.id] = replace(entity, manager=after.manager, updated_at=after.updated_at)
    named = {("contact", one) for deal in company.deals if not deal.deleted_at for one in deal.contact_cards}
    extras = some(
        rng,
        company.cards_of("amocrm"),
        1,
        lambda one: one.duplicate_of is not None and not one.is_deleted and (one.kind, one.id) not in named,
    )
    for card in extras:
        changed[card.system, card.kind, card.id] = replace(card, is_deleted=True, updated_at=during(rng, company.now))
    cards = tuple(changed.get((card.system, card.kind, card.id), card) for card in company.cards)
    changes = note(company, "partner_manager_changed", [one.id for one in partners])
    company = replace(company, cards=cards, changes=changes)
    return replace(company, changes=note(company, "contact_deleted", [one.id for one in extras]))
