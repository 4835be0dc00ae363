"""The source type `regionsoft`: the machinery of `sql` over Firebird, or that of `files` over XML.

The database's own tables are named to a person who has mapped nothing yet (`skvoz check`), from which a mapping can be written. Clients are
known by CUSTNO in every public piece of its code, so customers are keyed by it where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, model_validator

from ingestion.mapped.mapping import MappedOptions, MappedStream, active_streams, feed_streams
from ingestion.sources.files.connector import FilesConnector
from ingestion.sources.files.options import FilesOptions
from ingestion.sources.sql.connector import SqlConnector
from ingestion.sources.sql.options import SqlOptions
from ingestion.spec import Connector, Context, Source

_CUSTOMER_KEY = "CUSTNO"


class RegionSoftOptions(MappedOptions):
    """`[sources.<name>]` of type regionsoft; streams as those of `sql` with a dsn, as those of `files` with a path."""

    dsn: SecretStr | None = Field(
        default=None, description="user:password@server/path of the database, or a whole address; a login that only reads"
    )
    charset: str = Field(default="WIN1251", description="of the database")
    path: str | None = Field(default=None, description="a file or folder with XML files instead of the database")
    streams: dict[str, dict[str, Any]] = Field(default_factory=dict, description="what is read, by stream")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.dsn is None) == (self.path is None):
            message = "give either dsn or path"
            raise ValueError(message)
        try:
            self.inner()
        except ValidationError as error:
            told = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()
            )
            raise ValueError(told) from None
        return self

    def inner(self) -> SqlOptions | FilesOptions:
        """The options of the machinery that does the work.

        Raises:
            ValidationError: the streams are not what it takes.
        """
        shared = {"decimal_mark": self.decimal_mark, "days_first": self.days_first}
        if self.path is not None:
            return FilesOptions.model_validate({"path": self.path, "streams": self.streams, **shared})
        streams = {name: _with_key(name, stream) for name, stream in self.streams.items()}
        return SqlOptions.model_validate({"dsn": self.address(), "streams": streams, **shared})

    def address(self) -> str:
        """The database's address for SQLAlchemy, with the character set that these databases are kept in."""
        dsn = self.dsn.get_secret_value() if self.dsn else ""
        if "://" in dsn:
            return dsn
        account, _, place = dsn.rpartition("@")
        host, _, file = place.partition("/")
        return f"firebird://{account}@{host}/{quote(file)}?charset={self.charset}"

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams."""
        return self.inner().mapped()


def _with_key(name: str, stream: dict[str, Any]) -> dict[str, Any]:
    if stream.get("feed", name) != "customers" or "table" not in stream or stream.get("key") or "id" in stream.get("columns", {}):
        return stream
    return {**stream, "columns": {"id": _CUSTOMER_KEY, **stream.get("columns", {})}}


def connect(options: RegionSoftOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    inner = options.inner()
    return SqlConnector(inner, context) if isinstance(inner, SqlOptions) else FilesConnector(inner, context)


STREAMS = feed_streams("by mapping: tables of its Firebird database as the type sql reads them, XML files as the type files does")
SOURCE = Source(
    type="regionsoft",
    system="feed",
    title="RegionSoft CRM",
    streams=STREAMS,
    options=RegionSoftOptions,
    connect=connect,
    active_streams=active_streams(STREAMS),
)
