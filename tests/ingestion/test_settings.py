"""skvoz.toml is checked whole before anything runs; every fault names key, file and meaning, and no value that could be a secret."""

from datetime import date
from pathlib import Path

import pytest

from ingestion.discovery import all_sources
from ingestion.errors import ConfigurationError
from ingestion.settings import Settings, load_settings

GOOD = """
[company]
name = "ООО Ромашка"
timezone = "Asia/Yekaterinburg"

[warehouse]
path = "${WHERE}/data"

[vars]
abc_share_a = 0.7

[sources.books]
type = "1c_odata"
url = "http://127.0.0.1/ut/odata/standard.odata/"
configuration = "ut"
username = "Иванов"
password = "${ONEC_PASSWORD}"
since = 2024-05-01

[sources.sales]
type = "amocrm"
url = "https://romashka.amocrm.ru"
token = "${AMOCRM_TOKEN}"
timezone = "Europe/Moscow"

[reports]
send_hours = "08:00-20:00"
"""


def settings_of(folder: Path, text: str, today: date = date(2026, 3, 31)) -> Settings:
    file = folder / "skvoz.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, today=today)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "place")
    monkeypatch.setenv("ONEC_PASSWORD", "pa55word")
    monkeypatch.delenv("AMOCRM_TOKEN", raising=False)


def test_a_whole_configuration(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AMOCRM_TOKEN=t0ken\nONEC_PASSWORD=shadowed\n")
    settings = settings_of(tmp_path, GOOD)
    books, sales = settings.sources
    assert settings.data_dir == tmp_path / "place" / "data"
    assert (books.name, books.source.system, books.since, books.position) == ("books", "onec", date(2024, 5, 1), 1)
    assert (sales.timezone.key, books.timezone.key) == ("Europe/Moscow", "Asia/Yekaterinburg")
    assert sales.since == date(2023, 3, 28), "three years by default"
    assert settings.vars == {"abc_share_a": 0.7}
    assert "shadowed" not in repr(books.options), "the process environment wins over .env"


def test_a_source_stands_in_a_country_of_its_own(tmp_path: Path) -> None:
    """Its phone numbers are read by that country's rules; what is no country's code is told."""
    text = GOOD.replace("[sources.sales]", '[sources.sales]\ncountry = "KZ"')
    (tmp_path / ".env").write_text("AMOCRM_TOKEN=t0ken\n")
    assert [source.country for source in settings_of(tmp_path, text).sources] == ["", "KZ"]
    with pytest.raises(ConfigurationError, match=r"\[sources.sales\] country: 'Kazakhstan' is no ISO 3166 code"):
        settings_of(tmp_path, text.replace('"KZ"', '"Kazakhstan"'))


def test_every_fault_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('name = "ООО Ромашка"', 'nam = "x"').replace("Asia/Yekaterinburg", "Moscow") + "\n[raports]\nx = 1\n"
    text = text.replace('type = "1c_odata"', 'type = "1c"').replace("[sources.sales]", "[sources.sales]\ncolour = 1")
    with pytest.raises(ConfigurationError) as caught:
        settings_of(tmp_path, text)
    told = "\n".join(caught.value.problems)
    for expected in (
        "[company] nam: unknown key",
        "[company] name: this key is required (the company's name",
        "no IANA time zone",
        "unknown section [raports]",
        "[sources.books] type: must be one of",
        "[sources.sales] colour: unknown key",
        "AMOCRM_TOKEN is not set",
    ):
        assert expected in told, told
    assert "pa55word" not in told
    assert "skvoz.toml" in told


def test_a_missing_secret_is_told_with_key_file_and_meaning_and_once(tmp_path: Path) -> None:
    text = GOOD.replace("[warehouse]\n", '[warehouse]\nraw_secret = "${NO_SUCH}"\n') + '[email]\npassword = "${NOR_THIS}"\n'
    text = text.replace("[sources.sales]", '[sources.sales.deep]\nkey = "${NOR_THAT}"\n[sources.sales]')
    with pytest.raises(ConfigurationError) as caught:
        settings_of(tmp_path, text)
    told = [problem for problem in caught.value.problems if "is not set" in problem]
    assert len(told) == 4
    for expected in (
        "skvoz.toml: [warehouse] raw_secret: the environment variable NO_SUCH is not set",
        "(secret of that account)",
        "skvoz.toml: [sources.sales] token: the environment variable AMOCRM_TOKEN is not set",
        "(a long-lived token of a private integration",
        "skvoz.toml: [email] password: the environment variable NOR_THIS is not set",
        "skvoz.toml: [sources.sales.deep] key: the environment variable NOR_THAT is not set",
    ):
        assert any(expected in problem for problem in told), expected
    assert not any("[sources.sales] token" in problem for problem in caught.value.problems if problem not in told)


@pytest.mark.parametrize("text", ['vars = 5\nsources = "x"\n', "vars = []\nsources = []\n"])
def test_what_must_be_a_table_is_told_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_of(tmp_path, text + '[company]\nname = "x"\n')
    assert [problem.partition(": must")[0] for problem in caught.value.problems] == ["skvoz.toml: [sources]", "skvoz.toml: [vars]"]


def test_a_source_has_a_title_for_people(tmp_path: Path) -> None:
    text = GOOD.replace("[sources.sales]", '[sources.sales]\ntitle = " Продажи "').replace("${AMOCRM_TOKEN}", "t")
    assert [source.title for source in settings_of(tmp_path, text).sources] == ["", "Продажи"]
    with pytest.raises(ConfigurationError, match=r"\[sources.sales\] title: must be a text of at most 60 letters"):
        settings_of(tmp_path, text.replace('" Продажи "', "5"))


def test_since_may_be_a_moment(tmp_path: Path) -> None:
    text = GOOD.replace("since = 2024-05-01", "since = 2024-05-01T12:00:00").replace("${AMOCRM_TOKEN}", "t")
    assert type(settings_of(tmp_path, text).sources[0].since) is date


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="skvoz init"):
        load_settings(tmp_path / "skvoz.toml")


def test_broken_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="line 3"):
        settings_of(tmp_path, '[company]\nname = "x"\nbroken\n')


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("[sources.учёт]", "Latin letters: [sources.books]"),
        ("user = Иванов", 'stands in quotes: key = "text"'),
        ('path = "C:\\path"', "write / in a path instead of"),
    ],
)
def test_broken_toml_says_what_is_likely_meant_and_shows_no_value(tmp_path: Path, line: str, advice: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_of(tmp_path, f'[company]\nname = "x"\n{line}\n')
    assert advice in str(caught.value)
    assert "Иванов" not in str(caught.value)


def test_a_reference_without_its_braces_is_found(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\[sources.books\] password: .*write it as \$\{ONEC_PASSWORD\}"):
        settings_of(tmp_path, GOOD.replace("${ONEC_PASSWORD}", "$ONEC_PASSWORD"))


def test_what_a_key_means_is_not_told_twice(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_of(tmp_path, GOOD.replace("https://romashka.amocrm.ru", "romashka.amocrm.ru"))
    assert str(caught.value).count("https://<account>.amocrm.ru") == 1


def test_an_environment_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes("ONEC_PASSWORD=пароль\n".encode("cp1251"))
    with pytest.raises(ConfigurationError, match=r"\.env: this is not in UTF-8"):
        settings_of(tmp_path, GOOD)

    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ingestion.environment.dotenv_values", closed)
    with pytest.raises(ConfigurationError, match=r"\.env: this user may not read it; give it to the user that runs skvoz"):
        settings_of(tmp_path, GOOD)


@pytest.mark.parametrize("name", ["Books", "my-books", "1c", "../etc"])
def test_a_source_name_prefixes_keys_and_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="lower-case Latin letters"):
        settings_of(tmp_path, f'[company]\nname = "x"\n[sources."{name}"]\ntype = "amocrm"\n')


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "ООО Ромашка"', 'name = "x"\ncurrency = "RUBL"', r"\[company\] currency: 'RUBL' is no code of 3 capital letters"),
        ('name = "ООО Ромашка"', 'name = "x"\ncountry = "RUS"', r"\[company\] country: 'RUS' is no code of 2 capital letters"),
        ('name = "ООО Ромашка"', 'name = "x"\nworking_hours = "mon-fri 18:00-09:00"', "09:00 is not after 18:00"),
        ('name = "ООО Ромашка"', 'name = "x"\nworking_hours = "mon-fri 09:00-25:00"', "write it like"),
        ("[vars]", "[warehouse.x]\n[vars]\n", r"\[warehouse\] x: unknown key"),
        ('data"', 'data"\nmemory_limit = "lots"', r"\[warehouse\] memory_limit: 'lots' is no size"),
        ('data"', 'data"\ndatabase = "x; drop"', r"\[warehouse\] database: it cannot be read"),
        ("[reports]", '[sources.books.entities.orders]\nentty = "x"\n[reports]', "did you mean entity[?] known are deal, entity, fields "),
        ("[reports]", '[runs]\nworkers = "a:1"\n[reports]', r"\[runs\] workers: it must be a list"),
    ],
)
def test_a_value_of_another_form_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str) -> None:
    monkeypatch.setenv("AMOCRM_TOKEN", "t0ken")
    with pytest.raises(ConfigurationError, match=said):
        settings_of(tmp_path, GOOD.replace(old, new, 1))


def test_patterns_of_options_hold_for_the_whole_value() -> None:
    """pydantic searches: `[a-z]+` would take `a'; drop`."""
    for source in all_sources().values():
        for name, field in source.options.model_fields.items():
            for rule in field.metadata:
                pattern = str(getattr(rule, "pattern", None) or "^$")
                assert pattern.startswith("^"), f"{source.type}: {name}"
                assert pattern.endswith("$"), f"{source.type}: {name}"
