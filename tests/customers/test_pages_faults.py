"""A save that fails for no fault of the person's: what was typed is kept, to be sent once more."""

from collections.abc import Callable
from pathlib import Path

import pysqlite3
import pytest
from flask import Flask

from tests.support.clients import DeskClient
from tests.support.desk_pages import opened_form, save, url_of
from tests.support.world import seed_world

SEND_AGAIN = ".problem form"


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_what_was_typed_survives_a_database_that_does_not_answer(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """503 with the whole form in it; once the database answers, one press saves it."""
    app = make_app(database_timeout_seconds=1)
    world = seed_world(app)
    desk = DeskClient(app)
    acme = world.create_customer(name="Before", metadata={"plan": "gold"})
    values = opened_form(desk, acme) | {"name": 'After "<b>"', "metadata-0-value": " two  words "}
    other = pysqlite3.connect(tmp_path / "customer_desk.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = save(desk, acme, values)
    other.close()

    assert refused.status == 503
    assert world.reload(acme).name == "Before"
    kept = refused.form_values(SEND_AGAIN)
    assert {**kept, "csrf_token": ""} == {**values, "csrf_token": ""}
    assert refused.one(SEND_AGAIN)["action"] == f"{url_of(acme)}/edit"
    assert save(desk, acme, kept).status == 303
    assert world.reload(acme).metadata == {"plan": "two  words"}


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_a_form_of_no_customer_is_never_offered_again(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """Others hold passwords, or only a press of a button."""
    app = make_app(database_timeout_seconds=1)
    seed_world(app)
    desk = DeskClient(app)
    values = desk.get("/account").form_values("form[action='/account']")
    other = pysqlite3.connect(tmp_path / "customer_desk.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = desk.post("/account", values | {"language": "de"})
    other.close()
    assert refused.status == 503
    assert refused.all(SEND_AGAIN) == []
