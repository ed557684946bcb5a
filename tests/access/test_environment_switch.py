"""The switch between production and sandbox, and forms that were opened before it."""

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded
from tests.support.sign_in import csrf_token
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World

SEND_THERE = ".problem form"


def switch(desk: DeskClient, environment_id: str, next_path: str = "") -> Page:
    """Press the switch of the header."""
    values = {"csrf_token": csrf_token(desk, "/account"), "environment_id": environment_id, "next": next_path}
    return desk.post("/environment", values)


def rename(name: str, environment_id: str = HOME.environment_id) -> dict[str, str]:
    """What the edit form carries besides."""
    return {"name": name, "environment_id": environment_id}


def test_the_header_says_where_one_is_and_where_one_can_go(desk: DeskClient) -> None:
    """The tenant's own environments alone."""
    page = desk.get("/account")
    assert page.text(".environment-switch summary") == "Environment: Production"
    assert [folded(button) for button in page.all(".environment-switch button")] == ["Switch to Sandbox"]


def test_the_switch_leads_to_the_customers_of_the_other_environment(desk: DeskClient, world: World) -> None:
    """Unmistakably: band, title, icon; a record of the one is unknown in the other."""
    here, there = world.create_customer(), world.create_customer(SANDBOX)
    page = switch(desk, SANDBOX.environment_id)
    assert (page.status, page.response.headers["Location"]) == (303, "/customers")
    page = desk.get(f"/customers/{there.id}")
    assert (page.status, len(page.all(".sandbox-band"))) == (200, 1)
    assert "Sandbox" in page.text("title")
    assert "favicon-sandbox" in str(page.one("link[rel=icon]")["href"])
    assert desk.get(f"/customers/{here.id}").status == 404
    switch(desk, HOME.environment_id)
    assert desk.get(f"/customers/{here.id}").status == 200


@pytest.mark.parametrize(
    ("sent", "leads_to"), [("/api-keys", "/api-keys"), ("//evil.example", "/customers"), ("", "/customers")]
)
def test_the_switch_leads_on_to_own_pages_alone(desk: DeskClient, sent: str, leads_to: str) -> None:
    """Where both environments have the page, one stays there."""
    assert switch(desk, SANDBOX.environment_id, sent).response.headers["Location"] == leads_to


@pytest.mark.parametrize("environment_id", [ELSEWHERE.environment_id, "env_unknown", ""])
def test_another_tenants_environment_is_unknown(desk: DeskClient, world: World, environment_id: str) -> None:
    """404, and one stays where one is."""
    customer = world.create_customer()
    assert switch(desk, environment_id).status == 404
    assert desk.get(f"/customers/{customer.id}").status == 200


def test_the_switch_counts_for_this_sign_in_alone(desk: DeskClient, app: Flask) -> None:
    """Another browser of the same person stays where it is."""
    other = DeskClient(app)
    switch(desk, SANDBOX.environment_id)
    assert not other.get("/account").all(".sandbox-band")


def test_a_form_opened_before_the_switch_is_not_lost_and_not_sent_to_the_other_environment(
    desk: DeskClient, world: World
) -> None:
    """409 with all that was typed; one press sends it where it began, and that is where one is then."""
    customer = world.create_customer(name="Before", metadata={"plan": "gold"})
    path = f"/customers/{customer.id}/edit"
    values = desk.get(path).form_values() | rename('After "<b>"\u00e9') | {"address_line1": " two  words "}
    switch(desk, SANDBOX.environment_id)
    refused = desk.post(path, values)
    assert (refused.status, refused.text("h1")) == (409, "You are in another environment now")
    assert world.reload(customer).name == "Before"
    kept = refused.form_values(SEND_THERE)
    assert {name: kept[name] for name in values if name != "csrf_token"} == {
        name: value for name, value in values.items() if name != "csrf_token"
    }
    assert refused.one(SEND_THERE)["action"] == path
    assert desk.post(path, kept).response.headers["Location"].startswith(f"/customers/{customer.id}")
    assert world.reload(customer).name == 'After "<b>"\u00e9'
    assert not desk.get("/account").all(".sandbox-band")


def test_leaving_the_form_stays_in_the_environment_one_switched_to(desk: DeskClient, world: World) -> None:
    """The refusal itself switches nothing back."""
    customer = world.create_customer()
    values = desk.get(f"/customers/{customer.id}/edit").form_values() | rename("After")
    switch(desk, SANDBOX.environment_id)
    desk.post(f"/customers/{customer.id}/edit", values)
    assert len(desk.get("/account").all(".sandbox-band")) == 1


def test_a_form_of_the_present_environment_is_sent(desk: DeskClient, world: World) -> None:
    """As ever."""
    customer = world.create_customer(name="Before")
    values = desk.get(f"/customers/{customer.id}/edit").form_values() | rename("After")
    assert desk.post(f"/customers/{customer.id}/edit", values).status == 303
    assert world.reload(customer).name == "After"


@pytest.mark.parametrize("returning", [True, False])
def test_a_form_of_another_tenants_environment_is_unknown(desk: DeskClient, world: World, returning: bool) -> None:
    """Made up, or of another sign-in: 404, and nothing is switched or done."""
    customer = world.create_customer(name="Before")
    values = desk.get(f"/customers/{customer.id}/edit").form_values() | rename("After", ELSEWHERE.environment_id)
    if returning:
        values["return_to_environment"] = ELSEWHERE.environment_id
    assert desk.post(f"/customers/{customer.id}/edit", values).status == 404
    assert world.reload(customer).name == "Before"
    assert desk.get(f"/customers/{customer.id}").status == 200


def test_htmx_gets_the_refusal_as_a_fragment(desk: DeskClient, world: World) -> None:
    """For the place of messages, with the same way out."""
    customer = world.create_customer()
    values = desk.get(f"/customers/{customer.id}/edit").form_values() | rename("After") | {"rows": "metadata add"}
    switch(desk, SANDBOX.environment_id)
    fragment = desk.post(f"/customers/{customer.id}/edit/rows", values, htmx=True)
    assert (fragment.status, len(fragment.all("form"))) == (409, 1)
