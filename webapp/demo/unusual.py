"""Customers at the edges of what a record may hold: odd external IDs, nearly empty records, very full ones.

It refuses to know the ordinary customers.
"""

from datetime import UTC, datetime

from webapp.demo.record import DemoCustomer

LONG_NOTE = (
    "Call log. 3 March: Ms Osei asked to have all forty branches on one invoice, with the branch number in each line. "
    "5 March: agreed, provided that the purchase order is the same for all of them; it is not, Kumasi has its own. "
    "11 March: two invoices from now on, one for Kumasi, one for everybody else, both due on the 15th. "
    "2 April: first run was wrong, the discount was applied twice; credit note sent the same day, apology accepted. "
    "18 April: new finance director, Mr Boateng. He wants the statement as a spreadsheet and reads it on a Sunday. "
    "7 May: moved from bank transfer to direct debit. The old standing order must be stopped by the customer herself. "
    "20 June: three branches closed for renovation, seats reduced until September. Do not send the usual reminder. "
    "1 September: branches open again, seats restored, and a small gift basket arrived here; thank-you card sent. "
    "14 October: renewal discussed; they would stay for a three-year term if the price is fixed."
    " Our offer is with the legal staff."
)

BRANCH_STATES = ("open", "open", "open", "renovation", "opens soon")
BRANCHES = {f"branch_{number:03}": f"{BRANCH_STATES[number % 5]}; {3 + number % 9} tills" for number in range(1, 101)}


def _at(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


UNUSUAL = (
    DemoCustomer(
        external_id="store/berlin 42",
        name="Späti am Kotti 🥨",
        created_at=_at(2023, 5, 4, 9, 12),
        email="kasse@spaeti-kotti.example",
        contact="+49 30 23125 042",
        address_line1="Adalbertstraße 96",
        address_city="Berlin",
        address_postal_code="10999",
        address_country="DE",
        timezone="Europe/Berlin",
        metadata={"plan_tier": "starter", "source": "walk_in", "store/number": "42"},
        mappings={"stripe": "cus_SpaetiKotti042"},
    ),
    DemoCustomer(
        external_id="кафе-7",
        name="Кафе «Седьмое небо»",
        created_at=_at(2023, 9, 18, 7, 45),
        email="kafe7@example.org",
        contact="+7 727 355 5007",
        address_line1="улица Жибек Жолы, 7",
        address_city="Алматы",
        address_postal_code="050002",
        address_country="KZ",
        timezone="Asia/Almaty",
        metadata={"plan_tier": "team", "тариф": "семейный", "notes": "Счёт нужен на русском и казахском."},
    ),
    DemoCustomer(
        external_id="東京/新宿 3号店",
        name="ラーメン一番星 新宿三号店 🍜",
        created_at=_at(2024, 2, 9, 3, 30),
        email="shinjuku3@ichibanboshi.example",
        contact="+81 3-5550-0303",
        address_line1="新宿3丁目14番1号",
        address_city="新宿区",
        address_state="東京都",
        address_postal_code="160-0022",
        address_country="JP",
        timezone="Asia/Tokyo",
        metadata={"plan_tier": "business", "店長": "小林 大輔", "seats": "12"},
        mappings={"stripe": "cus_Ichibanboshi03", "paypal": "ICHIBAN3SHNJK"},
    ),
    DemoCustomer(
        external_id="client #17 & co?",
        name='Smith, Smith & "Smitty" <Wholesale> Ltd',
        created_at=_at(2022, 11, 21, 14, 5),
        email="accounts+uk@smithsmith.example",
        contact="+44 161 496 0017",
        address_line1="17 Oldham Street",
        address_line2="Unit 4 & 5",
        address_city="Manchester",
        address_postal_code="M4 1LE",
        address_country="GB",
        timezone="Europe/London",
        metadata={
            "plan_tier": "business",
            "discount": "10% <= 100 seats",
            "notes": "Yes, the brackets are in the name.",
        },
    ),
    DemoCustomer(
        external_id="100% Ñandú",
        name="100% Ñandú – Lanas de la Patagonia",
        created_at=_at(2024, 8, 1, 16, 20),
        email="hola@nandu.example",
        address_line1="Avenida San Martín 1450",
        address_city="Ushuaia",
        address_state="Tierra del Fuego",
        address_postal_code="V9410BFX",
        address_country="AR",
        timezone="America/Argentina/Ushuaia",
        metadata={"plan_tier": "free"},
    ),
    DemoCustomer(
        external_id="ashanti-branches",
        name="Akwaaba Supermarkets Ltd",
        created_at=_at(2022, 6, 13, 10, 0),
        email="branches@akwaaba.example",
        contact="+233 30 255 5100",
        address_line1="12 Liberation Road",
        address_city="Accra",
        address_postal_code="GA-057-2210",
        address_country="GH",
        timezone="Africa/Accra",
        metadata=BRANCHES,
        mappings={"quickbooks": "388"},
    ),
    DemoCustomer(
        external_id="long-story-1",
        name="Osei & Daughters Trading",
        created_at=_at(2022, 3, 2, 8, 50),
        email="ledger@osei-daughters.example",
        contact="+233 30 255 5001",
        address_line1="3 Independence Avenue",
        address_city="Accra",
        address_country="GH",
        timezone="Africa/Accra",
        metadata={"plan_tier": "enterprise", "renewal_date": "2025-03-02", "notes": LONG_NOTE},
    ),
    DemoCustomer(
        external_id="000042",
        name="Gesellschaft zur Förderung der wissenschaftlichen Erforschung alpiner Blütenpflanzen und ihrer Bestäuber "
        "in den Kantonen Uri, Schwyz, Obwalden und Nidwalden, gemeinnütziger Verein",
        created_at=_at(2022, 1, 31, 13, 15),
        email="sekretariat@alpine-bluetenpflanzen-und-bestaeuber.example",
        contact="+41 41 555 00 42",
        address_line1="Dätwylerstrasse 2",
        address_city="Altdorf UR",
        address_postal_code="6460",
        address_country="CH",
        timezone="Europe/Zurich",
        metadata={"plan_tier": "free", "segment": "non_profit"},
    ),
    DemoCustomer(external_id="walk-in-0417", name="Walk-in 17 April", created_at=_at(2024, 4, 17, 11, 2)),
    DemoCustomer(external_id="X", name="Ö", created_at=_at(2025, 1, 20, 6, 1)),
    DemoCustomer(
        external_id="lead:mail-only",
        name="Sunniva",
        created_at=_at(2025, 7, 8, 19, 44),
        email="sunniva@example.net",
    ),
    DemoCustomer(
        external_id="phone only 7",
        name="Mr. Tanaka (front desk)",
        created_at=_at(2023, 12, 29, 22, 58),
        contact="(03) 5550-0007 x12",
        address_country="JP",
        timezone="Asia/Tokyo",
    ),
)
