"""Where the service leads on to: its own pages, whatever a parameter, a form, a header or a cookie asks for."""

import pytest
from flask import Flask, redirect
from werkzeug.datastructures import MultiDict

from tests.support.authenticator import code_of
from tests.support.clients import DeskClient
from tests.support.sign_in import FORM, csrf_token
from tests.support.world import PASSWORD, World
from webapp.access.own_paths import HOME, own_path
from webapp.access.permissions import public
from webapp.access.second_factor import propose, switch_on
from webapp.access.second_step import LONGEST_NEXT

#: What browsers, proxies or libraries take for an address elsewhere, or for a line of the head.
EVIL = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\u2028//evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:/\\evil.example",
    "https://localhost@evil.example/",
    "https://localhost.evil.example/",
    "//localhost:pass@evil.example",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "/customers\r\nSet-Cookie: a=b",
    "/customers\nLocation: https://evil.example/",
    "/customers\u560d\u560aSet-Cookie: a=b",
    "/\uff0fevil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/%5cevil.example",
    "/%2f%2fevil.example",
    "/%09/evil.example",
    "/.//evil.example",
    "/..//evil.example",
)


def assert_leads_nowhere_else(location: str) -> None:
    """A path that every browser reads as one of this site: ASCII, one slash in front, no backslash."""
    assert location.isascii()
    assert location.isprintable()
    assert location.startswith("/")
    assert location[1:2] not in {"/", "\\"}
    assert "\\" not in location


@pytest.mark.parametrize("sent", EVIL, ids=ascii)
def test_the_one_rule_lets_only_own_paths_pass(sent: str) -> None:
    """Whatever else is sent becomes the home page, or a path that stays here."""
    assert_leads_nowhere_else(own_path(sent))


@pytest.mark.parametrize("path", ["/customers?q=a%20b&status=all", "/customers/cust_1/edit", "/a;b=c/%2F?x=%C3%A9"])
def test_an_own_path_passes_as_it_is(path: str) -> None:
    """And so does one that has passed before."""
    assert own_path(own_path(path)).replace("%3B", ";").replace("%3D", "=") == path
    assert own_path("") == own_path(None) == HOME


def test_whoever_makes_a_redirect_it_stays_here(app: Flask) -> None:
    """A library's or a new view's: each is judged when it is sent."""
    wanted: list[str] = []

    @public
    def lead() -> object:
        answer = redirect("/")
        answer.headers["Location"] = wanted[-1]
        return answer

    app.add_url_rule("/lead", "lead", lead)
    for sent in EVIL:
        if not set(sent) & set("\r\n"):  # Werkzeug refuses to write these at all
            wanted.append(sent)
            answer = app.test_client().get("/lead")
            assert answer.status_code == 302
            assert_leads_nowhere_else(answer.headers["Location"])


@pytest.mark.usefixtures("world")
def test_signing_in_leads_on_to_own_pages_alone(app: Flask) -> None:
    """By the address's parameter, by the form's field, by both, and twice; asked once more for the password as well."""
    for sent in ("https://evil.example/", "/\\evil.example"):
        desk = DeskClient(app, role=None)
        values = desk.client.get("/sign-in", query_string={"next": sent})
        assert "evil" not in str(values.headers)
        form = MultiDict(
            desk.get("/sign-in").form_values(FORM) | {"email": "editor@desk.example", "password": PASSWORD}
        )
        form.setlist("next", [sent, sent])
        answer = desk.client.post("/sign-in", query_string={"next": sent}, data=form)
        assert answer.status_code == 302
        assert_leads_nowhere_else(answer.headers["Location"])
        assert "//" not in answer.headers["Location"]


def test_asking_for_the_password_again_leads_on_to_own_pages_alone(desk: DeskClient) -> None:
    """As signing in does."""
    for sent in ("https://evil.example/", "/\\evil.example"):
        values = desk.get("/sign-in/again").form_values('form[action="/sign-in/again"]') | {"password": PASSWORD}
        answer = desk.client.post("/sign-in/again", query_string={"next": sent}, data=values | {"next": sent})
        assert answer.status_code == 302
        assert_leads_nowhere_else(answer.headers["Location"])


def test_the_second_factor_leads_on_to_own_pages_alone(world: World) -> None:
    """What waited in the cookie is judged, and fits into it."""
    with world.app.app_context():
        proposal = propose("editor@desk.example")
        codes = switch_on("staff_editor", proposal.secret, code_of(proposal.key))
    assert codes is not None
    for number, sent in enumerate(("//evil.example", "/customers?q=" + "a" * LONGEST_NEXT)):
        desk = DeskClient(world.app, role=None)
        values = desk.get("/sign-in").form_values(FORM) | {"email": "editor@desk.example", "password": PASSWORD}
        first = desk.client.post("/sign-in", data=values | {"next": sent})
        assert first.headers["Location"] == "/sign-in/code"
        assert max(len(cookie) for cookie in first.headers.getlist("Set-Cookie")) < 4096
        recovery = desk.get("/sign-in/recovery").form_values("main form") | {"code": codes[number]}
        assert desk.client.post("/sign-in/recovery", data=recovery).headers["Location"] == HOME


def test_other_forms_and_headers_lead_on_to_own_pages_alone(desk: DeskClient) -> None:
    """The switch of environments by its field; nothing by Referer, Origin, or what htmx says of the page."""
    token = csrf_token(desk, "/customers")
    claims = {"Referer": "https://evil.example/", "HX-Current-URL": "https://evil.example/?q=a", "HX-Request": "true"}
    for sent in EVIL:
        values = {"csrf_token": token, "environment_id": "env_home_production", "next": sent}
        answer = desk.client.post("/environment", data=values, headers=claims)
        assert answer.status_code == 303
        assert_leads_nowhere_else(answer.headers["Location"])
    for path in ("/", "/customers", "/customers?q=a", "/customers/nobody", "/account"):
        assert "evil" not in str(desk.client.get(path, headers=claims).headers)
    stranger = DeskClient(desk.app, role=None).client.get("/customers", headers=claims)
    assert stranger.headers["HX-Redirect"] == "/sign-in"
