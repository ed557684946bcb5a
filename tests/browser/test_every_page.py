"""Every page and state of the desk: axe finds nothing, wide, narrow and in the dark; nothing scrolls sideways.

With SCREENSHOTS=folder in the environment each view is also kept there as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Desk, OpenPage
from tests.browser.states import STATES, State

VIEWS = [(width, scheme) for width in (1280, 320) for scheme in ("light", "dark")]
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_accessible_and_fits(desk: Desk, open_page: OpenPage, name: str) -> None:
    """One load, seen light and dark, wide and narrow; the console stays clean, as ``open_page`` checks."""
    state: State = STATES[name]
    page = open_page(viewport={"width": 1280, "height": 800})
    state(page, desk)
    found = {}
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{name} {width} {scheme}.png", full_page=True)
        if violations := _violations(page, width, scheme):
            found[width, scheme] = violations
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sideways > 0:
            found[width, scheme, "scrolls sideways by"] = sideways
    assert found == {}


def _violations(page: Page, width: int, scheme: str) -> dict[str, Any]:
    """What axe finds. Another theme changes colours and nothing else, and is judged where most is to be seen."""
    if (width, scheme) == (320, "dark"):
        return {}
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = {"type": "rule", "values": ["color-contrast"]}
    violations = Axe().run(page, options=options).response["violations"]
    return {rule["id"]: [node["target"] for node in rule["nodes"]] for rule in violations}
