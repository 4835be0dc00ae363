"""The files for several machines stay true: whole, closed, and of one mind with the commands and the configuration that they use."""

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ingestion.settings import load_settings
from orchestration.cli import main
from orchestration.home import MODULE, WRITES, WRITES_TAG, write_workspace
from reports.settings import load_settings as load_reader_settings

ROOT = Path(__file__).resolve().parents[2]
SCALE = ROOT / "docs" / "deploy" / "scale"


def check_serve(words: list[str]) -> None:
    """Options that `skvoz serve` has."""
    command = main.get_command(click.Context(main), "serve")
    assert command is not None
    assert words[0] == "serve"
    assert {word for word in words if word.startswith("--")} <= {option for parameter in command.params for option in parameter.opts}


@pytest.fixture(scope="module")
def several() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((SCALE / "compose.yaml").read_text(encoding="utf-8"))
    return composed


def test_several_machines_are_described_whole(several: dict[str, Any]) -> None:
    services = several["services"]
    assert set(services) == {"builder", "worker-1", "worker-2", "clickhouse", "postgres", "store", "bucket"}
    assert set(several["volumes"]) == {"builder", "worker-1", "worker-2", "clickhouse", "postgres", "store"}
    for name in ("clickhouse", "postgres", "store"):
        assert services[name]["healthcheck"], f"others wait for {name}"
    for name, found in services.items():
        assert all(port.startswith("127.0.0.1:") for port in found.get("ports", [])), f"{name} is open to the world"
        tag = found["image"].rpartition(":")[2]
        assert tag not in ("latest", found["image"]), f"{name} is named with its release"
    for name in ("builder", "worker-1", "worker-2"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert set(services[name]["depends_on"]) == {"clickhouse", "postgres", "store"}
    check_serve(services["builder"]["command"])


def test_workers_are_asked_where_they_listen(several: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SCALE / "skvoz.toml").read_text(encoding="utf-8")
    for name in re.findall(r"\$\{(\w+)\}", text):
        monkeypatch.setenv(name, "made-up")
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "x"\n' + text, encoding="utf-8")
    settings = load_settings(file)
    load_reader_settings(file)
    assert settings.runs.per_source
    command = main.get_command(click.Context(main), "worker")
    assert command is not None
    ports = {parameter.name: parameter.default for parameter in command.params}
    for worker in settings.runs.workers:
        host, _, port = worker.partition(":")
        words = several["services"][host]["command"]
        assert words[0] == "worker"
        assert words[-2:] == ["--host", "0.0.0.0"]  # noqa: S104 - inside the network of the file
        assert int(port) == ports["port"]
    workspace = yaml.safe_load(write_workspace(tmp_path, tmp_path / "code.sock", settings.runs.workers).read_text(encoding="utf-8"))
    assert [server["grpc_server"].get("host") for server in workspace["load_from"]] == [None, "worker-1", "worker-2"]
    extras = set(several["services"]["builder"]["build"]["args"]["EXTRAS"].split(","))
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert extras <= set(known)


def test_the_chart_has_one_run_that_builds_and_a_pool_for_every_source() -> None:
    values = yaml.safe_load((SCALE / "values.yaml").read_text(encoding="utf-8"))
    coordinator = values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    assert coordinator["tagConcurrencyLimits"] == [{"key": WRITES_TAG, "value": WRITES, "limit": 1}]
    assert values["concurrency"]["pools"] == {"defaultLimit": 1, "granularity": "run"}
    assert values["runLauncher"]["type"] == "K8sRunLauncher"
    [deployment] = values["dagster-user-deployments"]["deployments"]
    assert MODULE in deployment["codeServerArgs"]
    assert deployment["securityContext"]["runAsNonRoot"] is True
    assert values["postgresql"]["enabled"] is False, "a database of its own, which the chart must not make anew"


def test_every_secret_of_the_compose_file_is_explained(several: dict[str, Any]) -> None:
    text = (SCALE / "README.md").read_text(encoding="utf-8")
    for name in set(
        re.findall(r"\$\{(\w+)", (SCALE / "compose.yaml").read_text(encoding="utf-8") + (SCALE / "skvoz.toml").read_text(encoding="utf-8"))
    ):
        assert name in text, f"{name} is not in docs/deploy/scale/README.md"
