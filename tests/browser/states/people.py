"""Customers that the states are shown with."""

from tests.browser.conftest import Desk
from webapp.customers.model import Customer


def rich_customer(desk: Desk) -> Customer:
    """A customer with something in every field, and much of it in one word."""
    word = "unbroken" * 30
    parent = desk.world.create_customer(name=f"Parent {word[:60]}")
    number = desk.world.made
    customer = desk.world.create_customer(
        external_id=f"{number}_{word}",
        name=f"Rich {word}",
        email=f"{'a' * 60}.{number}@{'b' * 60}.example",
        contact="+1 415 555 0100",
        address_line1=word,
        address_city="San Francisco",
        address_country="GB",
        timezone="America/Argentina/ComodRivadavia",
        parent=parent.external_id,
        metadata={"plan": "gold", "k" * 100: "v" * 600, "empty": ""},
        mappings={"stripe": f"cus_{word}", "zoho_books": "z"},
    )
    return desk.world.update_customer(customer, name=f"Richer {word}", contact="", address_state="CA")
