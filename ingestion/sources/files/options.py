"""`[sources.<name>]` of type files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from ingestion.mapped.mapping import MappedOptions, MappedStream, NestedStream

REMOTE = ("ftp", "ftps", "sftp", "imap", "imaps")


class FileStream(NestedStream):
    """Files of one kind."""

    files: str = Field(default="*", description="names of the files: clients-*.csv")
    format: Literal["csv", "xlsx", "xml", "json", "ndjson", "parquet"] | None = Field(default=None, description="default by the ending")
    mode: Literal["snapshot", "append"] = Field(
        default="snapshot", description="snapshot: the files together are everything, what is gone is deleted; append: each file adds"
    )
    sheet: str | None = Field(default=None, description="of a workbook; default the first with the mapped columns")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, description="of csv; default what the file uses")
    encoding: str | None = Field(default=None, description="of csv; default by its bytes: UTF-8, UTF-16, Windows-1251 or cp866")


class FilesOptions(MappedOptions):
    """`[sources.<name>]` of type files."""

    path: str = Field(description="a folder or file; or ftp://, ftps://, sftp://host/folder; or imaps://host/INBOX for mail attachments")
    username: str | None = Field(default=None, description="of FTP, SFTP or mail")
    password: SecretStr | None = Field(default=None, description="of FTP, SFTP or mail")
    key_file: str | None = Field(default=None, description="private key for SFTP instead of a password")
    known_hosts: str | None = Field(default=None, description="file with the SFTP server's key; default that of the user skvoz runs as")
    mail_from: str | None = Field(default=None, description="only letters from this address")
    mail_subject: str | None = Field(default=None, description="only letters with this in the subject")
    streams: dict[str, FileStream] = Field(default_factory=dict, description="what is read, by stream")

    @field_validator("path")
    @classmethod
    def _no_password_inside(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme in REMOTE and (parts.username or parts.password):
            message = "write username and password into keys of their own"
            raise ValueError(message)
        return value

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams."""
        return self.streams
