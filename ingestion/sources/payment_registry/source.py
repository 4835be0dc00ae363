"""Registries of payments by file: QIWI, WebMoney, banks' acquiring, delivery services that take money; csv and xlsx with a heading row.

`payments`: one record per row; payload: logical names with normalised text. Its key is the service's own id of the payment, else day,
amount, order and text. The files are the whole truth: a row that goes from them is deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from ingestion.feeds.documents import WholeFiles, digest
from ingestion.feeds.faults import Fault
from ingestion.feeds.paths import FoundFile
from ingestion.feeds.tables import Export
from ingestion.sources.spreadsheet.columns import Column, Layout
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

LAYOUT = Layout(
    (
        Column(
            "paid_on",
            "wall",
            (
                "date", "day", "payment date", "transaction date", "дата", "дата платежа", "дата операции", "дата оплаты", "дата и время",
                "дата транзакции", "дата время операции", "date time", "datetime", "дата и время платежа", "дата и время операции",
            ),
            required=True,
        ),
        Column(
            "amount",
            "money",
            (
                "amount", "sum", "сумма", "сумма платежа", "сумма операции", "сумма оплаты", "сумма транзакции", "принято", "gross",
            ),
            required=True,
        ),
        Column(
            "payment_id",
            "text",
            (
                "id", "transaction id", "payment id", "номер транзакции", "id транзакции", "id платежа", "id операции", "номер операции",
                "номер платежа", "txn id", "rrn", "код операции", "wmtranid", "номер перевода",
            ),
        ),
        Column(
            "order_ref",
            "text",
            (
                "order", "order id", "order number", "invoice", "bill id", "номер заказа", "заказ", "номер счета", "счет", "id заказа",
                "номер заказа магазина", "лицевой счет", "account", "номер договора", "orderid",
            ),
        ),
        Column("operation", "text", ("type", "operation", "operation type", "тип", "тип операции", "вид операции", "операция")),
        Column("status", "text", ("status", "state", "статус", "состояние", "статус платежа", "статус операции")),
        Column("commission", "money", ("fee", "commission", "комиссия", "сумма комиссии", "удержанная комиссия", "вознаграждение")),
        Column("currency_code", "currency", ("currency", "валюта", "код валюты", "валюта платежа")),
        Column("payer", "text", ("payer", "phone", "плательщик", "телефон", "телефон плательщика", "кошелек", "корреспондент")),
        Column("description", "text", ("description", "comment", "назначение", "назначение платежа", "комментарий", "описание")),
    )
)  # fmt: skip
_NAMES = frozenset(column.name for column in LAYOUT.columns)


class RegistryOptions(SourceOptions):
    """`[sources.<name>]` of type payment_registry."""

    path: str = Field(description="file, folder or pattern of the registries")
    columns: dict[str, str] = Field(default_factory=dict, description="our column names and the registry's headings, where they differ")
    defaults: dict[str, str] = Field(default_factory=dict, description="values for rows without that column")
    decimal_mark: Literal[",", "."] | None = Field(default=None, description="settles numbers like 1,234 that can be read as two")

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        unknown = sorted({*self.columns, *self.defaults} - _NAMES)
        if unknown:
            message = f"there are no columns {', '.join(unknown)}; there are {', '.join(sorted(_NAMES))}"
            raise ValueError(message)
        return self


def connect(options: RegistryOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    export = Export(
        LAYOUT,
        "paid_on",
        ("amount", "commission"),
        options.columns,
        options.defaults,
        options.decimal_mark,
        days_first=context.country != "US",
    )

    def read(data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
        again: Counter[str] = Counter()
        for one in export.rows(data, file):
            if isinstance(one, Fault):
                yield one
                continue
            payload = one[1]
            sign = "-" if Decimal(payload["amount"]) < 0 else "+"
            key = payload.get("payment_id") or digest(
                payload["paid_on"][:10], payload["amount"], payload.get("order_ref"), payload.get("description")
            )
            again[key + sign] += 1
            number = again[key + sign]
            yield Record(f"{key}{sign}" + (f"{number}" if number > 1 else ""), payload)

    return WholeFiles(options.path, context, f"2 {options!r}", read, "payments")


SOURCE = Source(
    type="payment_registry",
    system="payment_registry",
    title="Payment registries (QIWI, WebMoney, banks)",
    streams=(Stream("payments", "all files again when one changed; rows gone from them are deleted", ("payment_links", "fct_payments")),),
    options=RegistryOptions,
    connect=connect,
)
