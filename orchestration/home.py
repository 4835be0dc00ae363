"""Dagster's home in the data folder: its folder, its dagster.yaml and its workspace. Imports no Dagster, for the supervisor stays small."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ingestion.durable import private_folder, write_durably
from ingestion.settings import Settings

CONFIG_VARIABLE = "SKVOZ_CONFIG"
HOME_VARIABLE = "DAGSTER_HOME"
BATCH_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
BATCH_SIZE = 1_000
MODULE = "orchestration.definitions"
WRITES_TAG = "skvoz/writes"
WRITES = "warehouse"

_INSTANCE = """# written by skvoz at every start
telemetry:
  enabled: false
# one run at a time writes the warehouse; deliveries do not wait for it
concurrency:
  runs:
    max_concurrent_runs: 2
    tag_concurrency_limits:
      - key: {tag}
        value: {value}
        limit: 1
event_log_storage:
  module: orchestration.eventlog
  class: EventLog
  config:
    base_dir: {history}
"""
_WORKSPACE = """load_from:
  - grpc_server:
      socket: {socket}
      location_name: skvoz
"""


def home_folder(settings: Settings) -> Path:
    """`<path>/state/dagster`, where Dagster keeps runs and schedules."""
    return settings.state_dir / "dagster"


def prepare_home(settings: Settings) -> Path:
    """The folder with its dagster.yaml, which is brought up to date; the environment of this process names it."""
    home = private_folder(home_folder(settings))
    text = _INSTANCE.format(tag=WRITES_TAG, value=WRITES, history=json.dumps(str(home / "history" / "runs")))
    _replace(home / "dagster.yaml", text)
    os.environ[HOME_VARIABLE] = str(home)
    os.environ.setdefault(BATCH_VARIABLE, str(BATCH_SIZE))
    return home


def write_workspace(folder: Path, socket: Path) -> Path:
    """A workspace file that names the one code server, which the daemon and the UI share."""
    path = folder / "workspace.yaml"
    _replace(path, _WORKSPACE.format(socket=json.dumps(str(socket))))
    return path


def _replace(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_durably(path, text.encode())
