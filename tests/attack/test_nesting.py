"""Data nested to exhaust a parser, or whoever walks through what it read: pasted, in a cursor, in an API body."""

import base64
from urllib.parse import quote

import pytest

from tests.support.clients import ApiClient, DeskClient
from tests.support.desk_pages import error_of, folded, opened_form, press, save, url_of
from tests.support.world import World

#: Past the limit; what a parser reads, but not whoever walks through it by recursion; what no parser here reads.
DEPTHS = (33, 400, 600, 900, 10_000)
DEEP_VALUES = {
    f"{depth} {shape}": opening * (depth // levels) + "1" + closing * (depth // levels)
    for depth in DEPTHS
    for shape, opening, closing, levels in (
        ("arrays", "[", "]", 1),
        ("objects", '{"a": ', "}", 1),
        ("mixed", '[{"a": ', "}]", 2),
    )
}
MEMBERS = {about: f'{{"plan": "gold", "deep": {value}}}' for about, value in DEEP_VALUES.items()}
#: One of each kind, for what does not read them or has one reader.
SOME = ("33 arrays", "600 objects", "10000 mixed")
TOO_DEEP = "The JSON is nested past 32 levels."
each_deep_object = pytest.mark.parametrize("pasted", MEMBERS.values(), ids=MEMBERS)
some_deep_objects = pytest.mark.parametrize("pasted", [MEMBERS[about] for about in SOME], ids=SOME)
some_deep_values = pytest.mark.parametrize("value", [DEEP_VALUES[about] for about in SOME], ids=SOME)


@each_deep_object
def test_a_deep_object_that_is_pasted_stays_whole(desk: DeskClient, world: World, pasted: str) -> None:
    """In its box with what is wrong, on the form of a customer and of a new one; no row takes a part of it."""
    customer = world.create_customer()
    opened = {**opened_form(desk, customer), "metadata_pasted": pasted}
    blank = {**desk.get("/customers/new").form_values(), "metadata_pasted": pasted, "rows": "metadata paste"}
    for sent, page in (
        (opened, press(desk, customer, opened, "metadata paste", htmx=True)),
        (opened, press(desk, customer, opened, "metadata paste", htmx=False)),
        (blank, desk.post("/customers/new/rows", blank, htmx=True)),
        (blank, desk.post("/customers/new/rows", blank, htmx=False)),
    ):
        assert page.status == 200
        shown = page.form_values("#metadata-editor")
        assert shown["metadata_pasted"] == pasted
        assert TOO_DEEP in folded(page.one("#metadata_pasted-error"))
        assert {name: sent[name] for name in shown} == shown


@some_deep_objects
def test_a_deep_object_behind_lines_stays_where_no_row_is_free(desk: DeskClient, world: World, pasted: str) -> None:
    """The line has no room, and is put back in front of what was not even looked at."""
    customer = world.create_customer(metadata={f"key {number}": "x" for number in range(100)})
    text = f"tier=2\n{pasted}"
    page = press(desk, customer, {**opened_form(desk, customer), "metadata_pasted": text}, "metadata paste", htmx=True)
    assert page.status == 200
    assert page.form_values("#metadata-editor")["metadata_pasted"] == text


@some_deep_objects
def test_a_save_with_a_deep_object_in_the_box_writes_nothing(desk: DeskClient, world: World, pasted: str) -> None:
    """It asks for it to be filled in, of a customer and of a new one."""
    customer = world.create_customer()
    new = {**desk.get("/customers/new").form_values(), "external_id": "new", "name": "New", "metadata_pasted": pasted}
    for page in (save(desk, customer, metadata_pasted=pasted), desk.post("/customers/new", new)):
        assert page.status == 422
        assert "Fill this into the rows" in error_of(page, "metadata_pasted")
        assert page.form_values()["metadata_pasted"] == pasted
    assert world.reload(customer) == customer


@some_deep_objects
def test_what_is_asked_while_one_types_does_not_read_the_box(desk: DeskClient, world: World, pasted: str) -> None:
    """The address of another country, and what is said of a row that the same was typed into."""
    customer = world.create_customer()
    row = {"metadata-0-key": "a", "metadata-0-value": pasted}
    sent = {**opened_form(desk, customer), **row, "metadata_pasted": pasted}
    for url in (f"{url_of(customer)}/edit", "/customers/new"):
        assert desk.post(f"{url}/address", sent, htmx=True).status == 200
        assert desk.post(f"{url}/check?field=metadata-0-value", sent, htmx=True).status == 200


@some_deep_values
def test_a_deep_cursor_is_no_cursor(desk: DeskClient, api: ApiClient, value: str) -> None:
    """As a whole and as one of its values: 400 in the API; the desk tells it, or begins at the first page."""
    for content in (value, f'["a", {value}]', f'[{value}, "a", "b"]'):
        cursor = base64.urlsafe_b64encode(content.encode()).rstrip(b"=").decode()
        asked = api.get(f"/v1/customers?cursor={quote(cursor[:60_000])}")
        assert (asked.status_code, list(asked.json["details"])) == (400, ["cursor"])
        searched = api.request("POST", "/v1/customers/search", json={"cursor": cursor})
        assert (searched.status_code, list(searched.json["details"])) == (400, ["cursor"])
        assert desk.client.get(f"/customers?cursor={quote(cursor[:60_000])}").status_code in {200, 303, 400, 422}


@some_deep_values
def test_a_deep_value_anywhere_in_a_body_of_the_api_is_refused(api: ApiClient, world: World, value: str) -> None:
    """Where any JSON is allowed, in an integration's metadata, and where none is."""
    customer = world.create_customer()
    for method, path, body in (
        ("PUT", f"/v1/customers/{customer.id}", f'{{"metadata": {value}}}'),
        ("PATCH", f"/v1/customers/{customer.id}", f'{{"metadata": {{"a": {value}}}}}'),
        (
            "PATCH",
            f"/v1/customers/{customer.id}",
            f'{{"integration_entity_mapping": [{{"provider": "stripe", "id": "a", "metadata": {{"a": {value}}}}}]}}',
        ),
        ("POST", "/v1/customers/search", f'{{"filters": [{{"field": "name", "value": {value}}}]}}'),
    ):
        refused = api.request(method, path, data=body, content_type="application/json")
        assert (refused.status_code, refused.json["details"]) == (400, {"body": [TOO_DEEP]}), path
    assert world.reload(customer) == customer


@pytest.mark.parametrize("shape", [("[", "]"), ('{"a":', "}")], ids=["arrays", "objects"])
def test_what_is_as_deep_as_is_allowed_is_read(api: ApiClient, world: World, shape: tuple[str, str]) -> None:
    """An integration's metadata of 29 levels, which with the three around it makes 32."""
    customer = world.create_customer()
    value = shape[0] * 28 + "1" + shape[1] * 28
    mapping = f'{{"provider_type": "stripe", "provider_entity_id": "a", "metadata": {{"a": {value}}}}}'
    body = f'{{"integration_entity_mapping": [{mapping}]}}'
    answer = api.request("PATCH", f"/v1/customers/{customer.id}", data=body, content_type="application/json")
    assert answer.status_code == 200
