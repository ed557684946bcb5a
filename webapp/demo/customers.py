"""The customers of a fresh installation: the published page's own one and some 300 believable others.

It refuses to know Flask, the database and the clock: the same records come out of every call.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from webapp.demo import (
    africa_oceania,
    americas,
    asia_east,
    asia_south,
    europe_east,
    europe_north,
    europe_south,
    europe_west,
    middle_east,
)
from webapp.demo.details import mappings, metadata, uuid
from webapp.demo.dice import Dice
from webapp.demo.families import FAMILIES
from webapp.demo.places import City, Country
from webapp.demo.record import DemoCustomer
from webapp.demo.unusual import UNUSUAL

__all__ = ["DemoCustomer", "demo_customers", "published_page_customer"]

COUNTRIES: dict[str, Country] = {
    country.code: country
    for region in (
        europe_west.COUNTRIES,
        europe_north.COUNTRIES,
        europe_south.COUNTRIES,
        europe_east.COUNTRIES,
        americas.COUNTRIES,
        asia_east.COUNTRIES,
        asia_south.COUNTRIES,
        middle_east.COUNTRIES,
        africa_oceania.COUNTRIES,
    )
    for country in region
}
FIRST_DAY = datetime(2022, 1, 3, tzinfo=UTC)
LAST_DAY_OF_OTHERS = 1400
LAST_DAY_OF_HEADS = 800
MAILBOXES = ("billing", "accounts", "finance", "office", "hello", "ap", "info", "invoices")


@dataclass(frozen=True, slots=True)
class _Party:
    """Who a customer is."""

    name: str
    email: str
    is_company: bool


@dataclass(frozen=True, slots=True)
class _Draft:
    """A customer before it has its external ID, known by the mail label that is its own."""

    label: str
    parent: str | None
    is_company: bool
    record: DemoCustomer


def published_page_customer() -> DemoCustomer:
    """Return the customer of the published page as it was before that page's update."""
    return DemoCustomer(
        id="cust_abc123xyz789",
        external_id="user_12345",
        name="Acme Corp",
        email="billing@acme.com",
        address_line1="123 Main Street",
        address_city="San Francisco",
        address_state="CA",
        address_postal_code="94105",
        address_country="US",
        metadata={"plan_tier": "enterprise", "renewal_date": "2024-01-15"},
        created_at=datetime(2024, 1, 15, 10, 30, tzinfo=UTC),
        created_by="user_admin",
    )


def demo_customers() -> list[DemoCustomer]:
    """Return the others in the order of their creation, a parent always before its children."""
    drafts = sorted([*_country_drafts(), *_family_drafts()], key=lambda draft: (draft.record.created_at, draft.label))
    external_ids = {draft.label: _external_id(number, draft) for number, draft in enumerate(drafts, start=1)}
    ordinary = [
        replace(
            draft.record,
            external_id=external_ids[draft.label],
            parent_external_id=external_ids[draft.parent] if draft.parent else None,
        )
        for draft in drafts
    ]
    unusual = [
        replace(customer, metadata=dict(customer.metadata), mappings=dict(customer.mappings)) for customer in UNUSUAL
    ]
    return sorted([*ordinary, *unusual], key=lambda customer: customer.created_at)


def _country_drafts() -> list[_Draft]:
    heads = {family.head for family in FAMILIES}
    drafts: list[_Draft] = []
    for country in COUNTRIES.values():
        names = [(name, label, True) for name, label in country.companies]
        names += [(name, label, False) for name, label in country.people]
        for index, (name, label, is_company) in enumerate(names):
            dice = Dice(label)
            city = country.cities[index % len(country.cities)]
            created_at = _moment(dice, FIRST_DAY, LAST_DAY_OF_HEADS if label in heads else LAST_DAY_OF_OTHERS)
            if is_company:
                email = f"{dice.one_of(MAILBOXES)}@{label}.example"
            else:
                email = f"{label}@{dice.one_of(('example.com', 'example.org', 'example.net'))}"
            record = _record(_Party(name, email, is_company), country, city, created_at, dice)
            drafts.append(_Draft(label, None, is_company, record))
    return drafts


def _family_drafts() -> list[_Draft]:
    born = {draft.label: draft.record.created_at for draft in _country_drafts()}
    drafts: list[_Draft] = []
    for family in FAMILIES:
        for member in family.members:
            label = f"{family.head}/{member.label}"
            parent = f"{family.head}/{member.below}" if member.below else family.head
            dice = Dice(label)
            country = COUNTRIES[member.country]
            cities = [city for city in country.cities if member.city in ("", city.name)]
            created_at = _moment(dice, born[parent] + timedelta(days=7), 280)
            born[label] = created_at
            email = f"{dice.one_of(MAILBOXES)}.{member.label}@{family.head}.example"
            record = _record(
                _Party(member.name, email, is_company=True), country, dice.one_of(cities), created_at, dice
            )
            drafts.append(_Draft(label, parent, is_company=True, record=record))
    return drafts


def _moment(dice: Dice, start: datetime, days: int) -> datetime:
    """Return a moment within that many days, on a working day between 06:00 and 18:00 UTC."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=dice.number(0, days))
    if day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    return day + timedelta(hours=6, seconds=dice.number(0, 12 * 3600 - 1), milliseconds=dice.number(0, 999))


def _record(party: _Party, country: Country, city: City, created_at: datetime, dice: Dice) -> DemoCustomer:
    """Return a full record without its external ID, which depends on all the others."""
    street, postal_code = dice.one_of(city.streets)
    numbers = {"number": dice.number(2, 160), "small": dice.number(2, 4), "few": dice.number(2, 27)}
    has_unit = bool(country.units) and dice.happens(40)
    return DemoCustomer(
        external_id="",
        name=party.name,
        email=party.email if dice.happens(95) else "",
        contact=dice.fill(city.phone) if dice.happens(85) else "",
        address_line1=country.line.format(street=street, lot=dice.number(1, 18), **numbers),
        address_line2=dice.one_of(country.units).format(**numbers) if has_unit else "",
        address_city=city.name,
        address_state=city.state,
        address_postal_code=postal_code,
        address_country=country.code,
        timezone=city.timezone or country.timezone,
        metadata=metadata(country.code, created_at, dice, is_company=party.is_company),
        mappings=mappings(country.code, dice),
        created_at=created_at,
    )


def _external_id(number: int, draft: _Draft) -> str:
    """Return an ID in one of the shapes that real systems hand out, counting in the order of creation."""
    if draft.parent:
        return draft.label.replace("/", "-").upper()
    dice = Dice(f"external ID of {draft.label}")
    shape = dice.number(1, 10)
    if shape <= 4:
        return f"user_{10000 + number}"
    if shape <= 7:
        return f"CRM-{number:06}"
    if shape == 8:
        return uuid(dice)
    return f"org_{draft.label}" if draft.is_company else f"person:{draft.label}"
