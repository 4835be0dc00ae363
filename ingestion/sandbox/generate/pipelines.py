"""The pipelines of both CRMs and the way deals go through them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ingestion.sandbox.generate.chance import later, likely
from ingestion.sandbox.generate.words import LOSS_REASONS
from ingestion.sandbox.sales import LossReason, Pipeline, Stage, StageEntry

AMO_MAIN, AMO_REPEAT, B24_GENERAL, B24_TENDERS = 6_001, 6_002, 0, 4


def make_pipelines() -> tuple[Pipeline, ...]:
    """Two pipelines in each CRM; amoCRM's 142 and 143 are the same ids in both of its own."""
    return (
        _amo(AMO_MAIN, "Продажи", 1, ("Первичный контакт", "Выявлена потребность", "КП отправлено", "Договор", "Предоплата получена")),
        _amo(AMO_REPEAT, "Повторные продажи", 2, ("Заявка", "Счёт выставлен", "Ожидаем оплату")),
        _b24(B24_GENERAL, "Общая", 100, ("NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE")),
        _b24(B24_TENDERS, "Тендеры", 200, ("NEW", "PREPARATION", "EXECUTING")),
    )


def _amo(pipeline_id: int, name: str, sort: int, names: tuple[str, ...]) -> Pipeline:
    first = pipeline_id * 10
    opened = tuple(Stage(str(first + n), title, n * 10 + 10, "open", "#99ccff") for n, title in enumerate(names, 1))
    won = "Успешно реализовано" if sort == 1 else "Отгружено и оплачено"
    return Pipeline(
        "amocrm",
        pipeline_id,
        name,
        sort,
        sort == 1,
        (
            Stage(str(first), "Неразобранное", 10, "unsorted", "#c1c1c1"),
            *opened,
            Stage("142", won, 10_000, "won", "#CCFF66"),
            Stage("143", "Закрыто и не реализовано", 11_000, "lost", "#D5D8DB"),
        ),
    )


B24_NAMES = {
    "NEW": "Новая",
    "PREPARATION": "Подготовка документов",
    "PREPAYMENT_INVOICE": "Счёт на предоплату",
    "EXECUTING": "В работе",
    "FINAL_INVOICE": "Финальный счёт",
}


def _b24(category: int, name: str, sort: int, codes: tuple[str, ...]) -> Pipeline:
    prefix = f"C{category}:" if category else ""
    opened = tuple(Stage(prefix + code, B24_NAMES[code], n * 10, "open", "#39A8EF") for n, code in enumerate(codes, 1))
    last = len(codes) * 10
    return Pipeline(
        "bitrix24",
        category,
        name,
        sort,
        category == 0,
        (
            *opened,
            Stage(prefix + "WON", "Сделка успешна", last + 10, "won", "#7BD500"),
            Stage(prefix + "LOSE", "Сделка провалена", last + 20, "lost", "#FF5752"),
            Stage(prefix + "APOLOGY", "Анализ причины провала", last + 30, "lost", "#FF5752"),
        ),
    )


def make_loss_reasons() -> tuple[LossReason, ...]:
    """The list of loss reasons."""
    return tuple(LossReason(91_000 + n * 3, name, n * 10_000) for n, name in enumerate(LOSS_REASONS, 1))


@dataclass(frozen=True, slots=True)
class Walk:
    """A deal's way: every stage it entered, and how it stands at the end."""

    entries: tuple[StageEntry, ...]
    status: str
    closed_at: datetime | None


def walk(
    rng: Random, pipelines: tuple[Pipeline, ...], pipeline: Pipeline, created: datetime, now: datetime, manager: int, is_repeat: bool
) -> Walk:
    """A deal's way from its creation to its end or to `now`, whichever comes first.

    Steps are skipped, taken back, a deal is moved to another pipeline, a lost one comes back; some stand still for ever.
    """
    opened = [stage for stage in pipeline.stages if stage.kind == "open"]
    wins = likely(rng, 0.52 if is_repeat else 0.33)
    stands_still = not wins and likely(rng, 0.10)
    stops = len(opened) - 1 if wins else min(int(rng.expovariate(0.7)), len(opened) - 1)
    pace = rng.uniform(0.6, 1.6) if is_repeat else rng.uniform(1.5, 7.0)
    entries = [StageEntry(pipeline.id, opened[0].id, created, manager if is_repeat or likely(rng, 0.6) else 0)]
    moment, position = created, 0

    def enter(stage: Stage, mean: float, where: Pipeline = pipeline) -> bool:
        nonlocal moment
        moment = later(rng, moment, mean)
        if moment >= now:
            return False
        entries.append(StageEntry(where.id, stage.id, moment, manager if likely(rng, 0.93) else 0))
        return True

    while position < stops:
        position = min(stops, position + (2 if likely(rng, 0.08) else 1))
        if not enter(opened[position], pace):
            return Walk(tuple(entries), "open", None)
        if position > 1 and likely(rng, 0.04) and not (enter(opened[position - 1], pace) and enter(opened[position], pace)):
            return Walk(tuple(entries), "open", None)
    if stands_still:
        return Walk(tuple(entries), "open", None)
    won, *lost = [stage for stage in pipeline.stages if stage.kind in ("won", "lost")]
    if wins:
        if likely(rng, 0.02) and not (enter(lost[0], pace) and enter(opened[stops], pace * 2)):
            return _standing(pipelines, entries)
        return Walk(tuple(entries), "won", moment) if enter(won, pace) else Walk(tuple(entries), "open", None)
    if likely(rng, 0.02):
        other = next(one for one in pipelines if one.system == pipeline.system and one.id != pipeline.id)
        if not enter(next(stage for stage in other.stages if stage.kind == "open"), pace, other):
            return _standing(pipelines, entries)
        ends = enter(next(stage for stage in other.stages if stage.kind == "lost"), pace * 1.5, other)
        return Walk(tuple(entries), "lost" if ends else "open", moment if ends else None)
    ends = enter(rng.choice(lost), pace * rng.uniform(0.5, 2.5))
    return Walk(tuple(entries), "lost" if ends else "open", moment if ends else None)


def _standing(pipelines: tuple[Pipeline, ...], entries: list[StageEntry]) -> Walk:
    last = entries[-1]
    kind = next(stage.kind for one in pipelines if one.id == last.pipeline_id for stage in one.stages if stage.id == last.stage_id)
    return Walk(tuple(entries), "lost" if kind == "lost" else "open", last.at if kind == "lost" else None)


def accepted_from_unsorted(way: Walk, pipeline: Pipeline, waited: timedelta) -> Walk:
    """The same way begun in amoCRM's «Неразобранное»: the first open stage is entered when somebody accepts it."""
    first, *rest = way.entries
    unsorted_stage = next(stage for stage in pipeline.stages if stage.kind == "unsorted")
    begin = StageEntry(first.pipeline_id, unsorted_stage.id, first.at, 0)
    accepted = StageEntry(first.pipeline_id, first.stage_id, first.at + waited, first.by or 0)
    return Walk((begin, accepted, *rest), way.status, way.closed_at)
