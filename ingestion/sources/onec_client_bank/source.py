"""The source type `1c_client_bank`."""

from __future__ import annotations

from pydantic import Field, field_validator

from ingestion.formats.walk import ExchangeConnector
from ingestion.sources.onec_client_bank.statements import Statements, settings_of
from ingestion.spec import Context, Source, SourceOptions, Stream


class ClientBankOptions(SourceOptions):
    """`[sources.<name>]` of type 1c_client_bank."""

    path: str = Field(description="a statement, a folder of statements or a pattern such as bank/kl_to_1c*.txt")
    own_accounts: tuple[str, ...] = Field(
        default=(), description="the company's own account numbers; default those that the statements are of"
    )
    encoding: str | None = Field(default=None, description="cp1251, cp866 or utf-8, where the files do not say it rightly")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None and value not in {"cp1251", "cp866", "utf-8"}:
            message = "must be cp1251, cp866 or utf-8"
            raise ValueError(message)
        return value

    @field_validator("own_accounts")
    @classmethod
    def _digits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not account.isalnum() for account in value):
            message = "account numbers are written without blanks, dots or dashes"
            raise ValueError(message)
        return value


_LOADS = "files that are new or changed; a payment that comes again replaces itself; nothing is deleted by being absent"
STREAMS = (
    Stream("balances", _LOADS, ("cash_balances",)),
    Stream("documents", _LOADS, ("fct_payments",)),
)


def connect(options: ClientBankOptions, context: Context) -> ExchangeConnector:
    """A connector for these options; no file is touched yet."""
    settings = settings_of(options.own_accounts, options.encoding)
    return ExchangeConnector(options.path, settings, STREAMS, Statements(options.own_accounts, options.encoding), context)


SOURCE = Source(
    type="1c_client_bank",
    system="client_bank",
    title="Bank statements (1CClientBankExchange)",
    streams=STREAMS,
    options=ClientBankOptions,
    connect=connect,
)
