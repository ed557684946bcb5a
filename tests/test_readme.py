"""The README's tables against the code: settings, addresses, commands, packages."""

import re
from dataclasses import fields

import pytest
from flask import Flask

from webapp.access.permissions import (
    MANAGE_API_KEYS,
    MANAGE_PERSONAL_DATA,
    MANAGE_STAFF,
    OWN_SIGN_IN,
    PUBLIC,
    READ_ACCESS_LOG,
    READ_CUSTOMERS,
    WRITE_CUSTOMERS,
)
from webapp.settings import PROJECT_ROOT, Settings

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
WHO_ON_THE_DESK = {
    PUBLIC: "anyone",
    OWN_SIGN_IN: "staff",
    READ_CUSTOMERS: "viewer",
    WRITE_CUSTOMERS: "editor",
    MANAGE_API_KEYS: "admin",
    MANAGE_STAFF: "admin",
    READ_ACCESS_LOG: "admin",
    MANAGE_PERSONAL_DATA: "admin",
}
WHO_ON_THE_API = {READ_CUSTOMERS: "read key", WRITE_CUSTOMERS: "write key"}


def table(heading: str, *columns: str) -> list[list[str]]:
    """The rows of the table below a heading that has these columns."""
    section = re.split(r"^## ", README, flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{heading}\n")]
    rows = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    start = rows.index(list(columns))
    found = rows[start + 2 :]
    length = next((number for number, row in enumerate(found) if len(row) != len(columns)), len(found))
    return found[:length]


def code(cell: str) -> list[str]:
    """What stands between backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def make_targets() -> set[str]:
    """The targets of the Makefile that explain themselves."""
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_the_settings_table_is_the_settings() -> None:
    """Every variable, its default and its meaning, in the same order."""
    declared = [
        [
            f"`{setting.metadata['variable']}`",
            f"`{setting.metadata['default']}`" if setting.metadata["default"] else "",
            setting.metadata["about"],
        ]
        for setting in fields(Settings)
    ]
    assert table("Settings", "Variable", "Default", "Meaning") == declared


def test_the_addresses_table_is_the_url_map(app: Flask) -> None:
    """Every rule and method, and who may; apart from files and from the routes that are not this service's."""
    served = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in {"static", "vendor", "customers.api_foreign"}:
            continue
        who = WHO_ON_THE_API if rule.rule.startswith("/v1/") else WHO_ON_THE_DESK
        permission = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            served.add((re.sub(r"<\w+:(\w+)>", r"<\1>", rule.rule), method, who[permission]))
    told = {
        (address, method, who)
        for addresses, methods, who, _what in table("Addresses", "Address", "Method", "Who", "What")
        for address in code(addresses)
        for method in methods.split(", ")
    }
    assert told == served


@pytest.mark.parametrize("column", ["Address", "Method", "Who", "What"])
def test_no_cell_of_the_addresses_is_empty(column: str) -> None:
    """Each says something."""
    columns = ["Address", "Method", "Who", "What"]
    assert all(row[columns.index(column)] for row in table("Addresses", *columns))


def test_every_make_target_that_is_named_exists() -> None:
    """Wherever in the README or in the operators' page."""
    operations = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", README + operations, re.MULTILINE))
    assert named - make_targets() == set()


def test_the_commands_table_has_every_make_target() -> None:
    """None is a secret."""
    told = {
        words.removeprefix("make ") for row in table("Commands", "Command", "What it does") for words in code(row[0])
    }
    assert make_targets() <= told


def operator_commands(app: Flask) -> set[str]:
    """The commands that this project adds to ``flask``."""
    found = {"db upgrade"}
    for name, command in app.cli.commands.items():
        if name != "db":
            found |= {f"{name} {inner}" for inner in command.commands} if hasattr(command, "commands") else {name}
    return found


def test_every_operator_command_is_told(app: Flask) -> None:
    """And none that does not exist."""
    rows = re.findall(r"^\| `((?!make )[^`]+)` \|", README.split("## Commands")[1].split("\n## ")[0], re.MULTILINE)
    told = {" ".join(re.findall(r"^[a-z-]+(?: [a-z-]+\b)?", row)) for row in rows}
    assert told == operator_commands(app)


def test_every_direct_dependency_has_its_reason() -> None:
    """And each stands there once, and is required."""
    told = [
        re.sub(r"\W", "-", package).lower()
        for packages, _why in table("What it is built on", "Package", "Why")
        for package in packages.split(", ")
    ]
    runtime, traces = (
        (PROJECT_ROOT / file).read_text(encoding="utf-8").split("# What those need in turn")
        for file in ("requirements.txt", "requirements-otel.txt")
    )
    tools = (PROJECT_ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    direct, all_of_them = (
        set(pinned(part)) for part in (runtime[0] + traces[0] + tools, "".join(runtime + traces) + tools)
    )
    assert len(told) == len(set(told))
    assert direct <= set(told)
    assert set(told) <= all_of_them


def pinned(requirements: str) -> list[str]:
    """The packages of a requirements file, each of which must be pinned exactly."""
    lines = [line for line in requirements.splitlines() if line and not line.startswith(("#", "-r"))]
    found = [re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==[\w.]+", line) for line in lines if not line.startswith(".")]
    assert all(found), lines
    return [re.sub(r"[\W_]", "-", match[1]).lower() for match in found if match]
