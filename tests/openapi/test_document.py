"""The OpenAPI document against the code: routes, errors, references, examples, limits; nothing in it may drift."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.conftest import SECRET_KEY
from tests.openapi.conftest import Verdict
from webapp import Settings, errors
from webapp.access.permissions import WRITE_CUSTOMERS
from webapp.customers import query
from webapp.customers.blueprint import API, FOREIGN
from webapp.customers.model import customer_changes
from webapp.customers.query_wire import LIST_PARAMETERS, SEARCH_FIELDS
from webapp.customers.validators import COUNTRY_NAMES, TIMEZONES
from webapp.customers.wire import EXPANSIONS, FOREIGN_FIELDS, READ_ONLY_FIELDS, REQUIRED_FIELDS, WRITABLE_FIELDS
from webapp.openapi.answers import MEANINGS
from webapp.openapi.document import Document, NotDescribed, build, path_of, refuse_strays
from webapp.openapi.page import resolve
from webapp.openapi.query_schemas import OPERATIONS
from webapp.problems import HTTP_KINDS, KINDS

JSON = "application/json"
PROBES = {("GET", "/livez"), ("GET", "/readyz"), ("GET", "/metrics")}
STATUSES_OF_ANY_ROUTE = {"400", "401", "403", "406", "429", "500", "503"}


def walk(part: Any) -> Iterator[dict[str, Any]]:
    """Every object inside of a document."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from walk(inner)


def operations(document: Document) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def bodies(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of a request or an answer that an operation or a component has: where it is, and what."""
    for (method, path), operation in operations(document).items():
        for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{method} {path} {media_type}", body
        for status, answer in operation["responses"].items():
            for body in resolve(document, answer).get("content", {}).values():
                yield f"{method} {path} {status}", body
    for name, answer in document["components"]["responses"].items():
        yield name, answer["content"][JSON]


def test_the_document_is_valid(document: Document) -> None:
    """By the validator of the OpenAPI community."""
    validate(document)


def test_every_reference_leads_somewhere(document: Document) -> None:
    """And there are many."""
    references = [part for part in walk(document) if isinstance(part.get("$ref"), str)]
    assert len(references) > 200
    for reference in references:
        assert resolve(document, reference)


def test_the_paths_are_the_routes(document: Document) -> None:
    """Each method of each, and no other; a route of another product is named in the text instead."""
    routes = {(method, path_of(rule)) for rule, _, _, method, _ in API}
    assert set(operations(document)) == routes | PROBES
    for method, rule in FOREIGN:
        assert f"`{method} {path_of(rule)}`" in document["info"]["description"]


def test_a_route_without_a_description_stops_the_start() -> None:
    """As does a description without a route."""
    endpoints = [endpoint for _, endpoint, *_ in API]
    refuse_strays(endpoints)
    with pytest.raises(NotDescribed, match="api_new"):
        refuse_strays([*endpoints, "api_new"])
    with pytest.raises(NotDescribed, match=endpoints[0]):
        refuse_strays(endpoints[1:])


def test_ids_and_summaries_are_unique(document: Document) -> None:
    """A client is made of the first, the page's headings of the second."""
    for name in ("operationId", "summary"):
        found = [operation[name] for operation in operations(document).values()]
        assert len(found) == len(set(found))


def test_the_official_clients_names_are_kept(document: Document) -> None:
    """Of the operations that they have."""
    ids = {operation["operationId"] for operation in operations(document).values()}
    assert {"createCustomer", "getCustomer", "getCustomerByExternalId", "queryCustomer", "updateCustomer"} <= ids
    assert "deleteCustomer" in ids


def test_each_path_names_its_parameters(document: Document) -> None:
    """Those between braces, all of them, and none besides."""
    for (_, path), operation in operations(document).items():
        found = [resolve(document, part) for part in operation.get("parameters", ())]
        named = {parameter["name"] for parameter in found if parameter["in"] == "path"}
        assert named == {part.strip("{}") for part in path.split("/") if part.startswith("{")}


def test_each_operation_says_which_key_it_needs(document: Document) -> None:
    """Both schemes anywhere under /v1; none for the probes."""
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["apiKey"]["name"]) == ("bearer", "x-api-key")
    assert document["security"] == [{"bearer": []}, {"apiKey": []}]
    found = operations(document)
    for rule, _, _, method, permission in API:
        operation = found[method, path_of(rule)]
        assert "security" not in operation
        assert ("Needs a `write` key." in operation["description"]) is (permission == WRITE_CUSTOMERS)
    for probe in PROBES:
        assert found[probe]["security"] == []


def test_each_operation_has_the_answers_of_any_route(document: Document) -> None:
    """And every answer has its request ID."""
    for (_, path), operation in operations(document).items():
        if path.startswith("/v1/"):
            assert set(operation["responses"]) >= STATUSES_OF_ANY_ROUTE
        for answer in operation["responses"].values():
            assert "X-Request-ID" in resolve(document, answer)["headers"]


def test_the_errors_are_the_table_of_errors(document: Document) -> None:
    """Every status with exactly its codes, and a meaning for every code."""
    of_the_api = (kind for error, kind in KINDS.items() if error is not errors.OtherEnvironment)
    kinds = [*of_the_api, *HTTP_KINDS.values()]
    told = {}
    for name, answer in document["components"]["responses"].items():
        _, narrowed = answer["content"][JSON]["schema"]["allOf"]
        told[name] = set(narrowed["properties"]["code"]["enum"])
        assert set(answer["content"][JSON]["examples"]) == told[name]
    assert told == {f"Error{kind.status}": {one.code for one in kinds if one.status == kind.status} for kind in kinds}
    assert {kind.code for kind in kinds} <= set(MEANINGS)


def test_every_body_has_examples_that_fit_its_schema(document: Document, faults: Verdict) -> None:
    """Of requests, answers and errors."""
    found = list(bodies(document))
    assert len(found) > 100
    for where, body in found:
        assert body["examples"], where
        for example in body["examples"].values():
            assert faults(body["schema"], example["value"]) == [], where


def test_every_example_of_a_parameter_fits_its_schema(document: Document, faults: Verdict) -> None:
    """And each parameter of a path has one, for the commands of the page."""
    for name, parameter in document["components"]["parameters"].items():
        assert "example" in parameter or parameter["in"] != "path", name
        if "example" in parameter:
            assert faults(parameter["schema"], parameter["example"]) == [], name


def test_bodies_name_every_field_and_refuse_others(document: Document) -> None:
    """What may be set, what is read-only, what belongs to another product."""
    schemas = document["components"]["schemas"]
    known = {*WRITABLE_FIELDS, *READ_ONLY_FIELDS, *FOREIGN_FIELDS}
    for name in ("CreateCustomer", "UpdateCustomer", "PatchCustomer"):
        assert set(schemas[name]["properties"]) == known
        assert schemas[name]["additionalProperties"] is False
        read_only = {field for field, schema in schemas[name]["properties"].items() if schema.get("readOnly")}
        assert read_only == set(READ_ONLY_FIELDS)
    assert schemas["CreateCustomer"]["required"] == list(REQUIRED_FIELDS)
    assert "required" not in schemas["UpdateCustomer"]
    assert set(schemas["SearchCustomers"]["properties"]) == set(SEARCH_FIELDS)


def test_each_list_has_its_parameters(document: Document) -> None:
    """Those that the reader of queries knows."""
    operation = operations(document)["GET", "/v1/customers"]
    named = [resolve(document, parameter) for parameter in operation["parameters"]]
    assert [part["name"] for part in named if part["in"] == "query"] == list(LIST_PARAMETERS)


def test_choices_are_those_of_the_code(document: Document) -> None:
    """Countries, time zones, expansions, sort fields, kinds of change."""
    schemas = document["components"]["schemas"]
    assert schemas["Country"]["enum"] == ["", *sorted(COUNTRY_NAMES)]
    assert schemas["Timezone"]["enum"] == sorted(TIMEZONES)
    assert schemas["SortKey"]["properties"]["field"]["enum"] == list(query.SORT_FIELDS)
    assert document["components"]["parameters"]["Expand"]["schema"]["items"]["enum"] == list(EXPANSIONS)
    (allowed,) = [
        str(rule.sqltext)
        for rule in customer_changes.constraints
        if "operation IN" in str(getattr(rule, "sqltext", ""))
    ]
    assert allowed == f"operation IN {OPERATIONS}"


def test_the_filter_schemas_are_the_filter_language(document: Document, faults: Verdict) -> None:
    """Each field with each operator and each type of value: fits the schema exactly where the language has it."""
    values: dict[str, Any] = {
        "string": "published",
        "number": 1.5,
        "boolean": True,
        "date": "2026-01-31T09:30:00Z",
        "array": ["published"],
    }
    fields = {**query.FILTER_FIELDS, "metadata.plan": query.FieldType.METADATA}
    fields["integration_entity_mapping.stripe"] = query.FieldType.MAPPING
    all_operators = list(dict.fromkeys(name for operators in query.OPERATORS.values() for name in operators))
    for field, kind in fields.items():
        for operator in all_operators:
            for data_type, value in values.items():
                known = query.DataType(data_type) in query.OPERATORS[kind].get(operator, ())
                sent = {"field": field, "operator": operator, "value": {data_type: value}}
                assert (not faults("Filter", sent)) is known, sent
                assert (not faults("Filter", {**sent, "data_type": data_type})) is known, sent
                if known:  # the rest is refused whatever it calls its type
                    assert faults("Filter", {**sent, "data_type": "text"})


def test_the_installations_own_limits_are_in_its_document() -> None:
    """Numbers of metadata, and providers."""
    chosen = {"METADATA_MAX_ENTRIES": "7", "METADATA_MAX_KEY_LENGTH": "8", "METADATA_MAX_VALUE_LENGTH": "9"}
    settings = Settings.from_environment({"SECRET_KEY": SECRET_KEY, "EXTRA_PROVIDERS": "own", **chosen})
    schemas = build(settings)["components"]["schemas"]
    metadata = schemas["UpdateCustomer"]["properties"]["metadata"]
    assert metadata["maxProperties"] == 7
    assert metadata["propertyNames"]["x-max-length-after-trimming"] == 8
    assert metadata["additionalProperties"]["x-max-length-after-trimming"] == 9
    fields = schemas["FilterMappingString"]["properties"]["field"]["enum"]
    assert "integration_entity_mapping.own" in fields


def test_everything_that_has_a_name_has_a_description(document: Document) -> None:
    """Operations, parameters, headers, answers, and every field of every schema."""
    components = document["components"]
    fields = {
        f"{name}.{field}": resolve(document, schema) | schema
        for name, schema in components["schemas"].items()
        for field, schema in schema.get("properties", {}).items()
    }
    named = {**components["parameters"], **components["headers"], **components["responses"], **fields}
    named |= {operation["operationId"]: operation for operation in operations(document).values()}
    assert {name for name, part in named.items() if not part.get("description")} == set()
