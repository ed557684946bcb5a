"""What both faces learn of a request alike: names in its path and query are plain text (contract section 3)."""

import pytest

from tests.support.clients import DeskClient
from tests.support.world import World


@pytest.mark.parametrize("path", ["/customers/cust_%00", "/customers/cust_%00/edit", "/customers?after=%00"])
def test_a_control_character_in_a_name_is_refused_on_the_desk_too(world_on_each_database: World, path: str) -> None:
    """400 on both databases, of which one cannot even be asked for a NUL."""
    assert DeskClient(world_on_each_database.app).get(path).status == 400


def test_the_search_box_says_itself_what_is_wrong(world_on_each_database: World) -> None:
    """422 with the box and its message, not an error page."""
    page = DeskClient(world_on_each_database.app).get("/customers?q=a%00")
    assert page.status == 422
    assert page.all("input[name=q]")


def test_a_stranger_with_a_bad_name_is_asked_to_sign_in(world_on_each_database: World) -> None:
    """Who is calling comes first."""
    page = DeskClient(world_on_each_database.app, role=None).get("/customers/cust_%00")
    assert (page.status, page.response.location.partition("?")[0]) == (303, "/sign-in")
