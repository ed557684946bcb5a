"""Saved views: a person's own lists, kept, replaced, deleted and brought back, without any script."""

from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded
from tests.support.world import HOME, SANDBOX, World
from webapp.access.model import StaffSession
from webapp.customers.saved_views import MOST_VIEWS
from webapp.database import transaction

LIST = "/customers?q=plan:pro&status=all"


def save(desk: DeskClient, name: str, address: str = LIST) -> Page:
    """Save the list at an address with the form that stands above it."""
    return desk.post("/customers/views", {**desk.get(address).form_values(".view-form"), "name": name})


def views(desk: DeskClient) -> dict[str, str]:
    """The person's views: name -> address."""
    return {folded(link): str(link["href"]) for link in desk.get("/customers").all(".views a")}


def delete(desk: DeskClient, name: str) -> Page:
    """Press the button beside a view."""
    page = desk.get("/customers")
    forms = {folded(view.select("a")[0]): view.select("form")[0] for view in page.all(".view")}
    return desk.post(str(forms[name]["action"]), {"csrf_token": str(page.all("input[name=csrf_token]")[0]["value"])})


@pytest.mark.usefixtures("world")
def test_a_list_is_kept_under_a_name(desk: DeskClient) -> None:
    """It leads back to the very list, says so, and marks the view as the present one."""
    saved = save(desk, "  Pro customers ")
    assert (saved.status, saved.response.headers["Location"]) == (303, f"{LIST}&list=1")
    page = desk.get(LIST)
    assert "Pro customers" in page.text("#view-notice")
    assert folded(page.one(".views a[aria-current=page]")) == "Pro customers"
    assert views(desk) == {"Pro customers": "/customers?q=plan%3Apro&status=all&list=1"}


def test_a_view_whose_text_names_a_customer_shows_the_list(desk: DeskClient, world: World) -> None:
    """Enter would open the record; who keeps a list wants to see it."""
    named = world.create_customer()
    address = f"/customers?q={named.external_id}&list=1"
    assert desk.get(str(save(desk, "Named", address).response.headers["Location"])).all("#customer-rows")
    assert desk.get(views(desk)["Named"]).all("#customer-rows")


@pytest.mark.parametrize("address", ["/customers", "/customers?sort=name&columns=external_id&columns=metadata.a,b"])
def test_any_list_can_be_kept(desk: DeskClient, address: str) -> None:
    """Its columns and its order belong to it; the newest customers are a list, too."""
    assert save(desk, "Mine", address).response.headers["Location"] == address


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "a name"), ("   ", "a name"), ("x" * 101, "at most 100"), ("a\x1bb", "U+001B")],
    ids=["empty", "blank", "long", "control character"],
)
def test_a_wrong_name_is_explained(desk: DeskClient, name: str, says: str) -> None:
    """422 with the list still in the form, so that a better name saves it."""
    page = save(desk, name)
    assert page.status == 422
    assert says in page.text("#view-name-error")
    assert page.text("title").startswith("Error:")
    values = page.form_values(".view-form")
    assert desk.post("/customers/views", {**values, "name": "Better"}).status == 303
    assert list(views(desk)) == ["Better"]


@pytest.mark.parametrize("query", ["status=gone", f"q={'x' * 256}", f"q={quote('ß' * 250)}&parent={quote('ß' * 250)}"])
def test_a_list_that_is_none_is_not_kept(desk: DeskClient, query: str) -> None:
    """Nor one whose address is too long."""
    values = {**desk.get("/customers").form_values(".view-form"), "name": "Mine", "query": query}
    assert desk.post("/customers/views", values).status == 422
    assert views(desk) == {}


@pytest.mark.usefixtures("world")
def test_a_name_that_is_taken_is_asked_about(desk: DeskClient) -> None:
    """The other view stays until the person says that it shall be replaced."""
    save(desk, "Mine")
    asked = save(desk, "Mine", "/customers?status=archived")
    assert asked.status == 422
    assert views(desk)["Mine"].endswith("status=all&list=1")
    desk.post("/customers/views", {**asked.form_values(".view-form"), "replace": "1"})
    assert views(desk) == {"Mine": "/customers?status=archived"}
    assert save(desk, "Mine", "/customers?status=archived").status == 303, "the same list again"


@pytest.mark.usefixtures("world")
def test_a_deleted_view_can_be_brought_back(desk: DeskClient) -> None:
    """The list offers it right behind."""
    save(desk, "Mine")
    assert delete(desk, "Mine").response.headers["Location"] == f"{LIST}&list=1"
    page = desk.get(LIST)
    assert not page.all(".views")
    assert desk.post("/customers/views", page.form_values("#view-notice form")).status == 303
    assert list(views(desk)) == ["Mine"]


@pytest.mark.usefixtures("world")
def test_a_view_is_deleted_once(desk: DeskClient) -> None:
    """What is gone is 404, also for a button that was pressed twice."""
    save(desk, "Mine")
    page = desk.get("/customers")
    form, values = page.one(".view form"), page.form_values(".view form")
    assert [desk.post(str(form["action"]), values).status for _ in range(2)] == [303, 404]


def test_views_are_a_person_s_own(app: Flask, desk: DeskClient) -> None:
    """Nobody sees or deletes a colleague's; the same name is free."""
    save(desk, "Mine")
    colleague = DeskClient(app, "viewer")
    assert views(colleague) == {}
    action = str(desk.get("/customers").one(".view form")["action"])
    token = {"csrf_token": str(colleague.get("/customers").all("input[name=csrf_token]")[0]["value"])}
    assert colleague.post(action, token).status == 404
    assert save(colleague, "Mine").status == 303
    assert list(views(desk)) == ["Mine"]


def test_views_belong_to_an_environment(app: Flask, world: World, desk: DeskClient) -> None:
    """What is asked for in production may not be there in the sandbox."""

    def stand_in(environment_id: str) -> None:
        moved = update(StaffSession).values(environment_id=environment_id)
        with app.app_context():
            transaction(lambda connection: connection.execute(moved))

    save(desk, "Mine")
    action = str(desk.get("/customers").one(".view form")["action"])
    stand_in(SANDBOX.environment_id)
    token = {"csrf_token": str(desk.get("/customers").all("input[name=csrf_token]")[0]["value"])}
    assert (views(desk), desk.post(action, token).status) == ({}, 404)
    stand_in(HOME.environment_id)
    assert list(views(desk)) == ["Mine"]


@pytest.mark.usefixtures("world")
def test_there_is_a_most_of_views(desk: DeskClient) -> None:
    """Replacing one is possible still."""
    values = desk.get(LIST).form_values(".view-form")
    for number in range(MOST_VIEWS):
        assert desk.post("/customers/views", {**values, "name": f"View {number}"}).status == 303
    page = desk.post("/customers/views", {**values, "name": "One more"})
    assert (page.status, len(views(desk))) == (422, MOST_VIEWS)
    assert desk.post("/customers/views", {**values, "name": "View 1", "query": "", "replace": "1"}).status == 303
