"""JSON body -> typed changes; customer -> JSON. The rules of presence (contract section 4) live here.

Knows which JSON type a field has; what is right in it is the form's business.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from webapp.customers.changeset import CustomerChanges, MetadataPatch, ParentReference
from webapp.customers.cursors import ResultPage
from webapp.customers.judging import judge, judge_metadata
from webapp.customers.limits import MOST_FAULTS, TEXT_FIELDS, Limits
from webapp.customers.mapping_wire import read_mappings, write_mapping
from webapp.customers.model import Customer, IntegrationMapping
from webapp.customers.query import CustomerQuery
from webapp.customers.rows import trim
from webapp.customers.unknown_names import unknown_names
from webapp.errors import InvalidInput
from webapp.identifiers import rfc3339

PARENT_FIELDS = ("parent_customer_id", "parent_customer_external_id")
#: A new customer needs them.
REQUIRED_FIELDS = ("external_id", "name")
WRITABLE_FIELDS = (*TEXT_FIELDS, "metadata", *PARENT_FIELDS, "integration_entity_mapping")
#: Read-only fields of the response: sent back, they are ignored.
READ_ONLY_FIELDS = (
    "id", "tenant_id", "environment_id", "status", "version", "created_at", "updated_at", "created_by", "updated_by",
    "parent_customer", "integrations",
)  # fmt: skip
#: Fields of the wider billing product: accepted and ignored.
FOREIGN_FIELDS = (
    "skip_onboarding_workflow", "onboarding_workflow_name", "tax_rate_overrides", "contact_persons", "billing_currency",
    "tax_treatment",
)  # fmt: skip
KNOWN_FIELDS = frozenset((*WRITABLE_FIELDS, *READ_ONLY_FIELDS, *FOREIGN_FIELDS))
EXPANSIONS = ("parent_customer", "integrations")

Details = dict[str, list[str]]


def read_expansions(sent: Sequence[str]) -> frozenset[str]:
    """The expansions that ``?expand=a,b`` asks for.

    Raises:
        InvalidInput: one is unknown.
    """
    wanted = {name.strip() for names in sent for name in names.split(",") if name.strip()}
    if unknown := sorted(wanted - set(EXPANSIONS)):
        message = f"unknown expansion '{unknown[0][:100]}'; known are {', '.join(EXPANSIONS)}"
        raise InvalidInput(details={"expand": [message]})
    return frozenset(wanted)


def read_changes(body: Mapping[str, Any], limits: Limits, *, lenient: bool = False) -> CustomerChanges:
    """The fields that a body changes; absent and null ones are left alone.

    Args:
        body: the JSON object.
        limits: the installation's limits.
        lenient: ignore unknown fields (``Prefer: handling=lenient``, RFC 7240) rather than refuse them.

    Raises:
        InvalidInput: names every wrong field at once.
    """
    return _read(body, limits, lenient, _read_metadata)


def read_patch(body: Mapping[str, Any], limits: Limits, *, lenient: bool = False) -> CustomerChanges:
    """As :func:`read_changes`, but ``metadata`` is a merge patch (RFC 7396): null removes a key, others stay."""
    return _read(body, limits, lenient, _read_metadata_patch)


def read_new_customer(body: Mapping[str, Any], limits: Limits, *, lenient: bool = False) -> CustomerChanges:
    """As :func:`read_changes`, for a customer that is to be created: the required fields must be there."""
    required = {name: "" for name in REQUIRED_FIELDS if body.get(name) is None}
    return _read({**body, **required}, limits, lenient, _read_metadata)


def _read(
    body: Mapping[str, Any],
    limits: Limits,
    lenient: bool,
    read_metadata: Callable[[Any, Limits], tuple[dict[str, str] | MetadataPatch, list[str]]],
) -> CustomerChanges:
    faults: Details = {}
    if not lenient:
        unknown = (name for name in body if name not in KNOWN_FIELDS)
        faults = unknown_names(unknown, (*WRITABLE_FIELDS, *FOREIGN_FIELDS))
    sent = {name: body[name] for name in WRITABLE_FIELDS if body.get(name) is not None}
    texts = {}
    for name in (*TEXT_FIELDS, *PARENT_FIELDS):
        if name in sent:
            texts[name], faults[name] = _read_text(name, sent[name], limits)
    metadata = mappings = None
    if "metadata" in sent:
        metadata, faults["metadata"] = read_metadata(sent["metadata"], limits)
    if "integration_entity_mapping" in sent:
        mappings, faults["integration_entity_mapping"] = read_mappings(sent["integration_entity_mapping"], limits)
    parents = [ParentReference(texts.pop(name), name == PARENT_FIELDS[1]) for name in PARENT_FIELDS if name in texts]
    if len(parents) == len(PARENT_FIELDS):
        for name in PARENT_FIELDS:
            faults[name].append(f"Send at most one of {' and '.join(PARENT_FIELDS)}.")
    if found := {name: messages for name, messages in faults.items() if messages}:
        raise InvalidInput(details=found)
    return CustomerChanges(texts, metadata, parents[0] if parents else None, mappings or ())


def _read_text(name: str, value: Any, limits: Limits) -> tuple[str, list[str]]:
    if not isinstance(value, str):
        return "", ["Send a string."]
    return judge(name, value, limits)


def _read_metadata(value: Any, limits: Limits) -> tuple[dict[str, str], list[str]]:
    if not isinstance(value, dict):
        return {}, ["Send an object of strings."]
    if wrong := list(islice((key for key, text in value.items() if not isinstance(text, str)), MOST_FAULTS)):
        return {}, [f"The value of {json.dumps(key[:100], ensure_ascii=False)} must be a string." for key in wrong]
    entries, messages = judge_metadata(value, limits)
    return entries, messages[:MOST_FAULTS]


def _read_metadata_patch(value: Any, limits: Limits) -> tuple[MetadataPatch, list[str]]:
    def judge(entries: dict[str, str]) -> None:
        _, messages = judge_metadata(entries, limits)
        if messages:
            raise InvalidInput(details={"metadata": messages})

    removed = {trim(key) for key, text in value.items() if text is None} if isinstance(value, dict) else set()
    texts = {key: "" if text is None else text for key, text in value.items()} if removed else value
    # A patch may name more keys than a customer may have: what counts is how many it leads to.
    entries, messages = _read_metadata(texts, replace(limits, metadata_entries=sys.maxsize))
    return MetadataPatch({key: None if key in removed else text for key, text in entries.items()}, judge), messages


def write_customer(
    customer: Customer,
    *,
    parent: Customer | None = None,
    mappings: Sequence[IntegrationMapping] | None = None,
) -> dict[str, Any]:
    """A customer as JSON (contract section 12).

    Args:
        customer: the record.
        parent: its parent, when ``expand=parent_customer`` asked for it.
        mappings: its mappings, when ``expand=integrations`` asked for them.
    """
    written: dict[str, Any] = {
        "id": customer.id,
        "external_id": customer.external_id,
        "name": customer.name,
        "email": customer.email,
        "contact": customer.contact,
        "address_line1": customer.address_line1,
        "address_line2": customer.address_line2,
        "address_city": customer.address_city,
        "address_state": customer.address_state,
        "address_postal_code": customer.address_postal_code,
        "address_country": customer.address_country,
        "timezone": customer.timezone,
        "parent_customer_id": customer.parent_customer_id,
        "parent_customer": write_customer(parent) if parent else None,
        "metadata": customer.metadata,
        "environment_id": customer.environment_id,
        "tenant_id": customer.tenant_id,
        "status": customer.status,
        "created_at": rfc3339(customer.created_at),
        "updated_at": rfc3339(customer.updated_at),
        "created_by": customer.created_by,
        "updated_by": customer.updated_by,
    }
    if mappings is not None:
        written["integrations"] = [write_mapping(customer, mapping) for mapping in mappings]
    return written


def write_page(items: list[dict[str, Any]], query: CustomerQuery, page: ResultPage) -> dict[str, Any]:
    """A page of customers, already written, as JSON (contract section 9).

    ``total_relation`` is an addition of ours: with ``gte`` there are at least ``total``.
    """
    pagination = {
        "total": page.total,
        "total_relation": page.total_relation,
        "limit": query.limit,
        "offset": query.offset,
        "next_cursor": page.next_cursor,
    }
    return {"items": items, "pagination": pagination}
