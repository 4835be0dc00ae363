"""The raw zone on an S3-compatible store: `[warehouse] raw = "s3://bucket/prefix"`; the folder on the disk is then a cache of it.

Objects are named as files are: `<prefix>/<source>/<stream>/` with chunks, manifest, checkpoint and rejected things. Before a stream is
extracted or loaded, what the store knows is brought here; after it was extracted, chunks go up first and the manifest last, so that a
manifest in the store never names what is not there. What a crash kept from going up goes up the next time on the same machine; another
machine goes on from the store's own cursor, and what only the first machine had is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from ingestion.chunk import MANIFEST
from ingestion.durable import private_folder, write_durably
from ingestion.errors import RawZoneError
from ingestion.rawzone import CHECKPOINT, REJECTED, read_manifest

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store


EXTRACTED = "extracted.json"  # when a stream was last read through


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store is.

    Attributes:
        bucket, prefix: of the raw zone.
        endpoint: https://host of the store; empty for Amazon's own.
        key_id, secret: of an account that may read, write and delete there; empty for the machine's own identity.
        region: some stores want one.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)
    region: str = "us-east-1"

    @property
    def url(self) -> str:
        """Of the raw zone, path style, as ClickHouse's s3() takes it."""
        base = self.endpoint.rstrip("/") or f"https://s3.{self.region}.amazonaws.com"
        return "/".join(part for part in (base, self.bucket, self.prefix) if part)


class RawStore:
    """Brings streams down and takes them up.

    Args:
        place: of the store.
        root: the raw zone on the disk.

    Raises:
        RawZoneError: the client is not installed.
    """

    def __init__(self, place: Place, root: Path) -> None:
        self.place = place
        self._root = root
        self._store = _connect(place)

    def bring(self, source: str, stream: str, *, chunks: bool = True) -> None:
        """Let the folder hold what the store holds, chunks included unless only the manifest is wanted.

        Raises:
            RawZoneError: the store does not answer, or has lost an object that its manifest names.
        """
        folder = private_folder(self._root / source / stream)
        with self._told(f"{source}/{stream}"):
            moment = self._get(f"{source}/{stream}/{EXTRACTED}")
            if moment is not None:
                write_durably(folder / EXTRACTED, moment)
            manifest = self._get(f"{source}/{stream}/{MANIFEST}")
            if manifest is None:
                return
            here = (folder / MANIFEST).read_bytes() if (folder / MANIFEST).exists() else b""
            if not here.startswith(manifest):  # else what is here goes on from what is there
                _drop_others(folder, manifest)
                write_durably(folder / MANIFEST, manifest)
                for name in (CHECKPOINT, REJECTED):
                    data = self._get(f"{source}/{stream}/{name}")
                    if data is None:
                        (folder / name).unlink(missing_ok=True)
                    else:
                        write_durably(folder / name, data)
            for chunk in read_manifest(folder, repair=True) if chunks else ():
                if not (folder / chunk.file).exists():
                    data = self._get(f"{source}/{stream}/{chunk.file}")
                    if data is None:
                        message = (
                            f"{self.place.url}/{source}/{stream}/{chunk.file}: the store has lost this object, which its manifest names;"
                            " restore it from a backup or from the store's earlier versions."
                        )
                        raise RawZoneError(message)
                    write_durably(folder / chunk.file, data)

    def take(self, source: str, stream: str) -> None:
        """Let the store hold what the folder holds: chunks, then checkpoint and rejected things, then the manifest.

        Raises:
            RawZoneError: the store does not answer or does not take it.
        """
        folder, name = self._root / source / stream, f"{source}/{stream}"
        if not folder.exists():
            return
        with self._told(name):
            there = self._get(f"{name}/{MANIFEST}") or b""
            held = {orjson.loads(line)["file"] for line in there.splitlines()}
            for chunk in read_manifest(folder, repair=True):
                if chunk.file not in held:
                    self._put(f"{name}/{chunk.file}", (folder / chunk.file).read_bytes())
            for extra in (CHECKPOINT, REJECTED, EXTRACTED):
                if (folder / extra).exists():
                    self._put(f"{name}/{extra}", (folder / extra).read_bytes())
            if (folder / MANIFEST).exists():
                here = (folder / MANIFEST).read_bytes()
                if here != there:
                    self._put(f"{name}/{MANIFEST}", here)

    def _get(self, name: str) -> bytes | None:
        import obstore
        from obstore.exceptions import NotFoundError

        try:
            return bytes(obstore.get(self._store, name).bytes())
        except (NotFoundError, FileNotFoundError):
            return None

    def _put(self, name: str, data: bytes) -> None:
        import obstore

        obstore.put(self._store, name, data)

    @contextmanager
    def _told(self, stream: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except BaseError as error:
            said = " ".join(str(error).split())[:200]
            message = (
                f"{stream}: the object store at {self.place.url} refused or did not answer ({said}); see that it runs and that [warehouse]"
                " raw, raw_endpoint, raw_key and raw_secret are right; what was extracted is kept here and goes up with the next run."
            )
            raise RawZoneError(message) from None


def write_moment(folder: Path, moment: datetime) -> None:
    """Remember beside a stream that it was read through, for the machine that loads it."""
    write_durably(private_folder(folder) / EXTRACTED, orjson.dumps({"at": moment}))


def read_moment(folder: Path) -> datetime | None:
    """When a stream was last read through, wherever that was; None if nobody has left word."""
    try:
        return datetime.fromisoformat(orjson.loads((folder / EXTRACTED).read_bytes())["at"])
    except FileNotFoundError:
        return None


def _drop_others(folder: Path, manifest: bytes) -> None:
    """Remove chunks that bear a name of the store's manifest and are other ones, and the index that knew them."""
    theirs = {line["file"]: line["sha256"] for line in map(orjson.loads, manifest.splitlines())}
    for chunk in read_manifest(folder, repair=True):
        if theirs.get(chunk.file) != chunk.sha256:
            (folder / chunk.file).unlink(missing_ok=True)
            for index in folder.glob("index.sqlite*"):
                index.unlink()


def _connect(place: Place) -> S3Store:
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError:
        message = '[warehouse] raw = "s3://…" needs its client: pip install "skvoz[s3]"'
        raise RawZoneError(message) from None
    options: S3Config = {"region": place.region, "virtual_hosted_style_request": False}
    if place.endpoint:
        options["endpoint"] = place.endpoint
    if place.key_id:
        options["access_key_id"] = place.key_id
        options["secret_access_key"] = place.secret
    return S3Store(
        place.bucket,
        prefix=place.prefix or None,
        config=options,
        client_options={"allow_http": place.endpoint.startswith("http:"), "timeout": "60s"},
        retry_config={"max_retries": 3},
    )
