"""Signing in and out, through the pages, as a browser does it."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import DeskClient, Page
from tests.support.sign_in import FORM, csrf_token, fill_in, is_signed_in, sign_out
from tests.support.world import PASSWORD, World
from webapp.access.model import Staff, StaffSession
from webapp.access.staff import create_staff
from webapp.database import reading, transaction
from webapp.errors import InvalidInput, NotFound

REFUSAL = "The email address or the password is not right."
AGAIN = 'form[action="/sign-in/again"]'


@pytest.fixture
def stranger(world: World) -> DeskClient:
    """A browser in which nobody is signed in."""
    return DeskClient(world.app, role=None)


def disable(world: World, role: str) -> None:
    """As an administrator would."""
    with world.app.app_context():
        disabled = update(Staff).where(Staff.id == f"staff_{role}").values(active=False)
        transaction(lambda connection: connection.execute(disabled))


def sessions(app: Flask) -> list[Any]:
    """The rows of everybody who is signed in."""
    with app.app_context(), reading() as connection:
        return list(connection.execute(select(StaffSession.__table__)).mappings())


def refusals(page: Page) -> list[str]:
    """What the error summary says."""
    return [link.get_text(strip=True) for link in page.all("#error-summary a")]


def test_the_sign_in_page_asks_for_address_and_password(stranger: DeskClient) -> None:
    """With what a password manager looks for."""
    page = stranger.get("/sign-in")
    assert page.status == 200
    assert page.text("title") == "Sign in · Customer Desk"
    assert page.one("#email")["autocomplete"] == "username"
    assert page.one("#password")["autocomplete"] == "current-password"
    assert page.one("#password")["type"] == "password"


@pytest.mark.parametrize("email", ["editor@desk.example", "Editor@Desk.Example"], ids=["as kept", "other case"])
def test_the_right_password_signs_in(stranger: DeskClient, email: str) -> None:
    """On to the customers; the address in any case."""
    page = fill_in(stranger, email=email)
    assert (page.status, page.response.headers["Location"]) == (302, "/customers")
    assert is_signed_in(stranger)


WRONG = {
    "wrong password": ("editor@desk.example", "wrong"),
    "unknown account": ("nobody@desk.example", PASSWORD),
    "empty password": ("editor@desk.example", ""),
    "empty address": ("", PASSWORD),
    "no address": ("not-an-address", PASSWORD),
    "both empty": ("", ""),
    "the hash for a password": ("editor@desk.example", "$argon2id$v=19$m=65536"),
}


@pytest.mark.parametrize(("email", "password"), WRONG.values(), ids=WRONG.keys())
def test_every_refusal_reads_the_same(stranger: DeskClient, email: str, password: str) -> None:
    """422, one sentence, no hint whether the account exists, and nobody is signed in."""
    page = fill_in(stranger, email=email, password=password)
    assert (page.status, refusals(page)) == (422, [REFUSAL])
    assert page.text("title") == "Error: Sign in · Customer Desk"
    assert not is_signed_in(stranger)


def test_a_disabled_person_reads_the_same_refusal(stranger: DeskClient, world: World) -> None:
    """Even with the right password."""
    disable(world, "editor")
    page = fill_in(stranger, email="editor@desk.example")
    assert (page.status, refusals(page)) == (422, [REFUSAL])
    assert not is_signed_in(stranger)


def test_a_refused_page_keeps_the_address_and_forgets_the_password(stranger: DeskClient) -> None:
    """The address need not be typed again; the password is never sent back."""
    page = fill_in(stranger, email="nobody@desk.example", password="a wrong password")
    assert page.one("#email")["value"] == "nobody@desk.example"
    assert not page.one("#password").get("value")
    assert "a wrong password" not in page.response.text


@pytest.mark.parametrize(
    ("sent", "location"),
    [
        ("/customers?q=acme", "/customers?q=acme"),
        ("/customers/cust_1/edit", "/customers/cust_1/edit"),
        ("https://evil.example/", "/customers"),
        ("//evil.example/", "/customers"),
        ("https:evil.example", "/customers"),
        ("javascript:alert(1)", "/customers"),
        ("data:text/html,hi", "/customers"),
        ("http://localhost.evil.example/", "/customers"),
        ("https://localhost@evil.example/", "/customers"),
    ],
)
def test_next_leads_to_own_paths_alone(stranger: DeskClient, sent: str, location: str) -> None:
    """After signing in one is where one wanted to be, and never on another site."""
    values = stranger.get("/sign-in").form_values(FORM)
    values |= {"email": "editor@desk.example", "password": PASSWORD, "next": sent}
    page = stranger.post("/sign-in", values)
    assert (page.status, page.response.headers["Location"]) == (302, location)


@pytest.mark.parametrize("sent", ["///evil.example/", "/\\evil.example/", "\\\\evil.example/", "/%5Cevil.example/"])
def test_slashes_of_any_kind_in_next_lead_nowhere_else(stranger: DeskClient, sent: str) -> None:
    """A browser reads a backslash as a slash."""
    values = stranger.get("/sign-in").form_values(FORM)
    values |= {"email": "editor@desk.example", "password": PASSWORD, "next": sent}
    location = stranger.post("/sign-in", values).response.headers["Location"]
    assert urlsplit(urljoin("http://localhost/sign-in", location.replace("\\", "/"))).netloc == "localhost"


def test_a_foreign_next_in_the_address_does_not_stop_the_sign_in(stranger: DeskClient) -> None:
    """A link from elsewhere to the sign-in page is still a way in."""
    page = fill_in(stranger, email="editor@desk.example", next_url="https://evil.example/")
    assert (page.status, page.response.headers["Location"]) == (302, "/customers")


def test_a_control_character_in_the_address_is_refused(stranger: DeskClient) -> None:
    """As a wrong one, and not by the database."""
    values = stranger.get("/sign-in").form_values(FORM) | {"email": "editor@desk.example\x00", "password": PASSWORD}
    assert stranger.client.post("/sign-in", data=values).status_code == 422


def test_the_page_one_wanted_survives_a_wrong_password(stranger: DeskClient) -> None:
    """``next`` travels through the form."""
    page = fill_in(stranger, email="editor@desk.example", password="wrong", next_url="/customers/cust_1")
    assert page.form_values(FORM)["next"] == "/customers/cust_1"


def test_signing_in_without_a_csrf_token_is_refused(stranger: DeskClient) -> None:
    """A foreign page cannot sign anybody in."""
    page = stranger.post("/sign-in", {"email": "editor@desk.example", "password": PASSWORD})
    assert page.status == 400
    assert not is_signed_in(stranger)


def test_signing_in_with_another_sessions_csrf_token_is_refused(app: Flask, stranger: DeskClient) -> None:
    """The token belongs to the browser that opened the page."""
    foreign = csrf_token(DeskClient(app, role=None))
    stranger.get("/sign-in")
    values = {"email": "editor@desk.example", "password": PASSWORD, "csrf_token": foreign}
    assert stranger.post("/sign-in", values).status == 400


def test_a_signed_in_person_is_sent_on_from_the_sign_in_page(desk: DeskClient) -> None:
    """There is nothing to do for them there."""
    page = desk.get("/sign-in")
    assert (page.status, page.response.headers["Location"]) == (302, "/customers")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_signing_out_is_a_post(desk: DeskClient, method: str) -> None:
    """A link or an image cannot sign anybody out."""
    answer = desk.client.open("/sign-out", method=method)
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"POST", "OPTIONS"})
    assert is_signed_in(desk)


def test_signing_out_without_a_csrf_token_is_refused(desk: DeskClient) -> None:
    """Nor can a foreign form."""
    assert desk.post("/sign-out", {}).status == 400
    assert is_signed_in(desk)


def test_signing_out_kills_the_row(app: Flask, desk: DeskClient) -> None:
    """And leads to the sign-in page."""
    page = sign_out(desk)
    assert (page.status, page.response.headers["Location"]) == (302, "/sign-in")
    assert sessions(app) == []
    assert not is_signed_in(desk)


def test_signing_out_spares_other_sign_ins(app: Flask, desk: DeskClient) -> None:
    """Of the same person in another browser."""
    other = DeskClient(app)
    sign_out(desk)
    assert is_signed_in(other)


def test_passwords_are_hashed_by_argon2id(world: World) -> None:
    """Two people with one password have different hashes."""
    with world.app.app_context():
        kept = []
        for email in ("a@desk.example", "b@desk.example"):
            create_staff(email, "viewer", tenant_id="tenant_home", password=PASSWORD)
            with reading() as connection:
                kept.append(connection.execute(select(Staff.password).where(Staff.email == email)).scalar_one())
    assert {text.split("$")[1] for text in kept} == {"argon2id"}
    assert len(set(kept)) == 2


@pytest.mark.parametrize(
    ("email", "tenant_id", "error"),
    [
        ("not-an-address", "tenant_home", InvalidInput),
        ("editor@desk.example", "tenant_home", InvalidInput),
        ("new@desk.example", "", InvalidInput),
        ("new@desk.example", "tenant_unknown", NotFound),
    ],
    ids=["bad address", "address in use", "several tenants", "unknown tenant"],
)
def test_a_person_who_cannot_be_created_is_a_clear_error(
    world: World, email: str, tenant_id: str, error: type[Exception]
) -> None:
    """A sentence, not the database's complaint."""
    with world.app.app_context(), pytest.raises(error):
        create_staff(email, "viewer", tenant_id=tenant_id)


def test_an_address_in_another_case_is_in_use_too(world: World) -> None:
    """Or two people would share one sign-in."""
    with world.app.app_context(), pytest.raises(InvalidInput):
        create_staff("Editor@desk.example", "viewer", tenant_id="tenant_home")


def test_confirming_the_password_is_for_those_who_are_signed_in(stranger: DeskClient) -> None:
    """Others sign in first."""
    page = stranger.get("/sign-in/again")
    assert (page.status, page.response.headers["Location"]) == (303, "/sign-in?next=/sign-in/again")
    assert stranger.post("/sign-in/again", {"csrf_token": csrf_token(stranger), "password": PASSWORD}).status == 401


def test_the_confirming_page_names_the_person(desk: DeskClient) -> None:
    """And asks for the password alone."""
    page = desk.get("/sign-in/again?next=/customers/cust_1")
    assert page.status == 200
    assert page.text("h1") == "Confirm your password"
    assert "editor@desk.example" in page.text(".sign-in p")
    assert set(page.form_values(AGAIN)) == {"csrf_token", "next", "password"}


def test_the_right_password_confirms(desk: DeskClient) -> None:
    """On to where one wanted to be."""
    values = desk.get("/sign-in/again?next=/customers/cust_1").form_values(AGAIN)
    page = desk.post("/sign-in/again", values | {"password": PASSWORD})
    assert (page.status, page.response.headers["Location"]) == (302, "/customers/cust_1")


@pytest.mark.parametrize("password", ["wrong", ""], ids=["wrong", "empty"])
def test_a_wrong_password_does_not_confirm(desk: DeskClient, password: str) -> None:
    """422 with one problem, at the password."""
    values = desk.get("/sign-in/again").form_values(AGAIN)
    page = desk.post("/sign-in/again", values | {"password": password})
    assert page.status == 422
    assert [link["href"] for link in page.all("#error-summary a")] == ["#password"]
    assert page.text("title") == "Error: Confirm your password · Customer Desk"


def test_a_new_persons_password_is_random(world: World) -> None:
    """And works, which the sign-in page proves."""
    with world.app.app_context():
        password = create_staff("new@desk.example", "viewer", tenant_id="tenant_home")
    assert len(password) >= 20
    assert staff_role(world.app, "new@desk.example") == "viewer"
    assert fill_in(DeskClient(world.app, role=None), email="new@desk.example", password=password).status == 302


def staff_role(app: Flask, email: str) -> str:
    """The role that is kept."""
    with app.app_context(), reading() as connection:
        role: str = connection.execute(select(Staff.role).where(Staff.email == email)).scalar_one()
        return role
