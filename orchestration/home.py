"""Dagster's home in the data folder: its folder, its dagster.yaml and its workspace. Imports no Dagster, for the supervisor stays small."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from ingestion.durable import private_folder, write_durably
from ingestion.settings import Settings

CONFIG_VARIABLE = "SKVOZ_CONFIG"
HOME_VARIABLE = "DAGSTER_HOME"
STORAGE_VARIABLE = "SKVOZ_RUNS_STORAGE"
BATCH_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
BATCH_SIZE = 1_000
MODULE = "orchestration.definitions"
WRITES_TAG = "skvoz/writes"
WRITES = "warehouse"

_INSTANCE = """# written by skvoz at every start
telemetry:
  enabled: false
# a look every minute whether something is due leaves a row
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days:
      skipped: 1
      started: 30
      success: 30
      failure: 30
# one run at a time writes the warehouse; deliveries do not wait for it
concurrency:
  runs:
    max_concurrent_runs: {runs}
    tag_concurrency_limits:
      - key: {tag}
        value: {value}
        limit: 1
"""
_EVENTS = """event_log_storage:
  module: orchestration.eventlog
  class: EventLog
  config:
    base_dir: {history}
"""
# the address holds a password and stays in the environment
_POSTGRESQL = """storage:
  postgres:
    postgres_url:
      env: {variable}
"""
# a source is extracted by one run at a time, whichever machine that is on
_POOLS = """  pools:
    default_limit: 1
    granularity: run
"""
_DOCKER = """run_launcher:
  module: dagster_docker
  class: DockerRunLauncher
  config:
    image: {image}
{network}    env_vars: {variables}
    container_kwargs:
      auto_remove: true
      volumes: {volumes}
"""
_KUBERNETES = """run_launcher:
  module: dagster_k8s
  class: K8sRunLauncher
  config:
    job_namespace: {namespace}
    job_image: {image}
    service_account_name: skvoz
    dagster_home: {home}
    instance_config_map: skvoz-dagster
    env_secrets: [skvoz]
"""
_WORKSPACE = """load_from:
  - grpc_server:
      socket: {socket}
      location_name: skvoz
"""
_WORKER = """  - grpc_server:
      host: {host}
      port: {port}
      location_name: {name}
"""
WORKER_VARIABLE = "SKVOZ_WORKER_SOURCES"


def home_folder(settings: Settings) -> Path:
    """`<path>/state/dagster`, where Dagster keeps runs and schedules."""
    return settings.state_dir / "dagster"


def prepare_home(settings: Settings) -> Path:
    """The folder with its dagster.yaml, which is brought up to date; the environment of this process names it."""
    home = private_folder(home_folder(settings))
    _replace(home / "dagster.yaml", instance_text(settings, home))
    if settings.runs.storage:
        os.environ[STORAGE_VARIABLE] = storage_address(settings)
    os.environ[HOME_VARIABLE] = str(home)
    os.environ.setdefault(BATCH_VARIABLE, str(BATCH_SIZE))
    return home


def storage_address(settings: Settings) -> str:
    """[runs] storage as Dagster needs it: SQLAlchemy 2.1 takes another driver by default, in whose SQL dagster-postgres does not write."""
    return settings.runs.storage.replace("postgresql://", "postgresql+psycopg2://", 1)


def instance_text(settings: Settings, home: Path) -> str:
    """The dagster.yaml of this configuration: storage, how many runs at once, and where they are launched."""
    runs = settings.runs
    text = _INSTANCE.format(tag=WRITES_TAG, value=WRITES, runs=runs.max_runs)
    if runs.per_source:
        text += _POOLS
    if runs.storage:
        text += _POSTGRESQL.format(variable=STORAGE_VARIABLE)
    else:
        text += _EVENTS.format(history=json.dumps(str(home / "history" / "runs")))
    if runs.launcher == "docker":
        network = f"    network: {json.dumps(runs.network)}\n" if runs.network else ""
        variables = json.dumps([CONFIG_VARIABLE, HOME_VARIABLE, STORAGE_VARIABLE, *_secrets(settings)])
        volumes = json.dumps([f"{folder}:{folder}" for folder in (settings.base_dir, settings.data_dir)])
        text += _DOCKER.format(image=json.dumps(runs.image), network=network, variables=variables, volumes=volumes)
    elif runs.launcher == "kubernetes":
        text += _KUBERNETES.format(namespace=json.dumps(runs.namespace), image=json.dumps(runs.image), home=json.dumps(str(home)))
    return text


def _secrets(settings: Settings) -> list[str]:
    """Names of the environment variables that skvoz.toml mentions, which a container has to be given too."""
    return sorted(set(re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", settings.file.read_text(encoding="utf-8-sig"))))


def write_workspace(folder: Path, socket: Path, workers: Sequence[str] = ()) -> Path:
    """A workspace file that names the one code server here, which the daemon and the UI share, and those of workers (host:port)."""
    path = folder / "workspace.yaml"
    text = _WORKSPACE.format(socket=json.dumps(str(socket)))
    for worker in workers:
        host, _, port = worker.rpartition(":")
        text += _WORKER.format(host=json.dumps(host), port=int(port), name=json.dumps(worker))
    _replace(path, text)
    return path


def _replace(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_durably(path, text.encode())
