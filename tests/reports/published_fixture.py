"""A synthetic published file: the contract's tables, filled with a plausible company over 14 months, as of 2026-03-31.

Deterministic (seeded), small, and honest in the sums that reports compare: report marts are aggregated from the facts beside them.
"""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import yaml

CONTRACT = Path(__file__).parents[1] / "contract" / "marts.yml"
AS_OF = date(2026, 3, 31)
AGGREGATES = Path(__file__).parent / "published_aggregates.sql"
FIRST_DAY = date(2025, 2, 1)
LAST_COST = date(2026, 3, 29)  # the advertising source went stale on that morning
ZONE = ZoneInfo("Europe/Moscow")
HOLIDAYS = {date(2026, 1, day) for day in range(1, 12)} | {date(2025, 5, 1), date(2025, 5, 9), date(2026, 2, 23), date(2026, 3, 9)}
CHANNELS = ("paid_search", "paid_social", "organic", "referral", "direct")
CAMPAIGNS = (
    ("ads:101", "paid_search", "Поиск: бренд"),
    ("ads:102", "paid_search", "Поиск: каталог"),
    ("ads:201", "paid_social", "Соцсети: весна"),
    ("channel:organic", "organic", None),
    ("channel:referral", "referral", None),
)
MANAGERS = (
    ("books:m1", "Белова Анна", "Опт"),
    ("books:m2", "Громов Илья", "Опт"),
    ("books:m3", "Ким Виктория", "Розница"),
    ("books:m4", "Осипов Денис", "Розница"),
)
STAGES = (("Новая", "open"), ("Квалификация", "open"), ("Коммерческое предложение", "open"), ("Договор", "open"), ("Успешно", "won"))
FORMS = ("Ромашка", "Вектор", "Север", "Альфа", "Гранит", "Меридиан", "Лира", "Орион", "Квант", "Тандем")
DANGEROUS_NAMES = ("<script>alert(1)</script>", '=HYPERLINK("http://example.com";"x")', "ش" * 300, "")

Rows = list[dict[str, Any]]


def contract_tables() -> dict[str, dict[str, Any]]:
    """The contract: grain, columns and types by table."""
    tables: dict[str, dict[str, Any]] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["tables"]
    return tables


def build_published(
    folder: Path, *, run_id: str = "20260401T050000Z", deliveries: tuple[str, ...] = ("main",), empty: bool = False
) -> Path:
    """Writes published/marts-<run>.duckdb and its CURRENT; returns the file.

    Args:
        folder: the published/ folder, made if missing.
        run_id: the publication's run.
        deliveries: which tables exist: `main`, `analysis` for the rest of the contract, `beyond` for what we publish beside it.
        empty: leave every table but publication and dim_dates without rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"marts-{run_id}.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema marts")
    for table, contract in contract_tables().items():
        if contract["in"] in deliveries:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in contract["columns"].items())
            connection.execute(f"create table marts.{table} ({columns})")
    _insert(connection, "publication", [_publication(run_id)])
    _insert(connection, "dim_dates", _dates())
    if not empty:
        for table, rows in _company().items():
            _insert(connection, table, rows)
        for statement in AGGREGATES.read_text(encoding="utf-8").split(";")[:-1]:
            connection.execute(statement, {"as_of": AS_OF} if "$as_of" in statement else {})
    connection.close()
    pointer = folder / "CURRENT"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(path.name)
    return path


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    if not rows:
        return
    frame = pl.DataFrame(rows, infer_schema_length=None)
    connection.register("rows_to_insert", frame.to_arrow())
    connection.execute(f"insert into marts.{table} by name select * from rows_to_insert")
    connection.unregister("rows_to_insert")


def _publication(run_id: str) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "published_at": datetime(2026, 4, 1, 5, 0, tzinfo=UTC),
        "as_of_date": AS_OF,
        "company_name": "ООО Ромашка",
        "base_currency": "RUB",
        "timezone": "Europe/Moscow",
        "skvoz_version": "0.1.0",
    }


def _days() -> list[date]:
    return [FIRST_DAY + timedelta(days=number) for number in range((AS_OF - FIRST_DAY).days + 1)]


def _is_workday(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def _dates() -> Rows:
    last = date(2026, 12, 31)
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range((last - date(2025, 1, 1)).days + 1)]
    return [
        {
            "date": day,
            "week_start": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
            "year": day.year,
            "is_workday": _is_workday(day),
        }
        for day in days
    ]


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE).astimezone(UTC)


def _money(amount: float) -> Decimal:
    return Decimal(str(round(amount, 2)))


def _company() -> Mapping[str, Rows]:
    """The facts and dimensions that everything else is aggregated from."""
    draw = random.Random(20260331)
    managers: Rows = [
        {"manager_key": key, "manager_name": name, "email": f"m{number}@example.ru", "department": department, "is_active": True}
        for number, (key, name, department) in enumerate(MANAGERS, 1)
    ]
    stages: Rows = [
        {"stage_key": f"sales:1:{10 + n}", "source": "sales", "pipeline_id": "1", "pipeline_name": "Продажи", "stage_id": str(10 + n),
         "stage_name": name, "stage_position": n + 1, "stage_kind": kind}
        for n, (name, kind) in enumerate((*STAGES, ("Отказ", "lost")))
    ]  # fmt: skip
    campaigns: Rows = [
        {"campaign_key": key, "channel": channel, "campaign_name": name, "utm_source": "ya" if name else None}
        for key, channel, name in CAMPAIGNS
    ]
    customers = _customers(draw)
    sales, payments, orders = _trade(draw, customers)
    leads, deals = _deals(draw, customers)
    return {
        "dim_managers": managers,
        "dim_stages": stages,
        "dim_campaigns": campaigns,
        "dim_customers": customers,
        "fct_sales": sales,
        "fct_payments": payments,
        "fct_orders": orders,
        "fct_leads": leads,
        "fct_deals": deals,
        "fct_calls": _calls(draw, customers),
        "fct_campaign_costs": _costs(draw),
        "data_freshness": _freshness(),
    }


def _customers(draw: random.Random) -> Rows:
    names = [f"ООО «{form} {number}»" for number in range(1, 7) for form in FORMS]
    names[3:7] = DANGEROUS_NAMES
    return [
        {
            "customer_key": f"books:c{number}",
            "customer_name": name,
            "customer_type": "company",
            "tax_id": f"77{number:08}",
            "phone": f"+7495{number:07}",
            "manager_key": MANAGERS[number % len(MANAGERS)][0] if number % 11 else None,
            "channel": draw.choice(CHANNELS),
            "lifecycle": "active",
            "first_sale_date": FIRST_DAY + timedelta(days=draw.randint(0, 380)),
            "search_text": name.lower(),
        }
        for number, name in enumerate(names, 1)
    ]


def _trade(draw: random.Random, customers: Rows) -> tuple[Rows, Rows, Rows]:
    """Sales, the money for them and their orders; busier on workdays and towards a month's end."""
    sales: Rows = []
    payments: Rows = []
    orders: Rows = []
    for day in _days():
        season = 1 + 0.25 * ((day - FIRST_DAY).days / 424) + (0.35 if day.day > 24 else 0)
        for number in range(draw.randint(3, 8) if _is_workday(day) else draw.randint(0, 1)):
            customer = draw.choice(customers)
            known = draw.random() > 0.08
            key = f"books:s{day:%Y%m%d}-{number}"
            manager = customer["manager_key"] or draw.choice(MANAGERS)[0]
            revenue = draw.lognormvariate(10.9, 0.7) * season
            is_return = draw.random() < 0.03
            sign = -1 if is_return else 1
            cost = None if draw.random() < 0.02 else revenue / 1.2 * draw.uniform(0.6, 0.85)
            vat = revenue / 6
            common = {
                "source": "books",
                "order_key": f"books:o{day:%Y%m%d}-{number}",
                "customer_key": customer["customer_key"] if known else None,
                "manager_key": manager,
                "channel": customer["channel"] if known else None,
            }
            sales.append(
                {
                    **common,
                    "sale_key": f"{key}:1",
                    "document_key": key,
                    "sale_date": day,
                    "product_key": f"books:p{draw.randint(1, 40)}",
                    "quantity": Decimal(sign * draw.randint(1, 20)),
                    "revenue_base": _money(sign * revenue),
                    "vat_base": _money(sign * vat),
                    "cost_base": None if cost is None else _money(sign * cost),
                    "gross_profit_base": None if cost is None else _money(sign * (revenue - vat - cost)),
                    "is_return": is_return,
                }
            )
            paid_on = day + timedelta(days=draw.choice((0, 0, 1, 3, 7, 14, 30)))
            paid = draw.random() < (0.9 if (AS_OF - day).days < 100 else 0.997) and paid_on <= AS_OF
            if paid:
                payments.append(
                    {
                        **common,
                        "payment_key": f"{key}:p",
                        "payment_date": paid_on,
                        "paid_at": _at(paid_on, 12),
                        "amount": _money(revenue),
                        "currency_code": "RUB",
                        "amount_base": _money(sign * revenue),
                        "payment_method": draw.choice(("bank", "card", "cash")),
                        "direction": "out" if is_return else "in",
                    }
                )
            if not is_return:
                orders.append(
                    {
                        **common,
                        "order_number": f"{number:03}",
                        "order_date": day,
                        "order_status": "closed" if paid else "shipped",
                        "currency_code": "RUB",
                        "amount_base": _money(revenue),
                        "shipped_base": _money(revenue),
                        "paid_base": _money(revenue if paid else 0),
                        "debt_base": _money(0 if paid else revenue),
                        "due_date": day + timedelta(days=14),
                        "is_order": True,
                        "is_cancelled": False,
                    }
                )
    return sales, payments, orders


def _deals(draw: random.Random, customers: Rows) -> tuple[Rows, Rows]:
    leads: Rows = []
    deals: Rows = []
    for day in _days():
        for number in range(draw.randint(2, 7) if _is_workday(day) else draw.randint(0, 2)):
            customer = draw.choice(customers)
            campaign = draw.choice(CAMPAIGNS) if draw.random() > 0.15 else (None, None, None)
            key = f"sales:{day:%y%m%d}{number}"
            created = _at(day, draw.randint(8, 19), draw.randint(0, 59))
            furthest = draw.choices(range(5), weights=(30, 22, 16, 12, 20))[0]
            age = (AS_OF - day).days
            status = "won" if furthest == 4 and age > 12 else ("lost" if age > 35 and furthest < 4 and draw.random() < 0.85 else "open")
            stage = 4 if status == "won" else (5 if status == "lost" else min(furthest, 3))
            closed = None if status == "open" else created + timedelta(days=draw.randint(5, min(40, max(6, age))))
            closed = None if closed is None else min(closed, _at(AS_OF, 18))
            amount = _money(draw.lognormvariate(11.2, 0.6))
            owner = {"customer_key": customer["customer_key"], "manager_key": customer["manager_key"] or MANAGERS[0][0]}
            origin = {"campaign_key": campaign[0], "channel": campaign[1]}
            deals.append(
                {
                    **owner,
                    **origin,
                    "deal_key": key,
                    "source": "sales",
                    "deal_id": key.split(":")[1],
                    "deal_name": f"Сделка {key}",
                    "pipeline_name": "Продажи",
                    "stage_key": f"sales:1:{10 + stage}",
                    "stage_name": (*STAGES, ("Отказ", "lost"))[stage][0],
                    "deal_status": status,
                    "manager_at_close_key": None if closed is None else owner["manager_key"],
                    "amount": amount,
                    "currency_code": "RUB",
                    "amount_base": amount,
                    "created_at": created,
                    "closed_at": closed,
                    "loss_reason": "Дорого" if status == "lost" else None,
                    # only the aggregates below read it: the highest stage the deal ever stood in
                    "updated_at": _at(FIRST_DAY, 0) + timedelta(days=furthest if status != "won" else 4),
                }
            )
            leads.append(
                {**owner, **origin, "lead_key": key, "source": "sales", "created_at": created, "lead_status": "converted", "deal_key": key}
            )
    return leads, deals


def _calls(draw: random.Random, customers: Rows) -> Rows:
    calls: Rows = []
    for day in _days():
        for number in range(draw.randint(6, 16) if _is_workday(day) else draw.randint(0, 2)):
            customer = draw.choice(customers)
            inbound = draw.random() < 0.55
            missed = inbound and draw.random() < 0.14
            callback = draw.choice((4.0, 12.0, 45.0, 180.0, None)) if missed else None
            calls.append(
                {
                    "call_key": f"sales:call:{day:%y%m%d}{number}",
                    "source": "sales",
                    "started_at": _at(day, draw.randint(9, 18), draw.randint(0, 59)),
                    "call_date": day,
                    "direction": "in" if inbound else "out",
                    "phone": customer["phone"],
                    "customer_key": customer["customer_key"] if draw.random() > 0.2 else None,
                    "manager_key": customer["manager_key"],
                    "talk_seconds": 0 if missed else draw.randint(20, 600),
                    "is_answered": not missed,
                    "is_missed": missed,
                    "callback_minutes": callback,
                    "is_lost": missed and callback is None and day < AS_OF,
                }
            )
    return calls


def _costs(draw: random.Random) -> Rows:
    return [
        {
            "cost_date": day,
            "campaign_key": key,
            "channel": channel,
            "impressions": draw.randint(2000, 9000),
            "clicks": draw.randint(20, 160),
            "cost_base": _money(draw.uniform(900, 5200)),
        }
        for day in _days()
        for key, channel, name in CAMPAIGNS
        if name and day < LAST_COST
    ]


def _freshness() -> Rows:
    loaded = {
        "books": datetime(2026, 4, 1, 4, 40, tzinfo=UTC),
        "sales": datetime(2026, 4, 1, 4, 42, tzinfo=UTC),
        "ads": datetime(2026, 3, 29, 4, 45, tzinfo=UTC),
    }
    types = {"books": "1c_odata", "sales": "amocrm", "ads": "yandex_direct"}
    streams = {"books": ("orders", "shipments", "bank_receipts"), "sales": ("leads", "contacts", "events"), "ads": ("campaign_costs",)}
    return [
        {"source": source, "stream": stream, "rows_total": 1000, "rows_deleted": 0, "last_loaded_at": loaded[source],
         "newest_record_at": loaded[source] - timedelta(minutes=20), "is_stale": source == "ads",
         "source_type": types[source], "source_title": "Бухгалтерия" if source == "books" else None}
        for source, names in streams.items()
        for stream in names
    ]  # fmt: skip
