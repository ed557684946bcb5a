"""The application class: addresses as Flask builds them, a cookie that costs nothing where there is none."""

from typing import Any

import pytest
from flask import Flask, session

from webapp.flask_app import DeskFlask, _in_ascii
from webapp.proxies import LONGEST_HOST

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("customers.list", {}),
    ("customers.list", {"q": "plain"}),
    ("customers.list", {"q": "two words & more"}),
    ("customers.list", {"q": None}),
    ("customers.list", {"q": ""}),
    ("customers.list", {"q": 7}),
    ("customers.list", {"q": "a", "sort": "name"}),
    ("customers.show", {"customer_id": "cust_01"}),
    ("customers.show", {"customer_id": "a/b?c#d é"}),
    ("customers.show", {"customer_id": "cust_01", "_anchor": "there"}),
    ("customers.show", {"customer_id": "cust_01", "_external": True}),
    ("customers.api_get", {"customer_id": "0"}),
    ("static", {"filename": "desk.css"}),
    (".show", {"customer_id": "cust_01"}),
)


@pytest.mark.parametrize("root", ["/", "/desk"])
@pytest.mark.parametrize(("endpoint", "values"), ASKED)
def test_an_address_is_what_flask_builds(app: Flask, endpoint: str, values: dict[str, Any], root: str) -> None:
    """The first time and each time after, wherever the application is mounted."""
    with app.test_request_context("/customers", base_url=f"http://localhost{root}"):
        usual = Flask.url_for(app, endpoint, **values)
        assert [app.url_for(endpoint, **values) for _ in range(2)] == [usual, usual]


@pytest.mark.parametrize("host", ["a." * 1000 + "example", "a" * 64 + ".example", "a..example"])
@pytest.mark.parametrize(("path", "status"), [("/sign-in", 400), ("/v1/customers", 400), ("/livez", 200)])
def test_a_host_that_is_none_is_refused(app: Flask, path: str, status: int, host: str) -> None:
    """And a long one is not kept, so that nobody fills the memory with them."""
    before = _in_ascii.cache_info().currsize
    with app.test_client().get(path, headers={"Host": host}) as answer:
        assert answer.status_code == status
        assert host not in answer.text
    if len(host) > LONGEST_HOST:
        assert _in_ascii.cache_info().currsize == before


def test_a_host_is_written_in_ascii(app: Flask) -> None:
    """As links to other hosts need it (RFC 3490)."""
    with app.test_request_context("/sign-in", headers={"Host": "b\u00fccher.example:8080".encode().decode("latin-1")}):
        assert app.url_for("index", _external=True).startswith("http://")
    assert _in_ascii("b\u00fccher.example:8080") == "xn--bcher-kva.example:8080"


def test_an_answer_that_asked_for_no_session_sets_none(app: Flask) -> None:
    """Nor does it depend on one."""
    with app.test_client().get("/livez", headers={"Cookie": "customer_desk=forged"}) as answer:
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers


def test_what_is_put_into_a_session_is_sent(app: DeskFlask) -> None:
    """And read with the next request."""
    app.add_url_rule("/remember", view_func=_remember)
    app.config["SESSION_COOKIE_SECURE"] = False
    client = app.test_client()
    assert [client.get("/remember").text for _ in range(2)] == ["1", "2"]


def _remember() -> str:
    session["seen"] = session.get("seen", 0) + 1
    return str(session["seen"])
