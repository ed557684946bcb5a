"""The published page's curl command, pasted as the welcome prints it, gives the published answer."""

import json
import shlex
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from webapp import Settings
from webapp.demo.installation import install_demo

#: The published answer, but for when and by whom it was updated, which the page cannot know of this installation.
PUBLISHED: dict[str, Any] = {
    "id": "cust_abc123xyz789",
    "external_id": "user_12345",
    "name": "Acme Corp (Updated)",
    "email": "billing-new@acme.com",
    "address_line1": "123 Main Street",
    "address_line2": "",
    "address_city": "San Francisco",
    "address_state": "CA",
    "address_postal_code": "94105",
    "address_country": "US",
    "parent_customer_id": None,
    "metadata": {"plan_tier": "enterprise_plus", "renewal_date": "2025-01-15"},
    "environment_id": "env_prod_001",
    "tenant_id": "tenant_001",
    "status": "published",
    "created_by": "user_admin",
}


@pytest.fixture
def answer(app: Flask) -> Any:
    """What the pasted command is answered with, on a fresh demo installation."""
    settings: Settings = app.extensions["customer_desk_settings"]
    with app.app_context():
        welcome = install_demo(settings)
    command, method, url, *options = shlex.split(welcome[welcome.index("curl ") :].replace("\\\n", " "))
    assert (command, method) == ("curl", "-X")
    method, url, options = url, options[0], options[1:]
    arguments = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for option, value in arguments if option == "-H")
    (body,) = [value for option, value in arguments if option == "-d"]
    assert json.loads(body) == {name: PUBLISHED[name] for name in ("name", "email", "metadata")}
    return app.test_client(use_cookies=False).open(url, method=method, headers=headers, data=body)


def test_the_pasted_command_gives_the_published_answer(answer: Any) -> None:
    """Value by value."""
    assert answer.status_code == 200
    assert {name: answer.get_json()[name] for name in PUBLISHED} == PUBLISHED


def test_the_published_customer_was_created_when_the_page_says(answer: Any) -> None:
    """And updated now, by the key of the welcome."""
    body = answer.get_json()
    assert datetime.fromisoformat(body["created_at"]) == datetime.fromisoformat("2024-01-15T10:30:00Z")
    assert datetime.fromisoformat(body["updated_at"]) > datetime.fromisoformat("2024-01-20T14:45:00Z")
    assert body["updated_by"].startswith("key_")
