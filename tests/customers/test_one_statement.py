"""On PostgreSQL, a change of plain fields is one statement: row, searchable texts and history, all or nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from tests.support.databases import postgresql_app
from tests.support.world import HOME, World
from webapp.customers import history, history_check, operations, search_index, writing
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem, MetadataPatch, ParentReference
from webapp.customers.limits import TEXT_FIELDS, Limits
from webapp.customers.model import Customer
from webapp.customers.parents import lock_tree
from webapp.customers.saving import save
from webapp.database import reading, transaction
from webapp.errors import CustomerNotFound, InvalidOperation, VersionConflict
from webapp.happenings import TRANSACTION, TRANSACTION_RETRIED, listen


@pytest.fixture
def app(
    make_app: Callable[..., Flask], postgresql_server: Callable[[str], str], migrated_postgresql: str
) -> Iterator[Flask]:
    """The application on PostgreSQL."""
    with postgresql_app(postgresql_server, make_app, migrated_postgresql) as app:
        yield app


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first word of each statement that PostgreSQL is given from now on."""
    words: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        words.append(str(query).split()[0])
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    return words


def update(world: World, customer: Customer, changes: CustomerChanges, **kwargs: Any) -> operations.Outcome:
    """Change a customer."""
    with world.app.app_context():
        reference = kwargs.pop("reference", CustomerReference(id=customer.id))
        return operations.update_customer(HOME, world.actor, reference, changes, **kwargs)


def faults_of(world: World) -> list[str]:
    """What is wrong with the histories and with the search's tables."""
    with world.app.app_context(), reading() as connection:
        verdicts = [*history_check.verify(connection), *search_index.verify(connection)]
    return [fault for fault in verdicts if fault]


def meanwhile(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Have ``change`` happen once, right after the next update has read its customer."""
    find = writing.find_named

    def found(*args: Any) -> Customer:
        customer = find(*args)
        monkeypatch.setattr(writing, "find_named", find)
        change()
        return customer

    monkeypatch.setattr(writing, "find_named", found)


def test_a_change_takes_two_round_trips(world: World, sent: list[str]) -> None:
    """One reads, one writes; and everything is there as if there had been a transaction."""
    customer = world.create_customer(name="Old", email="old@example.com")
    sent.clear()
    outcome = update(world, customer, CustomerChanges({"name": "New", "address_city": "Kyōto"}), reason="Moved")
    assert sent == ["SELECT", "WITH"]
    assert outcome.customer == world.reload(customer)
    assert (outcome.customer.name, outcome.customer.address_city, outcome.customer.version) == ("New", "Kyōto", 2)
    newest, _ = world.history(customer)
    assert newest == outcome.change
    assert (newest.operation, newest.reason, newest.at) == ("update", "Moved", outcome.customer.updated_at)
    assert {(field.field, field.old_value, field.new_value) for field in newest.fields} == {
        ("name", "Old", "New"),
        ("address_city", "", "Kyōto"),
    }
    assert faults_of(world) == []


@pytest.mark.parametrize("field", [field for field in TEXT_FIELDS if field != "external_id"])
def test_each_field_is_found_by_the_search_afterwards(world: World, sent: list[str], field: str) -> None:
    """Whichever of the searchable texts it stands in."""
    customer = world.create_customer()
    sent.clear()
    update(world, customer, CustomerChanges({field: "Q"}))
    assert sent == ["SELECT", "WITH"]
    assert getattr(world.reload(customer), field) == "Q"
    assert faults_of(world) == []


def test_by_its_external_id_too(world: World, sent: list[str]) -> None:
    """However the customer is named; both names must agree as ever."""
    customer = world.create_customer(external_id="user_1")
    sent.clear()
    update(world, customer, CustomerChanges({"name": "A"}), reference=CustomerReference(external_id="user_1"))
    update(world, customer, CustomerChanges({"name": "B"}), reference=CustomerReference(customer.id, "user_1"))
    assert sent == ["SELECT", "WITH"] * 2
    assert world.reload(customer).name == "B"


@pytest.mark.parametrize(
    "changes",
    [
        CustomerChanges({"name": "New", "external_id": "another"}),
        CustomerChanges({"name": "New"}, {"plan": "basic"}),
        CustomerChanges({"name": "New"}, MetadataPatch({"plan": "basic"}, lambda _entries: None)),
        CustomerChanges({"name": "New"}, parent=ParentReference("user_parent", by_external_id=True)),
        CustomerChanges({"name": "New"}, mappings=(MappingItem("stripe", "cus_1"),)),
    ],
    ids=["external ID", "metadata", "merge patch", "parent", "mapping"],
)
def test_what_belongs_to_other_rows_too_takes_a_transaction(
    world: World, sent: list[str], changes: CustomerChanges
) -> None:
    """All of it or nothing."""
    world.create_customer(external_id="user_parent")
    customer = world.create_customer(metadata={"plan": "free"})
    sent.clear()
    outcome = update(world, customer, changes)
    assert sent.count("BEGIN") == 1
    assert sent[-1] == "INSERT"
    assert outcome.customer == world.reload(customer)
    assert outcome.customer.version == 2
    assert faults_of(world) == []


def test_an_external_id_that_stays_is_no_change_of_it(world: World, sent: list[str]) -> None:
    """Clients that send every field are as quick."""
    customer = world.create_customer(external_id="user_1")
    sent.clear()
    update(world, customer, CustomerChanges({"external_id": "user_1", "name": "New"}))
    assert sent == ["SELECT", "WITH"]


def test_what_changes_nothing_writes_nothing(world: World, sent: list[str]) -> None:
    """Not even its time."""
    customer = world.create_customer(name="Same")
    sent.clear()
    assert update(world, customer, CustomerChanges({"name": "Same"})).change is None
    assert sent == ["SELECT"]
    assert world.reload(customer) == customer


def test_who_comes_between_is_not_overwritten(world: World, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement writes nothing then, and a transaction does it over what the other has written."""
    customer = world.create_customer()
    heard: list[tuple[str, str]] = []
    listen(world.app, lambda name, kind, _seconds: heard.append((name, kind)))
    meanwhile(monkeypatch, lambda: world.update_customer(customer, name="Theirs", contact="1"))
    sent.clear()
    outcome = update(world, customer, CustomerChanges({"name": "Mine"}))
    # Theirs writes, mine tries to; then it goes by the lock.
    assert sent[-7:] == ["WITH", "WITH", "BEGIN", "SELECT", "UPDATE", "UPDATE", "INSERT"]
    stored = world.reload(customer)
    assert stored == outcome.customer
    assert (stored.name, stored.contact, stored.version) == ("Mine", "1", 3)
    newest, *_ = world.history(customer)
    assert [field.old_value for field in newest.fields] == ["Theirs"]
    assert (TRANSACTION_RETRIED, "lost_race") in heard
    assert heard.count((TRANSACTION, "committed")) == 2
    assert faults_of(world) == []


def test_an_expected_version_that_passes_meanwhile_is_a_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If-Match holds until the change is written."""
    customer = world.create_customer()
    meanwhile(monkeypatch, lambda: world.update_customer(customer, name="Theirs"))
    with pytest.raises(VersionConflict):
        update(world, customer, CustomerChanges({"name": "Mine"}), expected_versions=frozenset({1}))
    assert (world.reload(customer).name, world.reload(customer).version) == ("Theirs", 2)


def test_who_archives_it_meanwhile_is_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archived customer is not changed."""
    customer = world.create_customer()
    meanwhile(monkeypatch, lambda: world.archive(customer))
    with pytest.raises(InvalidOperation):
        update(world, customer, CustomerChanges({"name": "Mine"}))
    assert world.reload(customer).name == customer.name
    assert faults_of(world) == []


def test_what_is_refused_is_refused_before_anything_is_written(world: World, sent: list[str]) -> None:
    """Unknown, archived, or at another version."""
    archived = world.archive(world.create_customer())
    there = world.create_customer()
    sent.clear()
    changes = CustomerChanges({"name": "New"})
    with pytest.raises(CustomerNotFound):
        update(world, there, changes, reference=CustomerReference(id="cust_nobody"))
    with pytest.raises(InvalidOperation):
        update(world, archived, changes)
    with pytest.raises(VersionConflict):
        update(world, there, changes, expected_versions=frozenset({7}))
    assert set(sent) <= {"SELECT", "BEGIN"}


def test_an_entry_that_the_history_refuses_keeps_the_row_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement is all or nothing, whatever part of it fails."""
    customer = world.create_customer(name="Old")
    [created] = world.history(customer)
    monkeypatch.setattr(history, "new_id", lambda _prefix: created.id)
    with pytest.raises(IntegrityError):
        update(world, customer, CustomerChanges({"name": "New"}))
    assert world.reload(customer) == customer
    assert faults_of(world) == []


def as_typed(customer: Customer, **changed: str) -> MultiDict[str, str]:
    """The edit page's form of a customer with a parent, an entry and a mapping, as a browser sends it."""
    texts = {field: getattr(customer, field) for field in TEXT_FIELDS}
    shown = {"parent_customer_external_id": "user_parent", "metadata": "rows", "integration_entity_mapping": "rows"}
    rows = {"metadata-0-key": "plan", "metadata-0-value": "free"}
    rows |= {"integration_entity_mapping-0-provider": "stripe", "integration_entity_mapping-0-id": "cus_1"}
    return MultiDict({**texts, **shown, **rows, "version": str(customer.version), **changed})


def saved(world: World, customer: Customer, typed: MultiDict[str, str]) -> operations.Outcome:
    """What a save of the desk's form has written."""
    with world.app.app_context():
        _, written = save(HOME, world.actor, customer.id, Limits(), typed)
    assert written is not None
    return written.outcome


def with_all(world: World) -> Customer:
    """A customer with a parent, an entry and a mapping."""
    world.create_customer(external_id="user_parent")
    return world.create_customer(parent="user_parent", metadata={"plan": "free"}, mappings={"stripe": "cus_1"})


def test_a_save_of_the_desk_that_touches_a_text_is_one_statement(world: World, sent: list[str]) -> None:
    """Its form names every field; those that it leaves alone stay as they are."""
    customer = with_all(world)
    sent.clear()
    outcome = saved(world, customer, as_typed(customer, name="New"))
    assert "BEGIN" not in sent
    assert sent[-1] == "WITH"
    assert outcome.customer == customer._replace(
        name="New", version=2, updated_at=outcome.customer.updated_at, updated_by=world.actor.id
    )
    assert outcome.change is not None
    assert [field.field for field in outcome.change.fields] == ["name"]
    assert faults_of(world) == []


def test_a_save_that_leaves_the_parent_alone_does_not_wait_for_the_tree(world: World) -> None:
    """Another may be changing parents meanwhile."""
    customer = with_all(world)

    def meanwhile_saved(connection: Any) -> operations.Outcome:
        lock_tree(connection, HOME)
        return saved(world, customer, as_typed(customer, name="New"))

    with world.app.app_context():
        assert transaction(meanwhile_saved).customer.name == "New"


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ({"parent_customer_external_id": ""}, "parent_customer_id"),
        ({"parent_customer_external_id": "user_other"}, "parent_customer_id"),
        ({"metadata-0-value": "basic"}, "metadata"),
        ({"metadata-0-removed": "1"}, "metadata"),
        ({"integration_entity_mapping-0-id": "cus_2"}, "integration_entity_mapping"),
        ({"integration_entity_mapping-0-removed": "1"}, "integration_entity_mapping"),
    ],
)
def test_what_a_save_touches_beside_is_written(world: World, changed: dict[str, str], touched: str) -> None:
    """Changed, or gone."""
    customer = with_all(world)
    world.create_customer(external_id="user_other")
    outcome = saved(world, customer, as_typed(customer, name="New", **changed))
    assert outcome.change is not None
    assert [field.field for field in outcome.change.fields] == ["name", touched]
    assert faults_of(world) == []
