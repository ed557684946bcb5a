"""The shape in which the data modules write down a country: its cities, streets, phones and names.

It refuses to know any country, and how a customer is made of one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city with its state as an address spells it ('' where none is written) and streets with their postal codes."""

    name: str
    state: str
    streets: tuple[tuple[str, str], ...]
    phone: str
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """All that a believable customer of one country needs.

    Attributes:
        code: ISO 3166-1 alpha-2.
        timezone: the IANA name that holds where a city names none of its own.
        line: how a street line is written, with {street}, {number}, {small} (2 to 4), {few} and {lot}.
        cities: at least one; a phone shape has '#' for each free digit.
        companies: name and the label of its mail domain.
        people: name and the local part of the address.
        units: what a second address line may say.
    """

    code: str
    timezone: str
    line: str
    cities: tuple[City, ...]
    companies: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]
    units: tuple[str, ...] = ()
