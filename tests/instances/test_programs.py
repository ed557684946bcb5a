"""API keys, limits and idempotency keys with two instances: whichever is asked, they are one service."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import psycopg
from werkzeug.wrappers import Response

from tests.instances.conftest import REQUESTS_ALLOWED, Instances
from tests.support.exposition import samples
from tests.support.load import Request
from webapp.customers.model import Customer


def ask(server: str, request: Request, key: str) -> Response:
    """Send one request."""
    sent = request.sent(key)
    connection = HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.request(sent["method"], sent["path"], sent["body"].encode(), sent["headers"])
    answer = connection.getresponse()
    told = Response(answer.read(), answer.status, answer.getheaders())
    connection.close()
    return told


def get(customer: Customer) -> Request:
    """Read it by its ID."""
    return Request("GET", f"/v1/customers/{customer.id}")


def test_a_write_at_one_is_read_at_the_other_with_the_next_request(instances: Instances) -> None:
    """GET by ID never is behind."""
    customer = instances.world.create_customer()
    key, _ = instances.new_key()
    for number, (one, other) in enumerate([(instances.a, instances.b), (instances.b, instances.a)] * 3):
        change = Request("PUT", f"/v1/customers/{customer.id}", {"name": f"Name {number}"})
        written = ask(one, change, key)
        read = ask(other, get(customer), key)
        assert (written.status_code, read.json) == (200, written.json)
        assert read.headers["ETag"] == written.headers["ETag"]


def test_a_key_that_is_revoked_is_dead_everywhere_at_once(instances: Instances) -> None:
    """By a command, and at the desk of the one instance for requests to the other."""
    customer = instances.world.create_customer()
    admin = instances.signed_in(role="admin")
    for by_desk in (False, True):
        key, key_id = instances.new_key()
        assert [ask(server, get(customer), key).status_code for server in (instances.a, instances.b)] == [200, 200]
        if by_desk:
            page = f"{instances.a}/api-keys/{key_id}/revoke"
            assert admin.post(page, admin.get(page).form_values("main form")).status == 303
        else:
            done = instances.world.app.test_cli_runner().invoke(args=["keys", "revoke", key_id])
            assert done.exit_code == 0
        assert [ask(server, get(customer), key).status_code for server in (instances.b, instances.a)] == [401, 401]


def test_a_key_that_is_rolled_is_good_everywhere_at_once_and_so_is_the_old_one(instances: Instances) -> None:
    """Until its time is up."""
    customer = instances.world.create_customer()
    old, key_id = instances.new_key()
    roll = ["keys", "roll", key_id]
    new = instances.world.app.test_cli_runner().invoke(args=roll).stdout.strip()
    statuses = [
        ask(server, get(customer), key).status_code for server in (instances.a, instances.b) for key in (old, new)
    ]
    assert statuses == [200] * 4


def test_rate_limits_are_counted_together(instances: Instances) -> None:
    """Exactly as many pass as one instance would let pass."""
    customer = instances.world.create_customer()
    key, _ = instances.new_key()
    servers = [instances.a, instances.b] * REQUESTS_ALLOWED
    with ThreadPoolExecutor(4) as pool:
        statuses = Counter(pool.map(lambda server: ask(server, get(customer), key).status_code, servers))
    assert statuses == {200: REQUESTS_ALLOWED, 429: REQUESTS_ALLOWED}


def test_an_answer_is_replayed_by_the_other_instance(instances: Instances) -> None:
    """Byte by byte, and the write is done once."""
    key, _ = instances.new_key()
    external_id = f"made once {key[-8:]}"
    request = Request("POST", "/v1/customers", {"external_id": external_id, "name": "Once"}, key=f"key {key[-8:]}")
    first, again = (ask(server, request, key) for server in (instances.a, instances.b))
    assert (first.status_code, again.status_code, again.get_data()) == (201, 201, first.get_data())
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")


def test_a_request_that_still_runs_at_one_is_not_run_at_the_other(instances: Instances) -> None:
    """409, with when to come back; then the answer of the first."""
    customer = instances.world.create_customer()
    key, _ = instances.new_key()
    request = Request("PUT", f"/v1/customers/{customer.id}", {"contact": "1"}, key=f"slow {key[-8:]}")
    url = instances.installation.environment["DATABASE_URL"]
    with psycopg.connect(url) as other, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT 1 FROM customers WHERE id = %s FOR UPDATE", (customer.id,))
        running = pool.submit(ask, instances.a, request, key)
        _wait_until_one_waits(url)
        told = ask(instances.b, request, key)
        assert (told.status_code, json.loads(told.get_data())["code"]) == (409, "request_in_progress")
        assert int(told.headers["Retry-After"]) > 0
        other.rollback()
        first = running.result()
    again = ask(instances.b, request, key)
    assert (first.status_code, again.status_code, again.get_data()) == (200, 200, first.get_data())


def _wait_until_one_waits(url: str) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as watcher:
        while watcher.execute(waiting).fetchone() == (0,):
            watcher.execute("SELECT pg_sleep(0.02)")


def test_metrics_are_an_instances_own(instances: Instances) -> None:
    """Each tells its own workers and requests, so each is scraped."""
    key, _ = instances.new_key()
    path = Request("GET", "/v1/customers/lookup/nobody-of-this-name")

    def counted(server: str) -> float:
        shown = ask(server, Request("GET", "/metrics"), key).get_data(as_text=True)
        found = samples(shown)
        assert found["customer_desk_workers", ()] == 1
        route = (("method", "GET"), ("route", "/v1/customers/lookup/<anything:external_id>"), ("status", "404"))
        return found.get(("http_requests_total", route), 0)

    before = [counted(server) for server in (instances.a, instances.b)]
    assert ask(instances.a, path, key).status_code == 404
    assert [counted(server) for server in (instances.a, instances.b)] == [before[0] + 1, before[1]]
