"""Settings: read once, each wrong one named, all at once."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from webapp.settings import KNOWN_PROVIDERS, PROJECT_ROOT, Settings, SettingsError

KEY = "k" * 32


def read(**environment: str) -> Settings:
    """Settings of an environment that has a secret key."""
    return Settings.from_environment({"SECRET_KEY": KEY, **environment})


def test_every_setting_has_its_default() -> None:
    """A secret key is all that must be set."""
    settings = read()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 0)
    assert (settings.plain_http, settings.trusted_proxies, settings.log_level) == (False, 0, "INFO")
    assert (settings.session_idle_minutes, settings.session_total_minutes) == (30, 720)
    assert (settings.max_body_bytes, settings.metadata_max_entries) == (1048576, 100)


@pytest.mark.parametrize("variable", [declared.metadata["variable"] for declared in fields(Settings)])
def test_an_empty_variable_is_its_default(variable: str, tmp_path: Path) -> None:
    """As an unset one: shells and compose files write ``VARIABLE=``."""
    (tmp_path / "secret_key").write_text("f" * 64)
    environment = {"SECRET_KEY": KEY, "INSTANCE_PATH": str(tmp_path)}
    environment.pop(variable, None)
    assert Settings.from_environment({variable: "  ", **environment}) == Settings.from_environment(environment)


BAD = {
    "PORT": ["0", "65536", "-1", "http", "80.5"],
    "WORKERS": ["-1", "257", "many"],
    "PLAIN_HTTP": ["yes", "true", "2"],
    "ALLOWED_HOSTS": ["*", "https://desk.example", "desk.example:443", "desk.example/", "::1", "désk.example"],
    "TRUSTED_PROXIES": ["-1", "11", "*"],
    "TRUSTED_PROXY_ADDRESSES": ["10.0.0.1/24", "proxy.example", "10.0.0.256", "*"],
    "LOG_LEVEL": ["LOUD"],
    "OPENTELEMETRY": ["yes"],
    "MAX_BODY_BYTES": ["1023", "1MB"],
    "METADATA_MAX_ENTRIES": ["0", "1001"],
    "METADATA_MAX_KEY_LENGTH": ["0", "1001"],
    "METADATA_MAX_VALUE_LENGTH": ["0", "100001"],
    "SESSION_IDLE_MINUTES": ["0", "1441"],
    "SESSION_TOTAL_MINUTES": ["0", "10081"],
    "SIGN_IN_ACCOUNT_LIMIT": ["0", "1001"],
    "SIGN_IN_ADDRESS_LIMIT": ["0", "10001"],
    "ACCESS_LOG_DAYS": ["0", "36501", "a year"],
    "RATE_LIMIT_PER_KEY": ["often", "600", "0/minute", "600/fortnight", "-1/minute", "600/minute;", "1000000001/day"],
    "RATE_LIMIT_PER_TENANT": ["often", "2/2 years"],
    "REQUEST_TIMEOUT_SECONDS": ["0", "601"],
    "DRAIN_SECONDS": ["-1", "301"],
    "SEARCH_TIMEOUT_SECONDS": ["0", "301", "soon"],
    "DATABASE_POOL_SIZE": ["1", "101"],
    "DATABASE_TIMEOUT_SECONDS": ["0", "301"],
    "DATABASE_URL": [
        "mysql://host/name",
        "customers.sqlite3",
        "postgresql:host",
        "sqlite://",
        "sqlite:///",
        "postgresql://host",
    ],
    "SECRET_KEY": ["short", "k" * 31],
}


@pytest.mark.parametrize(
    ("variable", "raw"), [(variable, raw) for variable, values in BAD.items() for raw in values], ids=str
)
def test_a_wrong_value_is_named(variable: str, raw: str) -> None:
    """The start is refused with the variable's name."""
    with pytest.raises(SettingsError, match=rf"(?m)^  - {variable}\b"):
        read(**{variable: raw})


def test_a_wrong_secret_is_not_shown() -> None:
    """The message goes into logs."""
    with pytest.raises(SettingsError) as refusal:
        read(SECRET_KEY="hush-hush")
    assert "hush-hush" not in str(refusal.value)


def test_a_databases_password_is_not_shown() -> None:
    """Nor that."""
    with pytest.raises(SettingsError) as refusal:
        read(DATABASE_URL="mysql://desk:hush-hush@host/name")
    assert "hush-hush" not in str(refusal.value)


def test_all_wrong_values_are_named_at_once(tmp_path: Path) -> None:
    """Nobody wants to start ten times."""
    environment = {variable: values[0] for variable, values in BAD.items()} | {"INSTANCE_PATH": str(tmp_path)}
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(environment)
    lines = str(refusal.value).splitlines()[1:]
    assert {line.removeprefix("  - ").partition("=")[0].partition(" ")[0] for line in lines} == set(BAD)


def test_every_setting_that_can_be_wrong_is_tested() -> None:
    """The table above keeps up with the settings; the others are any text."""
    any_text = {"INSTANCE_PATH", "HOST", "EXTRA_PROVIDERS"}
    assert {declared.metadata["variable"] for declared in fields(Settings)} == set(BAD) | any_text


def test_a_missing_secret_key_refuses_the_start(tmp_path: Path) -> None:
    """With a word how to get one."""
    with pytest.raises(SettingsError, match=r"SECRET_KEY is not set.*make run"):
        Settings.from_environment({"INSTANCE_PATH": str(tmp_path)})


def test_the_kept_secret_key_is_used(tmp_path: Path) -> None:
    """The one that ``make run`` wrote."""
    (tmp_path / "secret_key").write_text("f" * 64 + "\n")
    assert Settings.from_environment({"INSTANCE_PATH": str(tmp_path)}).secret_key == "f" * 64


def test_the_environments_secret_key_beats_the_kept_one(tmp_path: Path) -> None:
    """A production's own."""
    (tmp_path / "secret_key").write_text("f" * 64)
    assert read(INSTANCE_PATH=str(tmp_path)).secret_key == KEY


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "[::1]", "localhost"])
def test_a_loopback_host_needs_no_https(host: str) -> None:
    """Only this machine can reach it."""
    settings = read(HOST=host)
    assert settings.listens_on_loopback
    assert not settings.requires_https


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example", "localhost.example"])  # noqa: S104 - the point
def test_any_other_host_demands_https(host: str) -> None:
    """Others can reach it."""
    settings = read(HOST=host, ALLOWED_HOSTS="desk.example")
    assert not settings.listens_on_loopback
    assert settings.requires_https


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - the point
def test_a_host_that_others_can_reach_needs_its_names(host: str) -> None:
    """Else links would be made with whatever name a request makes up."""
    with pytest.raises(SettingsError, match="ALLOWED_HOSTS"):
        read(HOST=host)


@pytest.mark.parametrize(
    ("names", "expected"),
    [("desk.example", True), ("localhost,desk.example", True), ("localhost, 127.0.0.1,[::1]", False), ("", False)],
)
def test_a_name_for_others_demands_https_behind_a_proxy_on_this_machine(names: str, expected: bool) -> None:
    """The proxy is reached by others, although the service itself listens on loopback."""
    assert read(ALLOWED_HOSTS=names).requires_https is expected


@pytest.mark.parametrize("names", ["192.0.2.1", "desk.example", "localhost,desk.example"])
@pytest.mark.parametrize("host", ["192.0.2.1", "127.0.0.1"])
def test_plain_http_is_refused_under_a_name_of_others(host: str, names: str) -> None:
    """Production cannot be started with it."""
    with pytest.raises(SettingsError, match="PLAIN_HTTP=1 is for localhost alone"):
        read(HOST=host, ALLOWED_HOSTS=names, PLAIN_HTTP="1")


def test_plain_http_can_be_allowed_for_localhost_on_any_host() -> None:
    """By a clearly named setting: a container listens on all addresses."""
    settings = read(HOST="192.0.2.1", ALLOWED_HOSTS="localhost,127.0.0.1", PLAIN_HTTP="1")
    assert not settings.listens_on_loopback
    assert not settings.requires_https


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////srv/desk.sqlite3", "sqlite:////srv/desk.sqlite3"),
    ],
)
def test_a_database_url_is_read_as_operators_write_it(url: str, expected: str) -> None:
    """PostgreSQL always goes through psycopg 3."""
    assert read(DATABASE_URL=url).sqlalchemy_url == expected


def test_the_default_database_is_a_sqlite_file_in_the_instance_folder(tmp_path: Path) -> None:
    """Beside the secret key."""
    assert read(INSTANCE_PATH=str(tmp_path)).sqlalchemy_url == f"sqlite:///{tmp_path}/customer_desk.sqlite3"


def test_a_relative_instance_folder_is_the_projects() -> None:
    """Not the working directory's: the same from wherever the service is started."""
    assert read(INSTANCE_PATH="other").instance_path == str(PROJECT_ROOT / "other")


def test_extra_providers_come_after_the_known_ones() -> None:
    """Each once, spaces and empty names dropped."""
    assert read(EXTRA_PROVIDERS=" xero, stripe,,sage ").providers == (*KNOWN_PROVIDERS, "xero", "sage")


@pytest.mark.parametrize("level", ["debug", "DEBUG", "Warning"])
def test_a_log_level_is_read_in_any_case(level: str) -> None:
    """And kept in upper case."""
    assert read(LOG_LEVEL=level).log_level == level.upper()


def test_settings_cannot_be_changed() -> None:
    """Read once."""
    with pytest.raises(FrozenInstanceError):
        read().port = 9000  # type: ignore[misc]
