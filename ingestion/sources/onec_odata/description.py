"""The description of a base, fetched once per run and kept between runs.

`$metadata` of a full base weighs 5–15 MB, too much for a refresh every 15 minutes, so what was understood of it is kept in
`<path>/state/` for a day. Sweeps, full loads, `skvoz check` and any sign that the base has changed fetch it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from ingestion.durable import private_folder, write_durably
from ingestion.errors import PermanentError, SourceError
from ingestion.sources.onec_odata.client import ODataClient
from ingestion.sources.onec_odata.errors import NoRightsError, NotPublishedError, QueryRefusedError
from ingestion.sources.onec_odata.metadata import EntityType, MetadataError, Schema, parse_metadata, parse_service_document

_KEPT_FOR = timedelta(hours=24)


class Description:
    """What one base publishes; `fetched` tells whether it was asked for in this run.

    Args:
        client: asks the base.
        folder: where it is kept between runs.
        source: the source's name.
        wanted: names of the types whose properties may be needed.
        address: of the base; another one makes what is kept worthless.
        note: tells the person.
    """

    def __init__(self, client: ODataClient, folder: Path, source: str, wanted: set[str], address: str, note: Callable[[str], None]) -> None:
        self._client = client
        self._path = folder / f"onec-{source}.json"
        self._source = source
        self._wanted = wanted
        self._note = note
        self._question = hashlib.sha256("\n".join([address, *sorted(wanted)]).encode()).hexdigest()
        self._schema: Schema | None = None
        self.fetched = False

    def schema(self, *, fresh: bool = False) -> Schema:
        """What is published; with `fresh`, asked for in this run.

        Raises:
            PermanentError, TransientError: neither the description nor the list of objects could be had.
        """
        if self._schema is None and not fresh:
            self._schema = self._kept()
        if self._schema is None or (fresh and not self.fetched):
            self._schema = self._fetch()
            self.fetched = True
        return self._schema

    def _fetch(self) -> Schema:
        try:
            body = self._client.metadata()
            digest = hashlib.sha256(body).hexdigest()
            kept = self._kept(digest)
            schema = kept or parse_metadata(body, self._wanted)
        except MetadataError as error:
            return self._names_only(str(error))
        except (NotPublishedError, QueryRefusedError) as error:
            return self._names_only(str(error))
        except PermanentError:
            raise
        except SourceError as error:
            return self._names_only(str(error))
        self._keep(schema, digest)
        return schema

    def _names_only(self, why: str) -> Schema:
        """The list of objects, when the description is of no use: fields are then found by trying."""
        try:
            schema = parse_service_document(self._client.service_document())
        except MetadataError as error:
            message = f"{self._source}: neither $metadata ({why}) nor the list of published objects ({error}) can be read; check url."
            raise PermanentError(message) from None
        schema.probe = self._probe
        self._note(f"{self._source}: $metadata cannot be read ({why}); objects are taken from the list of 1C, fields as they come.")
        return schema

    def _probe(self, name: str) -> EntityType:
        """What the first entry of a set shows of its type; an empty set shows nothing but that it is empty."""
        order = "Period" if "Register_" in name else "Ref_Key"
        try:
            rows = self._client.entries(name, name, {"$top": "1", "$orderby": order})
        except (NotPublishedError, NoRightsError, QueryRefusedError):
            return EntityType(name, None)
        properties = [field for row in rows[:1] for field in row if not field.startswith("odata.") and "@" not in field]
        return EntityType(name, dict.fromkeys(properties or [order], ""))

    def _kept(self, digest: str | None = None) -> Schema | None:
        """What an earlier run understood: of exactly this description, or, without a digest, of any of the last day."""
        try:
            saved: dict[str, Any] = orjson.loads(self._path.read_bytes())
            taken_at = datetime.fromisoformat(saved["taken_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if saved.get("question") != self._question:
            return None
        if digest is None and not timedelta(0) <= datetime.now(UTC) - taken_at < _KEPT_FOR:
            return None
        if digest is not None and saved.get("digest") != digest:
            return None
        types = {name: EntityType(name, one["properties"], tuple(one["key"])) for name, one in saved["types"].items()}
        return Schema(set(saved["published"]), types)

    def _keep(self, schema: Schema, digest: str) -> None:
        saved = {
            "taken_at": datetime.now(UTC).isoformat(),
            "question": self._question,
            "digest": digest,
            "published": sorted(schema.published),
            "types": {name: asdict(one) for name, one in schema.types.items()},
        }
        private_folder(self._path.parent)
        write_durably(self._path, orjson.dumps(saved))
