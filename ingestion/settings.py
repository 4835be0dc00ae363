"""[company], [warehouse], [vars], [dbt] and [sources.*] of skvoz.toml, checked whole before anything runs.

Sections that belong to readers ([reports], [email], [telegram], [dashboard], [alerts]) are left to them.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from ingestion.discovery import all_sources
from ingestion.engines.clickhouse_client import CHDB, Address
from ingestion.environment import read_environment, substitute
from ingestion.errors import ConfigurationError
from ingestion.rawstore import Place
from ingestion.redaction import register_secret
from ingestion.spec import NAME, Source, SourceOptions

S = TypeVar("S", bound=BaseModel)

READER_SECTIONS = frozenset({"reports", "email", "telegram", "dashboard", "alerts"})
_SECTIONS = frozenset({"company", "warehouse", "vars", "dbt", "runs", "sources"}) | READER_SECTIONS
MEMORY = re.compile(r"auto|\d+(\.\d+)? ?([kmgt](i?b)?|%)", re.IGNORECASE)
_FIRST_LOAD_YEARS = 3
LONGEST_TITLE = 60
SHARED_KEYS = {
    "type": "one of `skvoz sources`",
    "timezone": "IANA time zone of the system's times that carry none; the company's if not given",
    "since": "how far back the first load goes, such as 2024-01-31; three years if not given",
    "country": "ISO 3166 code of the country whose rules its phone numbers without a prefix are read by; the company's if not given",
    "title": "what people call the source in reports and pages; its system's name if not given",
}
"""Keys that every source takes, with what they mean."""
_SECRET_KEY = re.compile(r"password|secret|token|webhook|key|salt|dsn")
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_WORKING_HOURS = re.compile(rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))? {_TIME}-(?:{_TIME}|24:00))?")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@cache
def _zones() -> frozenset[str]:
    """Names of time zones; to list them reads 600 files, and every source is asked for its own."""
    return frozenset(available_timezones())


class Company(_Section):
    """[company]: who the figures are about."""

    name: str = Field(min_length=1, description="the company's name, as reports print it")
    currency: str = Field(default="RUB", description="ISO 4217 code of the company currency")
    timezone: str = Field(default="Europe/Moscow", description="IANA time zone of business days")
    locale: Literal["ru", "en", "ro", "pl"] = Field(default="ru", description="language of reports and pages: ru, en, ro or pl")
    working_hours: str = Field(default="", description='for first response, e.g. "mon-fri 09:00-18:00"')
    country: str = Field(default="RU", description="ISO 3166 code, for holidays and phone numbers without a prefix")

    @field_validator("currency", "country")
    @classmethod
    def _code(cls, value: str, info: ValidationInfo) -> str:
        example = {"currency": "RUB", "country": "RU"}[str(info.field_name)]
        if not re.fullmatch(f"[A-Z]{{{len(example)}}}", value):
            message = f"{value!r} is no code of {len(example)} capital letters, like {example}"
            raise ValueError(message)
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value not in _zones():
            message = f"{value!r} is no IANA time zone, like Europe/Moscow or Asia/Novosibirsk"
            raise ValueError(message)
        return value

    @field_validator("working_hours")
    @classmethod
    def _hours_readable(cls, value: str) -> str:
        if not _WORKING_HOURS.fullmatch(value):
            message = 'write it like "mon-fri 09:00-18:00"'
            raise ValueError(message)
        begin, _, end = value.rpartition(" ")[2].partition("-")
        if value and begin >= end:
            message = f"{end} is not after {begin}; a day's hours do not pass midnight"
            raise ValueError(message)
        return value


class Warehouse(_Section):
    """[warehouse]: where the data lives."""

    engine: Literal["duckdb", "clickhouse"] = Field(default="duckdb", description="duckdb or clickhouse")
    path: str = Field(default="data", description="folder of raw zone, warehouse file, published versions and state")
    keep_versions: int = Field(default=7, ge=1, description="how many of the newest publications are kept")
    keep_days: int = Field(default=35, ge=0, description="for how many days the last publication of each day is kept")
    forget_after_days: int | None = Field(
        default=None, ge=30, description="persons (no companies) with whom nothing has happened for so many days are forgotten, once a week"
    )
    memory_limit: str = Field(default="auto", description='what DuckDB may take, e.g. "4GB"; "auto" is half of the machine, at most 5 GiB')
    threads: int | None = Field(default=None, ge=1, description="threads of DuckDB; default all cores")
    temp_directory: str | None = Field(default=None, description="folder for spilling; default inside path")
    url: str = Field(
        default="", description="of ClickHouse: https://host:8443, http://host:8123, or chdb:<folder> for its engine in process"
    )
    raw: str = Field(default="", pattern=r"^(s3://[^/]+(/.*)?)?$", description="s3://bucket/prefix of a raw zone on an S3-compatible store")
    raw_endpoint: str = Field(default="", description="of that store, https://host; empty for Amazon's own")
    raw_key: str = Field(default="", description="id of an account of that store; empty for the machine's own identity")
    raw_secret: str = Field(default="", repr=False, description="secret of that account")
    raw_region: str = Field(default="us-east-1", description="region of that store")
    user: str = Field(default="default", description="of ClickHouse, who loads, builds and publishes")
    password: str = Field(default="", repr=False, description="of that user")
    database: str = Field(
        default="skvoz", pattern="^[a-z][a-z0-9_]*$", description="of ClickHouse, the name that other tools read the marts under"
    )
    reader: str = Field(
        default="", description="of ClickHouse, a user who may only read publications: reports and pages connect as this one"
    )
    reader_password: str = Field(default="", repr=False, description="of that reader")
    accounts: bool = Field(default=False, description="of ClickHouse: every publication gets row policies for people's accounts")
    cluster: str = Field(default="", description="of ClickHouse, whose nodes hold every table; empty for a single server")
    storage_policy: str = Field(default="", description="of ClickHouse, for raw tables; empty for the server's default")

    @field_validator("memory_limit")
    @classmethod
    def _size(cls, value: str) -> str:
        if not MEMORY.fullmatch(value):
            message = f'{value!r} is no size; write it like "4GB", or "auto"'
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.engine == "clickhouse" and not re.fullmatch(r"https?://[^/\s]+/?|chdb:.+", self.url):
            message = 'engine = "clickhouse" needs url: https://host:8443, http://host:8123, or chdb:<folder> to try it'
            raise ValueError(message)
        return self


class Dbt(_Section):
    """[dbt]: the company's own dbt project that uses ours as a package."""

    project: str | None = Field(default=None, description="folder of the company's own dbt project")


class Runs(_Section):
    """[runs]: where Dagster keeps its runs, and which machines they run on."""

    storage: str = Field(default="", repr=False, description="postgresql://user:password@host/database; empty for files in path")
    launcher: Literal["process", "docker", "kubernetes"] = Field(default="process", description="process, docker or kubernetes")
    image: str = Field(default="skvoz", description="image of containers that runs are launched in")
    network: str = Field(default="", description="Docker network of those containers")
    namespace: str = Field(default="skvoz", description="Kubernetes namespace of those containers")
    per_source: bool = Field(default=False, description="true: every source is extracted by a run of its own, on any worker; needs raw")
    workers: tuple[str, ...] = Field(default=(), description="host:port of every skvoz worker; the sources are then extracted there")
    max_runs: int = Field(default=2, ge=2, description="how many runs at once; one of them at most builds")
    keep_days: int = Field(default=3, ge=1, description="for how many days Dagster remembers runs that went well; failed ones ten times so")


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """One [sources.<name>] table.

    Attributes:
        name: prefixes keys.
        source: its type.
        options: checked options of that type.
        timezone: of the system's naive times.
        since: how far back the first load goes.
        position: 1, 2, … in the order of the file: earlier sources win when entities are mastered.
        country: ISO 3166 code that its phone numbers without a prefix are read by; empty for the company's.
        title: what people call it in reports and pages; empty for the name of its system.
    """

    name: str
    source: Source
    options: SourceOptions
    timezone: ZoneInfo
    since: date
    position: int
    country: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """skvoz.toml as ingestion and the build need it; relative paths are resolved against its folder."""

    file: Path
    company: Company
    warehouse: Warehouse
    vars: dict[str, Any]
    dbt: Dbt
    sources: tuple[ConfiguredSource, ...]
    runs: Runs = field(default_factory=Runs)

    @property
    def base_dir(self) -> Path:
        """The folder of skvoz.toml."""
        return self.file.parent

    @property
    def data_dir(self) -> Path:
        """[warehouse] path."""
        return (self.base_dir / self.warehouse.path).resolve()

    @property
    def raw_dir(self) -> Path:
        """The raw zone."""
        return self.data_dir / "raw"

    @property
    def warehouse_file(self) -> Path:
        """The private warehouse."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def clickhouse(self) -> Address:
        """Where ClickHouse is, as [warehouse] says; a chdb: folder is relative to skvoz.toml."""
        url, given = self.warehouse.url, self.warehouse
        if url.startswith(CHDB):
            url = f"{CHDB}{(self.base_dir / url.removeprefix(CHDB)).resolve()}"
        return Address(url, given.user, given.password, given.cluster, given.storage_policy)

    @property
    def raw_place(self) -> Place | None:
        """The store of the raw zone; None for a raw zone that lives on the disk alone."""
        given = self.warehouse
        if not given.raw:
            return None
        bucket, _, prefix = given.raw.removeprefix("s3://").partition("/")
        return Place(bucket, prefix.strip("/"), given.raw_endpoint, given.raw_key, given.raw_secret, given.raw_region)

    @property
    def state_dir(self) -> Path:
        """Rotated tokens, journal and the like."""
        return self.data_dir / "state"

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.company.timezone)

    def configured(self, name: str) -> ConfiguredSource:
        """The source of that name; ConfigurationError if skvoz.toml has none."""
        for candidate in self.sources:
            if candidate.name == name:
                return candidate
        known = ", ".join(source.name for source in self.sources) or "none"
        raise ConfigurationError([f"{self.file.name}: there is no [sources.{name}]; configured: {known}"])


def load_settings(file: Path, *, today: date | None = None) -> Settings:
    """Read and check skvoz.toml.

    Raises:
        ConfigurationError: with every fault found: key, file, and what the key means.
    """
    raw = read_toml(file)
    problems: list[str] = []
    secrets: set[str] = set()
    raw = substitute(raw, read_environment(file.parent), "", problems, secrets)
    for secret in secrets:
        register_secret(secret)
    unset, problems = [_of_key(file, raw, problem) for problem in problems], []
    problems += [f"{file.name}: unknown section [{key}]; {_meant(key, _SECTIONS)}" for key in raw if key not in _SECTIONS]
    company = _section(file, "company", Company, raw.get("company", {}), problems)
    warehouse = _section(file, "warehouse", Warehouse, raw.get("warehouse", {}), problems)
    dbt = _section(file, "dbt", Dbt, raw.get("dbt", {}), problems)
    runs = _section(file, "runs", Runs, raw.get("runs", {}), problems)
    if runs is not None and runs.per_source and warehouse is not None and not warehouse.raw:
        problems.append(f'{file.name}: [runs] per_source: needs [warehouse] raw = "s3://…", where every worker finds the raw zone')
    tables, thresholds = (_table(file, name, raw, problems) for name in ("sources", "vars"))
    sources = []
    first_since = _years_before(today or date.today(), _FIRST_LOAD_YEARS)  # noqa: DTZ011 - three years, to the day or so
    for position, (name, table) in enumerate(tables.items(), start=1):
        configured = _source(file, name, table, position, company, first_since, problems)
        if configured is not None:
            sources.append(configured)
    if unset or problems or company is None or warehouse is None or dbt is None or runs is None:
        # that an empty value is of no use follows from the variable's being unset
        keys = tuple(sentence.partition("the environment variable")[0] for sentence in unset)
        raise ConfigurationError([*unset, *(problem for problem in problems if not (keys and problem.startswith(keys)))])
    return Settings(file.resolve(), company, warehouse, thresholds, dbt, tuple(sources), runs)


def read_toml(file: Path) -> dict[str, Any]:
    """The parsed file; ConfigurationError with what to do if it is missing or is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigurationError([f"{file}: there is no such file; write one with: skvoz init, or name yours with --config"]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([f"{file}: this is not in UTF-8; save it with that encoding"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{file}: this is no readable TOML ({error}); {_slip(file, str(error))}"]) from None


def _slip(file: Path, said: str) -> str:
    """What to do about a line that is no TOML; the line itself may hold a password and is not shown."""
    number = re.search(r"at line (\d+)", said)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    line = lines[int(number[1]) - 1] if number is not None and int(number[1]) <= len(lines) else ""
    key, equals, value = line.partition("=")
    if not key.isascii() and not key.lstrip().startswith("#"):
        return "names of sources and keys are written in Latin letters: [sources.books]"
    if "\\" in value:
        return "write / in a path instead of \\, or put it into 'single quotes'"
    if equals and "Invalid value" in said:
        return 'text stands in quotes: key = "text"'
    return "correct that line"


def describe(file: Path, where: str, model: type[BaseModel], error: ValidationError) -> list[str]:
    """One sentence per fault of a section: key, file, what is wrong and what the key means. Values are never printed."""
    sentences = []
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        key = ".".join(str(part) for part in fault["loc"])
        field = model.model_fields.get(str(fault["loc"][0])) if fault["loc"] else None
        meaning = f" ({field.description})" if field is not None and field.description else ""
        if field is not None and field.description and field.description in fault["msg"]:
            meaning = ""
        if fault["type"] == "extra_forbidden":
            text = f"unknown key; {_meant(str(fault['loc'][-1]), _known_at(model, fault['loc']))}"
        elif fault["type"] == "missing":
            text = "this key is required"
        else:
            text = _plain_words(fault["type"], fault["msg"])
        sentences.append(f"{file.name}: [{where}] {key}: {text}{meaning}" if key else f"{file.name}: [{where}]: {text}")
    return sentences


def _plain_words(kind: str, message: str) -> str:
    """What pydantic says, for somebody who is no programmer: its kind of fault and its message."""
    known = {"tuple_type": 'it must be a list, like ["…"]', "list_type": 'it must be a list, like ["…"]', "dict_type": "it must be a table"}
    known |= {"model_type": "it must be a table", "too_short": "it must not be empty", "string_pattern_mismatch": "it cannot be read"}
    return known.get(kind) or message.removeprefix("Value error, ").replace("Input should be", "it must be", 1)


def _known_at(model: type[BaseModel], location: tuple[int | str, ...]) -> Iterable[str]:
    """The keys of the table that an unknown key stands in, which may be a table within a table."""
    known: Any = model
    for part in location[:-1]:
        fields = getattr(known, "model_fields", {})
        if part not in fields:  # a name that the company gives, or a place in a list
            continue
        known = next((one for one in _parts(fields[part].annotation) if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return getattr(known, "model_fields", {})


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _of_key(file: Path, raw: dict[str, Any], problem: str) -> str:
    """`sources.books.password: text` as all other faults are told, with what the key means where it is known here."""
    place, _, text = problem.partition(": ")
    table, _, key = place.rpartition(".")
    models: dict[str, type[BaseModel]] = {"company": Company, "warehouse": Warehouse, "dbt": Dbt, "runs": Runs}
    tables = raw["sources"] if isinstance(raw.get("sources"), dict) else {}
    given = tables.get(table.removeprefix("sources."))
    if table.startswith("sources.") and isinstance(given, dict) and given.get("type") in all_sources():
        models[table] = all_sources()[given["type"]].options
    known = models[table].model_fields.get(key.partition("[")[0]) if table in models else None
    return f"{file.name}: [{table}] {key}: {text}" + (f" ({known.description})" if known is not None and known.description else "")


def _table(file: Path, name: str, raw: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    given = raw.get(name, {})
    if isinstance(given, dict):
        return dict(given)
    problems.append(f"{file.name}: [{name}]: must be a table, written as [{'sources.<name>' if name == 'sources' else name}]")
    return {}


def _section(file: Path, name: str, model: type[S], table: Any, problems: list[str]) -> S | None:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        problems += describe(file, name, model, error)
        return None


def _source(
    file: Path, name: str, table: Any, position: int, company: Company | None, first_since: date, problems: list[str]
) -> ConfiguredSource | None:
    where = f"sources.{name}"
    known = all_sources()
    if not NAME.fullmatch(name):
        rule = "a source's name is lower-case Latin letters, digits and underscores, like books, for it prefixes keys"
        problems.append(f"{file.name}: [{where}]: {rule}")
        return None
    if not isinstance(table, dict) or table.get("type") not in known:
        given = str(table.get("type", "")) if isinstance(table, dict) else ""
        near = difflib.get_close_matches(given, known, n=1)
        wanted = f"{given!r} is none; did you mean {near[0]}?" if near else f"must be one of {', '.join(sorted(known))}"
        problems.append(f"{file.name}: [{where}] type: {wanted} (see: skvoz sources)")
        return None
    source = known[table["type"]]
    options = {key: value for key, value in table.items() if key not in SHARED_KEYS}
    for key, value in options.items():
        if isinstance(value, str) and _SECRET_KEY.search(key):
            register_secret(value)
    checked = _section(file, where, source.options, options, problems)
    zone = table.get("timezone", company.timezone if company else "UTC")
    since = table.get("since", first_since)
    if zone not in _zones():
        problems.append(f"{file.name}: [{where}] timezone: {zone!r} is no IANA time zone (of the system's times that carry none)")
        return None
    country = table.get("country", "")
    if country != "" and not (isinstance(country, str) and re.fullmatch("[A-Z]{2}", country)):
        problems.append(f"{file.name}: [{where}] country: {country!r} is no ISO 3166 code like KZ (of phone numbers without a prefix)")
        return None
    if isinstance(since, datetime):
        since = since.date()
    if isinstance(since, str):
        try:
            since = date.fromisoformat(since)
        except ValueError:
            since = None
    if not isinstance(since, date):
        problems.append(f"{file.name}: [{where}] since: must be a date like 2024-01-31 (how far back the first load goes)")
        return None
    if checked is None:
        return None
    return ConfiguredSource(name, source, checked, ZoneInfo(zone), since, position, country, _title(file, where, table, problems))


def _title(file: Path, where: str, table: dict[str, Any], problems: list[str]) -> str:
    title = table.get("title", "")
    if isinstance(title, str) and len(title) <= LONGEST_TITLE:
        return title.strip()
    problems.append(f"{file.name}: [{where}] title: must be a text of at most {LONGEST_TITLE} letters (what people call the source)")
    return ""


def _meant(word: str, known: Iterable[str]) -> str:
    """What somebody may have meant who wrote a word that is not known, and all that is."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"known are {', '.join(names)}"


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))
