"""Every form of the desk is sent by a browser test with JavaScript off (issue: JavaScript off)."""

import re

from flask import Flask

from tests.browser.journeys import JOURNEYS, OF_A_SCRIPT
from webapp.settings import PROJECT_ROOT


def test_every_form_has_its_journey_without_a_script(app: Flask) -> None:
    """Each route of the desk that takes a POST, and no other."""
    taken = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and not rule.rule.startswith("/v1/")
    }
    assert set(JOURNEYS) | OF_A_SCRIPT == taken


def test_each_journey_runs_with_and_without_a_script() -> None:
    """The test exists and takes both."""
    folder = PROJECT_ROOT / "tests" / "browser"
    sources = "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("test_*.py")))
    run = set(re.findall(r"@with_and_without_script\ndef (test_\w+)\(", sources))
    assert set(JOURNEYS.values()) - run == set()
