"""A schema in a few words: its type and its limits. Knows no component by name."""

from typing import Any

from webapp.openapi.texts import LENGTH_AFTER_TRIMMING, Schema

MOST_NAMES_SHOWN = 16
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def name_of(schema: Schema) -> str:
    """The component that a reference names; ``""`` for a schema that stands where it is used."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def type_of(schema: Schema) -> str:
    """Such as ``text``, ``whole number or null``, ``array of Filter``."""
    if name := name_of(schema):
        return name
    if "const" in schema:
        return _shown(schema["const"])
    if "enum" in schema:
        return _choice(schema["enum"])
    for keyword in ("anyOf", "allOf"):
        if keyword in schema:
            joint = " or " if keyword == "anyOf" else " and "
            return joint.join(dict.fromkeys(type_of(part) for part in schema[keyword]))
    types = schema.get("type", [])
    names = [_type_name(name, schema) for name in ([types] if isinstance(types, str) else types)]
    return " or ".join(names) or "any JSON"


def _choice(names: list[Any]) -> str:
    if len(names) > MOST_NAMES_SHOWN:
        return f"one of {len(names)} names"
    return ("one of " if len(names) > 1 else "") + ", ".join(_shown(name) for name in names)


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return f"`{value}`" if isinstance(value, str) else f"`{str(value).lower()}`"


def _type_name(name: str, schema: Schema) -> str:
    if name == "array":
        return f"array of {type_of(schema.get('items', {}))}"
    if name == "string" and schema.get("format") in {"date-time", "date", "idn-email"}:
        return {"date-time": "time (RFC 3339)", "date": "date", "idn-email": "email address"}[schema["format"]]
    return _TYPES.get(name, name)


def limits_of(schema: Schema) -> list[str]:
    """Its limits, each as a phrase."""
    said = []
    if most := schema.get(LENGTH_AFTER_TRIMMING):
        said.append(f"at most {most} characters after trimming")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most:
        said.append(f"{least} to {most} characters" if least else f"at most {most} characters")
    if "minimum" in schema:
        said.append(
            f"{schema['minimum']} to {schema['maximum']}" if "maximum" in schema else f"{schema['minimum']} or more"
        )
    for keyword, what in (("maxItems", "items"), ("maxProperties", "entries")):
        if keyword in schema:
            said.append(f"at most {schema[keyword]} {what}")
    if "default" in schema:
        said.append(f"`{schema['default']}` by default")
    for keyword, what in (("propertyNames", "keys"), ("additionalProperties", "values")):
        if isinstance(part := schema.get(keyword), dict) and (inside := limits_of(part)):
            said.append(f"{what} of {', '.join(inside)}")
    for part in schema.get("anyOf", ()):
        said += limits_of(part)
    return said
