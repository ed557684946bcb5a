"""Which names the service answers to, and whose word about a client's address and scheme it takes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.administration import send
from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import FORM
from tests.support.world import World, seed_world
from webapp.access.model import SignInAttempt
from webapp.access.sign_in_throttle import record_attempt
from webapp.database import reading
from webapp.errors import TooManyRequests
from webapp.proxies import ProxyHeaders
from webapp.settings import Settings

MakeApp = Callable[..., Flask]
NAMED = {"allowed_hosts": "desk.example,10.0.0.5,[2001:db8::1]"}
SECURE = {"wsgi.url_scheme": "https"}
OWN = ("desk.example", "DESK.example", "desk.example.", "desk.example:8000", "10.0.0.5", "[2001:db8::1]:8000")
OTHERS = (
    "evil.example",
    "desk.example.evil.example",
    "evil.desk.example",
    "localhost",
    "127.0.0.1",
    "desk.example@evil.example",
    "desk.example,evil.example",
    "desk.example evil",
    "desk.example:99999",
    "desk.example:x",
    "2001:db8::1",
    "",
    "[",
    "]",
)


def get(app: Flask, path: str, host: str, **headers: str) -> Any:
    """GET from a host of a name, over HTTPS."""
    return app.test_client().get(path, headers={"Host": host, **headers}, environ_overrides=SECURE)


def test_each_of_its_own_names_is_answered(make_app: MakeApp) -> None:
    """In any case, with any port, as DNS and browsers write them."""
    app = make_app(**NAMED)
    assert {host: get(app, "/sign-in", host).status_code for host in OWN} == dict.fromkeys(OWN, 200)


def test_another_name_is_refused_on_both_faces(make_app: MakeApp) -> None:
    """A page and a JSON error; neither repeats the name, and neither has a cookie."""
    app = make_app(**NAMED)
    for host in OTHERS:
        page, answer = get(app, "/sign-in", host), get(app, "/v1/customers", host)
        assert (page.status_code, answer.status_code) == (400, 400), host
        assert answer.json["code"] == "validation_error"
        for refused in (page, answer):
            assert "evil" not in refused.get_data(as_text=True)
            assert "Set-Cookie" not in refused.headers
            assert "Content-Security-Policy" in refused.headers


def test_probes_are_answered_under_any_name(make_app: MakeApp) -> None:
    """A balancer asks by address."""
    app = make_app(**NAMED)
    for path in ("/livez", "/readyz", "/metrics"):
        assert get(app, path, "10.9.8.7:8000").status_code == 200


def test_without_a_list_it_answers_to_this_machine_alone(app: Flask) -> None:
    """Another site's name that was made to lead here is not the desk's."""
    for host, status in (("localhost", 200), ("127.0.0.1:8000", 200), ("[::1]", 200), ("evil.example", 400)):
        assert get(app, "/sign-in", host).status_code == status, host


def test_a_made_up_host_gets_into_no_link(make_app: MakeApp) -> None:
    """Neither into a form, nor a redirect, nor the API's documentation."""
    app = make_app(**NAMED)
    seed_world(app)
    admin = DeskClient(app, "admin")
    name, value = admin.session_cookie()
    admin.client.set_cookie(name, value, domain="desk.example")
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Server": "evil.example",
        "Forwarded": "host=evil.example",
    }
    for path in ("/docs", "/openapi.json", "/", "/customers", "/staff/invite"):
        answer = admin.client.get(path, base_url="https://desk.example", headers=forged)
        assert answer.status_code in {200, 302}
        assert "evil.example" not in answer.get_data(as_text=True) + str(answer.headers)


def test_an_invitations_link_has_the_installations_name(world: World) -> None:
    """The one that the page was asked for by, which is one of its own."""
    page = send(DeskClient(world.app, "admin"), "/staff/invite", email="new@desk.example", role="viewer")
    assert page.status == 200
    assert "http://localhost/invites/" in page.response.get_data(as_text=True)


def told(peer: str, sent: dict[str, str], settings: Settings) -> tuple[str, str]:
    """The client's address and the scheme, as the application behind the proxies sees them."""
    seen: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **sent}
    ProxyHeaders(lambda _environ, _start: (), settings.trusted_proxies, settings.trusted_proxy_addresses)(seen, print)
    return seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]


@pytest.mark.parametrize(
    ("proxies", "sent", "address"),
    [
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9,192.0.2.1:4711", "192.0.2.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "<script>", "10.0.0.1"),
        (1, "a" * 500, "10.0.0.1"),
        (1, "fe80::1%" + "a" * 500, "10.0.0.1"),
        (1, "192.0.2.1, ", "10.0.0.1"),
        (1, "203.0.113.9, unknown", "10.0.0.1"),
        (2, "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (2, "203.0.113.9, unknown, 10.0.0.2", "10.0.0.1"),
        (2, "192.0.2.1", "10.0.0.1"),
    ],
)
def test_only_what_the_trusted_proxies_added_counts(proxies: int, sent: str, address: str) -> None:
    """The client's own claims stand before it, and what is no address is none."""
    settings = Settings.from_environment({"SECRET_KEY": "k" * 32, "TRUSTED_PROXIES": str(proxies)})
    assert told("10.0.0.1", {"HTTP_X_FORWARDED_FOR": sent}, settings) == (address, "http")


@pytest.mark.parametrize("sent", ["javascript", "", "wss", "https, ftp"])
def test_a_scheme_that_is_none_is_not_believed(sent: str) -> None:
    """Links are made with it."""
    settings = Settings.from_environment({"SECRET_KEY": "k" * 32, "TRUSTED_PROXIES": "1"})
    assert told("10.0.0.1", {"HTTP_X_FORWARDED_PROTO": sent}, settings) == ("10.0.0.1", "http")


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("10.0.0.1", ("192.0.2.1", "https")),
        ("::ffff:10.0.0.1", ("192.0.2.1", "https")),
        ("10.0.1.1", ("10.0.1.1", "http")),
        ("2001:db8::1", ("2001:db8::1", "http")),
        ("", ("", "http")),
    ],
)
def test_who_reaches_the_port_past_the_proxy_is_not_believed(peer: str, expected: tuple[str, str]) -> None:
    """Where the proxies' addresses are named."""
    named = {"TRUSTED_PROXIES": "1", "TRUSTED_PROXY_ADDRESSES": "10.0.0.0/24,192.0.2.200"}
    settings = Settings.from_environment({"SECRET_KEY": "k" * 32, **named})
    forged = {"HTTP_X_FORWARDED_FOR": "192.0.2.1", "HTTP_X_FORWARDED_PROTO": "https"}
    assert told(peer, forged, settings) == expected


@pytest.mark.parametrize(
    ("settings", "counted"), [({}, "127.0.0.1"), ({"trusted_proxies": 1}, "192.0.2.7")], ids=["no proxy", "one proxy"]
)
def test_made_up_addresses_buy_no_guesses(make_app: MakeApp, settings: dict[str, Any], counted: str) -> None:
    """However many addresses a client claims to come from, it is counted under its own."""
    app = make_app(sign_in_address_limit=2, **settings)
    desk = DeskClient(app, role=None)
    values = desk.get("/sign-in").form_values(FORM) | {"password": "wrong"}
    statuses = []
    for number in range(3):
        claimed = {"X-Forwarded-For": f"203.0.113.{number}, 192.0.2.7", "X-Real-IP": f"203.0.113.{number}"}
        sent = values | {"email": f"nobody{number}@desk.example"}
        statuses.append(desk.client.post("/sign-in", data=sent, headers=claimed).status_code)
    assert statuses == [422, 422, 429]
    with app.app_context(), reading() as connection:
        assert set(connection.execute(select(SignInAttempt.address)).scalars()) == {counted}


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        (("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:9::"), 2),
        (("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"), 3),
        (("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"), 2),
    ],
    ids=["one network", "three networks", "mapped"],
)
def test_a_new_ipv6_address_of_the_same_network_buys_no_guesses(
    make_app: MakeApp, addresses: tuple[str, ...], allowed: int
) -> None:
    """One machine has 2^64 of them."""
    app = make_app(sign_in_address_limit=2)
    passed = 0
    with app.app_context():
        for number, address in enumerate(addresses):
            try:
                record_attempt(f"{number}@desk.example", address, app.extensions["customer_desk_settings"])
            except TooManyRequests:
                continue
            passed += 1
    assert passed == allowed


def test_behind_a_proxy_on_this_machine_the_desk_demands_https(make_app: MakeApp) -> None:
    """It listens on loopback, but people reach it: the cookie is Secure, and plain HTTP is refused."""
    app = make_app(allowed_hosts="desk.example", trusted_proxies=1)
    client, address = app.test_client(), "http://desk.example"
    assert client.get("/sign-in", base_url=address).status_code == 403
    answer = client.get("/sign-in", base_url=address, headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 200
    assert answer.headers["Set-Cookie"].startswith("__Host-customer_desk=")
    assert "; Secure;" in answer.headers["Set-Cookie"]
    plain = ApiClient(app, World(app), key="cdk_any").get("/v1/customers", base_url="http://desk.example")
    assert (plain.status_code, plain.json["code"]) == (403, "permission_denied")
