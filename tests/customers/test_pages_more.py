"""The list on Back: as long as "Show more" had made it."""

import pytest

from tests.support.clients import DeskClient
from tests.support.desk_pages import listed
from tests.support.world import World


@pytest.mark.parametrize(
    ("shown", "rows"),
    [("52", 52), ("7", 50), ("-1", 50), ("many", 50), ("9" * 12, 53)],
    ids=["52", "fewer", "negative", "no number", "more than there are"],
)
def test_as_many_rows_are_shown_again_as_there_were(desk: DeskClient, world: World, shown: str, rows: int) -> None:
    """What "Show more" put there is there on Back; from the last of them on it goes on."""
    for _ in range(53):
        world.create_customer()
    page = desk.get(f"/customers?list=1&shown={shown}")
    assert len(listed(page)) == rows
    more = [str(link["href"]) for link in page.all("[data-show-more]")]
    assert [len(listed(desk.get(link))) for link in more] == ([53 - rows] if rows < 53 else [])
