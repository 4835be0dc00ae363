"""`skvoz query` and `export`: the published marts for people with SQL or Excel."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli import config_option
from orchestration.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from reports.clickhouse_reader import ClickHousePublished

_FORMATS = ("table", "csv", "json", "parquet")
_MOST_ROWS = 1_048_576  # of a sheet; Excel opens none that holds more


@click.command()
@click.argument("sql")
@click.option("--format", "given", type=click.Choice(_FORMATS), help="Default: table, or what the ending of --out says.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write here instead of standard output.")
@click.option("--warehouse", is_flag=True, help="Ask the private warehouse (all layers) instead of the published marts.")
@config_option
def query(sql: str, given: str | None, out: Path | None, warehouse: bool, config: Path) -> None:
    """Read-only SQL on the published marts: skvoz query "select * from marts.dim_managers"."""
    ending = out.suffix.lower().removeprefix(".") if out is not None else ""
    output = given or (ending if ending in _FORMATS else "table")
    if output == "parquet" and out is None:
        if sys.stdout.isatty():
            msg = "parquet is no text: name a file with --out, or send it on with > FILE.parquet"
            raise click.UsageError(msg)
        with tempfile.TemporaryDirectory(prefix="skvoz-") as folder:
            whole = Path(folder) / "answer.parquet"
            _query(config, sql, output, whole, warehouse=warehouse)
            sys.stdout.buffer.write(whole.read_bytes())
        return
    _query(config, sql, output, out, warehouse=warehouse)


def _query(config: Path, sql: str, output: str, out: Path | None, *, warehouse: bool) -> None:
    import duckdb

    from reports.errors import QuestionError

    if on_clickhouse(config, warehouse=warehouse):
        _query_clickhouse(config, sql, output, out, warehouse=warehouse)
        return
    with _open(config, warehouse=warehouse) as connection:
        try:
            statement = _one_reading(connection, sql)
            _shut(connection, out)
            if output == "parquet":
                connection.execute(f"copy ({sql.rstrip().rstrip(';')}) to {_literal(out)} (format parquet)")
                return
            found = connection.execute(statement)
            columns = [column[0] for column in found.description or []]
            rows = found.fetchall()
        except (duckdb.Error, QuestionError) as error:
            click.echo(f"the query was refused: {error}", err=True)
            sys.exit(1)
    _tell(columns, rows, output, out)


def _one_reading(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement; QuestionError if it is none, several, or does more than read."""
    from duckdb import StatementType

    from reports.errors import QuestionError

    readings = {StatementType.SELECT, StatementType.EXPLAIN, StatementType.PRAGMA, StatementType.MULTI}  # the last one is a pivot
    statements = connection.extract_statements(sql)
    if len(statements) == 1 and statements[0].type in readings:
        return statements[0]
    held = f"{statements[0].type.name} does more than read" if len(statements) == 1 else f"there are {len(statements)} statements"
    message = f"{held}; ask with one select, describe, show or explain."
    raise QuestionError(message)


def _shut(connection: duckdb.DuckDBPyConnection, out: Path | None) -> None:
    """Leave the connection the file that it has open and the one it is to write: a select copied from somewhere reads no other."""
    if out is not None:
        # DuckDB writes a file that is there already beside itself first
        connection.execute(f"set allowed_paths = [{_literal(out)}, {_literal(out.with_name(f'tmp_{out.name}'))}]")
    connection.execute("set enable_external_access = false")


def _literal(path: Path | None) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@click.command()
@click.argument("mart")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="FILE.xlsx, FILE.csv or FILE.parquet.")
@config_option
def export(mart: str, out: Path, config: Path) -> None:
    """A whole mart for Excel or another tool."""
    kind = out.suffix.lower()
    if kind not in {".xlsx", ".csv", ".parquet"}:
        msg = f"{out.name}: the ending says the format; use .xlsx, .csv or .parquet"
        raise click.UsageError(msg)
    if on_clickhouse(config, warehouse=False):
        _export_clickhouse(config, mart, out)
        click.echo(f"wrote {out}")
        return
    with _open(config, warehouse=False) as connection:
        known = [
            row[0] for row in connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()
        ]
        name = mart.removeprefix("marts.")
        if name not in known or not re.fullmatch(r"\w+", name):
            msg = f"there is no mart {mart!r}; there are: {', '.join(sorted(known))}"
            raise click.UsageError(msg)
        if kind == ".parquet":
            connection.execute(f"copy marts.{name} to {_literal(out)} (format parquet)")
        elif kind == ".csv":
            connection.execute(f"copy marts.{name} to {_literal(out)} (format csv, header true)")
        else:
            [[number]] = connection.execute(f"select count(*) from marts.{name}").fetchall()
            _must_fit(name, number)
            _write_xlsx(connection, name, out)
    click.echo(f"wrote {out}")


def _tell(columns: Sequence[str], rows: Sequence[Sequence[Any]], output: str, out: Path | None) -> None:
    text = {"csv": _csv, "json": _json, "table": _plain}[output](columns, rows)
    if out is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        out.write_text(text, encoding="utf-8")


def on_clickhouse(config: Path, *, warehouse: bool) -> bool:
    """Whether what is asked lives on ClickHouse: the private layers of that engine, or a publication that was made there."""
    from ingestion.settings import load_settings
    from orchestration.publish import current_file

    settings = load_settings(config)
    if warehouse:
        return settings.warehouse.engine == "clickhouse"
    current = current_file(settings.data_dir / "published")
    return current is not None and current.suffix == ".clickhouse"


def _query_clickhouse(config: Path, sql: str, output: str, out: Path | None, *, warehouse: bool) -> None:
    """The private layers are asked in ClickHouse's own SQL, the marts in the same words as on DuckDB."""
    from reports.errors import QuestionError

    if warehouse:
        from ingestion.engines.clickhouse_client import told
        from ingestion.settings import load_settings
        from orchestration.clickhouse import opened_client

        settings = load_settings(config)
        with opened_client(settings) as client, told(settings.clickhouse):
            if output == "parquet" and out is not None:
                out.write_bytes(client.raw_query(sql, fmt="Parquet"))
                return
            found = client.query(sql)
        _tell(found.column_names, found.result_rows, output, out)
        return
    with _published(config) as published:
        try:
            if output == "parquet" and out is not None:
                out.write_bytes(published.parquet(sql))
                return
            columns, rows = published.answer(sql)
        except QuestionError as error:
            click.echo(f"the query was refused: {error}", err=True)
            sys.exit(1)
    _tell(columns, rows, output, out)


def _export_clickhouse(config: Path, mart: str, out: Path) -> None:
    with _published(config) as published:
        name = mart.removeprefix("marts.")
        if name not in published.tables:
            msg = f"there is no mart {mart!r}; there are: {', '.join(sorted(published.tables))}"
            raise click.UsageError(msg)
        sql = f"select * from marts.{name}"
        if out.suffix.lower() == ".parquet":
            out.write_bytes(published.parquet(sql))
            return
        columns, rows = published.answer(sql)
    if out.suffix.lower() == ".csv":
        out.write_text(_csv(columns, rows), encoding="utf-8")
    else:
        _must_fit(name, len(rows))
        _write_sheet(columns, [rows], name, out)


def _must_fit(mart: str, rows: int) -> None:
    """The sheet would lose the rows past its end without a word."""
    if rows >= _MOST_ROWS:
        message = f"{mart} has {rows} rows and a sheet of Excel holds {_MOST_ROWS - 1}; export it as .csv or .parquet."
        raise ExportError(message)


def _published(config: Path) -> ClickHousePublished:
    from reports.clickhouse_reader import ClickHousePublished
    from reports.published import resolve_current
    from reports.settings import load_settings

    warehouse = load_settings(config).warehouse
    return ClickHousePublished(resolve_current(warehouse.published), warehouse)


def _open(config: Path, *, warehouse: bool) -> duckdb.DuckDBPyConnection:
    import duckdb

    from ingestion.settings import load_settings
    from orchestration.errors import PublishError
    from orchestration.publish import current_file

    settings = load_settings(config)
    path = settings.warehouse_file if warehouse else current_file(settings.data_dir / "published")
    if path is None or not path.exists():
        message = "nothing is published yet; run: skvoz run"
        raise PublishError(message)
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set temp_directory = ''")
    if not warehouse:
        connection.execute("set search_path = 'marts'")
    return connection


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    # true and false, as DuckDB writes them itself (skvoz export)
    writer.writerows([[str(value).lower() if isinstance(value, bool) else value for value in row] for row in rows])
    return buffer.getvalue()


def _json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    records = [dict(zip(columns, map(_finite, row), strict=True)) for row in rows]
    return json.dumps(records, ensure_ascii=False, indent=2, default=_plain_json)


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain_json(value: Any) -> float | str:
    """Amounts as numbers where a number holds them exactly (15 digits); days, moments and longer amounts as text."""
    if isinstance(value, Decimal) and value.is_finite() and len(value.as_tuple().digits) <= 15:
        return float(value)
    return str(value)


def _plain(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    cells = [columns, *[["" if value is None else str(value) for value in row] for row in rows]]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([*lines[:1], "  ".join("-" * width for width in widths), *lines[1:], f"({len(rows)} rows)"])


def _write_xlsx(connection: duckdb.DuckDBPyConnection, mart: str, out: Path) -> None:
    """Typed cells, frozen header, filters; text that begins like a formula stays text."""
    found = connection.execute(f"select * from marts.{mart}")
    columns = [column[0] for column in found.description or []]
    _write_sheet(columns, iter(lambda: found.fetchmany(10_000), []), mart, out)


def _write_sheet(columns: Sequence[str], batches: Iterable[Sequence[Sequence[Any]]], mart: str, out: Path) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with out.open("wb") as file, xlsxwriter.Workbook(file, {**options, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(mart[:31])
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns, bold)
        number = 0
        for rows in batches:
            for row in rows:
                number += 1
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write(number, column, value)
        sheet.autofilter(0, 0, number, len(columns) - 1)
