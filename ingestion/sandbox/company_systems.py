"""All the company's systems at once: four servers on loopback ports, the spreadsheets as files, and the skvoz.toml that points at them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette

from ingestion.sandbox import amocrm_server, bitrix24_server, onec_server, spreadsheets, yandex_direct_server
from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE, WEBHOOK_USER
from ingestion.sandbox.clock import ZONE_NAME
from ingestion.sandbox.company import Company
from ingestion.sandbox.serving import serve

# УТ shows more than УНФ: partners above counterparties, key catalogues, claims, unpublished types.
CONFIGURATION = "ut"
SOURCE_NAMES = {"onec": "books", "amocrm": "sales", "bitrix24": "portal", "yandex_direct": "ads"}

TOML = """# The sandbox company: its systems run on this machine while the demo works, and nowhere else.
[company]
name = "{name}"
currency = "{currency}"
timezone = "{zone}"
locale = "ru"
working_hours = "mon-fri 09:00-18:00"
country = "RU"

[warehouse]
engine = "duckdb"
path = "data"

[sources.books]
type = "1c_odata"
url = "{onec}{onec_root}/"
configuration = "{configuration}"
username = "${{ONEC_USERNAME}}"
password = "${{ONEC_PASSWORD}}"
since = "{since}"

[sources.books.entities.orders]
deal = "НомерСделкиCRM"
fields = {{ channel = "КаналЗаказа" }}

[sources.sales]
type = "amocrm"
url = "{amocrm}"
token = "${{AMOCRM_TOKEN}}"
order_field = "Номер заказа 1С"
requests_per_second = 0
since = "{since}"

[sources.portal]
type = "bitrix24"
webhook = "${{BITRIX24_WEBHOOK}}"
order_field = "UF_CRM_ORDER_NUMBER"
requests_per_second = 0
since = "{since}"

[sources.ads]
type = "yandex_direct"
url = "{yandex_direct}/json/v5/"
token = "${{YANDEX_TOKEN}}"
since = "{since}"
{sheets}
[dashboard]
auth = "none"
"""
SHEET = """
[sources.{name}]
type = "spreadsheet"
title = "{title}"
path = "input/{file}"
stream = "{stream}"
"""
SHEET_NAMES = {
    "campaign_costs": "offline_ads",
    "plans": "plans",
    "discount_tiers": "tiers",
    "customer_matches": "matches",
    "exchange_rates": "rates",
}
SHEET_TITLES = {
    "campaign_costs": "Таблица расходов",
    "plans": "Таблица планов",
    "discount_tiers": "Шкала скидок",
    "customer_matches": "Пары клиентов",
    "exchange_rates": "Курсы валют",
}


@dataclass(frozen=True, slots=True)
class Systems:
    """The running systems.

    Attributes:
        toml: text of the skvoz.toml that reads them all; it belongs beside `input/`.
        environment: the secrets it names.
        urls: address of each server, by system.
        apps: the servers' apps by system, for tests that change what they hold.
        sheets: the spreadsheets written, by stream.
    """

    toml: str
    environment: Mapping[str, str]
    urls: Mapping[str, str]
    apps: Mapping[str, Starlette] = field(repr=False)
    sheets: Mapping[str, spreadsheets.Written]


@contextmanager
def running_systems(company: Company, folder: Path, configuration: str = CONFIGURATION) -> Iterator[Systems]:
    """The company's systems while the block runs; spreadsheets are written to `folder`/input, secrets to `folder`/.env.

    Args:
        company: what they hold.
        folder: where skvoz.toml will be.
        configuration: of the 1C base: ut, ka, erp, unf or bp.
    """
    apps = {
        "onec": onec_server.build_app(company, configuration),
        "amocrm": amocrm_server.build_app(company),
        "bitrix24": bitrix24_server.build_app(company),
        "yandex_direct": yandex_direct_server.build_app(company, waits=0),
    }
    sheets = spreadsheets.write_all(company, folder / "input", configuration, SOURCE_NAMES)
    with ExitStack() as stack:
        urls = {system: stack.enter_context(serve(app)) for system, app in apps.items()}
        environment = {
            "ONEC_USERNAME": onec_server.USERNAME,
            "ONEC_PASSWORD": onec_server.PASSWORD,
            "AMOCRM_TOKEN": LONG_LIVED_TOKEN,
            "BITRIX24_WEBHOOK": f"{urls['bitrix24']}/rest/{WEBHOOK_USER}/{WEBHOOK_CODE}/",
            "YANDEX_TOKEN": yandex_direct_server.TOKEN,
        }
        secrets = folder / ".env"
        secrets.touch(mode=0o600)
        secrets.write_text("".join(f"{name}={value}\n" for name, value in environment.items()), encoding="utf-8")
        tables = [
            SHEET.format(name=SHEET_NAMES[stream], title=SHEET_TITLES[stream], file=spreadsheets.FILES[stream], stream=stream)
            for stream in sheets
        ]
        toml = TOML.format(
            name=company.name,
            currency=company.currency,
            zone=ZONE_NAME,
            configuration=configuration,
            onec_root=onec_server.ROOT,
            since=company.started_on,
            sheets="".join(tables),
            **urls,
        )
        yield Systems(toml, environment, urls, apps, sheets)
