"""Schemas of texts, exact to the character: what is refused, what is trimmed, how long the rest may be.

A length counts after trimming, so ``maxLength`` would refuse more than the rules do; a pattern says it exactly. Knows
no field.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

Schema = dict[str, Any]

#: What ``rows.trim`` takes off both ends: spaces of any kind, tabs and line ends.
WHITE = r"[\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
#: Every character that ``validators.forbidden_character`` lets pass. Lone surrogates are no characters in a pattern.
PLAIN = r"[^\u0000-\u001f\u007f-\u009f]"
_PLAIN_NOT_WHITE = r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_SPECIAL = re.compile(r"[.*+?^${}()|\[\]\\/]")
#: How many characters are left after trimming, for readers and generators; a pattern is no text to read.
LENGTH_AFTER_TRIMMING = "x-max-length-after-trimming"


def ref(kind: str, name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def schema_ref(name: str) -> Schema:
    """A reference to a schema."""
    return ref("schemas", name)


def plain_text(least: int = 0, most: int | None = None) -> Schema:
    """A text that is taken as it is: no control character in it."""
    schema: Schema = {"type": "string", "pattern": f"^{PLAIN}*$"}
    if least:
        schema["minLength"] = least
    if most is not None:
        schema["maxLength"] = most
    return schema


def trimmed_text(most: int, *, required: bool = False) -> Schema:
    """A text that is trimmed first; then it has at most ``most`` characters, and where required at least one."""
    core = f"{_PLAIN_NOT_WHITE}{PLAIN}{{0,{most - 1}}}" if required else f"{PLAIN}{{0,{most}}}"
    return {"type": "string", "pattern": f"^{WHITE}*{core}{WHITE}*$", LENGTH_AFTER_TRIMMING: most}


def trimmed_choice(names: Iterable[str], *, any_case: bool = False, required: bool = False) -> Schema:
    """One of ``names`` with white space around it, where wanted in any case; or nothing, unless one is required."""
    spelt = (_in_any_case(name) if any_case else _SPECIAL.sub(r"\\\g<0>", name) for name in names)
    return {"type": "string", "pattern": f"^{WHITE}*(?:{'|'.join(spelt)}){'' if required else '?'}{WHITE}*$"}


def _in_any_case(name: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in name)


def nullable(schema: Schema) -> Schema:
    """``schema``, or null, which counts as absent (contract section 4)."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "type" not in schema:
        about = {name: text for name, text in schema.items() if name == "description"}
        inner = {name: part for name, part in schema.items() if name not in about}
        return {"anyOf": [inner, {"type": "null"}], **about}
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **more}


def one_of(names: Sequence[str]) -> Schema:
    """One of these names, as it stands."""
    return {"type": "string", "enum": list(names)}


def object_of(
    properties: dict[str, Schema], required: Sequence[str] = (), *, closed: bool = True, **more: Any
) -> Schema:
    """An object; ``closed`` where unknown names are refused, or never sent."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    if closed:
        schema["additionalProperties"] = False
    return {**schema, **more}
