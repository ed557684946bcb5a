"""Reading and reaching: languages, times, menus, large text, forced colours, sizes of targets, what is said."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, open_record, sign_in
from tests.browser.states import STATES
from tests.browser.states.people import rich_customer

SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
#: States in which boxes, chips, panels, chosen and wrong things are told apart.
TOLD_APART = ("list", "record", "form with errors", "menu", "shortcuts")
#: Elements to press that are smaller than 24 by 24 px, but for links in a line of text (WCAG 2.5.8). A tick is pressed
#: by its label too.
SMALL_TARGETS = """() => [...document.querySelectorAll("button, summary, input, select, textarea, a")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".visually-hidden"))
  .filter((element) => !(element.matches("a") && getComputedStyle(element).display === "inline"))
  .filter((element) => element.matches(":not(.row-link, .skip-link)"))
  .filter((element) => {
    const labels = element.matches("[type=checkbox], [type=radio]") ? element.labels : [];
    const boxes = [element, ...labels].map((part) => part.getBoundingClientRect());
    const isLarge = boxes.some(({ width, height }) => width >= 23.5 && height >= 23.5);
    return boxes[0].width && !isLarge && getComputedStyle(element).clipPath === "none";
  })
  .map((element) => element.outerHTML.slice(0, 120))"""
#: Elements that forced colours would make one with the page: what is told by a background alone.
WITHOUT_BORDER = """() => [...document.querySelectorAll(".button, .chip, .panel, .input, .copy, dialog[open]")]
  .filter((element) => element.checkVisibility())
  .filter((element) => parseFloat(getComputedStyle(element).borderBlockEndWidth) < 1)
  .map((element) => element.outerHTML.slice(0, 120))"""
#: Whether the element with the focus can be seen in part, whatever sticks to the edges of the window (WCAG 2.4.11).
IS_SEEN = """() => {
  const element = document.activeElement;
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const places = [0.1, 0.5, 0.9].map((part) => [left + (right - left) * part, top + (bottom - top) * part]);
  return places.some(([x, y]) => {
    const shown = document.elementFromPoint(x, y);
    return shown && (element.contains(shown) || shown.contains(element) || shown.labels?.length >= 0);
  }) || element === document.body || element.matches(".skip-link");
}"""


@pytest.mark.parametrize("name", ["list", "record", "form", "menu", "environments"])
def test_a_page_fits_with_text_of_twice_the_size(desk: Desk, open_page: OpenPage, name: str) -> None:
    """Nothing scrolls sideways in a window of 640 px, which is less than zooming to 200 % leaves (WCAG 1.4.4)."""
    page = open_page(viewport={"width": 640, "height": 800})
    STATES[name](page, desk)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name} large text.png")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("name", TOLD_APART)
def test_forced_colours_leave_the_shape_of_things(desk: Desk, open_page: OpenPage, name: str) -> None:
    """Everything that its background tells apart has a border; what is wide enough to press stays so."""
    page = open_page(forced_colors="active", viewport={"width": 1280, "height": 800})
    STATES[name](page, desk)
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name} forced colours.png")
    assert page.evaluate(WITHOUT_BORDER) == []
    assert page.evaluate(SMALL_TARGETS) == []


def test_what_has_the_focus_is_never_hidden(desk: Desk, open_page: OpenPage) -> None:
    """Through the whole form by Tab in a low window: neither the bar above nor the save bar covers it."""
    page = open_page(viewport={"width": 1280, "height": 500})
    open_form(page, rich_customer(desk))
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if not page.evaluate(IS_SEEN):
            hidden.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert hidden == []


def test_times_are_those_of_the_readers_clock(desk: Desk, open_page: OpenPage) -> None:
    """From the first page behind the sign-in on, with the exact time on hover."""
    customer = desk.world.create_customer()
    page = open_page(role=None, timezone_id="Asia/Tokyo")
    sign_in(page, desk.world.email_of("viewer"))
    open_record(page, customer)
    shown = page.locator("time").first
    expect(shown).to_have_attribute("title", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Asia/Tokyo \(UTC\+09:00\)$"))
    written = page.evaluate("new Date(document.querySelector('time').dateTime).toTimeString().slice(0, 5)")
    expect(shown).to_have_text(re.compile(f", {written}$"))


def test_a_german_reader_reads_german(desk: Desk, open_page: OpenPage) -> None:
    """What a script says too: its words come with the page."""
    page = open_page(locale="de-DE", permissions=["clipboard-read", "clipboard-write"])
    open_record(page, desk.world.create_customer())
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("button", name="Externe ID kopieren").click()
    expect(page.locator("#announcer")).to_have_text("Externe ID kopiert")


def test_the_menu_opens_and_closes_by_keyboard(open_page: OpenPage) -> None:
    """Esc closes it and the focus is where it was; so does going on by Tab."""
    page = open_page(role="admin")
    page.goto("/customers")
    summary, sign_out = page.locator(".account summary"), page.get_by_role("button", name="Sign out")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="API keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sign_out).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    sign_out.focus()
    page.keyboard.press("Tab")
    expect(sign_out).to_be_hidden()
    summary.click()
    page.get_by_role("heading", level=1).click()
    expect(sign_out).to_be_hidden()


def test_the_menu_works_without_a_script(open_page: OpenPage) -> None:
    """As does signing out, which is in it."""
    page = open_page(role="viewer", java_script_enabled=False)
    page.goto("/customers")
    page.locator(".account summary").click()
    expect(page.get_by_role("link", name="API keys")).to_have_count(0)
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.locator(".account summary").click()
    expect(page.get_by_role("link", name="Account", exact=True)).to_have_attribute("aria-current", "page")


def test_what_went_wrong_is_seen_from_where_one_types(desk: Desk, open_page: OpenPage) -> None:
    """In sight though the page is scrolled down, with the focus where it was and what was typed kept."""
    page = open_page(viewport={"width": 1280, "height": 600})
    open_form(page, rich_customer(desk))
    box(page, "Name").fill("Typed before the sign-in ended")
    page.context.clear_cookies()
    add = page.get_by_role("button", name="Add entry")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages .panel-danger")).to_be_in_viewport()
    expect(add).to_be_focused()
    expect(box(page, "Name")).to_have_value("Typed before the sign-in ended")


@pytest.mark.parametrize(
    ("fragment", "focused"),
    [
        ("<h2 id='heading'>Came</h2><button id='other'>Other</button>", "heading"),
        ("<h2>Came</h2><input id='next' aria-label='Next' autofocus>", "next"),
        ("<h2>Came</h2><button id='pressed'>Again</button>", "pressed"),
    ],
    ids=["heading", "autofocus", "same element"],
)
def test_the_focus_goes_on_where_its_place_was_replaced(open_page: OpenPage, fragment: str, focused: str) -> None:
    """To what the fragment names, else to the same element, else to the heading of what came."""
    page = open_page()
    page.goto("/customers")
    page.route("**/replaced", lambda route: route.fulfill(body=f"<div id='place'>{fragment}</div>"))
    page.evaluate("""() => {
      const place = document.createElement("div");
      place.id = "place";
      place.innerHTML = "<button id='pressed' type='button'>Replace</button>";
      document.getElementById("main").append(place);
      document.getElementById("pressed").focus();
      htmx.ajax("GET", "/replaced", { target: "#place", swap: "outerHTML" });
    }""")
    expect(page.get_by_role("heading", name="Came")).to_be_visible()
    expect(page.locator(f"#{focused}")).to_be_focused()


def _single_key(page: Page, selector: str, key: str) -> None:
    page.locator(selector).first.press(key)


@pytest.mark.parametrize("selector", ["#address_country", "#reason", "[role=combobox]"])
def test_single_keys_are_text_in_every_kind_of_box(desk: Desk, open_page: OpenPage, selector: str) -> None:
    """Nothing is left, opened or lost."""
    page = open_page()
    open_form(page, rich_customer(desk))
    address = page.url
    for key in ("?", "/", "e", "j", "n"):
        _single_key(page, selector, key)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#q")).not_to_be_focused()
    assert page.url == address
