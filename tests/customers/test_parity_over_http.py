"""The same value sent to the edit page and to the API of a running application: same verdict, field and message."""

import pytest

from tests.support.clients import ApiClient, DeskClient, Page
from tests.support.faces import FORM_FIELD, as_inputs, as_json
from tests.support.rule_cases import CASES, Case
from tests.support.world import HOME, SANDBOX, World
from webapp.customers.model import Customer

SENT = {
    ("external_id", "at the limit in astral characters"),
    ("external_id", "blank"),
    ("external_id", "NUL"),
    ("name", "at the limit once trimmed"),
    ("name", "empty"),
    ("name", "one past the limit"),
    ("name", "C1"),
    ("email", "用户@例え.jp"),
    ("email", "user@acme"),
    ("email", "one past the limit"),
    ("contact", "at the limit"),
    ("contact", "one astral past the limit"),
    ("address_line1", "at the limit in composed characters"),
    ("address_line1", "escape"),
    ("address_line2", "blank in Unicode"),
    ("address_line2", "one past the limit"),
    ("address_city", "at the limit"),
    ("address_city", "tab inside"),
    ("address_state", "at the limit"),
    ("address_state", "DEL"),
    ("address_postal_code", "at the limit"),
    ("address_postal_code", "one past the limit"),
    ("address_country", "lower case"),
    ("address_country", "alpha-3"),
    ("address_country", "left to users"),
    ("timezone", "empty"),
    ("timezone", "europe/berlin"),
    ("metadata", "trimmed"),
    ("metadata", "as many as are possible"),
    ("metadata", "a blank key"),
    ("metadata", "a key twice once trimmed"),
    ("metadata", "a value too long"),
    ("metadata", "one entry too many"),
    ("metadata", "a control character in a key"),
    ("integration_entity_mapping", "two providers"),
    ("integration_entity_mapping", "an unknown provider"),
    ("integration_entity_mapping", "a provider twice"),
    ("integration_entity_mapping", "an ID too long"),
    ("parent_customer_external_id", "blank"),
    ("parent_customer_external_id", "one past the limit"),
    ("parent_customer_external_id", "NUL"),
}
SELECTION = [case for case in CASES if (case.field, case.about) in SENT]


def save_on_the_desk(desk: DeskClient, customer: Customer, inputs: dict[str, str]) -> Page:
    """Open the edit page, type, press Save."""
    path = f"/customers/{customer.id}/edit"
    values = desk.get(path).form_values()
    return desk.post(path, {**values, "confirm_external_id": "y", **inputs})


def messages_at(page: Page, field: str) -> list[str]:
    """What the page says at a field, and at its rows."""
    found = page.all(f"#{field}-error p, [id^={field}-][id$=-error] p")
    shown = [" ".join(message.get_text(" ").split()) for message in found]
    return [message.removeprefix("Error: ") for message in shown]


def folded(messages: list[str]) -> list[str]:
    """Messages as a browser shows them."""
    return [" ".join(message.split()) for message in messages]


@pytest.mark.parametrize("case", [case for case in SELECTION if case.good], ids=str)
def test_a_good_value_is_stored_alike_from_both_faces(
    case: Case, api: ApiClient, desk: DeskClient, world: World
) -> None:
    """Two equal customers, one saved on the desk and one by PUT, are equal afterwards."""
    of_desk = world.create_customer(name="Twin")
    assert save_on_the_desk(desk, of_desk, as_inputs(case.field, case.value)).status == 303
    saved = world.reload(of_desk)
    world.archive(of_desk)  # so that both can have the same external ID
    of_api = world.create_customer(external_id=of_desk.external_id, name="Twin")
    assert api.put(f"/v1/customers/{of_api.id}", {case.field: as_json(case.field, case.value)}).status_code == 200
    own = {name: getattr(saved, name) for name in ("id", "created_at", "updated_at", "created_by", "updated_by")}
    assert world.reload(of_api)._replace(**own) == saved


@pytest.mark.parametrize("case", [case for case in SELECTION if not case.good], ids=str)
def test_a_bad_value_is_refused_alike_by_both_faces(case: Case, api: ApiClient, desk: DeskClient, world: World) -> None:
    """422 and 400, the same messages at the same field, and the row is as it was."""
    customer = world.create_customer()
    page = save_on_the_desk(desk, customer, as_inputs(case.field, case.value))
    answer = api.put(f"/v1/customers/{customer.id}", {case.field: as_json(case.field, case.value)})
    assert (page.status, answer.status_code) == (422, 400)
    assert messages_at(page, case.field) == folded(answer.get_json()["details"][case.field])
    assert world.reload(customer) == customer


def test_the_selection_is_there() -> None:
    """Each chosen case exists under its name."""
    assert {(case.field, case.about) for case in SELECTION} == SENT


def test_a_taken_external_id_reads_alike_on_both_faces(api: ApiClient, desk: DeskClient, world: World) -> None:
    """409 in JSON, a field error on the form, one message."""
    world.create_customer(external_id="taken")
    customer = world.create_customer()
    page = save_on_the_desk(desk, customer, {"external_id": "taken"})
    answer = api.put(f"/v1/customers/{customer.id}", {"external_id": "taken"})
    assert (page.status, answer.status_code, answer.get_json()["code"]) == (422, 409, "already_exists")
    assert messages_at(page, "external_id") == answer.get_json()["details"]["external_id"] != []


@pytest.mark.parametrize(
    ("wanted", "status"),
    [("own", 400), ("child", 400), ("unknown", 404), ("archived", 404), ("sandboxed", 404)],
)
def test_a_parent_that_will_not_do_reads_alike_on_both_faces(
    wanted: str, status: int, api: ApiClient, desk: DeskClient, world: World
) -> None:
    """Itself, a descendant, and nobody: the same message at the parent's field."""
    customer = world.create_customer(external_id="own")
    world.create_customer(external_id="child", parent="own")
    world.archive(world.create_customer(external_id="archived"))
    world.create_customer(SANDBOX, external_id="sandboxed")
    field = "parent_customer_external_id"
    page = save_on_the_desk(desk, customer, {field: wanted})
    answer = api.put(f"/v1/customers/{customer.id}", {field: wanted})
    assert (page.status, answer.status_code) == (422, status)
    assert messages_at(page, field) == answer.get_json()["details"][field] != []
    assert world.reload(customer, HOME) == customer


def test_the_form_asks_for_a_parent_by_external_id_alone(desk: DeskClient, world: World) -> None:
    """The one writable JSON field without an input of its own is the parent's ID."""
    inputs = desk.get(f"/customers/{world.create_customer().id}/edit").form_values()
    assert set(FORM_FIELD) & set(inputs) == set()
    assert set(FORM_FIELD.values()) <= set(inputs)
