"""One configured base: what it publishes, and one extraction at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from ingestion.errors import PermanentError
from ingestion.http import HttpClient
from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.client import Listing, ODataClient
from ingestion.sources.onec_odata.declarations import BALANCES
from ingestion.sources.onec_odata.description import Description
from ingestion.sources.onec_odata.errors import NoRightsError, NotPublishedError, QueryRefusedError
from ingestion.sources.onec_odata.metadata import Schema
from ingestion.sources.onec_odata.objects import SourceObject, candidates, resolve, wanted_types
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.packages import ChangePackages
from ingestion.sources.onec_odata.profiles.catalog import looks_like, profile_of
from ingestion.sources.onec_odata.profiles.spec import Profile
from ingestion.sources.onec_odata.records import RecordMaker, reference
from ingestion.sources.onec_odata.streams import balances, catalogs, documents, entries, information, registers
from ingestion.sources.onec_odata.streams.job import Job, RunMemory
from ingestion.spec import Context, Extraction, Page


class OneCConnector:
    """Reads one 1C base.

    Args:
        options: of the source.
        context: of the source.
        http: carries the credentials.
    """

    def __init__(self, options: OneCOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._context = context
        self._http = http
        self._profile = profile_of(options.configuration, options.sales_from)
        self._client = ODataClient(http, options, context.source)
        self._description = Description(
            self._client,
            context.state_dir,
            context.source,
            wanted_types(self._profile, options),
            query.root_url(options.url),
            context.note,
        )
        self._memory = RunMemory()
        self._packages = self._open_packages()
        self._told = False

    @property
    def streams(self) -> list[str]:
        """Names of the streams this base should have."""
        return [*self._profile.entities, *(name for name in self._options.entities if name not in self._profile.entities)]

    def check(self) -> str:
        """What is published and readable; raises with what to do when it is not enough."""
        schema = self._description.schema(fresh=True)
        self._require_useful(schema)
        found = {stream: self._resolve(schema, stream) for stream in self.streams}
        needed = [found[stream] for group in self._profile.needs for stream in group]
        for kept in needed:  # a description can be read without the right to read a single record
            if kept is not None and kept.entity.startswith(("Catalog_", "Document_")):
                next(self._client.pages(Listing(kept.entity, "Ref_Key", reference, select=("Ref_Key",))), [])
                self._client.count(kept.entity, "")
        missing = self._missing(schema)
        have = sum(kept is not None for kept in found.values())
        line = f"{self._profile.title}: {have} of {len(found)} kinds of objects are published"
        if self._packages is not None:
            line = f"{line}; {self._packages.check()}"
        return f"{line}; not published: {missing}" if missing else line

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of a stream; a stream that is not published gives none."""
        schema = self._description.schema(fresh=request.mode != "refresh")
        if self._packages is not None:
            self._packages.begin(lambda entities: self._kept_in(schema, entities))
            self._memory.message = self._packages.mark
        yield from self._whatever_is_there(request, schema)
        if self._packages is not None:
            self._packages.done(request.stream.name)

    def _whatever_is_there(self, request: Extraction, schema: Schema) -> Iterator[Page]:
        try:
            yield from self._pages(request, schema)
        except (NotPublishedError, QueryRefusedError) as error:
            if not self._description.fetched:  # what an earlier run kept is out of date
                yield from self._pages(request, self._description.schema(fresh=True))
            elif self._is_needed(request.stream.name) or not isinstance(error, NotPublishedError):
                raise
            else:
                self._context.note(f"{error} {request.stream.name} is not loaded.")
        except NoRightsError as error:
            if self._is_needed(request.stream.name):
                raise
            self._context.note(f"{error} Until then {request.stream.name} is not loaded.")

    def close(self) -> None:
        """Release connections."""
        self._http.close()

    def _pages(self, request: Extraction, schema: Schema) -> Iterator[Page]:
        self._require_useful(schema)
        self._tell_missing(schema)
        kept = self._resolve(schema, request.stream.name)
        if kept is None:
            return
        maker = RecordMaker(kept, self._options.configuration)
        job = Job(
            request=request,
            client=self._client,
            kept=kept,
            maker=maker,
            options=self._options,
            memory=self._memory,
            recorders=self._recorders(schema) if kept.entity.startswith("AccumulationRegister_") else (),
            now=request.now.astimezone(self._context.timezone).replace(tzinfo=None),
            source=self._context.source,
            note=self._context.note,
        )
        if self._packages is not None:
            job.written, job.told_all = self._packages.written(kept.entity), self._packages.suffice(kept.entity)
        yield from _strategy(kept)(job)
        sentence = maker.unavailable.sentence(self._context.source, kept.entity)
        if sentence and self._description.fetched:  # not at every quarter of an hour
            self._context.note(sentence)

    def _open_packages(self) -> ChangePackages | None:
        options, context = self._options, self._context
        if options.change_plan is None or options.change_node is None:
            return None
        return ChangePackages(self._client, options.change_plan, options.change_node, context.state_dir, context.source, context.note)

    def _kept_in(self, schema: Schema, entities: Collection[str]) -> set[str]:
        """Names of the streams that are read from these entity sets, one by one: balances are pictures of the whole."""
        found = ((stream, self._resolve(schema, stream)) for stream in self.streams if stream not in BALANCES)
        return {stream for stream, kept in found if kept is not None and kept.entity in entities}

    def _resolve(self, schema: Schema, stream: str) -> SourceObject | None:
        return resolve(self._profile, self._options, schema, stream, self._context.source)

    def _is_needed(self, stream: str) -> bool:
        return any(stream in group for group in self._profile.needs)

    def _recorders(self, schema: Schema) -> tuple[SourceObject, ...]:
        found = (self._resolve(schema, stream) for stream in self._profile.recorders)
        return tuple(kept for kept in found if kept is not None)

    def _is_published(self, schema: Schema, stream: str) -> bool:
        return schema.first(candidates(self._profile, self._options, stream)) is not None

    def _missing(self, schema: Schema) -> str:
        """Entity sets to publish, with their streams in brackets."""
        absent = [stream for stream in self.streams if not self._is_published(schema, stream)]
        return ", ".join(f"{candidates(self._profile, self._options, stream)[0]} ({stream})" for stream in absent)

    def _tell_missing(self, schema: Schema) -> None:
        if self._told or not self._description.fetched:
            return
        self._told = True
        missing = self._missing(schema)
        if missing:
            self._context.note(
                f"{self._context.source}: 1C does not publish {missing}; these are not loaded until they are ticked in "
                "«Настройка стандартного интерфейса OData»."
            )

    def _require_useful(self, schema: Schema) -> None:
        source = self._context.source
        if not schema.published:
            message = (
                f"{source}: 1C publishes nothing; tick the objects in 1C under «Настройка стандартного интерфейса OData» "
                f'and check that the user "{self._options.username}" may read them.'
            )
            raise PermanentError(message)
        other = looks_like(schema.published)
        if other is not None and not self._shares_family(other) and not schema.published.intersection(self._profile.signature):
            message = f'{source}: this base looks like {other.title}; write configuration = "{other.configuration}".'
            raise PermanentError(message)
        for group in self._profile.needs:
            if any(self._is_published(schema, stream) for stream in group):
                continue
            names = " or ".join(candidates(self._profile, self._options, stream)[0] for stream in group)
            message = f"{source}: 1C publishes no {names}, the least that is needed; tick it in «Настройка стандартного интерфейса OData»."
            raise PermanentError(message)

    def _shares_family(self, other: Profile) -> bool:
        return bool(set(other.signature) & set(self._profile.signature))


def _strategy(kept: SourceObject) -> Callable[[Job], Iterator[Page]]:
    if kept.stream in BALANCES:
        return balances.extract
    if kept.entity.startswith("AccountingRegister_"):
        return entries.extract
    if kept.entity.startswith("Document_") and kept.type.has("Date"):
        return documents.extract
    if kept.entity.startswith("AccumulationRegister_"):
        return registers.extract
    if kept.entity.startswith("InformationRegister_"):
        return information.extract
    return catalogs.extract
