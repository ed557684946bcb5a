"""People at the desk with two instances behind one address: where they sign in and where they are sent is all one."""

import json

from flask import Flask

from tests.conftest import SECRET_KEY
from tests.instances.conftest import WRONG_PASSWORDS_ALLOWED, Instances
from tests.support.authenticator import code_of
from tests.support.clients import Page
from tests.support.visitor import Visitor
from tests.support.world import HOME, PASSWORD
from webapp import create_app
from webapp.access.invites import create_invite
from webapp.access.second_factor import propose, switch_on
from webapp.access.staff_members import find_by_email
from webapp.database import db
from webapp.secret_key import fingerprint_of
from webapp.settings import Settings

LIST = "/customers"


def is_in(visitor: Visitor, server: str) -> bool:
    """Whether the customers' list is open to this browser; else it is led to the sign-in."""
    page = visitor.get(f"{server}{LIST}")
    assert page.status == 200 or page.response.headers["Location"].startswith("/sign-in")
    return page.status == 200


def staff_id_of(instances: Instances, email: str) -> str:
    """A person's ID."""
    with instances.world.app.app_context():
        return find_by_email(email)[1]


def send(visitor: Visitor, page: str, within: str = "main form", **values: str) -> Page:
    """Open a page, fill its form in, and send it to its own address."""
    return visitor.post(page, visitor.get(page).form_values(within) | values)


def test_a_sign_in_holds_at_both_and_ends_at_both(instances: Instances) -> None:
    """With the button of either."""
    visitor = instances.signed_in()
    assert is_in(visitor, instances.b)
    token = visitor.csrf_token(f"{instances.a}{LIST}")
    assert visitor.post(f"{instances.b}/sign-out", {"csrf_token": token}).status in {302, 303}
    assert [is_in(visitor, server) for server in (instances.a, instances.b)] == [False, False]


def test_a_stolen_cookie_is_dead_everywhere_once_its_owner_signs_out(instances: Instances) -> None:
    """Signing out forgets the sign-in itself, not only the browser's cookie."""
    email = instances.new_person()
    visitor = instances.signed_in(email)
    thief = visitor.copy()
    assert is_in(thief, instances.b)
    visitor.post(f"{instances.a}/sign-out", {"csrf_token": visitor.csrf_token(f"{instances.a}{LIST}")})
    assert not is_in(thief, instances.b)


def test_what_an_administrator_decides_at_one_holds_at_the_other_with_the_next_request(instances: Instances) -> None:
    """A role, and disabling."""
    email = instances.new_person("viewer")
    staff_id = staff_id_of(instances, email)
    admin, visitor = instances.signed_in(role="admin"), instances.signed_in(email, at=instances.b)
    new_customer = f"{instances.b}/customers/new"
    assert visitor.get(new_customer).status == 403
    assert send(admin, f"{instances.a}/staff/{staff_id}", "main form.stacked", role="editor").status == 303
    assert visitor.get(new_customer).status == 200
    assert send(admin, f"{instances.a}/staff/{staff_id}/disable").status == 303
    assert not is_in(visitor, instances.b)


def test_a_new_password_ends_the_other_sign_ins_everywhere(instances: Instances) -> None:
    """The one it was changed at goes on."""
    email = instances.new_person()
    here, elsewhere = instances.signed_in(email), instances.signed_in(email, at=instances.b)
    chosen = "another horse and battery"
    changed = send(
        here,
        f"{instances.a}/account/password",
        "main form.stacked",
        password=PASSWORD,
        new_password=chosen,
        repeated=chosen,
    )
    assert changed.status in {302, 303}
    assert is_in(here, instances.b)
    assert not is_in(elsewhere, instances.b)


def test_a_form_of_one_is_saved_at_the_other_which_then_offers_to_undo_it(instances: Instances) -> None:
    """Its CSRF token, the notice of what was saved, the list one came from, and the record opened last."""
    visitor = instances.signed_in()
    customer = instances.world.create_customer(name="Before")
    visitor.get(f"{instances.a}{LIST}?q={customer.external_id}&list=1")
    record = f"/customers/{customer.id}"
    values = visitor.get(f"{instances.a}{record}/edit").form_values()
    assert visitor.post(f"{instances.b}{record}/edit", values | {"name": "After"}).status == 303
    shown = visitor.get(f"{instances.a}{record}")
    undo = shown.one(".saved-undo")
    assert visitor.post(f"{instances.b}{undo['action']}", shown.form_values(".saved-undo")).status == 303
    assert instances.world.reload(customer).name == "Before"
    back = [link["href"] for link in visitor.get(f"{instances.b}{record}").all("a[href]")]
    assert any(f"q={customer.external_id}" in str(address) for address in back)
    recent = visitor.get(f"{instances.b}{LIST}").all(f'a[href="{record}"]')
    assert recent


def test_a_saved_view_is_there_at_the_other(instances: Instances) -> None:
    """And so is what was said about it."""
    visitor = instances.signed_in()
    values = visitor.get(f"{instances.a}{LIST}?status=archived&list=1").form_values(".view-form")
    assert visitor.post(f"{instances.a}{LIST}/views", values | {"name": "Gone"}).status == 303
    page = visitor.get(f"{instances.b}{LIST}")
    assert "Gone" in [link.get_text(strip=True) for link in page.all(".view a")]


def test_who_has_a_record_open_at_one_is_seen_at_the_other(instances: Instances) -> None:
    """With the next page."""
    email = instances.new_person()
    customer = instances.world.create_customer()
    instances.signed_in(email).get(f"{instances.a}/customers/{customer.id}")
    seen = instances.signed_in(at=instances.b).get(f"{instances.b}/customers/{customer.id}")
    assert email in seen.text("#presence")


def test_wrong_passwords_are_counted_together(instances: Instances) -> None:
    """Past the limit even the right one is refused, wherever."""
    email = instances.new_person()
    servers = [instances.a, instances.b]
    for number in range(WRONG_PASSWORDS_ALLOWED):
        assert Visitor().sign_in(servers[number % 2], email, "a wrong guess").status == 422
    assert [Visitor().sign_in(server, email).status for server in servers] == [429, 429]


def test_an_invitation_that_is_used_at_one_is_used_up_at_the_other(instances: Instances) -> None:
    """As if it had never been."""
    email = f"new-{staff_id_of(instances, instances.new_person()).lower()}@desk.example"
    with instances.world.app.app_context():
        path = f"/invites/{create_invite(HOME.tenant_id, email, 'viewer', 'test')}"
    chosen = "horse of another battery"
    visitor = Visitor()
    values = visitor.get(f"{instances.a}{path}").form_values("main form")
    filled_in = values | {"new_password": chosen, "repeated": chosen}
    assert visitor.post(f"{instances.a}{path}", filled_in).status == 303
    assert is_in(visitor, instances.b)
    assert Visitor().get(f"{instances.b}{path}").status == 404


def test_a_code_of_the_second_factor_counts_once_in_all(instances: Instances) -> None:
    """Seen over somebody's shoulder at one, it is worthless at the other."""
    email = instances.new_person()
    with instances.world.app.app_context():
        proposal = propose(email)
        assert switch_on(staff_id_of(instances, email), proposal.secret, code_of(proposal.key))
    code = code_of(proposal.key, steps=1)
    owner, thief = Visitor(), Visitor()
    for visitor, server in ((owner, instances.a), (thief, instances.b)):
        assert visitor.sign_in(server, email).response.headers["Location"] == "/sign-in/code"
    assert send(owner, f"{instances.a}/sign-in/code", code=code).status == 303
    assert send(thief, f"{instances.b}/sign-in/code", code=code).status == 422
    assert [is_in(owner, instances.b), is_in(thief, instances.a)] == [True, False]


def test_instances_say_by_which_secret_key_they_sign(instances: Instances) -> None:
    """In the line of their start, so that two that differ are found by looking; of the key itself it tells nothing."""
    logs = [server.log.read_text() for server in (instances.first, instances.second)]
    told = [json.loads(line) for log in logs for line in log.splitlines() if '"serving"' in line]
    assert [line["key_fingerprint"] for line in told] == [fingerprint_of(SECRET_KEY)] * 2
    assert fingerprint_of(SECRET_KEY) != fingerprint_of("x" * 40)
    assert SECRET_KEY not in "".join(logs)


def with_another_key(instances: Instances) -> Flask:
    """An instance whose operator forgot to hand SECRET_KEY on."""
    return create_app(Settings.from_environment(instances.installation.environment | {"SECRET_KEY": "x" * 40}))


def test_an_instance_with_another_secret_key_takes_nobody_for_signed_in(instances: Instances) -> None:
    """It leads them to its own sign-in, and breaks nothing; API keys do not depend on it."""
    visitor = instances.signed_in()
    app = with_another_key(instances)
    client = app.test_client()
    for cookie in visitor.cookies:
        client.set_cookie(cookie.name, str(cookie.value))
    answer = client.get(LIST)
    key, _ = instances.new_key()
    by_key = client.get("/v1/customers?limit=1", headers={"x-api-key": key})
    with app.app_context():
        db.engine.dispose()
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in")
    assert by_key.status_code == 200
    assert is_in(visitor, instances.b)
