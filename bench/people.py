"""Customers of the bench: made up from a seed, the same ones each time. Knows no database.

Names, cities and plans are common or rare as they are in life; each customer has an external ID, most have an email,
one in twenty has a parent, one in a hundred is archived.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from ulid import ULID

from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.model import ARCHIVED, PUBLISHED, Customer, Scope

SCOPE = Scope("tenant_bench", "env_bench")
ACTOR = "key_bench"
FIRST_MOMENT = datetime(2022, 1, 1, tzinfo=UTC)
SECONDS_APART = 120
GIVEN = (
    "Maria James Wei Anna Mohammed Olga Juan Priya Thomas Yuki Fatima Peter Chloé Lars Ivan Grace Noah Emma Liam "
    "Zoë Jürgen Søren Łukasz Nguyễn Élodie Aisha Diego Hannah Omar Sofia Kofi Ingrid Mateo Leila Hugo Nadia Tariq "
    "Elena Björn Amara"
).split()
FAMILY = (
    "Smith Garcia Müller Wang Johansson Kowalski Rossi Dubois Tanaka Okafor Nielsen Novák Silva Haddad Kim "
    "Andersson Popescu Fernández O’Brien Schäfer Yılmaz Nakamura Ivanova Mbeki Larsen Virtanen Horvat Costa Weiß "
    "Petrov Singh Moreau Jensen Lindqvist Castillo Becker Romano Takahashi Osei Brandt"
).split()
TRADES = (
    "Logistics Software Bakery Robotics Textiles Energy Pharma Consulting Motors Foods Media Optics Shipping "
    "Analytics Studios Gardens Insurance Travel Metals Paper Chemicals Toys Aviation Ceramics Brewing"
).split()
FORMS = ("Inc", "GmbH", "Ltd", "LLC", "S.A.", "AB", "K.K.")
SYLLABLES = (
    "an bel cor dan el fir gan hol in jor kal lem mar nor ost pan qui ros sal tor ul ver win xan yor zel bra cle "
    "dri fro gla ka ne ti su mo ra vi ho ta ke"
).split()
DOMAINS = ("gmail.com", "outlook.com", "example.com", "web.de", "proton.me")
PLACES = (
    ("Berlin", "BE", "DE", "Europe/Berlin"), ("New York", "NY", "US", "America/New_York"),
    ("London", "", "GB", "Europe/London"), ("München", "BY", "DE", "Europe/Berlin"),
    ("San Francisco", "CA", "US", "America/Los_Angeles"), ("東京", "", "JP", "Asia/Tokyo"),
    ("Paris", "", "FR", "Europe/Paris"), ("São Paulo", "SP", "BR", "America/Sao_Paulo"),
    ("Chicago", "IL", "US", "America/Chicago"), ("Kraków", "", "PL", "Europe/Warsaw"),
    ("Lagos", "", "NG", "Africa/Lagos"), ("Sydney", "NSW", "AU", "Australia/Sydney"),
    ("Reykjavík", "", "IS", "Atlantic/Reykjavik"), ("Tórshavn", "", "FO", "Atlantic/Faroe"),
)  # fmt: skip
PLACE_WEIGHTS = (14, 16, 12, 8, 10, 8, 9, 6, 6, 4, 3, 3, 0.8, 0.2)
CAMPAIGNS = 2000
PARENTS = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and its mappings (provider -> recorded mapping)."""

    customer: Customer
    mappings: dict[str, Any]


def people(count: int, seed: int = 1) -> Iterator[Person]:
    """So many customers, oldest first; none is created or changed after the moment at which the next one would be."""
    random = Random(seed)  # noqa: S311 - the same ones each time, not secrets
    end = FIRST_MOMENT + timedelta(seconds=count * SECONDS_APART)
    parents: list[str] = []
    for index in range(count):
        created_at = FIRST_MOMENT + timedelta(seconds=index * SECONDS_APART, microseconds=random.randrange(1_000_000))
        customer_id = f"cust_{_ulid(random, created_at)}"
        archived = random.random() < 0.01
        parent_id = None
        if random.random() < 0.05 and parents:
            # Half of the children belong to the ten largest families.
            parent_id = parents[random.randrange(min(10, len(parents)) if random.random() < 0.5 else len(parents))]
        elif len(parents) < PARENTS and not archived:
            parents.append(customer_id)
        customer = Customer(
            environment_id=SCOPE.environment_id,
            tenant_id=SCOPE.tenant_id,
            id=customer_id,
            **_texts(random, index),
            parent_customer_id=parent_id,
            metadata=_metadata(random, index),
            status=ARCHIVED if archived else PUBLISHED,
            version=1,
            created_at=created_at,
            updated_at=created_at + (end - created_at) * random.random(),
            created_by=ACTOR,
            updated_by=ACTOR,
        )
        stripe = {"stripe": {"id": f"cus_{random.randrange(10**12):012}", "metadata": {}}}
        yield Person(customer, stripe if random.random() < 0.2 else {})


def _ulid(random: Random, moment: datetime) -> ULID:
    milliseconds = int(moment.timestamp() * 1000)
    return ULID.from_bytes(milliseconds.to_bytes(6, "big") + random.randbytes(10))


def _word(random: Random) -> str:
    return "".join(random.choices(SYLLABLES, k=random.choice((2, 3, 3, 4))))


def _texts(random: Random, index: int) -> dict[str, str]:
    if random.random() < 0.5:
        given, family = random.choice(GIVEN), random.choice(FAMILY)
        name = f"{given} {family}"
        mailbox = f"{given}.{family}{random.randrange(100_000)}".lower().replace("’", "")
        email = f"{mailbox}@{random.choice(DOMAINS)}"
    else:
        brand = _word(random).title()
        name = f"{brand} {random.choice(TRADES)} {random.choice(FORMS)}"
        email = f"billing{random.randrange(1000)}@{brand.lower()}{random.randrange(100)}.com"
    city, state, country, timezone = random.choices(PLACES, PLACE_WEIGHTS)[0]
    texts = dict.fromkeys(TEXT_FIELDS, "")
    return texts | {
        "external_id": f"user_{index:07}" if random.random() < 0.8 else f"{random.getrandbits(64):016x}",
        "name": name,
        "email": email if random.random() < 0.95 else "",
        "contact": f"+49 30 {random.randrange(10**7):07}" if random.random() < 0.6 else "",
        "address_line1": f"{random.randrange(1, 300)} {_word(random).title()} Street",
        "address_city": city,
        "address_state": state,
        "address_postal_code": f"{random.randrange(10**5):05}",
        "address_country": country,
        "timezone": timezone,
    }


def _metadata(random: Random, index: int) -> dict[str, str]:
    entries = {
        "plan": random.choices(("free", "pro", "enterprise"), (60, 30, 10))[0],
        "region": random.choices(("eu", "us", "apac"), (45, 35, 20))[0],
    }
    if random.random() < 0.7:
        entries["crm_id"] = f"CRM-{index:08}"
    if random.random() < 0.5:
        entries["seats"] = str(int(random.paretovariate(1.2)))
    if random.random() < 0.3:
        entries["campaign"] = f"campaign-{random.randrange(CAMPAIGNS)}"
    if random.random() < 0.2:
        entries["renews_on"] = str((FIRST_MOMENT + timedelta(days=random.randrange(2000))).date())
    return entries
