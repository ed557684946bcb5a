"""nginx with the project's own file before two real instances: TLS, addresses, refusals, and clients that are slow."""

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from tests.deployment.pair import Pair, pair_behind_nginx
from tests.support.clients import ERROR_KEYS
from tests.support.load_client import ThroughTls
from tests.support.nginx import NAME, nginx_before
from tests.support.served import free_port
from tests.support.world import PASSWORD
from webapp.access.model import StaffSession
from webapp.database import reading
from webapp.draining import connections_of

SLOW_CLIENTS = 150
#: What docs/operations/faults.md has a probe wait.
PROBE_SECONDS = 5


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two instances on a PostgreSQL database of their own; the tests leave them running."""
    with pair_behind_nginx(request, tmp_path_factory.mktemp("proxy")) as pair:
        yield pair


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


def ask(
    pair: Pair, method: str, path: str, body: bytes | None = None, *, plain: bool = False, **headers: str
) -> Answer:
    """Send one request through the proxy; ``x_api_key`` stands for the header of that name."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = pair.proxy.connect_plain() if plain else pair.proxy.connect()
    with closing(connection):
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def fill_in_sign_in(pair: Pair, email: str, password: str, **headers: str) -> Answer:
    """Open the sign-in page and send its form, as a browser does."""
    page = ask(pair, "GET", "/sign-in")
    (token, *_) = [field["value"] for field in BeautifulSoup(page.body, "html.parser").select("[name=csrf_token]")]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"email": email, "password": password, "csrf_token": token}).encode()
    return ask(
        pair,
        "POST",
        "/sign-in",
        form,
        Cookie=cookie,
        Referer=f"{pair.proxy.address}/sign-in",
        Content_Type="application/x-www-form-urlencoded",
        **headers,
    )


def is_the_contracts_error(answer: Answer, code: str) -> bool:
    """Whether it is the one error body, with the request's ID."""
    body = json.loads(answer.body)
    return (
        set(body) == ERROR_KEYS
        and body["code"] == code
        and body["http_status_code"] == answer.status
        and body["request_id"] == answer.headers["X-Request-ID"]
    )


def test_a_person_signs_in_over_https_with_a_cookie_that_goes_nowhere_else(pair: Pair) -> None:
    """``__Host-``, Secure, HttpOnly; strict transport security is told to the browser."""
    answer = fill_in_sign_in(pair, "editor@desk.example", PASSWORD)
    assert answer.status in {302, 303}
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-customer_desk=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert ask(pair, "GET", "/customers", Cookie=name).status == 200


def test_plain_http_leads_people_to_https_and_refuses_programs(pair: Pair) -> None:
    """A key that was sent unprotected must not seem to have worked."""
    page = ask(pair, "GET", "/customers?q=a%2Fb", plain=True, Host=NAME)
    assert (page.status, page.headers["Location"]) == (308, f"https://{NAME}/customers?q=a%2Fb")
    program = ask(pair, "GET", "/v1/customers", plain=True, Host=NAME, x_api_key="k")
    assert program.status == 403
    assert is_the_contracts_error(program, "permission_denied")


def test_another_name_gets_no_connection(pair: Pair) -> None:
    """Whoever has only the address does not learn what is behind it."""
    with (
        closing(ThroughTls("other.example", pair.proxy.port, str(pair.proxy.certificate))) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        connection.connect()


def test_an_external_id_comes_through_as_it_was_sent(pair: Pair) -> None:
    """Slashes, doubled and encoded ones, dots and spaces."""
    world = pair.installation.world
    customer = world.create_customer(external_id="a//b/../c d%2F?#ä")
    path = "/v1/customers/external/a//b%2F..%2Fc%20d%252F%3F%23%C3%A4"
    answer = ask(pair, "GET", path, x_api_key=world.keys["read"])
    assert (answer.status, json.loads(answer.body)["id"]) == (200, customer.id)


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6Detrics", "/v1/../metrics", "/metrics?a=b"])
def test_metrics_are_not_for_the_public(pair: Pair, path: str) -> None:
    """However the path is written."""
    assert ask(pair, "GET", path).status == 403


def test_a_body_past_the_services_limit_is_refused_by_the_service(pair: Pair) -> None:
    """And one that is past the proxy's, by the proxy; below /v1 in the same words."""
    key = pair.installation.world.keys["write"]
    for size in ((1 << 20) + 1, 6 << 20):
        answer = ask(pair, "POST", "/v1/customers", b" " * size, x_api_key=key, Content_Type="application/json")
        assert answer.status == 413
        assert is_the_contracts_error(answer, "payload_too_large")


def test_a_client_cannot_claim_another_address(pair: Pair) -> None:
    """What counts its sign-ins, and is kept with them, is the address that the proxy sees."""
    assert fill_in_sign_in(pair, "viewer@desk.example", PASSWORD, X_Forwarded_For="10.0.0.9").status in {302, 303}
    app = pair.installation.world.app
    with app.app_context(), reading() as connection:
        kept = select(StaffSession.address).where(StaffSession.staff_id == "staff_viewer")
        assert connection.execute(kept).scalars().all() == ["127.0.0.1"]


def test_slow_clients_hold_nobody_up(pair: Pair) -> None:
    """Many who hold back the rest of a head or of a body: others are answered, and no instance sees the slow ones.

    Nor do the probes of either instance, which are asked past the proxy: both are alive and ready all the while.
    """
    key = pair.installation.world.keys["write"]
    head = f"POST /v1/customers HTTP/1.1\r\nHost: {NAME}\r\nx-api-key: {key}\r\n"
    started = ("Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{", "X-Slow: ")
    customer = pair.installation.world.create_customer()
    with ExitStack() as stack:
        for number in range(SLOW_CLIENTS):
            connection = stack.enter_context(closing(pair.proxy.connect()))
            connection.connect()
            connection.sock.sendall((head + started[number % 2]).encode())
        for number in range(20):
            body = json.dumps({"name": f"Name {number}"}).encode()
            answer = ask(
                pair, "PUT", f"/v1/customers/{customer.id}", body, x_api_key=key, Content_Type="application/json"
            )
            assert answer.status == 200
        for instance in pair.instances:
            for probe in ("livez", "readyz"):
                with urlopen(f"{instance.served.address}/{probe}", timeout=PROBE_SECONDS) as told:
                    assert told.status == 200, probe
        assert connections_of(pair.proxy.port) >= SLOW_CLIENTS
        assert sum(connections_of(instance.port) for instance in pair.instances) < SLOW_CLIENTS / 10


def test_an_instance_that_is_away_is_passed_over(pair: Pair) -> None:
    """Every request goes to the other one, writes too."""
    world = pair.installation.world
    customer = world.create_customer()
    key, one_alone = world.keys["write"], [pair.instances[0].port, free_port()]
    with nginx_before(one_alone) as proxy:
        alone = Pair(pair.installation, pair.instances, proxy)
        for number in range(8):
            method, body = ("PATCH", json.dumps({"name": str(number)}).encode()) if number % 2 else ("GET", None)
            path = f"/v1/customers/{customer.id}"
            assert ask(alone, method, path, body, x_api_key=key, Content_Type="application/json").status == 200


def test_without_an_instance_the_proxy_says_so_in_the_contracts_words(pair: Pair) -> None:
    """503 with Retry-After."""
    with nginx_before([free_port(), free_port()]) as proxy:
        nobody = Pair(pair.installation, [], proxy)
        for _ in range(4):  # the proxy has given both of them up by then
            answer = ask(nobody, "POST", "/v1/customers", b"{}", x_api_key="k", Content_Type="application/json")
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            assert is_the_contracts_error(answer, "service_unavailable")
