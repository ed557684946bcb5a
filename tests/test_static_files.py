"""Static files and their addresses."""

import hashlib

from tests.support.clients import DeskClient
from webapp.static_files import FOLDERS, HTMX_FILE


def test_an_address_names_its_content_and_may_be_kept_for_a_year(desk: DeskClient) -> None:
    """A new release is seen at once, an old one never asked for again."""
    address = str(desk.get("/customers").one(f'script[src*="{HTMX_FILE}"]')["src"])
    content = hashlib.sha256((FOLDERS["vendor"] / HTMX_FILE).read_bytes()).hexdigest()
    assert address == f"/static/vendor/{HTMX_FILE}?v={content[:12]}"
    with desk.client.get(address) as answer:
        assert answer.cache_control.max_age == 365 * 24 * 3600


def test_nothing_but_htmx_is_served_of_its_package(desk: DeskClient) -> None:
    """The package holds more files; they are no part of the desk."""
    assert desk.get("/static/vendor/htmx.js").status == 404
