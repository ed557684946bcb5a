"""The documents: their links lead somewhere, and the make targets and commands that they name exist."""

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.test_readme import make_targets, operator_commands
from webapp.settings import PROJECT_ROOT

DOCUMENTS = sorted([PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")])
OPERATIONS = [path for path in DOCUMENTS if "operations" in str(path.relative_to(PROJECT_ROOT))]


def headings(document: Path) -> set[str]:
    """Its headings, as links name them."""
    lines = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#+ (.+)$", lines, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_every_link_to_another_place_of_the_project_leads_there(document: Path) -> None:
    """To a file, and to a heading of it."""
    for link in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not heading or heading in headings(target), link


@pytest.mark.parametrize("document", OPERATIONS, ids=lambda path: path.name)
def test_every_command_that_operators_are_told_exists(app: Flask, document: Path) -> None:
    """Make targets, and commands of flask."""
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= make_targets()
    known = operator_commands(app) | {"db downgrade"}
    for line in re.findall(r"flask --app wsgi ([a-z][a-z -]*)", text):
        words = line.split()
        assert words[0] in known or " ".join(words[:2]) in known, line
