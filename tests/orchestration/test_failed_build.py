"""A blocking test that fails keeps the last published version, and says which test, which rows, and how to see them."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from orchestration.publish import current_file
from tests.marts.sandbox_warehouse import AS_OF, PublishedSandbox


def test_a_broken_mart_is_not_published(published_sandbox: PublishedSandbox, tmp_path: Path) -> None:
    settings = published_sandbox.settings
    shutil.copytree(settings.base_dir, tmp_path / "company", symlinks=True)
    folder = tmp_path / "company"
    before = current_file(folder / "data" / "published")
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        # the same deal twice: no load can do this, so only a test of the marts can notice
        connection.execute("insert into raw.amocrm__leads select * from raw.amocrm__leads limit 1")
        connection.execute("update raw.amocrm__leads set _load_id = (select max(load_id) + 1 from meta.loads)")
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "build", "--full-refresh", "--as-of", AS_OF.isoformat()]
    done = subprocess.run(
        [*command, "--config", str(folder / "skvoz.toml")], capture_output=True, text=True, check=False, cwd=folder, timeout=600
    )
    assert done.returncode == 1, done.stdout
    assert "the last published version stays" in done.stderr
    assert "rows break it" in done.stderr or "Duplicate" in done.stderr, done.stderr
    assert "skvoz query --warehouse" in done.stderr
    assert "Traceback" not in done.stderr
    assert current_file(folder / "data" / "published") == before
