"""Whose things are whose: every address of the desk, asked by an administrator for what is not theirs."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.administration import stranger_of
from tests.support.clients import DeskClient, Page
from tests.support.sign_in import csrf_token
from tests.support.world import ELSEWHERE, SANDBOX, World
from tests.test_urls import INVENTORY
from webapp.access.api_keys import create_api_key
from webapp.access.invites import create_invite
from webapp.access.model import ApiKey, StaffInvite, StaffSession
from webapp.access.permissions import UndeclaredView, refuse_undeclared_views
from webapp.access.staff_sessions import begin_session, find_staff
from webapp.customers.model import Scope
from webapp.database import Base, reading

#: A part of an address, and whether it names something of an environment, not of the tenant.
OWNED = re.compile("<(customer_id|staff_id|key_id|invite_id|session_id|view_id)>")
RULES = sorted((method, rule) for method, rule, _ in INVENTORY if OWNED.search(rule) and not rule.startswith("/v1/"))
#: The same of nobody.
UNKNOWN = {
    "<customer_id>": "cust_" + "0" * 26,
    "<staff_id>": "staff_" + "0" * 26,
    "<key_id>": "key_" + "0" * 26,
    "<invite_id>": "inv_" + "0" * 26,
    "<session_id>": "sess_" + "0" * 26,
    "<view_id>": "view_" + "0" * 26,
    "<int:version>": "1",
}
#: Whose acts are there to be asked for.
ACTS = ("disable", "enable", "end-sessions", "reset-second-factor", "nothing")


def stored(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table but those that say who looked and when."""
    seen = {"staff_sessions", "record_accesses", "record_viewers"}
    with app.app_context(), reading() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in Base.metadata.tables.items()
            if name not in seen
        }


def strange_parts(world: World, scope: Scope) -> dict[str, str]:
    """What stands for each part of an address: things of another tenant, or of the tenant's other environment."""
    parts = {"<customer_id>": world.create_customer(scope).id, "<int:version>": "1", "<view_id>": "view_nobody"}
    with world.app.app_context():
        create_api_key(scope.environment_id, "read", "theirs", "them")
        create_invite(ELSEWHERE.tenant_id, "invited@elsewhere.example", "viewer", "them")
        parts["<staff_id>"] = stranger_of(world)
        begin_session(find_staff(parts["<staff_id>"]))
        with reading() as connection:
            key = select(ApiKey.id).where(ApiKey.name == "theirs")
            parts["<key_id>"] = str(connection.execute(key).scalar_one())
            parts["<invite_id>"] = str(connection.execute(select(StaffInvite.id)).scalar_one())
            theirs = select(StaffSession.id).where(StaffSession.staff_id == parts["<staff_id>"])
            parts["<session_id>"] = str(connection.execute(theirs).scalar_one())
    return parts


@pytest.mark.parametrize("scope", [ELSEWHERE, SANDBOX], ids=["another tenant", "another environment"])
def test_what_is_not_ones_own_is_unknown_at_every_address(app: Flask, world: World, scope: Scope) -> None:
    """To look and to send, with a good token: told as of what does not exist; nothing changes, and nothing is told."""
    parts = strange_parts(world, scope)
    admin = DeskClient(app, "admin")
    token = {"csrf_token": csrf_token(admin, "/account"), "version": "1", "rows": "metadata add", "role": "viewer"}
    before = stored(app)
    for method, rule in RULES:
        if scope == SANDBOX and "<key_id>" in rule:  # an administrator's keys are those of all environments
            continue
        for act in ACTS if "<act>" in rule else ("",):
            by_htmx = {"HX-Request": "true"} if rule.endswith("/presence") else {}  # without it, on to the record
            told = []
            for known in (parts, UNKNOWN):
                path = rule.replace("<act>", act)
                for part, value in known.items():
                    path = path.replace(part, value)
                data = token if method == "POST" else None
                answer = admin.client.open(path, method=method, data=data, headers=by_htmx)
                told.append((answer.status_code, [str(title) for title in Page(answer).all("h1, h2")]))
                assert "elsewhere.example" not in answer.get_data(as_text=True)
            assert told[0] == told[1], (method, path)
            assert told[0][0] in ({400, 404} if rule.endswith("/check") else {404}), (method, path)
    assert stored(app) == before


def test_an_environment_of_another_tenant_cannot_be_switched_to(app: Flask, world: World) -> None:
    """By the switch, and by a form that says it was opened there."""
    admin = DeskClient(app, "admin")
    token = csrf_token(admin, "/account")
    strange = {"csrf_token": token, "environment_id": ELSEWHERE.environment_id}
    customer = world.create_customer(ELSEWHERE)
    returning = strange | {"return_to_environment": ELSEWHERE.environment_id}
    for path, values in (
        ("/environment", strange),
        ("/account", strange),
        ("/account", returning),
        (f"/customers/{customer.id}/edit", returning),
    ):
        assert admin.post(path, values).status == 404
    assert admin.get(f"/customers/{customer.id}").status == 404


def test_a_view_that_says_nothing_of_who_may_call_it_stops_the_start(app: Flask) -> None:
    """It is named."""
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(UndeclaredView, match="forgotten"):
        refuse_undeclared_views(app)
