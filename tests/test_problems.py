"""Errors as answers: every class has its row, and each of the three forms says the same."""

import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy import text

from tests.support.clients import ApiClient, DeskClient
from tests.support.world import World
from webapp import errors
from webapp.database import transaction
from webapp.problems import KINDS, UNFORESEEN, kind_of

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, errors.DeskError)]
SAMPLES: list[tuple[errors.DeskError, int, str]] = [
    (errors.InvalidInput(), 400, "validation_error"),
    (errors.InvalidOperation("Not now."), 400, "invalid_operation"),
    (errors.Unauthorized(), 401, "unauthorized"),
    (errors.PermissionDenied(), 403, "permission_denied"),
    (errors.NotFound(), 404, "not_found"),
    (errors.CustomerNotFound(), 404, "not_found"),
    (errors.NotAcceptable(), 406, "not_acceptable"),
    (errors.RequestTimeout(), 408, "request_timeout"),
    (errors.UnsupportedMediaType(), 415, "unsupported_media_type"),
    (errors.ExternalIdTaken("user_1"), 409, "already_exists"),
    (errors.VersionConflict(7), 412, "version_conflict"),
    (errors.IdempotencyMismatch(), 422, "idempotency_mismatch"),
    (errors.RequestInProgress(), 409, "request_in_progress"),
    (errors.TooManyRequests("Wait.", 90), 429, "too_many_requests"),
    (errors.OtherEnvironment("env_1", "Sandbox"), 409, "other_environment"),
    (errors.NotProvided(), 501, "not_implemented"),
    (errors.HttpsRequired(), 403, "permission_denied"),
    (errors.UnknownHost(), 400, "validation_error"),
    (errors.ServiceUnavailable(), 503, "service_unavailable"),
]
EACH_ERROR = pytest.mark.parametrize(
    ("error", "status", "code"), SAMPLES, ids=[type(error).__name__ for error, _, _ in SAMPLES]
)


def failing(make_app: Callable[..., Flask], error: Exception, **settings: Any) -> Flask:
    """An application with two more addresses, one of each face, at which ``error`` happens."""
    app = make_app(**settings)

    def fail() -> None:
        raise error

    app.add_url_rule("/v1/failing", "failing_api", fail)
    app.add_url_rule("/failing", "failing_page", fail)
    return app


@pytest.mark.parametrize("error_class", CLASSES, ids=lambda found: found.__name__)
def test_every_error_of_the_domain_has_a_row(error_class: type[errors.DeskError]) -> None:
    """Its own or its base's; only the root, which is never raised, is unforeseen."""
    has_row = any(base in KINDS for base in error_class.__mro__)
    assert has_row is (error_class is not errors.DeskError)


def test_every_error_of_the_domain_is_sampled_here() -> None:
    """So that the answers below are all of them. SignInRequired leads to the sign-in page instead."""
    sampled = {type(error) for error, _, _ in SAMPLES}
    assert sampled == set(CLASSES) - {errors.DeskError, errors.SignInRequired}


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    """Each class under its base, none forgotten."""
    drawn: dict[str, str] = {}
    branch: list[str] = []
    for indent, name in re.findall(r"^ {4}((?:[│ ] {3})*(?:[├└]── )?)([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE):
        depth = len(indent) // 4
        branch[depth:] = [name]
        drawn[name] = branch[depth - 1] if depth else "Exception"
    assert drawn == {found.__name__: found.__base__.__name__ for found in CLASSES if found.__base__}


@EACH_ERROR
def test_an_error_on_the_api_is_the_one_json_body(
    make_app: Callable[..., Flask], error: errors.DeskError, status: int, code: str
) -> None:
    """Its status, code, message and details."""
    app = failing(make_app, error)
    answer = ApiClient(app, World(app), key="").get("/v1/failing")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert (answer.json["message"], answer.json["details"]) == (error.message, dict(error.details))


@EACH_ERROR
def test_an_error_on_the_desk_is_a_page(
    make_app: Callable[..., Flask], error: errors.DeskError, status: int, code: str
) -> None:
    """A sound one, with the message, the request ID and a way back."""
    page = DeskClient(failing(make_app, error), role=None).get("/failing")
    assert (page.status, page.text("h1")) == (status, kind_of(error).title)
    assert error.message in page.text(".problem")
    assert page.text(".problem code") == page.response.headers["X-Request-ID"]
    assert page.all('main a[href="/"]')
    assert code == kind_of(error).code


@EACH_ERROR
def test_an_error_under_htmx_is_a_fragment(
    make_app: Callable[..., Flask], error: errors.DeskError, status: int, code: str
) -> None:
    """The same text, without the page around it; caches are told apart."""
    fragment = DeskClient(failing(make_app, error), role=None).get("/failing", htmx=True)
    assert (fragment.status, len(fragment.all("html, h1"))) == (status, 0)
    assert error.message in fragment.text(".problem")
    assert "HX-Request" in fragment.response.headers["Vary"]
    assert code == kind_of(error).code


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (errors.Unauthorized(), "WWW-Authenticate", "Bearer"),
        (errors.TooManyRequests("Wait.", 90), "Retry-After", "90"),
        (errors.TooManyRequests("Wait.", 0), "Retry-After", "1"),
        (errors.ServiceUnavailable(), "Retry-After", "2"),
        (errors.RequestInProgress(), "Retry-After", "2"),
    ],
    ids=["401", "429", "429 at least a second", "503", "409 while the same request runs"],
)
def test_an_error_has_the_header_of_its_status(
    make_app: Callable[..., Flask], error: Exception, header: str, value: str
) -> None:
    """What a program acts on."""
    app = failing(make_app, error)
    assert ApiClient(app, World(app), key="").get("/v1/failing").headers[header] == value


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 410, 411, 413, 414, 415, 417, 422, 429, 431, 500, 503])
def test_the_frameworks_own_errors_have_the_one_json_body(make_app: Callable[..., Flask], status: int) -> None:
    """Whatever Werkzeug raises under /v1."""
    app = make_app()
    app.add_url_rule("/v1/failing", "failing", lambda: abort(status))
    assert ApiClient(app, World(app), key="").get("/v1/failing").status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1", 404, "not_found"),
        ("GET", "/v1/", 404, "not_found"),
        ("DELETE", "/v1/customers", 405, "method_not_allowed"),
        ("TRACE", "/v1/customers/cust_1", 405, "method_not_allowed"),
    ],
)
def test_an_unknown_address_or_method_of_the_api_is_json(
    api: ApiClient, method: str, path: str, status: int, code: str
) -> None:
    """Not the framework's page."""
    answer = api.request(method, path)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_refused_method_names_the_allowed_ones(api: ApiClient) -> None:
    """In Allow."""
    allowed = api.request("POST", "/v1/customers/cust_1").headers["Allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("path", ["/v1x", "/V1/customers", "/customers/v1/"])
def test_outside_of_the_api_an_error_is_a_page(desk: DeskClient, path: str) -> None:
    """The prefix is /v1 alone."""
    page = desk.get(path)
    assert (page.status, page.text("h1")) == (404, "Not found")


@pytest.mark.parametrize("path", ["/v1/failing", "/failing"], ids=["api", "desk"])
def test_an_unforeseen_error_shows_nothing_of_the_exception(make_app: Callable[..., Flask], path: str) -> None:
    """Neither its text nor its class."""
    app = failing(make_app, ZeroDivisionError("the-inner-text"), log_level="ERROR")
    answer = app.test_client().get(path)
    assert answer.status_code == 500
    assert "the-inner-text" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_an_unforeseen_error_is_logged_with_its_request_id(
    make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    """The ID that the answer shows finds the traceback."""
    app = failing(make_app, ZeroDivisionError("the-inner-text"))
    body = ApiClient(app, World(app), key="").get("/v1/failing").json
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["level"], line["request_id"]) == ("error", body["request_id"])
    assert line["exception"].endswith("builtins.ZeroDivisionError")
    assert "the-inner-text" not in line["exception"]  # it could quote a field
    assert body["code"] == UNFORESEEN.code


@EACH_ERROR
def test_a_foreseen_error_is_no_failure_in_the_log(
    make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str], error: errors.DeskError, status: int, code: str
) -> None:
    """Operators are called for what nobody expected alone."""
    app = failing(make_app, error)
    assert ApiClient(app, World(app), key="").get("/v1/failing").status_code == status
    assert (capsys.readouterr().err, kind_of(error).code) == ("", code)


@pytest.mark.parametrize("path", ["/v1/customers/cust_1", "/v1/customers/external/user_1"])
def test_a_database_that_is_away_is_503_on_the_api(make_app: Callable[..., Flask], path: str) -> None:
    """With Retry-After; nothing of the driver's complaint."""
    app = make_app(database_url="postgresql://nobody:hush-hush@127.0.0.1:1/none")
    answer = ApiClient(app, World(app), key="cdk_any").get(path)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "service_unavailable", "2")
    assert answer.json["message"] == errors.ServiceUnavailable.default_message


def test_a_database_that_is_away_is_503_on_the_desk(make_app: Callable[..., Flask]) -> None:
    """A page that says to wait."""
    desk = DeskClient(make_app(database_url="postgresql://nobody:hush-hush@127.0.0.1:1/none"), role=None)
    with desk.client.session_transaction() as session:
        session.update(_user_id="anybody", session_token="any")
    page = desk.get("/customers")
    assert (page.status, page.response.headers["Retry-After"]) == (503, "2")
    assert page.text("h1") == "Not available right now"


def test_a_broken_database_is_no_text_of_its_in_the_answer(world_on_each_database: World) -> None:
    """A table that is missing is the operator's affair."""
    app = world_on_each_database.app
    api = ApiClient(app, world_on_each_database)
    customer = world_on_each_database.create_customer()
    with app.app_context():
        transaction(lambda connection: connection.execute(text("ALTER TABLE customer_changes RENAME TO away")))
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "Changed"})
    assert answer.status_code >= 500
    assert "customer_changes" not in answer.text
