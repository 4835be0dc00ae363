"""What a served process knows: the settings of skvoz.toml, set once before the first page is opened, and its readers' sessions."""

from dataclasses import dataclass
from pathlib import Path

from dashboards.sessions import Sessions
from reports.settings import Settings, load_settings


@dataclass
class _Served:
    settings: Settings | None = None
    sessions: Sessions | None = None


_served = _Served()


def configure(config_path: Path) -> Settings:
    """Reads skvoz.toml for all pages of this process.

    Raises:
        SettingsError: if it cannot be used.
    """
    _served.settings = load_settings(config_path)
    _served.sessions = None
    return _served.settings


def settings() -> Settings:
    """The settings that this process serves.

    Raises:
        RuntimeError: if nothing was configured; pages only run under serve_dashboard.
    """
    if _served.settings is None:
        msg = "The pages are not configured; start them with `skvoz dashboard`."
        raise RuntimeError(msg)
    return _served.settings


def sessions() -> Sessions:
    """The sessions of the data folder; made at first use, for pages without login need none."""
    if _served.sessions is None:
        _served.sessions = Sessions(settings().warehouse.path / "state")
    return _served.sessions
