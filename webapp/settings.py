"""Every setting of the service, read once from the environment. Knows nothing of Flask or of the database.

A setting is one field of :class:`Settings`; its environment variable, default, meaning and reader stand together in
its declaration, and the README's table is checked against them by a test.
"""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from limits import RateLimitItem, parse_many

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SECRET_KEY_FILE = "secret_key"  # noqa: S105 - a file name
MINIMUM_SECRET_LENGTH = 32
#: Bounds of a rate limit: a thousand million requests, a year.
MOST_REQUESTS = 1_000_000_000
LONGEST_WINDOW_SECONDS = 366 * 24 * 3600
KNOWN_PROVIDERS = (
    "stripe", "razorpay", "paypal", "chargebee", "hubspot", "quickbooks", "zoho_books", "moyasar", "nomod", "paddle",
)  # fmt: skip

#: A name, an IPv4 address, or an IPv6 address in brackets.
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252})|\[[0-9a-f:.]{2,45}\]")
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """One or more settings are missing or wrong; the message names each of them."""


def _text(raw: str) -> str:
    """Any text."""
    return raw


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        number = int(raw)
        if not least <= number <= most:
            raise ValueError
        return number

    read.__doc__ = f"A whole number from {least:,} to {most:,}."
    return read


def _switch(raw: str) -> bool:
    """1 or 0."""
    if raw not in {"0", "1"}:
        raise ValueError
    return raw == "1"


def _rate_limits(raw: str) -> tuple[RateLimitItem, ...]:
    """Limits such as 600/minute or 10 per 2 seconds, several separated by semicolons; empty: none."""
    limits = tuple(parse_many(raw)) if raw else ()
    if any(not 1 <= limit.amount <= MOST_REQUESTS or limit.get_expiry() > LONGEST_WINDOW_SECONDS for limit in limits):
        raise ValueError
    return limits


def _names(raw: str) -> tuple[str, ...]:
    """Names separated by commas."""
    return tuple(name.strip() for name in raw.split(",") if name.strip())


def _host_names(raw: str) -> tuple[str, ...]:
    """Names of hosts separated by commas, without scheme and port, such as desk.example,10.0.0.5,[::1]."""
    names = tuple(name.lower().removesuffix(".") for name in _names(raw))
    if not all(HOST_NAME.fullmatch(name) for name in names):
        raise ValueError
    return names


def _networks(raw: str) -> tuple[IPNetwork, ...]:
    """IP addresses or networks separated by commas, such as 10.0.0.5 or 10.0.0.0/24."""
    return tuple(ipaddress.ip_network(name) for name in _names(raw))


def _log_level(raw: str) -> str:
    """DEBUG, INFO, WARNING or ERROR."""
    if raw.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError
    return raw.upper()


def _setting(variable: str, default: str, about: str, read: Callable[[str], Any] = _text) -> Any:
    return field(metadata={"variable": variable, "default": default, "about": about, "read": read})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation can choose. Build it with :meth:`from_environment`, or with all fields by keyword."""

    instance_path: str = _setting("INSTANCE_PATH", "instance", "Folder for the SQLite file and the secret key")
    database_url: str = _setting(
        "DATABASE_URL",
        "",
        "`postgresql://user:password@host/name`, or `sqlite:///file`; empty: SQLite in the instance folder",
    )
    secret_key: str = _setting(
        "SECRET_KEY",
        "",
        f"Signs cookies, at least {MINIMUM_SECRET_LENGTH} characters; empty: the file `secret_key` in the instance folder, "
        "which `make run` makes",
    )
    host: str = _setting("HOST", "127.0.0.1", "Address to listen on")
    port: int = _setting("PORT", "8000", "Port to listen on", _whole_number(1, 65535))
    allowed_hosts: tuple[str, ...] = _setting(
        "ALLOWED_HOSTS",
        "",
        "Names by which people and programs reach the service, separated by commas; empty: this machine's own, such as "
        "`localhost`",
        _host_names,
    )
    workers: int = _setting("WORKERS", "0", "Server processes; 0: one for each processor", _whole_number(0, 256))
    plain_http: bool = _setting(
        "PLAIN_HTTP",
        "0",
        "1: allow plain HTTP on a HOST that is not loopback, such as a container's, under the names of this machine alone",
        _switch,
    )
    trusted_proxies: int = _setting(
        "TRUSTED_PROXIES", "0", "How many proxies in front set `X-Forwarded-For` and `-Proto`", _whole_number(0, 10)
    )
    trusted_proxy_addresses: tuple[IPNetwork, ...] = _setting(
        "TRUSTED_PROXY_ADDRESSES",
        "",
        "Addresses or networks of the last of those proxies; empty: whoever reaches the port is taken for it",
        _networks,
    )
    log_level: str = _setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR", _log_level)
    opentelemetry: bool = _setting(
        "OPENTELEMETRY",
        "0",
        "1: send traces to where the variables `OTEL_EXPORTER_OTLP_…` say; needs `make install-otel`",
        _switch,
    )
    max_body_bytes: int = _setting(
        "MAX_BODY_BYTES", "1048576", "Largest request body, in bytes", _whole_number(1024, 64 * 1024 * 1024)
    )
    metadata_max_entries: int = _setting(
        "METADATA_MAX_ENTRIES", "100", "Metadata entries of one customer", _whole_number(1, 1000)
    )
    metadata_max_key_length: int = _setting(
        "METADATA_MAX_KEY_LENGTH", "100", "Characters in a metadata key", _whole_number(1, 1000)
    )
    metadata_max_value_length: int = _setting(
        "METADATA_MAX_VALUE_LENGTH", "1000", "Characters in a metadata value", _whole_number(1, 100_000)
    )
    extra_providers: tuple[str, ...] = _setting(
        "EXTRA_PROVIDERS", "", "More integration providers, separated by commas", _names
    )
    session_idle_minutes: int = _setting(
        "SESSION_IDLE_MINUTES", "30", "A sign-in ends after so many minutes without a request", _whole_number(1, 1440)
    )
    session_total_minutes: int = _setting(
        "SESSION_TOTAL_MINUTES", "720", "A sign-in ends after so many minutes in all", _whole_number(1, 10_080)
    )
    sign_in_account_limit: int = _setting(
        "SIGN_IN_ACCOUNT_LIMIT", "5", "Failed sign-ins of one account in 15 minutes", _whole_number(1, 1000)
    )
    sign_in_address_limit: int = _setting(
        "SIGN_IN_ADDRESS_LIMIT", "20", "Failed sign-ins from one address in 15 minutes", _whole_number(1, 10_000)
    )
    access_log_days: int = _setting(
        "ACCESS_LOG_DAYS", "365", "So many days the desk remembers who opened which record", _whole_number(1, 36_500)
    )
    rate_limit_per_key: tuple[RateLimitItem, ...] = _setting(
        "RATE_LIMIT_PER_KEY",
        "",
        "API requests of one key, such as `600/minute` or `600/minute;20/second`; empty: no limit",
        _rate_limits,
    )
    rate_limit_per_tenant: tuple[RateLimitItem, ...] = _setting(
        "RATE_LIMIT_PER_TENANT", "", "API requests of one tenant over all of its keys, alike", _rate_limits
    )
    request_timeout_seconds: int = _setting(
        "REQUEST_TIMEOUT_SECONDS",
        "15",
        "Longest wait for a request's head, for its body, for each 128 KiB of an answer to be taken, and for the next request",
        _whole_number(1, 600),
    )
    drain_seconds: int = _setting(
        "DRAIN_SECONDS",
        "0",
        "On SIGTERM, the longest wait for open connections to end, while new ones are refused; for instances behind a proxy",
        _whole_number(0, 300),
    )
    database_pool_size: int = _setting(
        "DATABASE_POOL_SIZE", "16", "Database connections of one server process", _whole_number(2, 100)
    )
    database_timeout_seconds: int = _setting(
        "DATABASE_TIMEOUT_SECONDS", "10", "Longest wait for a statement, a lock or a connection", _whole_number(1, 300)
    )
    search_timeout_seconds: int = _setting(
        "SEARCH_TIMEOUT_SECONDS", "5", "Longest time that a search may take", _whole_number(1, 300)
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read all settings.

        Raises:
            SettingsError: a value cannot be read, or there is no usable secret key.
        """
        values: dict[str, Any] = {}
        faults = []
        for declared in fields(cls):
            variable, read = declared.metadata["variable"], declared.metadata["read"]
            raw = environment.get(variable, "").strip() or declared.metadata["default"]
            try:
                values[declared.name] = read(raw)
            except ValueError:
                faults.append(f"{variable}={raw!r} is not valid. It takes: {read.__doc__}")
        values["instance_path"] = str((PROJECT_ROOT / values["instance_path"]).resolve())
        values["secret_key"] = values["secret_key"] or _kept_secret_key(values["instance_path"])
        faults += _secret_key_faults(values["secret_key"])
        faults += _database_url_faults(values["database_url"])
        if "allowed_hosts" in values and not (values["allowed_hosts"] or is_loopback_name(values["host"])):
            faults.append("ALLOWED_HOSTS must name the hosts that the service is reached by when HOST is not loopback.")
        if values.get("plain_http") and not all(map(is_loopback_name, values.get("allowed_hosts", ()))):
            faults.append("PLAIN_HTTP=1 is for localhost alone, and ALLOWED_HOSTS names others: they need HTTPS.")
        if faults:
            raise SettingsError("Customer Desk cannot start:\n" + "\n".join(f"  - {fault}" for fault in faults))
        return cls(**values)

    @property
    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach ``host``."""
        return is_loopback_name(self.host)

    @property
    def is_public(self) -> bool:
        """Whether others reach it: by ``host``, or by a name of its own, which a proxy on this machine answers to."""
        return not (self.listens_on_loopback and all(map(is_loopback_name, self.allowed_hosts)))

    @property
    def requires_https(self) -> bool:
        """Whether requests must have come over HTTPS to the proxy in front."""
        return self.is_public and not self.plain_http

    @property
    def providers(self) -> tuple[str, ...]:
        """Every integration provider that a mapping may name (contract section 6)."""
        return KNOWN_PROVIDERS + tuple(name for name in self.extra_providers if name not in KNOWN_PROVIDERS)

    @property
    def sqlalchemy_url(self) -> str:
        """``database_url`` as SQLAlchemy wants it: the SQLite default filled in, PostgreSQL through psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{Path(self.instance_path) / 'customer_desk.sqlite3'}"
        for prefix in ("postgres://", "postgresql://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url


@lru_cache(maxsize=64)
def is_loopback_name(host: str) -> bool:
    """Whether a host, a name or an address, is this machine as seen from itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _kept_secret_key(instance_path: str) -> str:
    try:
        return (Path(instance_path) / SECRET_KEY_FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _secret_key_faults(secret_key: str) -> list[str]:
    if not secret_key:
        return ["SECRET_KEY is not set, and the instance folder keeps none. Set it, or let `make run` make one."]
    if len(secret_key) < MINIMUM_SECRET_LENGTH:
        return [f"SECRET_KEY has fewer than {MINIMUM_SECRET_LENGTH} characters."]
    return []


def _database_url_faults(database_url: str) -> list[str]:
    known = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
    if database_url and not database_url.startswith(known):
        return ["DATABASE_URL must begin with postgresql:// or sqlite:///."]
    if database_url in {"sqlite:///", "sqlite:///:memory:"}:
        return ["DATABASE_URL must name a file: the server's processes share it."]
    if database_url.startswith("postgres") and not re.match(r"[^:]+://[^/?]*/[^/?]+", database_url):
        return ["DATABASE_URL must name a database, as in postgresql://user:password@host/name."]
    return []
