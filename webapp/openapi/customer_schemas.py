"""Schemas of a customer: what a request may say of one, and what an answer says of it (contract sections 3 to 6, 12).

Made of the limits, names and lists that the rules themselves use. Knows no route.
"""

from collections.abc import Iterable
from typing import Any

from webapp.customers.limits import (
    DEFAULT_TIMEZONE,
    FIELD_LENGTHS,
    MAPPING_METADATA_BYTES,
    PROVIDER_ENTITY_ID_LENGTH,
    PROVIDER_LENGTH,
    Limits,
)
from webapp.customers.mapping_wire import LONG_SHAPE, LONG_SHAPE_FIELDS, READ_ONLY_MAPPING_FIELDS
from webapp.customers.model import ACTOR_LENGTH, ARCHIVED, ID_LENGTH, PUBLISHED
from webapp.customers.validators import COUNTRY_NAMES, TIMEZONES
from webapp.customers.wire import (
    FOREIGN_FIELDS,
    PARENT_FIELDS,
    READ_ONLY_FIELDS,
    REQUIRED_FIELDS,
    WRITABLE_FIELDS,
)
from webapp.openapi.texts import (
    PLAIN,
    WHITE,
    Schema,
    nullable,
    object_of,
    one_of,
    schema_ref,
    trimmed_choice,
    trimmed_text,
)

CUSTOMER_ID = "^cust_[0-9A-Za-z]{1,59}$"
MOMENT = {"type": "string", "format": "date-time"}
#: What each writable field is, for a person who fills it.
ABOUT = {
    "external_id": "Your own identifier of the customer. Unique among the published customers of the environment.",
    "name": "The customer's name, of a person or a company.",
    "email": "Empty, or an email address. Only its form is judged; it need not be unique.",
    "contact": "A phone number, in any notation.",
    "address_line1": "Street and number.",
    "address_line2": "Suite, floor, building.",
    "address_city": "City.",
    "address_state": "State, province or region.",
    "address_postal_code": "Postal code. It is not compared with the country.",
    "address_country": "Empty, or an assigned ISO 3166-1 alpha-2 code. Lower case is stored upper.",
    "timezone": f"An IANA time zone name. Empty sets `{DEFAULT_TIMEZONE}`.",
    "metadata": "Your own entries, text by text. Sent, it replaces all entries; `{}` clears them.",
    "parent_customer_id": "The ID of the customer that this one belongs to. Empty detaches.",
    "parent_customer_external_id": "The same, by external ID, a retired one included. Send at most one of the two.",
    "integration_entity_mapping": (
        "The customer's names in other systems, at most one a provider. An item updates or adds its provider's "
        "mapping; an item with an empty ID removes it; providers that are not named stay."
    ),
}
PATCHED_METADATA = "A merge patch (RFC 7396): a text sets its key, null removes it, keys that are not named stay."
READ_ONLY = "Read-only. It may be sent back as it was read, and is ignored."
FOREIGN = "Belongs to the wider billing product. Accepted and ignored."


def customer_schemas(limits: Limits) -> dict[str, Schema]:
    """The schemas of requests and answers about customers, by component name."""
    return {
        "CreateCustomer": _request(_writable(limits), required=REQUIRED_FIELDS),
        "UpdateCustomer": _request(_writable(limits)),
        "PatchCustomer": _request({**_writable(limits), "metadata": _about("metadata_patch", metadata_patch(limits))}),
        "EmailInput": {
            "description": "An email address, or nothing. White space around it is taken off.",
            "anyOf": [
                {"type": "string", "pattern": f"^{WHITE}*$"},
                {"type": "string", "format": "idn-email", "maxLength": FIELD_LENGTHS["email"]},
            ],
        },
        "CountryInput": {
            **trimmed_choice(sorted(COUNTRY_NAMES), any_case=True),
            "description": "A code of Country, in any case; or nothing.",
            "examples": ["US"],
        },
        "TimezoneInput": {
            **trimmed_choice(sorted(TIMEZONES)),
            "description": "A name of Timezone; or nothing.",
            "examples": ["Europe/Berlin"],
        },
        "MappingInput": {
            "description": "A mapping, in either of two shapes.",
            "anyOf": [schema_ref("ShortMapping"), schema_ref("LongMapping")],
        },
        "ShortMapping": _short_mapping(limits),
        "LongMapping": _long_mapping(limits),
        "PlainJson": _plain_json(),
        "Country": {
            **one_of(["", *sorted(COUNTRY_NAMES)]),
            "description": "Empty, or a code that ISO 3166-1 alpha-2 assigns to a country.",
        },
        "Timezone": {**one_of(sorted(TIMEZONES)), "description": "A name of the IANA time zone database."},
        "Customer": _customer(),
        "ParentCustomer": {
            "anyOf": [{"type": "null"}, schema_ref("Customer")],
            "description": "The parent, when `expand=parent_customer` asks for it and there is one; else null.",
        },
        "IntegrationMapping": _mapping(),
    }


def metadata_patch(limits: Limits) -> Schema:
    """``metadata`` of a PATCH."""
    replaced = metadata(limits)
    return {**replaced, "additionalProperties": nullable(replaced["additionalProperties"])}


def metadata(limits: Limits) -> Schema:
    """``metadata`` of a POST or PUT."""
    return {
        "type": "object",
        "maxProperties": limits.metadata_entries,
        "propertyNames": trimmed_text(limits.metadata_key_length, required=True),
        "additionalProperties": trimmed_text(limits.metadata_value_length),
    }


def _about(name: str, schema: Schema) -> Schema:
    return {**schema, "description": PATCHED_METADATA if name == "metadata_patch" else ABOUT[name]}


def _writable(limits: Limits) -> dict[str, Schema]:
    """What may be sent for each writable field; a field without a description stops the start."""
    special: dict[str, Schema] = {
        "email": schema_ref("EmailInput"),
        "address_country": schema_ref("CountryInput"),
        "timezone": schema_ref("TimezoneInput"),
        "metadata": metadata(limits),
        # A parent's ID is judged as its external ID is (see ``form``).
        **{name: trimmed_text(FIELD_LENGTHS["external_id"]) for name in PARENT_FIELDS},
        "integration_entity_mapping": {
            "type": "array",
            "maxItems": len(limits.providers),
            "items": schema_ref("MappingInput"),
        },
    }
    texts = {
        name: trimmed_text(length, required=name in REQUIRED_FIELDS)
        for name, length in FIELD_LENGTHS.items()
        if name not in special
    }
    return {name: _about(name, (special | texts)[name]) for name in WRITABLE_FIELDS}


def _request(writable: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    properties = {name: schema if name in required else nullable(schema) for name, schema in writable.items()}
    properties |= {name: {"description": READ_ONLY, "readOnly": True} for name in READ_ONLY_FIELDS}
    properties |= {name: {"description": FOREIGN} for name in FOREIGN_FIELDS}
    both = object_of({name: {"type": "string"} for name in PARENT_FIELDS}, PARENT_FIELDS, closed=False)
    return {**object_of(properties, required), "not": both}


def _short_mapping(limits: Limits) -> Schema:
    parts = {"provider": _provider(limits), "id": _mapped_id()}
    absent = (*LONG_SHAPE.values(), *(name for name in (*LONG_SHAPE_FIELDS, *READ_ONLY_MAPPING_FIELDS) if name != "id"))
    return object_of({**parts, **_nulls(absent)}, list(parts))


def _nulls(names: Iterable[str]) -> dict[str, Schema]:
    """Fields of the other shape: null counts as absent."""
    return {
        name: {"type": "null", "description": "Of the other shape; null is as if it were not there."} for name in names
    }


def _provider(limits: Limits) -> Schema:
    known = ", ".join(f"`{name}`" for name in limits.providers)
    return {**trimmed_choice(limits.providers, required=True), "description": f"The provider: {known}."}


def _mapped_id() -> Schema:
    return {**trimmed_text(PROVIDER_ENTITY_ID_LENGTH), "description": "The customer's ID there. Empty removes."}


def _long_mapping(limits: Limits) -> Schema:
    required = {"provider_type": _provider(limits), "provider_entity_id": _mapped_id()}
    optional: dict[str, Schema] = {
        "entity_id": {"description": "Ignored: the route says which customer is meant."},
        "entity_type": {"enum": ["customer", None], "description": "What is mapped; nothing else is."},
        "metadata": {
            "type": ["object", "null"],
            "description": f"Any JSON, of at most {MAPPING_METADATA_BYTES} bytes. Left out, what is stored stays.",
            "propertyNames": {"pattern": f"^{PLAIN}*$"},
            "additionalProperties": schema_ref("PlainJson"),
        },
    }
    optional |= {name: {"description": READ_ONLY, "readOnly": True} for name in READ_ONLY_MAPPING_FIELDS}
    return object_of({**required, **optional, **_nulls(["provider"])}, list(required))


def _plain_json() -> Schema:
    return {
        "description": "Any JSON whose texts and keys hold no control character.",
        "anyOf": [
            {"type": ["null", "boolean", "number"]},
            {"type": "string", "pattern": f"^{PLAIN}*$"},
            {"type": "array", "items": schema_ref("PlainJson")},
            {
                "type": "object",
                "propertyNames": {"pattern": f"^{PLAIN}*$"},
                "additionalProperties": schema_ref("PlainJson"),
            },
        ],
    }


def _customer() -> Schema:
    texts: dict[str, Schema] = {name: {"type": "string", "maxLength": length} for name, length in FIELD_LENGTHS.items()}
    for name in REQUIRED_FIELDS:
        texts[name]["minLength"] = 1
    texts |= {"address_country": schema_ref("Country"), "timezone": schema_ref("Timezone")}
    properties: dict[str, Any] = {
        "id": {"type": "string", "pattern": CUSTOMER_ID, "description": "`cust_` and a ULID."},
        **{name: {**schema, "description": ABOUT[name]} for name, schema in texts.items()},
        "parent_customer_id": {"type": ["string", "null"], "description": "The parent's ID; null when there is none."},
        "parent_customer": schema_ref("ParentCustomer"),
        "metadata": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Your own entries, in the order in which they were sent.",
        },
        **_stamps(),
    }
    shown_on_request = {
        "integrations": {
            "type": "array",
            "items": schema_ref("IntegrationMapping"),
            "description": "The customer's names in other systems. Present when `expand=integrations` asks for it.",
        }
    }
    return object_of({**properties, **shown_on_request}, list(properties))


def _mapping() -> Schema:
    properties = {
        "id": _identifier("The mapping's ID."),
        "entity_id": _identifier("The customer's ID."),
        "entity_type": {"const": "customer", "description": "What is mapped."},
        "provider_type": {"type": "string", "maxLength": PROVIDER_LENGTH, "description": "The provider."},
        "provider_entity_id": {
            "type": "string",
            "maxLength": PROVIDER_ENTITY_ID_LENGTH,
            "description": "The customer's ID at the provider.",
        },
        "metadata": {"type": "object", "description": "Whatever was sent with the mapping."},
        **_stamps(),
    }
    return object_of(properties, list(properties))


def _identifier(about: str) -> Schema:
    return {"type": "string", "maxLength": ID_LENGTH, "description": about}


def _stamps() -> dict[str, Schema]:
    return {
        "environment_id": _identifier("The environment that it is kept in."),
        "tenant_id": _identifier("The tenant whose it is."),
        "status": {**one_of((PUBLISHED, ARCHIVED)), "description": "Whether it is in use or archived."},
        "created_at": {**MOMENT, "description": "When it was created, RFC 3339, UTC, with microseconds."},
        "updated_at": {**MOMENT, "description": "When it was last changed."},
        "created_by": {"type": "string", "maxLength": ACTOR_LENGTH, "description": "Who created it."},
        "updated_by": {"type": "string", "maxLength": ACTOR_LENGTH, "description": "Who changed it last."},
    }
