"""The page of the access log: what an administrator reads, finds and is led to."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, update

from tests.access.test_access_log import open_records
from tests.support.clients import DeskClient
from tests.support.desk_pages import folded, url_of
from tests.support.world import ELSEWHERE, HOME, World
from webapp.access.model import RecordAccess, Staff
from webapp.database import transaction
from webapp.identifiers import now


def rows_of_log(page: Any) -> list[tuple[str, str, str]]:
    """(person, customer, page) of each row that an administrator sees."""
    rows = [[folded(cell) for cell in row.select("td")] for row in page.all(".access-table tbody tr")]
    return [(person, customer, kind) for _, person, customer, kind in rows]


def test_an_administrator_reads_the_log(app: Flask, world: World) -> None:
    """Newest first, each row with links to the record and to what else the person opened."""
    bakery = world.create_customer(name="Bakery", external_id="bakery")
    DeskClient(app, "viewer").get(url_of(bakery))
    DeskClient(app, "editor").get(f"{url_of(bakery)}/edit")
    page = DeskClient(app, "admin").get("/access-log")
    assert rows_of_log(page) == [
        ("editor@desk.example", "Bakery bakery", "Edit form"),
        ("viewer@desk.example", "Bakery bakery", "Record"),
    ]
    assert [link["href"] for link in page.all(".access-table a")][:2] == [
        "/access-log?staff_id=staff_editor",
        url_of(bakery),
    ]


@pytest.mark.parametrize("by", ["id", "external_id"])
def test_the_log_of_one_record_is_asked_for_by_either_id(app: Flask, world: World, by: str) -> None:
    """As staff have it in hand; and by person on top."""
    bakery, other = world.create_customer(external_id="bakery/1"), world.create_customer()
    open_records(world, "viewer", other.id, bakery.id)
    open_records(world, "editor", bakery.id)
    page = DeskClient(app, "admin").get("/access-log", query_string={"customer": getattr(bakery, by)})
    assert [row[0] for row in rows_of_log(page)] == ["editor@desk.example", "viewer@desk.example"]
    asked = {"customer": getattr(bakery, by), "staff_id": "staff_viewer"}
    page = DeskClient(app, "admin").get("/access-log", query_string=asked)
    assert [row[0] for row in rows_of_log(page)] == ["viewer@desk.example"]
    assert page.form_values(".access-filter") == asked


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "Nobody has opened a record yet."),
        ("?customer=nobody", "No customer of this environment has the ID or external ID nobody."),
        ("?staff_id=staff_nobody", "Nobody has opened it yet, as far back as the log goes."),
        ("?before=acc_gone", "Nothing older is kept."),
    ],
)
def test_an_empty_log_says_why(app: Flask, world: World, asked: str, said: str) -> None:
    """Nothing there is told from nothing found."""
    page = DeskClient(app, "admin").get(f"/access-log{asked}")
    assert (page.status, page.text("#access-log .none"), rows_of_log(page)) == (200, said, [])


def test_a_long_log_goes_on_at_a_link(app: Flask, world: World) -> None:
    """Older entries are a link away, with the filter kept; from there one leads back to the newest."""
    customer = world.create_customer()
    with world.app.app_context():
        rows = [
            {
                "id": f"acc_{number:03}",
                "tenant_id": HOME.tenant_id,
                "environment_id": HOME.environment_id,
                "customer_id": customer.id,
                "staff_id": "staff_editor",
                "staff_email": "editor@desk.example",
                "page": "record",
                "at": now() - timedelta(minutes=number),
            }
            for number in range(60)
        ]
        transaction(lambda connection: connection.execute(insert(RecordAccess), rows))
    admin = DeskClient(app, "admin")
    first = admin.get("/access-log?staff_id=staff_editor")
    older = str(first.one(".more a")["href"])
    second = admin.get(older)
    assert (len(rows_of_log(first)), len(rows_of_log(second))) == (50, 10)
    assert [str(link["href"]) for link in second.all(".more a")] == ["/access-log?staff_id=staff_editor"]


def test_the_log_shows_no_record_of_others(app: Flask, world: World) -> None:
    """Its name is not even looked up across the fence."""
    secret = world.create_customer(ELSEWHERE, name="Secret of others", external_id="theirs")
    open_records(world, "editor", secret.id, scope=ELSEWHERE)
    admin = DeskClient(app, "admin")
    assert rows_of_log(admin.get("/access-log")) == []
    page = admin.get("/access-log?customer=theirs")
    assert "Secret" not in page.text("main")
    assert "No customer" in page.text("#access-log .none")


@pytest.mark.parametrize(("role", "status", "links"), [("viewer", 403, 0), ("editor", 403, 0), ("admin", 200, 1)])
def test_the_log_is_for_administrators(app: Flask, world: World, role: str, status: int, links: int) -> None:
    """The page, and the link to it on the record."""
    customer = world.create_customer()
    person = DeskClient(app, role)
    assert person.get("/access-log").status == status
    found = person.get(url_of(customer)).all(".record-actions a[href^='/access-log']")
    assert [link["href"] for link in found] == [f"/access-log?customer={customer.id}"] * links


def test_a_person_who_left_stays_in_the_log(app: Flask, world: World) -> None:
    """The email of the time is kept with each entry."""
    open_records(world, "viewer", world.create_customer().id)
    with app.app_context():
        changed = update(Staff).where(Staff.id == "staff_viewer").values(email="renamed@desk.example", active=False)
        transaction(lambda connection: connection.execute(changed))
    assert [row[0] for row in rows_of_log(DeskClient(app, "admin").get("/access-log"))] == ["viewer@desk.example"]
