"""Every page and state of the desk: axe finds nothing, in both themes, wide and narrow; nothing scrolls sideways.

The dark theme is nothing but other colours, which is tested here, too: so in it axe looks at colours alone.
With SCREENSHOTS=folder in the environment each view is also kept there as a picture, to be looked at.
"""

import os
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Desk, OpenPage
from tests.browser.states import STATES, State
from webapp.settings import PROJECT_ROOT
from webapp.static_files import STATIC_FOLDER

TEMPLATES = PROJECT_ROOT / "templates"
WIDTHS = (1280, 320)
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
#: Those of axe's rules about colours that it has on by itself.
OF_COLOURS = {"runOnly": ["cat.color"], "rules": {"color-contrast-enhanced": {"enabled": False}}}
#: The themes, and what axe is asked in each: in one, every rule that it has on by itself.
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": {}, "dark": OF_COLOURS}
#: What is right needs no report, and is most of one.
RUN_AXE = """async (rules) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], ...rules });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]);
}"""
#: The dark theme, and what may be said in it: one colour, or a shadow, which takes no room.
DARK_THEME = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{([^{}]*)\}\s*\}")
OTHER_COLOUR = re.compile(
    r"color-scheme: dark|--[a-z-]+: #[0-9a-f]{3,8}|--shadow[a-z-]*: [\w ]+ rgb\([\d /%]+\)|--shadow: none"
)


def test_the_dark_theme_is_nothing_but_other_colours() -> None:
    """It has one place in all that is served, and gives colours to tokens there."""
    served = [path.read_text(encoding="utf-8") for root in (STATIC_FOLDER, TEMPLATES) for path in root.rglob("*.*")]
    everything = "\n".join(served)
    (theme,) = DARK_THEME.findall(everything)
    said = [line.strip() for line in theme.split(";") if line.strip()]
    assert [line for line in said if not OTHER_COLOUR.fullmatch(line)] == []
    assert len(said) > 20
    assert everything.count("prefers-color-scheme") == 1
    assert not re.search(r"light-dark\(|matchMedia", everything)


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_accessible_and_fits(desk: Desk, open_page: OpenPage, name: str) -> None:
    """One load, seen light and dark, wide and narrow; the console stays clean, as ``open_page`` checks."""
    state: State = STATES[name]
    page = open_page(viewport={"width": 1280, "height": 800})
    state(page, desk)
    page.evaluate(AXE_SCRIPT)
    found: dict[Any, Any] = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, rules in SCHEMES.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if SCREENSHOTS:
                page.screenshot(path=Path(SCREENSHOTS) / f"{name} {width} {scheme}.png", full_page=True)
            if violations := dict(page.evaluate(RUN_AXE, rules)):
                found[width, scheme] = violations
            sideways = _sideways(page)
            if sideways > 0:
                found[width, scheme, "scrolls sideways by"] = sideways
    assert found == {}


def _sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
