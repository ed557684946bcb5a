"""Fixtures of the OpenAPI document: the document itself, and verdicts of its schemas."""

from collections.abc import Callable
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from jsonschema import Draft202012Validator, FormatChecker

from tests.conftest import SECRET_KEY
from tests.support.uncounted import uncounted
from webapp import Settings
from webapp.openapi.document import Document, build

Verdict = Callable[[Any, Any], list[str]]

FORMATS = FormatChecker(("date", "date-time"))


@FORMATS.checks("idn-email", EmailNotValidError)
def _is_email(value: object) -> bool:
    """The format as the rule reads it."""
    return not isinstance(value, str) or bool(validate_email(value, check_deliverability=False))


@pytest.fixture(scope="session")
def document() -> Document:
    """The document of an installation that sets nothing."""
    return build(Settings.from_environment({"SECRET_KEY": SECRET_KEY}))


@pytest.fixture(scope="session")
def faults(document: Document) -> Verdict:
    """A function from a schema, or a component's name, and a value to what is wrong with the value."""
    judges: dict[str, Draft202012Validator] = {}

    def judge(schema: Any, value: Any) -> list[str]:
        whole = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
        if (key := str(whole)) not in judges:
            with_components = {**whole, "components": document["components"]}
            judges[key] = Draft202012Validator(with_components, format_checker=FORMATS)
        with uncounted():
            return [error.message for error in judges[key].iter_errors(value)]

    return judge
