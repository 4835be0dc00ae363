"""Campaigns, what they cost by day, and the origins that deals carry because of them."""

from datetime import date, timedelta
from itertools import accumulate
from random import Random

from ingestion.sandbox.generate.chance import Timeline, counted, likely, money, weighted
from ingestion.sandbox.generate.words import look_alike
from ingestion.sandbox.marketing import Campaign, CampaignDay, Origin

SUBJECTS = ("Станки", "Компрессоры", "Инструмент оптом", "Крепёж", "Сервис", "Бренд", "Ретаргетинг", "Распродажа")
SLUGS = ("stanki", "kompressory", "instrument_opt", "krepezh", "service", "brand", "retarget", "sale")
# system, channel, source, medium, campaign, name, pull against a Direct campaign's 1.0
OTHERS = (
    ("spreadsheet", "paid_social", "vk", "cpc", "vk_lookalike", "VK: похожая аудитория", 0.9),
    ("spreadsheet", "paid_social", "vk", "cpc", "vk_spring", "VK: весна", 0.5),
    ("spreadsheet", "email", "unisender", "email", "news", "Рассылка новостей", 0.3),
    ("spreadsheet", "offline", "expo", "offline", "expo_stankostroenie", "Выставка", 0.5),
    ("spreadsheet", "offline", "billboard", "offline", "billboard_mkad", "Щит на МКАД", 0.2),
)


def make_campaigns(rng: Random, scale: float, timeline: Timeline) -> tuple[Campaign, ...]:
    """Direct campaigns (6 at scale 1) and those whose costs the company types into a spreadsheet.

    The first Direct campaigns mark their links by name, every third by its id: both ways occur in one account.
    """
    found = []
    direct = counted(6, scale**0.5, least=2)
    for number in range(1, direct + 1):
        slug = SLUGS[(number - 1) % len(SLUGS)] + (f"_{number}" if number > len(SLUGS) else "")
        campaign_id = 41_000_000 + number * 7_919
        started = timeline.first if number <= 3 else timeline.first + timedelta(days=rng.randrange(20, 200))
        ended = timeline.last if number % 4 else min(timeline.last, started + timedelta(days=240))
        marked = (slug, slug, "{id}", "{name}_{id}")[number % 4].format(id=campaign_id, name=slug)
        name = slug if number % 4 < 2 else f"{SUBJECTS[(number - 1) % len(SUBJECTS)]} / Поиск"
        found.append(
            Campaign(
                number, "yandex_direct", campaign_id, name, "paid_search", "yandex", "cpc", marked, started, ended, rng.uniform(0.6, 1.4)
            )
        )
    for number, (system, channel, source, medium, mark, name, pull) in enumerate(OTHERS, direct + 1):
        started, ended = timeline.first, timeline.last
        if channel == "offline":
            started = timeline.first + timedelta(days=rng.randrange(10, max(11, len(timeline.days) // 2)))
            ended = min(timeline.last, started + timedelta(days=4 if source == "expo" else 60))
        found.append(Campaign(number, system, 0, name, channel, source, medium, mark, started, ended, pull))
    return tuple(found)


def make_campaign_days(rng: Random, scale: float, campaigns: tuple[Campaign, ...], timeline: Timeline) -> tuple[CampaignDay, ...]:
    """Costs by day: weekends are cheap, a few days are switched off, an exhibition is paid for once."""
    average = sum(timeline.weights) / len(timeline.weights)
    found = []
    for campaign in campaigns:
        for day, weight in zip(timeline.days, timeline.weights, strict=True):
            if not campaign.started_on <= day <= campaign.ended_on or likely(rng, 0.02):
                continue
            if campaign.channel in ("offline", "email"):
                if (day - campaign.started_on).days % 30 == 0:
                    found.append(CampaignDay(campaign.number, day, 0, 0, money(campaign.pull * scale * rng.uniform(240_000, 420_000))))
                continue
            load = campaign.pull * scale * (0.35 + 0.65 * weight / average)
            clicks = max(0, round(rng.gauss(40 * load, 6 * load**0.5)))
            found.append(
                CampaignDay(
                    campaign.number,
                    day,
                    clicks * rng.randrange(18, 45) + rng.randrange(60),
                    clicks,
                    money(clicks * rng.uniform(70.0, 150.0)),
                )
            )
    return tuple(found)


class Origins:
    """Draws where enquiries come from: campaigns while they run, the free channels, and nothing known at all."""

    FREE = (
        (1.3, Origin(utm_source="yandex", utm_medium="organic", crm_source="site")),
        (0.7, Origin(utm_source="google", utm_medium="organic", crm_source="site")),
        (0.9, Origin(crm_source="call")),
        (0.9, Origin(crm_source="recommendation")),
        (0.4, Origin(utm_source="partner-portal.example", utm_medium="referral", crm_source="site")),
        (1.1, Origin(crm_source="site")),
        (1.0, Origin()),
    )

    def __init__(self, campaigns: tuple[Campaign, ...]) -> None:
        """From the company's campaigns."""
        self._campaigns = campaigns

    def pick(self, rng: Random, day: date) -> Origin:
        """The origin of an enquiry of that day."""
        running: list[Campaign | Origin] = [one for one in self._campaigns if one.started_on <= day <= one.ended_on + timedelta(days=7)]
        weights = [one.pull for one in running if isinstance(one, Campaign)] + [weight for weight, _ in self.FREE]
        found = weighted(rng, [*running, *(origin for _, origin in self.FREE)], list(accumulate(weights)))
        return self.marked(rng, found) if isinstance(found, Campaign) else found

    @staticmethod
    def marked(rng: Random, campaign: Campaign) -> Origin:
        """What is left of a campaign's marks when they reach the CRM: one in ten lost, some misspelt, some in another case."""
        source = "exhibition" if campaign.utm_source == "expo" else "call" if campaign.channel == "offline" else "site"
        fate = rng.random()
        if fate < 0.10:
            return Origin(campaign.number, crm_source=source)
        if campaign.channel == "offline":
            return Origin(campaign.number, crm_source=source, promo_code="EXPO" if source == "exhibition" else "")
        utm_source, mark = campaign.utm_source, campaign.utm_campaign
        if fate < 0.14:
            utm_source = look_alike(utm_source)
        elif fate < 0.22:
            utm_source = "Yandex" if utm_source == "yandex" else utm_source.upper()
        elif fate < 0.26 and campaign.system == "yandex_direct":
            utm_source = rng.choice(("direct", "ya"))
        elif fate < 0.32 and campaign.system == "yandex_direct":
            mark = str(campaign.id)
        elif fate < 0.34:
            mark = ""
        return Origin(
            campaign.number, utm_source, campaign.utm_medium, mark, f"ad{rng.randrange(1, 9)}", rng.choice(("", "купить", "цена")), source
        )
