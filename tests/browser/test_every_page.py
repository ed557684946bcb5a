"""Every page and state of the desk: axe finds nothing, in both themes, wide and narrow; nothing scrolls sideways.

With SCREENSHOTS=folder in the environment each view is also kept there as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Desk, OpenPage
from tests.browser.states import STATES, State

VIEWS = [(width, scheme) for width in (1280, 320) for scheme in ("light", "dark")]
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
#: Every rule that axe has on by itself. What is right needs no report, and is most of one.
RUN_AXE = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]);
}"""


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_accessible_and_fits(desk: Desk, open_page: OpenPage, name: str) -> None:
    """One load, seen light and dark, wide and narrow; the console stays clean, as ``open_page`` checks."""
    state: State = STATES[name]
    page = open_page(viewport={"width": 1280, "height": 800})
    state(page, desk)
    page.evaluate(AXE_SCRIPT)
    found: dict[Any, Any] = {}
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{name} {width} {scheme}.png", full_page=True)
        if violations := dict(page.evaluate(RUN_AXE)):
            found[width, scheme] = violations
        sideways = _sideways(page)
        if sideways > 0:
            found[width, scheme, "scrolls sideways by"] = sideways
    assert found == {}


def _sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
