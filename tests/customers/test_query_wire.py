"""Queries as they are sent: what is read from parameters and bodies, and how every fault is named, all at once."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from webapp.customers import query
from webapp.customers.query import Condition, CustomerQuery, FieldType, SortKey
from webapp.customers.query_wire import read_list_parameters, read_search_body
from webapp.errors import InvalidInput

PUBLISHED = Condition("status", "eq", "published")


def faults(body: dict[str, Any]) -> dict[str, list[str]]:
    """What is said of a body that is refused."""
    with pytest.raises(InvalidInput) as caught:
        read_search_body(body)
    return {name: list(messages) for name, messages in caught.value.details.items()}


def one_filter(**parts: Any) -> dict[str, Any]:
    """A body with one filter on the name, changed."""
    return {"filters": [{"field": "name", "operator": "eq", "value": {"string": "x"}, **parts}]}


def condition(**parts: Any) -> Condition:
    """The condition that a filter is read as."""
    return read_search_body(one_filter(**parts)).conditions[-1]


def test_nothing_sent_is_the_first_page_of_the_published_ones() -> None:
    """By both ways; null counts as absent, and so do an empty array and an empty text beside the filters."""
    nothing = CustomerQuery(50, 0, None, (PUBLISHED,), (SortKey("created_at", "desc"),))
    assert read_search_body({"customer_ids": [], "email": ""}) == nothing
    assert read_list_parameters(MultiDict()) == read_search_body({}) == nothing
    assert read_search_body(dict.fromkeys(("limit", "filters", "sort", "status", "metadata", "cursor"))) == nothing


def test_the_parameters_of_a_list_are_read() -> None:
    """All of them."""
    sent = {"limit": "5", "offset": "7", "status": "archived", "sort": "name", "order": "asc", "external_id": "e"}
    read = read_list_parameters(MultiDict({**sent, "email": "a@b.c", "expand": "parent_customer"}))
    conditions = [Condition("status", "eq", "archived"), Condition("external_id", "eq", "e")]
    assert read.conditions == (*conditions, Condition("email", "eq", "a@b.c"))
    assert (read.limit, read.offset, read.sort, read.expand) == (5, 7, (SortKey("name", "asc"),), ("parent_customer",))


def test_the_fields_of_a_search_are_read() -> None:
    """Each becomes a condition."""
    body = {
        "customer_ids": ["cust_1", "cust_2", "cust_1"],
        "external_ids": ["e"],
        "parent_customer_ids": ["cust_3"],
        "metadata": {"plan": "gold", "a.b": "c"},
        "start_time": "2026-01-31T00:00:00Z",
        "end_time": "2026-02-01",
        "sort": [{"field": "name"}, {"field": "id", "direction": "asc"}],
    }
    read = read_search_body(body)
    assert read.conditions == (
        PUBLISHED,
        Condition("id", "in", ("cust_1", "cust_2")),
        Condition("external_id", "in", ("e",)),
        Condition("parent_customer_id", "in", ("cust_3",)),
        Condition("metadata.plan", "eq", "gold"),
        Condition("metadata.a.b", "eq", "c"),
        Condition("created_at", "gte", datetime(2026, 1, 31, tzinfo=UTC)),
        Condition("created_at", "lte", datetime(2026, 2, 1, tzinfo=UTC)),
    )
    assert read.conditions[-3].key == "a.b"
    assert read.sort == (SortKey("name", "desc"), SortKey("id", "asc"))


@pytest.mark.parametrize("where", ["status", "filter"])
def test_a_status_that_is_given_replaces_the_default(where: str) -> None:
    """Be it by its own field or by a filter."""
    item = {"field": "status", "operator": "in", "value": {"array": ["archived", "published"]}}
    read = read_search_body({"status": "archived"} if where == "status" else {"filters": [item]})
    assert [found.field for found in read.conditions] == ["status"]
    assert PUBLISHED not in read.conditions


def test_every_operator_of_every_type_is_read() -> None:
    """With each type of value that it takes, said or found out."""
    values = {
        "string": ({"string": "published"}, "published"),
        "number": ({"number": 2}, 2.0),
        "boolean": ({"boolean": True}, "true"),
        "date": ({"date": "2026-01-31T10:00:00+02:00"}, datetime(2026, 1, 31, 8, tzinfo=UTC)),
        "array": ({"array": ["published"]}, ("published",)),
    }
    fields = {
        FieldType.TEXT: "name",
        FieldType.STATUS: "status",
        FieldType.TIME: "created_at",
        FieldType.METADATA: "metadata.plan",
        FieldType.MAPPING: "integration_entity_mapping.stripe",
    }
    for kind, operators in query.OPERATORS.items():
        for operator, data_types in operators.items():
            for data_type, (value, read) in values.items():
                for said in ({}, {"data_type": data_type}):
                    sent = {"field": fields[kind], "operator": operator, "value": value, **said}
                    if data_type in data_types:
                        assert condition(**sent) == Condition(fields[kind], operator, read)
                    else:
                        assert list(faults(one_filter(**sent))) == ["filters[0].value"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31t09:30:00.123456789z", datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-01-31 09:30:00.5-05:00", datetime(2026, 1, 31, 9, 30, 0, 500000, timezone(timedelta(hours=-5)))),
        ("2026-01-31T09:30:00", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_rfc_3339_has_them(written: str, moment: datetime) -> None:
    """Without an offset it is UTC, a date alone is its beginning; past microseconds it is cut off."""
    assert condition(field="created_at", value={"date": written}).value == moment


@pytest.mark.parametrize(
    "written",
    ["", "today", "2026-13-01", "0000-01-01", "0001-01-01T00:00:00+05:00", "\uff12026-01-31", 5],
)
def test_other_times_are_refused(written: Any) -> None:
    """No such day, before the first year, other digits, no text."""
    assert "RFC 3339" in faults({"start_time": written})["start_time"][0]


def test_all_faults_of_a_list_are_named_at_once() -> None:
    """Unknown parameters with the nearest known one."""
    sent = [("limt", "5"), ("limit", "0"), ("offset", "-1"), ("order", "up"), ("sort", "nmae"), ("status", "x")]
    with pytest.raises(InvalidInput) as caught:
        read_list_parameters(MultiDict([*sent, ("email", "a"), ("email", "b"), ("cursor", "\x00")]))
    assert caught.value.details == {
        "limt": ["unknown parameter 'limt'; did you mean 'limit'?"],
        "limit": ["Send a whole number from 1 to 1000."],
        "offset": ["Send a whole number from 0 to 1000000000."],
        "order": ["unknown direction 'up'; known are asc, desc"],
        "sort": ["unknown field 'nmae'; did you mean 'name'?"],
        "status": ["unknown status 'x'; known are published, archived, deleted"],
        "email": ["Give it once."],
        "cursor": ["Remove the control character U+0000."],
    }


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ({"filtres": []}, "filtres", "did you mean 'filters'"),
        ({"limit": True}, "limit", "whole number"),
        ({"limit": 1.5}, "limit", "whole number"),
        ({"limit": 1001}, "limit", "whole number"),
        ({"offset": 5, "cursor": "x"}, "offset", "not both"),
        (one_filter(operator="in", value={"array": []}), "filters[0].value", "empty"),
        ({"customer_ids": "cust_1"}, "customer_ids", "array"),
        ({"customer_ids": ["x"] * 1001}, "customer_ids", "at most 1000"),
        ({"external_ids": [1]}, "external_ids", "string"),
        ({"email": "x" * 1001}, "email", "at most 1000"),
        ({"metadata": {"a": 1}}, "metadata", "string"),
        ({"metadata": {"": "a"}}, "metadata", "empty"),
        ({"metadata": []}, "metadata", "object"),
        ({"metadata": {str(n): "" for n in range(101)}}, "metadata", "at most 100"),
        ({"filters": {}}, "filters", "array"),
        ({"filters": [{}] * 51}, "filters", "at most 50"),
        ({"filters": [3]}, "filters[0]", "object"),
        (one_filter(feild="name"), "filters[0].feild", "did you mean 'field'"),
        (one_filter(field="nmae"), "filters[0].field", "did you mean 'name'"),
        (one_filter(field="metadata."), "filters[0].field", "unknown field"),
        (one_filter(field="integration_entity_mapping.strip"), "filters[0].field", "mapping.stripe"),
        (one_filter(field=5), "filters[0].field", "Name a field"),
        (one_filter(field="metadata.\x01"), "filters[0].field", "U+0001"),
        (one_filter(operator="like"), "filters[0].operator", "unknown operator 'like'"),
        (one_filter(operator=None), "filters[0].operator", "The operators of 'name' are eq, in"),
        (one_filter(data_type="number"), "filters[0].data_type", "given as 'string'"),
        (one_filter(data_type="text"), "filters[0].data_type", "unknown data type 'text'"),
        (one_filter(value="x"), "filters[0].value", "object"),
        (one_filter(value={}), "filters[0].value", "exactly one"),
        (one_filter(value={"string": "a", "number": 1}), "filters[0].value", "exactly one"),
        (one_filter(value={"sting": "a"}), "filters[0].value", "did you mean 'string'"),
        (one_filter(value={"string": 1}), "filters[0].value", "string"),
        (one_filter(field="metadata.a", value={"number": True}), "filters[0].value", "number"),
        (one_filter(field="metadata.a", value={"boolean": 1}), "filters[0].value", "true or false"),
        (one_filter(field="status", value={"string": "gone"}), "filters[0].value", "unknown status"),
        ({"sort": "name"}, "sort", "array"),
        ({"sort": [{"field": "name"}] * 11}, "sort", "at most 10"),
        ({"sort": [{"field": "metadata.a"}]}, "sort[0].field", "unknown field"),
        ({"sort": [{"direction": "asc"}]}, "sort[0].field", "Name a field"),
        ({"sort": [{"field": "name", "direction": "up"}]}, "sort[0].direction", "unknown direction 'up'"),
        ({"sort": ["name"]}, "sort[0]", "object"),
        ({"expand": 5}, "expand", "string"),
    ],
)  # fmt: skip
def test_a_fault_of_a_search_is_named(body: dict[str, Any], name: str, said: str) -> None:
    """Under its own place in the body."""
    found = faults(body)
    assert list(found) == [name]
    assert said in found[name][0]


def test_an_order_names_each_field_once_and_ends_with_the_id() -> None:
    """In the direction of the last key; a key behind the ID could decide nothing."""
    twice = CustomerQuery(sort=(SortKey("name", "asc"), SortKey("email", "desc"), SortKey("name", "desc")))
    assert twice.order == (SortKey("name", "asc"), SortKey("email", "desc"), SortKey("id", "desc"))
    assert CustomerQuery(sort=(SortKey("id", "asc"), SortKey("name"))).order == (SortKey("id", "asc"),)
    assert CustomerQuery(sort=()).order == (SortKey("created_at", "desc"), SortKey("id", "desc"))


def test_a_condition_on_an_unknown_field_has_no_type() -> None:
    """It cannot come from a request."""
    with pytest.raises(ValueError, match="nothing"):
        assert Condition("nothing", "eq", "x").type


def test_all_that_is_wrong_with_a_filter_is_named() -> None:
    """Field, operator and value at once."""
    with pytest.raises(InvalidInput) as refused:
        read_search_body({"filters": [{"field": "nmae", "operator": "bogus", "value": 5}]})
    assert set(refused.value.details) == {"filters[0].field", "filters[0].operator", "filters[0].value"}


def test_an_operator_that_the_field_lacks_is_not_called_unknown() -> None:
    """It says which there are."""
    with pytest.raises(InvalidInput) as refused:
        read_search_body({"filters": [{"field": "created_at", "operator": "in", "value": {"array": ["a"]}}]})
    (message,) = refused.value.details["filters[0].operator"]
    assert message.startswith("The operators of 'created_at' are eq, ")


def test_a_wrong_element_or_pair_is_named() -> None:
    """By its place or its key."""
    with pytest.raises(InvalidInput) as refused:
        read_search_body({"customer_ids": ["a", None], "metadata": {"plan": 10}})
    assert refused.value.details == {
        "customer_ids": ["Send a string. (element 1)"],
        "metadata": ["Send a string. ('plan')"],
    }


def test_an_empty_sort_leaves_the_order() -> None:
    """An empty array is no sort."""
    assert read_search_body({"sort": [], "order": "asc"}).sort == (SortKey("created_at", "asc"),)


def test_what_is_looked_for_as_a_whole_is_trimmed() -> None:
    """As what is stored was; a part of a text is not."""
    query = read_search_body(
        {
            "external_id": " a ",
            "customer_ids": [" b "],
            "metadata": {" plan ": " team "},
            "filters": [
                {"field": "name", "operator": "eq", "value": {"string": " c "}},
                {"field": "name", "operator": "contains", "value": {"string": " d "}},
            ],
        }
    )
    found = {(condition.field, condition.operator): condition.value for condition in query.conditions}
    assert found["external_id", "eq"] == "a"
    assert found["id", "in"] == ("b",)
    assert found["metadata.plan", "eq"] == "team"
    assert (found["name", "eq"], found["name", "contains"]) == ("c", " d ")
