"""Which requests are taken for searches, which may take seconds: all that a filter or an order makes slow."""

import pytest

from webapp.search_requests import is_search

LIST, DESK = "/v1/customers", "/customers"


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", LIST, "", False),
        ("GET", LIST, "limit=25", False),
        ("GET", LIST, "limit=50&cursor=eyJhIjoxfQ.b-_c%3D", False),
        ("HEAD", LIST, "cursor=abc", False),
        ("GET", LIST, "limit=9&cursor=", False),
        ("GET", LIST, "limit=51", True),
        ("GET", LIST, "limit=050", True),
        ("GET", LIST, "limit=25&offset=100000", True),
        ("GET", LIST, "limit=25&email=a%40example.com", True),
        ("GET", LIST, "cursor=abc&sort=name", True),
        ("GET", LIST, "limit=25&", True),
        ("GET", LIST, "limit=25limit=25", True),
        ("GET", LIST, "limit=25\n", True),
        ("GET", LIST, "expand=integrations", True),
        ("GET", LIST, "%6cimit=1000", True),
        ("GET", DESK, "", True),
        ("GET", DESK, "limit=25", True),
        ("POST", f"{LIST}/search", "", True),
        ("GET", f"{LIST}/search", "", False),
        ("POST", LIST, "", False),
        ("GET", f"{LIST}/cust_1", "", False),
    ],
)
def test_only_a_short_list_of_everybody_is_no_search(method: str, path: str, query: str, expected: bool) -> None:
    """Whoever writes it in another way has it run as a search, which is the careful side."""
    assert is_search({"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}) is expected
