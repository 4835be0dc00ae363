"""The readers' part of skvoz.toml: every fault at once, each with key, file and meaning; secrets only from the environment."""

from pathlib import Path

import pytest

from reports.errors import SettingsError
from reports.settings import load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "skvoz.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_fault_is_told_at_once_with_key_file_and_meaning(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [company]
        currency = "rubles"
        timezone = "Moscow"
        colour = "red"
        [email]
        port = 99999
        password = "${SMTP_PASSWORD}"
        [dashbord]
        auth = "none"
        [reports]
        send_hours = "8-20"
        """,
    )
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environ={})
    told = "\n".join(caught.value.problems)
    for part in (
        "company.name in skvoz.toml: missing; it is the company's name",
        "company.currency in skvoz.toml: is not an ISO 4217 code",
        "company.timezone in skvoz.toml: is not an IANA time zone",
        "company.colour in skvoz.toml: unknown key",
        "email.host in skvoz.toml: missing; it is the SMTP server",
        "email.port in skvoz.toml",
        "it is the SMTP server's port",
        "email.password in skvoz.toml: the environment variable SMTP_PASSWORD is not set",
        "dashbord in skvoz.toml: unknown key",
        "reports.send_hours in skvoz.toml: The hours '8-20' cannot be read",
    ):
        assert part in told


def test_environment_is_filled_in_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[company]\nname = "${COMPANY} & Co"\n[warehouse]\npath = "${DATA}"\n[sources.books]\ntype = "1c_odata"\n')
    settings = load_settings(path, environ={"COMPANY": "Ромашка", "DATA": "store"})
    assert settings.company.name == "Ромашка & Co"
    assert settings.warehouse.published == tmp_path.resolve() / "store" / "published"
    assert settings.email is None


def test_secrets_do_not_show_in_the_settings_text(tmp_path: Path) -> None:
    path = write(tmp_path, '[company]\nname = "x"\n[email]\nhost = "h"\npassword = "${P}"\n[telegram]\ntoken = "${T}"\n')
    shown = repr(load_settings(path, environ={"P": "hidden-one", "T": "hidden-two"}))
    assert "hidden-one" not in shown
    assert "hidden-two" not in shown


@pytest.mark.parametrize("text", [None, "[company\nname=1", "\x00"])
def test_a_missing_or_broken_file_is_one_sentence(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "skvoz.toml" if text is None else write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[reports]\nadministrator = "email:a@example.ru"', 'reports.administrator in skvoz.toml: must be a list, like ["…"]'),
        ('[telegram]\ntoken = "1:a"\nproxy = "proxy.example.ru"', "telegram.proxy in skvoz.toml: is no address such as socks5://host:port"),
        ('[warehouse]\nmemory_limit = "lots"', "warehouse.memory_limit in skvoz.toml: is no size such as 2GB"),
    ],
)
def test_a_value_of_another_form_is_told_in_plain_words(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, f'[company]\nname = "x"\n{lines}\n'), environ={})
    assert said in str(caught.value)
