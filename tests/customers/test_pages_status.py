"""Archiving a customer at the desk, with its consequences named, and restoring one."""

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded, page_errors, url_of
from tests.support.world import ELSEWHERE, SANDBOX, World
from webapp.customers.model import Customer, Scope


def press_archive(desk: DeskClient, customer: Customer, values: dict[str, str] | None = None, **typed: str) -> Page:
    """Press the button of the archive page, as opened just now, or with ``values``."""
    opened = values or desk.get(f"{url_of(customer)}/archive").form_values("main form")
    return desk.post(f"{url_of(customer)}/archive", {**opened, **typed})


def press_restore(desk: DeskClient, customer: Customer, values: dict[str, str] | None = None, **typed: str) -> Page:
    """Press Restore on the record."""
    opened = values or desk.get(url_of(customer)).form_values(".status-form")
    return desk.post(f"{url_of(customer)}/restore", {**opened, **typed})


def test_the_archive_page_names_the_consequences(desk: DeskClient, world: World) -> None:
    """And which customer it is about, before anything is done."""
    customer = world.create_customer(name="Bakery", external_id="bakery/1")
    page = desk.get(f"{url_of(customer)}/archive")
    assert page.text("h1") == "Archive Bakery"
    assert [folded(code) for code in page.all(".edit-ids code")] == ["bakery/1", customer.id]
    consequences = " ".join(folded(line) for line in page.all(".consequences li"))
    for word in ("no longer be changed", "404", "former external IDs", "restored", "history, metadata"):
        assert word in consequences
    assert "children" not in consequences
    assert world.reload(customer) == customer


def test_archiving_leads_to_the_record_that_says_so(desk: DeskClient, world: World) -> None:
    """With the reason in the history, and with a notice of what was done."""
    customer = world.create_customer()
    answer = press_archive(desk, customer, reason="  left   us ")
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(customer))
    change = world.history(customer)[0]
    assert (change.operation, change.reason, change.actor_name) == ("archive", "left us", "editor@desk.example")
    page = desk.get(url_of(customer))
    assert page.text(".record-title .chip") == "Archived"
    assert len(page.all("#saved")) == 1
    assert "Archived by editor@desk.example" in page.text(".panel-warn")


@pytest.mark.parametrize(("count", "said"), [(1, "one published customer"), (12, "12 published customers")])
def test_a_parent_of_published_children_cannot_be_archived(
    desk: DeskClient, world: World, count: int, said: str
) -> None:
    """The page says how many there are, links to them, and has no button."""
    parent = world.create_customer(external_id="holding")
    children = [world.create_customer(parent="holding") for _ in range(count)]
    page = desk.get(f"{url_of(parent)}/archive")
    assert said in page.text("#has-children")
    linked = [link["href"] for link in page.all(".family a")]
    assert linked == [url_of(child) for child in reversed(children)][:10]
    assert [link["href"] for link in page.all(".family-more a")] == ["/customers?parent=holding"] * (count > 10)
    assert page.all("main form[method=post]") == []


def test_a_child_that_came_meanwhile_refuses_the_archiving(desk: DeskClient, world: World) -> None:
    """Nothing is archived; the page says why, and its message takes the focus."""
    parent = world.create_customer(external_id="holding")
    values = desk.get(f"{url_of(parent)}/archive").form_values("main form")
    child = world.create_customer(parent="holding")
    page = press_archive(desk, parent, values)
    assert (page.status, page.text("title").startswith("Error:")) == (409, True)
    assert page.one("#has-children").has_attr("autofocus")
    assert page.one(".family a")["href"] == url_of(child)
    assert world.reload(parent) == parent


def test_archived_children_do_not_stand_in_the_way(desk: DeskClient, world: World) -> None:
    """They are mentioned: they cannot come back before their parent does."""
    parent = world.create_customer(external_id="holding")
    world.archive(world.create_customer(parent="holding"))
    page = desk.get(f"{url_of(parent)}/archive")
    assert "archived children" in page.text(".consequences")
    assert press_archive(desk, parent).status == 303


def test_what_changed_meanwhile_is_shown_before_it_is_archived(desk: DeskClient, world: World) -> None:
    """The reason stays typed; the next press archives what was then looked at."""
    customer = world.create_customer(name="Before")
    values = desk.get(f"{url_of(customer)}/archive").form_values("main form")
    world.update_customer(customer, name="After")
    page = press_archive(desk, customer, values, reason="left us")
    assert page.status == 409
    assert "Before" in page.text("#refusal")
    assert page.one("#refusal").has_attr("autofocus")
    again = page.form_values("main form")
    assert (again["version"], again["reason"]) == ("2", "left us")
    assert press_archive(desk, customer, again).status == 303
    assert world.history(customer)[0].reason == "left us"


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "²", "9" * 400])
def test_a_form_without_its_version_archives_nothing(desk: DeskClient, world: World, version: str) -> None:
    """Nobody knows what it was looked at; the page asks once more."""
    customer = world.create_customer()
    page = press_archive(desk, customer, version=version)
    assert (page.status, page.form_values("main form")["version"]) == (409, "1")
    assert world.reload(customer) == customer


@pytest.mark.parametrize("press", [press_archive, press_restore], ids=["archive", "restore"])
def test_a_reason_is_judged_as_that_of_an_edit(desk: DeskClient, world: World, press: object) -> None:
    """Too long: 422, the text kept, the message in the summary that leads to the box."""
    customer = world.create_customer()
    if press is press_restore:
        world.archive(customer)
    page = press(desk, customer, reason="x" * 501)  # type: ignore[operator]
    assert page.status == 422
    assert [target for target, _ in page_errors(page)] == ["reason"]
    assert page.form_values("main form")["reason"] == "x" * 501
    assert len(world.history(customer)) == (1 if press is press_archive else 2)


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_comes_too_late_to_archive_sees_the_archived_record(desk: DeskClient, world: World, method: str) -> None:
    """It says who was quicker; nothing is written twice."""
    customer = world.create_customer()
    values = desk.get(f"{url_of(customer)}/archive").form_values("main form")
    world.archive(customer)
    page = desk.get(f"{url_of(customer)}/archive") if method == "get" else press_archive(desk, customer, values)
    assert (page.status, page.response.headers["Location"]) == (303, url_of(customer))
    record = desk.get(url_of(customer))
    assert record.all("#saved") == []
    assert "Archived by Test" in record.text(".panel-warn")
    assert len(world.history(customer)) == 2


def test_restoring_leads_to_the_record_as_it_was(desk: DeskClient, world: World) -> None:
    """With the reason in the history."""
    customer = world.create_customer(metadata={"plan": "gold"})
    world.archive(customer)
    answer = press_restore(desk, customer, reason="came back")
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(customer))
    assert (world.reload(customer).status, world.reload(customer).metadata) == ("published", {"plan": "gold"})
    assert (world.history(customer)[0].operation, world.history(customer)[0].reason) == ("restore", "came back")
    page = desk.get(url_of(customer))
    assert (page.all(".panel-warn"), len(page.all("#saved"))) == ([], 1)


def test_a_taken_external_id_refuses_the_restore(desk: DeskClient, world: World) -> None:
    """The page links to who has it, and says what to do; once it is free, the same page restores."""
    customer = world.create_customer(external_id="bakery")
    world.archive(customer)
    holder = world.create_customer(external_id="bakery", name="The Other Bakery")
    page = press_restore(desk, customer, reason="came back")
    assert (page.status, page.text("title").startswith("Error:")) == (409, True)
    assert page.one("#refusal").has_attr("autofocus")
    assert (page.one("#refusal a")["href"], page.text("#refusal a")) == (url_of(holder), "The Other Bakery")
    assert world.reload(customer).status == "archived"
    world.update_customer(holder, external_id="bakery 2")
    assert press_restore(desk, customer, page.form_values("main form")).status == 303
    assert world.history(customer)[0].reason == "came back"


def test_an_archived_parent_refuses_the_restore(desk: DeskClient, world: World) -> None:
    """The page links to it."""
    parent = world.create_customer(external_id="holding", name="The Holding")
    child = world.create_customer(parent="holding")
    world.archive(child)
    world.archive(parent)
    page = press_restore(desk, child)
    assert page.status == 409
    assert (page.one("#refusal a")["href"], page.text("#refusal a")) == (url_of(parent), "The Holding")
    world.restore(parent)
    assert press_restore(desk, child, page.form_values("main form")).status == 303


def test_a_refused_restore_can_be_reloaded(desk: DeskClient, world: World) -> None:
    """Its address answers GET too: with what stands in the way, or that nothing does."""
    customer = world.create_customer(external_id="bakery")
    world.archive(customer)
    page = desk.get(f"{url_of(customer)}/restore")
    assert (page.status, page.all("#refusal"), page.text("h1")) == (200, [], f"Restore {customer.name}")
    world.create_customer(external_id="bakery")
    assert len(desk.get(f"{url_of(customer)}/restore").all("#refusal a")) == 1


def test_a_retired_external_id_does_not_refuse_the_restore(desk: DeskClient, world: World) -> None:
    """Somebody who had it once has it no more."""
    customer = world.create_customer(external_id="bakery")
    world.archive(customer)
    former = world.create_customer(external_id="bakery")
    world.update_customer(former, external_id="other")
    assert desk.get(f"{url_of(customer)}/restore").all("#refusal") == []
    assert press_restore(desk, customer).status == 303


def test_who_comes_too_late_to_restore_sees_the_record(desk: DeskClient, world: World) -> None:
    """Nothing is written twice, and no notice claims it."""
    customer = world.create_customer()
    world.archive(customer)
    values = desk.get(url_of(customer)).form_values(".status-form")
    world.restore(customer)
    answer = press_restore(desk, customer, values)
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(customer))
    assert desk.get(url_of(customer)).all("#saved") == []
    assert len(world.history(customer)) == 3


def test_one_archived_again_meanwhile_is_asked_about_once_more(desk: DeskClient, world: World) -> None:
    """It is not the one that was looked at."""
    customer = world.create_customer()
    world.archive(customer)
    values = desk.get(url_of(customer)).form_values(".status-form")
    world.restore(customer)
    world.archive(customer)
    page = press_restore(desk, customer, values)
    assert page.status == 409
    assert "not as the page showed it" in page.text("#refusal")
    assert press_restore(desk, customer, page.form_values("main form")).status == 303


@pytest.mark.parametrize("act", ["archive", "restore"])
@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["other environment", "other tenant"])
def test_a_customer_of_others_is_neither_archived_nor_restored(
    desk: DeskClient, world: World, act: str, scope: Scope
) -> None:
    """404 to look and to send."""
    customer = world.create_customer(scope)
    if act == "restore":
        customer = world.archive(customer, scope)
    values = desk.get(f"{url_of(world.create_customer())}/archive").form_values("main form")
    assert desk.get(f"{url_of(customer)}/{act}").status == 404
    assert desk.post(f"{url_of(customer)}/{act}", values).status == 404
    assert world.reload(customer, scope) == customer


def test_a_viewer_is_offered_neither(app: Flask, world: World) -> None:
    """And may not call them."""
    viewer, customer = DeskClient(app, "viewer"), world.create_customer()
    assert viewer.get(url_of(customer)).all(".record-actions a[href$='/archive']") == []
    assert viewer.get(f"{url_of(customer)}/archive").status == 403
    world.archive(customer)
    page = viewer.get(url_of(customer))
    assert (len(page.all(".panel-warn")), page.all(".status-form")) == (1, [])
