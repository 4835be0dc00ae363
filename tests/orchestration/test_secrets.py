"""After a whole run no file of the data folder holds a secret, whatever wrote it, and all of them are their owner's own."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import zstandard

from ingestion.sandbox import onec_server, yandex_direct_server
from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE
from tests.marts.sandbox_warehouse import PublishedSandbox

SECRETS = (onec_server.PASSWORD, LONG_LIVED_TOKEN, WEBHOOK_CODE, yandex_direct_server.TOKEN)


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is packed in it."""
    data = path.read_bytes()
    yield data
    if path.suffix == ".zst":
        yield zstandard.ZstdDecompressor().decompress(data, max_output_size=0)


def tables_with(path: Path, words: tuple[str, ...]) -> list[str]:
    """Tables of a DuckDB file with a row that holds one of the words; its pages are packed, so that its bytes would not tell."""
    found = []
    with duckdb.connect(str(path), read_only=True) as connection:
        # what dbt makes in the warehouse it makes of these, and what is published of that
        kinds = "select schema_name, table_name from duckdb_tables() where schema_name in ('raw', 'meta', 'marts', 'main')"
        for schema, table in connection.execute(kinds).fetchall():
            query = (
                f'select count(*) from "{schema}"."{table}" as line where list_bool_or([contains(line::varchar, word) for word in $words])'
            )
            if connection.execute(query, {"words": list(words)}).fetchall()[0][0]:
                found.append(f"{path.name}: {schema}.{table}")
    return found


def test_no_file_of_a_run_holds_a_secret(published_sandbox: PublishedSandbox) -> None:
    """Raw zone, warehouse, publication, Dagster's events and logs, dbt's artefacts, state."""
    data = published_sandbox.settings.data_dir
    files = [path for path in sorted(data.rglob("*")) if path.is_file() and not path.is_symlink()]
    kinds = {path.relative_to(data).parts[0] for path in files}
    assert {"raw", "dbt", "state", "published", "warehouse.duckdb"} <= kinds
    words = [form for secret in SECRETS for form in {secret.encode(), json.dumps(secret)[1:-1].encode()}]
    telling = [path.name for path in files if any(word in content for content in contents(path) for word in words)]
    assert telling == []
    assert [
        table for path in (published_sandbox.settings.warehouse_file, published_sandbox.path) for table in tables_with(path, SECRETS)
    ] == []


def test_a_secret_would_be_found(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create table told as select 1 as n, {'deep': ['x', ?]} as thing", [SECRETS[0]])
    assert tables_with(tmp_path / "a.duckdb", SECRETS) == ["a.duckdb: main.told"]


def test_every_file_and_folder_of_a_run_is_its_owners_own(published_sandbox: PublishedSandbox) -> None:
    data = published_sandbox.settings.data_dir
    open_ones = [path for path in (data, *data.rglob("*")) if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_ones == []
