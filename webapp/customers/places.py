"""Places of a customer's values: a field, or one key of metadata, or one provider's mapping; as a form names them.

Knows no value.
"""

#: A field's name and, of metadata or mappings, the key or provider; else None.
Place = tuple[str, str | None]


def write_place(place: Place) -> str:
    """A place as an address or a form has it: ``email``, ``metadata:plan``."""
    name, key = place
    return name if key is None else f"{name}:{key}"


def read_place(sent: str) -> Place:
    """What :func:`write_place` wrote; a key may hold colons of its own."""
    name, separator, key = sent.partition(":")
    return name, key if separator else None
