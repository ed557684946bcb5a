"""What a person does at the desk, step by step, with Playwright; and what they are spared."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.clients import DeskClient
from tests.support.world import PASSWORD, World
from webapp.customers.model import Customer


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in page and send it."""
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")


def signed_in_already(world: World, staff_id: str, address: str) -> Any:
    """The cookies of a browser in which that person has just signed in, without the seconds of argon2id."""
    desk = DeskClient(world.app, role=None)
    desk.sign_in_as(staff_id)
    name, value = desk.session_cookie()
    is_secure = name.startswith("__Host-")
    place = {"domain": urlsplit(address).hostname, "path": "/", "secure": is_secure, "httpOnly": True}
    return [{"name": name, "value": value, "sameSite": "Lax", **place}]


def paste_into_search(page: Page, text: str) -> None:
    """Put a text into the one search box and press Enter."""
    box = page.get_by_role("searchbox")
    box.fill(text)
    box.press("Enter")


def save_view(page: Page, name: str) -> None:
    """Keep the list that is shown under a name."""
    page.get_by_text("Save as a view").click()
    page.get_by_role("textbox", name="Name of the view").fill(name)
    page.locator(".save-view").get_by_role("button", name="Save").click()


def open_record(page: Page, customer: Customer) -> None:
    """The record's page."""
    page.goto(f"/customers/{customer.id}")


def open_form(page: Page, customer: Customer) -> None:
    """The edit page."""
    page.goto(f"/customers/{customer.id}/edit")


def box(page: Page, label: str) -> Locator:
    """The control of the edit form with that label."""
    return page.locator("#customer-form").get_by_label(label)


def add_entry(page: Page, number: int, key: str, value: str) -> None:
    """Type a metadata entry into the blank row of that number, counted from 1."""
    page.get_by_label(f"Metadata key {number}", exact=True).fill(key)
    page.get_by_label(f"Metadata value {number}", exact=True).fill(value)


def add_row(page: Page, number: int) -> None:
    """Have another blank row of metadata. Until its key has the focus, what is typed goes astray."""
    page.get_by_role("button", name="Add entry").click()
    expect(page.get_by_label(f"Metadata key {number}", exact=True)).to_be_focused()


def press_save(page: Page) -> None:
    """The button of the save bar."""
    page.locator(".save-bar").get_by_role("button", name="Save").click()


def call_api(address: str, key: str, method: str, path: str, body: Any = None) -> Any:
    """What a program that uses the API does, from outside."""
    request = Request(
        f"{address}{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"x-api-key": key, "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


@dataclass
class Keys:
    """A person's hands on the keyboard, and how often they pressed; a word that is typed counts apart."""

    page: Page
    pressed: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed.append(key)

    def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """Go on by Tab until ``target`` has the focus."""
        expect(target).to_be_visible()
        for _ in range(150):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.press("Shift+Tab" if back else "Tab")
        pytest.fail(f"Tab never reaches {target}")

    def type(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)
