"""The tables of skvoz.toml that readers need: [company], [warehouse], [reports], [email], [telegram], [dashboard].

Sources, dbt and their secrets are not read here, so that a page or a mail never holds a CRM token. `${NAME}` in any string is
replaced from the environment. All faults are reported at once, each naming the key, the file and the key's meaning.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from reports.due import parse_hours
from reports.errors import ReportsError, SettingsError

# Tables of skvoz.toml that belong to other parts of the product: known, not read here.
FOREIGN_TABLES = frozenset({"sources", "vars", "dbt", "alerts", "runs"})
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

Locale = Literal["ru", "en", "ro", "pl"]


@cache
def _zones() -> frozenset[str]:
    """Names of time zones; to list them reads 600 files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        msg = "is not an IANA time zone such as Europe/Moscow"
        raise ValueError(msg)
    return name


def _known_hours(text: str) -> str:
    try:
        parse_hours(text)
    except ReportsError as error:
        raise ValueError(str(error).rstrip(".")) from error
    return text


def _currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        msg = "is not an ISO 4217 code such as RUB"
        raise ValueError(msg)
    return code


def _size(text: str) -> str:
    if not re.fullmatch(r"(?i)auto|\d+(\.\d+)? ?([kmgt](i?b)?|%)", text):
        msg = "is no size such as 2GB, or auto"
        raise ValueError(msg)
    return text


def _proxy(address: str) -> str:
    if address and not re.fullmatch(r"(https?|socks5h?)://\S+", address):
        msg = "is no address such as socks5://host:port"
        raise ValueError(msg)
    return address


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Company(_Table):
    """[company]: whose figures these are."""

    name: str = Field(description="the company's name as readers see it")
    currency: Annotated[str, AfterValidator(_currency)] = Field("RUB", description="the company currency, ISO 4217")
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field("Europe/Moscow", description="IANA zone of business days and schedules")
    locale: Locale = Field("ru", description="language of reports and pages: ru, en, ro or pl")
    working_hours: str = Field("", description="working hours such as 'mon-fri 09:00-18:00', empty if response times count round the clock")
    country: str = Field("RU", description="ISO 3166 country of holidays and of phone numbers without a prefix")

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)


class Warehouse(_Table):
    """[warehouse]: where the data folder is; readers only use its published/ part."""

    engine: Literal["duckdb", "clickhouse"] = Field("duckdb", description="the engine that holds the warehouse")
    path: Path = Field(Path("data"), description="the data folder; a relative path is relative to skvoz.toml")
    keep_versions: int = Field(7, ge=1, description="how many of the newest publications to keep")
    keep_days: int = Field(35, ge=0, description="for how many days to keep the last publication of each day")
    forget_after_days: int | None = Field(None, ge=30, description="after how many idle days persons are forgotten, once a week")
    memory_limit: Annotated[str, AfterValidator(_size)] = Field(
        "auto", description="the memory that the engine may take, such as 2GB, or auto"
    )
    threads: int | None = Field(None, ge=1, description="the threads that the engine may take; all cores if not given")
    temp_directory: str | None = Field(None, description="where the engine may spill to disk; inside path if not given")
    raw: str = Field("", description="s3://bucket/prefix of a raw zone on an S3-compatible store")
    raw_endpoint: str = Field("", description="of that store")
    raw_key: str = Field("", description="id of an account of that store")
    raw_secret: str = Field("", repr=False, description="secret of that account, from the environment")
    raw_region: str = Field("us-east-1", description="region of that store")
    url: str = Field("", description="of ClickHouse: https://host:8443, http://host:8123, or chdb:<folder> for its engine in process")
    user: str = Field("default", description="of ClickHouse, who publishes")
    password: str = Field("", repr=False, description="of that user, from the environment")
    database: str = Field("skvoz", description="of ClickHouse, the name that other tools read the marts under")
    reader: str = Field("", description="of ClickHouse, a user who may only read publications; the user if not given")
    reader_password: str = Field("", repr=False, description="of that reader, from the environment")
    accounts: bool = Field(False, description="of ClickHouse: every publication gets row policies for people's accounts")
    cluster: str = Field("", description="of ClickHouse, whose nodes hold every table")
    storage_policy: str = Field("", description="of ClickHouse, for raw tables")

    @property
    def published(self) -> Path:
        """The folder of published versions and their CURRENT pointer."""
        return self.path / "published"


class Subscription(_Table):
    """One entry of [[reports.subscriptions]]."""

    report: str = Field(description="a report of `skvoz report list`")
    to: tuple[str, ...] = Field(min_length=1, description="recipients: email:, telegram:, file: or webhook: addresses")
    schedule: str = Field("", description="cron in the company time zone; empty: the report's own schedule")
    locale: Locale | None = Field(None, description="language, if not the company's")
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = Field(None, description="zone of the schedule, if not the company's")
    send_hours: str | None = Field(None, description="hours in which this report may arrive, if not those of [reports]")
    days: Literal["all", "workdays"] = Field(
        "all", description="all, or workdays: not on weekends and holidays; a week's or month's report leaves on the workday after"
    )
    paused: bool = Field(False, description="true sends nothing until it is taken back")
    paused_until: date | None = Field(None, description="sends nothing before this day")
    deadline_minutes: int = Field(180, ge=0, description="how long after its time the report waits for fresh data")
    send_empty: bool = Field(False, description="send the report even when all its blocks are empty")
    pdf: bool = Field(False, description="a PDF of the report goes along")
    when_stale: Literal["send", "skip"] = Field("send", description="at the deadline without fresh data: send it marked stale, or skip it")


class Reports(_Table):
    """[reports]: what is delivered, to whom, when."""

    send_hours: Annotated[str, AfterValidator(_known_hours)] = Field("08:00-20:00", description="hours in which reports may arrive")
    administrator: tuple[str, ...] = Field((), description="who hears of failures")
    attachment_limit_mb: int = Field(10, ge=1, description="the largest attachment in megabytes")
    subscriptions: tuple[Subscription, ...] = Field((), description="who gets which report when")


class Email(_Table):
    """[email]: the SMTP server that mails leave through."""

    host: str = Field(description="the SMTP server")
    port: int = Field(587, ge=1, le=65535, description="the SMTP server's port")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls, or none for a local relay")
    username: str = Field("", description="the SMTP account, empty for a relay without login")
    password: str = Field("", repr=False, description="the SMTP account's password, from the environment")
    sender: str = Field("", alias="from", description="the From address of mails")


class Telegram(_Table):
    """[telegram]: the bot that reports arrive from."""

    token: str = Field(repr=False, description="the bot's token, from the environment")
    url: str = Field("https://api.telegram.org", description="the Bot API server")
    proxy: Annotated[str, AfterValidator(_proxy)] = Field("", description="a proxy such as socks5://host:port")


class Oidc(_Table):
    """[dashboard.oidc]: the provider of OpenID Connect that people log in with."""

    client_id: str = Field(description="the application's id at the provider")
    client_secret: str = Field(repr=False, description="the application's secret, from the environment")
    server_metadata_url: str = Field(description="the provider's address that ends in /.well-known/openid-configuration")
    trust_unverified_email: bool = Field(False, description="true for a provider of your own company that does not say email_verified")


class Dashboard(_Table):
    """[dashboard]: who may open the pages, and where mails link to."""

    auth: Literal["local", "oidc", "none"] = Field("local", description="local, oidc, or none (only on a loopback address)")
    url: str = Field("", description="the address that readers open, for links in mails; https:// makes cookies secure; may have a path")
    oidc: Oidc | None = Field(None, description="the provider, where auth is oidc")

    def missing(self) -> list[str]:
        """What a login by OpenID Connect still lacks, one sentence each; nothing where nobody logs in that way."""
        if self.auth != "oidc":
            return []
        found = []
        if self.oidc is None:
            found.append('[dashboard.oidc]: missing; with auth = "oidc" it names client_id, client_secret and server_metadata_url.')
        if not self.url:
            found.append("dashboard.url: missing; the provider sends readers back to <url>/oauth2callback.")
        if find_spec("authlib") is None:
            found.append("dashboard.auth: OpenID Connect needs another package; install it with: pip install 'skvoz[oidc]'.")
        return found


class Settings(_Table):
    """Everything a report or a page needs to know of skvoz.toml."""

    company: Company = Field(description="the company")
    warehouse: Warehouse = Field(default_factory=lambda: Warehouse.model_validate({}), description="the data folder")
    reports: Reports = Field(default_factory=lambda: Reports.model_validate({}), description="reports and their recipients")
    email: Email | None = Field(None, description="the SMTP server")
    telegram: Telegram | None = Field(None, description="the Telegram bot")
    dashboard: Dashboard = Field(default_factory=lambda: Dashboard.model_validate({}), description="the dashboard")


def _expand(value: Any, key: str, environ: Mapping[str, str], problems: list[str], where: str) -> Any:
    """Replaces ${NAME} in every string under `value`, noting names that the environment lacks."""
    if isinstance(value, dict):
        return {name: _expand(item, f"{key}.{name}" if key else name, environ, problems, where) for name, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, f"{key}[{position}]", environ, problems, where) for position, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    problems += [
        f"{key} in {where}: the environment variable {name} is not set; set it or put it into .env beside {where}."
        for name in dict.fromkeys(_ENVIRONMENT.findall(value))
        if not environ.get(name)
    ]
    return _ENVIRONMENT.sub(lambda match: environ.get(match[1], ""), value)


def _meaning(location: tuple[int | str, ...]) -> tuple[str, list[str]]:
    """What the key at `location` stands for, from the models' own descriptions, and the keys that its table knows."""
    model: Any = Settings
    meaning, known = "", sorted(FOREIGN_TABLES)
    for part in location:
        if isinstance(part, int):
            continue
        fields = getattr(model, "model_fields", {})
        known = sorted([info.alias or field for field, info in fields.items()] + (sorted(FOREIGN_TABLES) if model is Settings else []))
        name = next((field for field, info in fields.items() if part in (field, info.alias)), None)
        if name is None:
            return "", known
        meaning = fields[name].description or ""
        annotation = fields[name].annotation
        arguments = [annotation, *getattr(annotation, "__args__", ())]
        model = next((item for item in arguments if isinstance(item, type) and issubclass(item, BaseModel)), None)
    return meaning, known


_PLAIN = {"tuple_type": 'must be a list, like ["…"]', "too_short": "must not be empty", "model_type": "must be a table"}


def _sentence(error: ErrorDetails, where: str) -> str:
    location = tuple(part for part in error["loc"] if not (isinstance(part, str) and part[:1].isupper()))
    key = ".".join(str(part) for part in location)
    meaning, known = _meaning(location)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        return f"{key} in {where}: unknown key; {f'did you mean {near[0]}? ' if near else ''}known are {', '.join(known)}."
    if error["type"] == "missing":
        return f"{key} in {where}: missing; it is {meaning}."
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be", 1)
    return f"{key} in {where}: {_PLAIN.get(error['type'], said)}; it is {meaning}."


def load_settings(config_path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the readers' tables of skvoz.toml.

    Args:
        config_path: the skvoz.toml file.
        environ: where `${NAME}` comes from; the process environment if not given.

    Raises:
        SettingsError: with every fault at once.
    """
    environ = os.environ if environ is None else environ
    where = config_path.name
    try:
        document = tomllib.loads(config_path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        missing = f"{config_path}: there is no such file; write one with: skvoz init, or name yours with --config"
        raise SettingsError(str(config_path), [missing]) from error
    except UnicodeDecodeError as error:
        raise SettingsError(str(config_path), [f"{config_path}: this is not in UTF-8; save it with that encoding"]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(config_path), [f"{config_path}: this is no readable TOML ({error}); correct that line"]) from error
    problems: list[str] = []
    ours = _expand({key: value for key, value in document.items() if key not in FOREIGN_TABLES}, "", environ, problems, where)
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(ours)
    except ValidationError as error:
        problems += [_sentence(detail, where) for detail in error.errors()]
    if problems or settings is None:
        raise SettingsError(str(config_path), problems)
    base = config_path.resolve().parent
    places: dict[str, Path | str] = {"path": (base / settings.warehouse.path).resolve()}
    if settings.warehouse.url.startswith("chdb:"):
        places["url"] = f"chdb:{(base / settings.warehouse.url.removeprefix('chdb:')).resolve()}"
    return settings.model_copy(update={"warehouse": settings.warehouse.model_copy(update=places)})
