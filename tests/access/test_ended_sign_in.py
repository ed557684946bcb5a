"""A form that is sent after its sign-in has ended: nothing that was typed is lost, nothing of another site goes on."""

import pytest
from sqlalchemy import update

from tests.support.clients import DeskClient, Page
from tests.support.sign_in import FORM, sign_out
from tests.support.world import PASSWORD, World, staff_of
from webapp.access.model import Staff
from webapp.access.staff_sessions import end_sessions_of
from webapp.customers.model import Customer
from webapp.database import transaction

SEND_AGAIN = ".problem form"
OWN = "http://localhost"


@pytest.fixture
def acme(world: World) -> Customer:
    """The customer that is edited."""
    return world.create_customer(name="Before", metadata={"plan": "gold"})


def _send(desk: DeskClient, path: str, values: dict[str, str], *, origin: str | None = OWN, htmx: bool = False) -> Page:
    sent_from = {} if origin is None else {"HTTP_ORIGIN": origin}
    return desk.post(path, values, htmx=htmx, environ_overrides=sent_from)


def _typed(desk: DeskClient, customer: Customer) -> tuple[str, dict[str, str]]:
    path = f"/customers/{customer.id}/edit"
    return path, desk.get(path).form_values() | {"name": 'After "<b>"\u00e9', "address_line1": " two  words "}


def _end(desk: DeskClient, how: str) -> None:
    if how == "signed out":
        sign_out(desk)
    elif how == "cookies gone":
        desk.client.delete_cookie("customer_desk")
    else:
        with desk.app.app_context():
            end_sessions_of(staff_of("editor").id)


def _sign_in_in_another_tab(desk: DeskClient) -> None:
    values = desk.get("/sign-in").form_values(FORM)
    assert desk.post("/sign-in", values | {"email": "editor@desk.example", "password": PASSWORD}).status in {302, 303}


@pytest.mark.parametrize("how", ["signed out", "cookies gone", "ended"])
@pytest.mark.parametrize("signs_in_first", [True, False])
def test_what_was_typed_is_kept_and_sent_once_more(
    desk: DeskClient, world: World, acme: Customer, how: str, signs_in_first: bool
) -> None:
    """However the sign-in ended, and whether one signs in again before or behind the refusal."""
    path, values = _typed(desk, acme)
    _end(desk, how)
    if signs_in_first:
        _sign_in_in_another_tab(desk)
    refused = _send(desk, path, values)
    if signs_in_first and how == "ended":  # the browser's cookie was kept, and with it the form's token
        assert refused.status == 303
    else:
        assert refused.status in {400, 401}
        assert world.reload(acme).name == "Before"
        kept = refused.form_values(SEND_AGAIN)
        assert {**kept, "csrf_token": ""} == {**values, "csrf_token": ""}
        assert len(refused.all(".problem a[target=_blank][href='/sign-in']")) == (0 if signs_in_first else 1)
        if not signs_in_first:
            _sign_in_in_another_tab(desk)
        assert _send(desk, str(refused.one(SEND_AGAIN)["action"]), kept).status == 303
    assert world.reload(acme).name == 'After "<b>"\u00e9'


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:81", "null", None])
def test_a_form_of_another_site_is_not_offered_to_be_sent_on(
    desk: DeskClient, acme: Customer, origin: str | None
) -> None:
    """Nobody is to press on what somebody else has filled in for them."""
    path, values = _typed(desk, acme)
    refused = _send(desk, path, values | {"csrf_token": "forged"}, origin=origin)
    assert (refused.status, refused.all(SEND_AGAIN)) == (400, [])


def test_a_password_is_never_sent_back(desk: DeskClient) -> None:
    """The forms of a person's own account are typed anew."""
    refused = _send(desk, "/account/password", {"csrf_token": "forged", "password": PASSWORD})
    assert (refused.status, refused.all(SEND_AGAIN)) == (400, [])
    assert PASSWORD not in refused.response.get_data(as_text=True)


@pytest.mark.parametrize("how", ["signed out", "ended"])
def test_a_part_of_the_page_says_that_what_was_typed_is_still_there(desk: DeskClient, acme: Customer, how: str) -> None:
    """And asks for no reload, which would lose it."""
    path, values = _typed(desk, acme)
    _end(desk, how)
    part = _send(desk, f"{path}/rows", values | {"rows": "metadata add"}, htmx=True)
    assert "What you typed is still in this page." in part.text(".problem")
    assert "reload" not in part.text(".problem").lower()
    assert part.all("form") == []


def test_what_was_typed_outlives_a_role_that_was_taken_away(desk: DeskClient, world: World, acme: Customer) -> None:
    """An administrator gives it back, and the very form is sent once more."""
    path, values = _typed(desk, acme)
    _give_role(desk, "viewer")
    refused = _send(desk, path, values)
    assert refused.status == 403
    assert "Ask an administrator" in refused.text(".problem")
    kept = refused.form_values(SEND_AGAIN)
    assert {**kept, "csrf_token": ""} == {**values, "csrf_token": ""}
    _give_role(desk, "editor")
    assert _send(desk, str(refused.one(SEND_AGAIN)["action"]), kept).status == 303
    assert world.reload(acme).name == 'After "<b>"é'


def _give_role(desk: DeskClient, role: str) -> None:
    """As an administrator changes it, or a program beside the desk; the sign-in goes on."""
    with desk.app.app_context():
        transaction(
            lambda connection: connection.execute(update(Staff).where(Staff.id == "staff_editor").values(role=role))
        )
