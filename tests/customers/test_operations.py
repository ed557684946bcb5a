"""Creating and updating customers, on both databases."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem, ParentReference
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.lookup import find_mappings
from webapp.customers.model import Actor, Customer, IntegrationMapping, Scope
from webapp.customers.operations import Outcome
from webapp.database import reading
from webapp.errors import CustomerNotFound, ExternalIdTaken, InvalidOperation, VersionConflict
from webapp.identifiers import now

EDITOR = Actor("staff", "staff_editor", "editor@desk.example", "desk", "req_1")


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def update(world: World, customer: Customer, changes: CustomerChanges, scope: Scope = HOME, **kwargs: Any) -> Outcome:
    """Update a customer as an editor."""
    with world.app.app_context():
        return operations.update_customer(scope, EDITOR, CustomerReference(id=customer.id), changes, **kwargs)


def mappings_of(world: World, customer: Customer) -> dict[str, IntegrationMapping]:
    """A customer's mappings by provider."""
    with world.app.app_context(), reading() as connection:
        return {mapping.provider_type: mapping for mapping in find_mappings(connection, HOME, customer.id)}


def test_a_new_customer_has_version_1_and_an_id(world: World) -> None:
    """Its times are one, and what was not given is empty."""
    customer = world.create_customer(external_id="e", name="N")
    stored = world.reload(customer)
    assert stored == customer
    assert stored.id.startswith("cust_")
    assert len(stored.id) == len("cust_") + 26
    assert (stored.version, stored.status, stored.timezone, stored.metadata) == (1, "published", "UTC", {})
    assert stored.created_at == stored.updated_at
    assert (stored.created_by, stored.updated_by) == ("actor_test", "actor_test")
    assert {getattr(stored, name) for name in set(TEXT_FIELDS) - {"external_id", "name", "timezone"}} == {""}


def test_an_update_writes_only_what_differs(world: World) -> None:
    """A change names the one field that differs, and the version goes up by one."""
    customer = world.create_customer(name="Before", metadata={"b": "1", "a": "2"})
    world.update_customer(customer, name="After", email="")
    stored = world.reload(customer)
    assert (stored.name, stored.version, stored.metadata) == ("After", 2, {"b": "1", "a": "2"})
    assert list(stored.metadata) == ["b", "a"]
    assert [(field.field, field.old, field.new) for field in world.history(customer)[0].fields] == [
        ("name", "Before", "After")
    ]


def test_an_update_answers_with_what_is_stored(world: World) -> None:
    """Without a further read."""
    customer = world.create_customer()
    outcome = update(world, customer, CustomerChanges({"name": "After", "address_city": "Köln"}, {"a": "1"}))
    assert outcome.customer == world.reload(customer)


def test_an_update_stamps_who_and_when(world: World) -> None:
    """Who created it, and when, stays."""
    before = now()
    customer = world.create_customer()
    changed = update(world, customer, CustomerChanges({"name": "After"})).customer
    assert (changed.updated_by, changed.created_by) == ("staff_editor", "actor_test")
    assert before <= changed.created_at == customer.created_at < changed.updated_at <= now()


@pytest.mark.parametrize(
    "changes",
    [
        CustomerChanges(),
        CustomerChanges({"name": "Same", "email": ""}),
        CustomerChanges(metadata={"a": "2", "b": "1"}),
        CustomerChanges(parent=ParentReference("")),
        CustomerChanges(mappings=(MappingItem("stripe", "cus_1"),)),
        CustomerChanges(mappings=(MappingItem("paddle", ""),)),
    ],
    ids=["nothing", "the same texts", "the same metadata in another order", "no parent", "mapping", "no mapping"],
)
def test_an_update_that_changes_nothing_writes_nothing(world: World, changes: CustomerChanges) -> None:
    """Version, time and history stay as they are."""
    customer = world.create_customer(name="Same", metadata={"b": "1", "a": "2"}, mappings={"stripe": "cus_1"})
    assert update(world, customer, changes) == Outcome(customer, None)
    assert world.reload(customer) == customer
    assert len(world.history(customer)) == 1


@pytest.mark.parametrize("metadata", [{}, {"c": "3"}, {"a": "changed", "b": "1"}], ids=["none", "others", "changed"])
def test_metadata_that_is_sent_replaces_all_entries(world: World, metadata: dict[str, str]) -> None:
    """The old ones are gone."""
    customer = world.create_customer(metadata={"b": "1", "a": "2"})
    update(world, customer, CustomerChanges(metadata=metadata))
    assert world.reload(customer).metadata == metadata


@pytest.mark.parametrize("text", ["Ünï 用户 \N{GRINNING FACE}", "O'Brien; --", '"\\%_', "x" * 255], ids=repr)
def test_any_text_is_stored_as_it_is(world: World, text: str) -> None:
    """In columns and in metadata."""
    customer = world.create_customer(name=text, metadata={text[:100]: text})
    stored = world.reload(customer)
    assert (stored.name, stored.metadata) == (text, {text[:100]: text})


def test_an_archived_customer_cannot_be_changed(world: World) -> None:
    """Its state forbids it, and it stays as it is."""
    customer = world.create_customer()
    archived = world.archive(customer)
    with pytest.raises(InvalidOperation):
        update(world, customer, CustomerChanges({"name": "After"}))
    assert world.reload(customer) == archived
    assert archived == customer._replace(status="archived", version=2, updated_at=archived.updated_at)


@pytest.mark.parametrize("versions", [frozenset(), frozenset({2, 3})], ids=["none", "others"])
def test_a_version_that_nobody_expects_is_a_conflict(world: World, versions: frozenset[int]) -> None:
    """The error knows the present one."""
    customer = world.create_customer()
    with pytest.raises(VersionConflict) as conflict:
        update(world, customer, CustomerChanges({"name": "After"}), expected_versions=versions)
    assert conflict.value.current_version == 1
    assert world.reload(customer) == customer


def test_one_of_several_expected_versions_will_do(world: World) -> None:
    """A caller may know more than one."""
    customer = world.create_customer()
    update(world, customer, CustomerChanges({"name": "After"}), expected_versions=frozenset({7, 1}))
    assert world.reload(customer).name == "After"


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_nobody_else_s_customer_can_be_changed(world: World, scope: Scope) -> None:
    """It is as unknown as one that does not exist."""
    customer = world.create_customer(scope)
    with pytest.raises(CustomerNotFound):
        update(world, customer, CustomerChanges({"name": "After"}))
    assert world.reload(customer, scope) == customer


def test_an_environment_s_id_with_another_tenant_s_finds_nobody(world: World) -> None:
    """Both halves of the scope count."""
    customer = world.create_customer()
    with pytest.raises(CustomerNotFound):
        update(world, customer, CustomerChanges({"name": "A"}), Scope(ELSEWHERE.tenant_id, HOME.environment_id))


def test_a_taken_external_id_is_refused_on_update(world: World) -> None:
    """The database's constraint, not a look beforehand, refuses the second of two."""
    world.create_customer(external_id="first")
    second = world.create_customer(external_id="second")
    with pytest.raises(ExternalIdTaken):
        update(world, second, CustomerChanges({"external_id": "first", "name": "After"}))
    assert world.reload(second) == second


def test_a_taken_external_id_is_refused_on_create(world: World) -> None:
    """Nothing of the second is kept."""
    world.create_customer(external_id="taken")
    with pytest.raises(ExternalIdTaken):
        world.create_customer(external_id="taken", id="cust_second", mappings={"stripe": "1"})
    with pytest.raises(CustomerNotFound), world.app.app_context(), reading() as connection:
        operations.lock_customer(connection, HOME, CustomerReference(id="cust_second"))


def test_an_external_id_that_differs_by_case_is_another_one(world: World) -> None:
    """External IDs are the caller's own: nothing is folded."""
    world.create_customer(external_id="User")
    assert world.create_customer(external_id="user").external_id == "user"


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_the_same_external_id_can_be_used_elsewhere(world: World, scope: Scope) -> None:
    """It is unique within one environment."""
    world.create_customer(external_id="shared")
    assert world.create_customer(scope, external_id="shared").external_id == "shared"


def test_the_external_id_of_an_archived_customer_is_free(world: World) -> None:
    """Only published customers hold one."""
    world.archive(world.create_customer(external_id="free"))
    assert world.create_customer(external_id="free").is_published


def test_a_mapping_is_added_beside_the_others(world: World) -> None:
    """Providers that are not named stay."""
    customer = world.create_customer(mappings={"stripe": "cus_1"})
    update(world, customer, CustomerChanges(mappings=(MappingItem("paddle", "2", {"a": [1]}),)))
    found = mappings_of(world, customer)
    assert {name: (mapping.provider_entity_id, mapping.metadata) for name, mapping in found.items()} == {
        "stripe": ("cus_1", {}),
        "paddle": ("2", {"a": [1]}),
    }


def test_a_mapping_is_updated_in_place(world: World) -> None:
    """It keeps its ID, its creation and, where none was sent, its metadata."""
    customer = world.create_customer(mappings={"stripe": "cus_1"})
    update(world, customer, CustomerChanges(mappings=(MappingItem("stripe", "cus_1", {"a": "b"}),)))
    before = mappings_of(world, customer)["stripe"]
    update(world, customer, CustomerChanges(mappings=(MappingItem("stripe", "cus_2"),)))
    after = mappings_of(world, customer)["stripe"]
    assert replace(before, provider_entity_id="cus_2", updated_at=after.updated_at) == after
    assert after.updated_at > before.updated_at


def test_an_empty_id_removes_a_mapping(world: World) -> None:
    """And no other."""
    customer = world.create_customer(mappings={"stripe": "cus_1", "paddle": "2"})
    update(world, customer, CustomerChanges(mappings=(MappingItem("stripe", ""),)))
    assert list(mappings_of(world, customer)) == ["paddle"]


def test_a_change_of_mappings_alone_is_a_new_version(world: World) -> None:
    """It is a change of the customer."""
    customer = world.create_customer()
    update(world, customer, CustomerChanges(mappings=(MappingItem("stripe", "cus_1"),)))
    assert world.reload(customer).version == 2


def test_true_and_one_are_different_in_a_mappings_metadata(world: World) -> None:
    """They are equal in Python, but not in JSON."""
    customer = world.create_customer()
    for value in (1, True):
        mapping = MappingItem("stripe", "cus_1", {"n": value})
        update(world, customer, CustomerChanges(mappings=(mapping,)))
    with world.app.app_context(), reading() as connection:
        assert find_mappings(connection, HOME, customer.id)[0].metadata["n"] is True
    assert world.reload(customer).version == 3
