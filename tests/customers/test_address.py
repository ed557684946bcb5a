"""Addresses by country: order, names and states as its post has them, and advice that raises no false alarm."""

import pytest

from webapp.customers.address import ADDRESS_FIELDS, State, address_advice, address_layout
from webapp.customers.limits import FIELD_LENGTHS
from webapp.customers.validators import COUNTRY_NAMES

#: country -> its fields in order, those that it does not use in brackets, those that are usual with a star.
LAYOUTS = {
    "US": ["Address line 1*", "Address line 2", "City*", "State*", "ZIP code*"],
    "GB": ["Address line 1*", "Address line 2", "Town or city*", "Postcode*", "(State or region)"],
    "JP": ["Postal code*", "Prefecture*", "Address line 1*", "Address line 2", "(City)"],
    "DE": ["Address line 1*", "Address line 2", "Postal code*", "City*", "(State or region)"],
    "BR": ["Address line 1*", "Address line 2", "City*", "State*", "Postal code*"],
    "HK": ["Area*", "District", "Address line 1*", "Address line 2", "(Postal code)"],
    "IE": ["Address line 1*", "Address line 2", "City*", "County", "Eircode"],
    "AU": ["Address line 1*", "Address line 2", "Suburb*", "State*", "Postcode*"],
    "": ["Address line 1", "Address line 2", "City", "State or region", "Postal code"],
    "XX": ["Address line 1", "Address line 2", "City", "State or region", "Postal code"],
}


def _told(country: str) -> list[str]:
    names = []
    for field in address_layout(country).fields:
        name = f"{field.label}*" if field.is_usual else str(field.label)
        names.append(name if field.is_used else f"({name})")
    return names


@pytest.mark.parametrize("country", LAYOUTS)
def test_a_countrys_fields_come_in_its_order_by_its_names(country: str) -> None:
    """As its post has them; those that it does not use come last."""
    assert _told(country) == LAYOUTS[country]


def test_every_country_has_every_field_once() -> None:
    """No value of a customer can fall out of the form, whatever the country."""
    for country in COUNTRY_NAMES:
        assert sorted(field.name for field in address_layout(country).fields) == sorted(ADDRESS_FIELDS)
    assert set(ADDRESS_FIELDS) | {"address_country"} == {name for name in FIELD_LENGTHS if name.startswith("address_")}


@pytest.mark.parametrize(
    ("country", "state", "count"),
    [
        ("US", State("CA", "California"), 62),
        ("JP", State("Tokyo", "東京都"), 47),
        ("HK", State("Kowloon", "九龍"), 3),
        ("CA", State("QC", "Quebec"), 13),
        ("IE", State("Co. Dublin", ""), 26),
    ],
)
def test_states_are_offered_by_what_stands_on_the_envelope(country: str, state: State, count: int) -> None:
    """A code where there is one; a name that any keyboard can type, with the local one beside it."""
    states = address_layout(country).states
    assert (state in states, len(states)) == (True, count)


@pytest.mark.parametrize("country", ["GB", "DE", "", "XX"])
def test_some_countries_have_no_list_of_states(country: str) -> None:
    """Their addresses have none."""
    assert address_layout(country).states == ()


def test_the_example_of_each_postal_code_looks_right() -> None:
    """The advice cannot contradict its own example."""
    with_codes = [country for country in COUNTRY_NAMES if address_layout(country).postal_code_example]
    assert len(with_codes) > 150
    for country in with_codes:
        assert address_advice(country, "", address_layout(country).postal_code_example) == {}


def test_each_state_that_is_offered_looks_right() -> None:
    """By its code as by its name."""
    for country in COUNTRY_NAMES:
        for state in address_layout(country).states:
            assert address_advice(country, state.code, "") == address_advice(country, state.name, "") == {}


@pytest.mark.parametrize(
    ("country", "state", "postal_code"),
    [
        ("US", "CA", "94105"),
        ("US", "california", "94105-1234"),
        ("US", "Washington, D.C.", "20001"),
        ("GB", "London", "ec1y8sy"),
        ("JP", "Tokyo-to", "1540023"),
        ("JP", "東京", "\uff11\uff15\uff14\uff0d\uff10\uff10\uff12\uff13"),
        ("BR", "Sao Paulo", "01310-100"),
        ("IE", "Dublin", "D02 X285"),
        ("CA", "Colombie-Britannique", "V8X 3X4"),
        ("CH", "", "CH-8001"),
        ("HK", "Kowloon", "999077"),
        ("DE", "Bayern", "80331"),
        ("", "anything", "at all"),
        ("XX", "anything", "at all"),
        ("US", "", ""),
    ],
)
def test_what_people_really_write_raises_no_alarm(country: str, state: str, postal_code: str) -> None:
    """Codes and names in any case, with and without accents, in the languages of the country."""
    assert address_advice(country, state, postal_code) == {}


@pytest.mark.parametrize(
    ("country", "state", "postal_code", "advice"),
    [
        ("US", "", "9410", {"address_postal_code": "This does not look like a ZIP code, such as 95014."}),
        ("GB", "", "10115", {"address_postal_code": "This does not look like a postcode, such as EC1Y 8SY."}),
        ("IN", "", "1", {"address_postal_code": "This does not look like a PIN code, such as 110034."}),
        ("IE", "", "1", {"address_postal_code": "This does not look like an Eircode, such as A65 F4E2."}),
        ("JP", "", "x", {"address_postal_code": "This does not look like a postal code, such as 154-0023."}),
        ("US", "Bayern", "", {"address_state": "The list of this country's post does not have this name."}),
        ("US", "CA", "10001", {"address_postal_code": "Codes of CA begin otherwise. One of the two may be wrong."}),
    ],
)
def test_what_does_not_fit_the_country_is_told_at_its_field(
    country: str, state: str, postal_code: str, advice: dict[str, str]
) -> None:
    """With the country's own word for it, and an example."""
    found = address_advice(country, state, postal_code)
    assert {name: " ".join(messages) for name, messages in found.items()} == advice
