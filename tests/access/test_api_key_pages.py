"""API keys at the desk: shown once, rolled with an overlap, revoked, of one environment alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.administration import send
from tests.support.clients import ApiClient, DeskClient, Page
from tests.support.desk_pages import folded
from tests.support.threads import at_once
from tests.support.world import HOME, World
from webapp.access.api_keys import create_api_key, find_api_key, list_api_keys, roll_api_key, state_of
from webapp.access.model import ApiKey
from webapp.database import reading, transaction
from webapp.errors import InvalidOperation
from webapp.identifiers import now


@pytest.fixture
def admin(app: Flask, world: World) -> DeskClient:
    """An administrator, signed in, in production."""
    return DeskClient(app, "admin")


def id_of(app: Flask, name: str) -> str:
    """The ID of the newest key of a name."""
    with app.app_context():
        return next(key.id for key in list_api_keys() if key.name == name)


def row_of(app: Flask, key_id: str) -> Any:
    """A key's row as it is stored."""
    with app.app_context(), reading() as connection:
        return connection.execute(select(ApiKey.__table__).where(ApiKey.id == key_id)).mappings().one()


def create(admin: DeskClient, **values: str) -> Page:
    """Fill in the form for a new key."""
    return send(admin, "/api-keys/new", **{"name": "Billing job", "scope": "write", **values})


def key_on(page: Page) -> str:
    """The key that an answer shows."""
    return str(page.one("#secret")["value"])


def test_the_list_is_of_the_present_environment(admin: DeskClient) -> None:
    """By name, prefix, scope, state; never the key, never another environment's or tenant's."""
    names = [folded(row) for row in admin.get("/api-keys").all(".admin-table tbody th")]
    assert sorted(names) == ["read key", "write key"]


def test_the_last_use_is_shown(admin: DeskClient, world: World) -> None:
    """Or that there was none."""
    ApiClient(world.app, world).get("/v1/customers")
    rows = {folded(row.select("th")[0]): folded(row) for row in admin.get("/api-keys").all(".admin-table tbody tr")}
    assert "never" in rows["read key"]
    assert "never" not in rows["write key"]


def test_a_key_is_shown_once_and_works(admin: DeskClient, world: World) -> None:
    """On the answer alone, which nothing keeps; the list shows its beginning."""
    page = create(admin)
    key = key_on(page)
    assert (page.status, page.response.headers["Cache-Control"]) == (200, "no-store")
    assert ApiClient(world.app, world, key).get("/v1/customers").status_code == 200
    listed = admin.get("/api-keys")
    assert key not in listed.response.text
    assert key[:12] in listed.text(".admin-table")
    assert row_of(world.app, id_of(world.app, "Billing job"))["created_by"] == "admin@desk.example"


def test_sending_the_form_again_makes_no_second_key(admin: DeskClient, world: World) -> None:
    """A reload says that it was made, and shows nothing."""
    values = admin.get("/api-keys/new").form_values("main form") | {"name": "Billing job"}
    admin.post("/api-keys/new", values)
    again = admin.post("/api-keys/new", values)
    assert (again.status, "was made already" in again.text(".problem")) == (400, True)
    with world.app.app_context():
        assert [key.name for key in list_api_keys()].count("Billing job") == 1


@pytest.mark.parametrize(("expiry", "days"), [("30", 30), ("90", 90), ("365", 365), ("never", None)], ids=str)
def test_a_key_ends_when_it_was_said_to(admin: DeskClient, world: World, expiry: str, days: int | None) -> None:
    """After so many days, or never."""
    create(admin, expiry=expiry)
    ends = row_of(world.app, id_of(world.app, "Billing job"))["expires_at"]
    if days is None:
        assert ends is None
    else:
        assert abs(ends - now() - timedelta(days=days)) < timedelta(minutes=1)


def test_a_key_ends_with_the_day_where_one_is(admin: DeskClient, world: World) -> None:
    """The last day is a whole one, in the reader's time zone."""
    send(admin, "/account", 'main form[action="/account"]', timezone="Asia/Tokyo")
    year = now().year + 1
    create(admin, expiry="date", expires_on=f"{year}-06-30")
    ends = row_of(world.app, id_of(world.app, "Billing job"))["expires_at"]
    assert ends == datetime(year, 6, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 256}),
        ("scope", {"scope": "all"}),
        ("expiry", {"expiry": "7"}),
        ("expires_on", {"expiry": "date"}),
        ("expires_on", {"expiry": "date", "expires_on": "31.12.2030"}),
        ("expires_on", {"expiry": "date", "expires_on": "2020-01-01"}),
        ("expires_on", {"expiry": "date", "expires_on": "2999-01-01"}),
        ("expires_on", {"expiry": "date", "expires_on": "9999-12-31"}),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    admin: DeskClient, world: World, field: str, values: dict[str, str]
) -> None:
    """422, and no key is made."""
    page = create(admin, **values)
    assert (page.status, page.one("#error-summary a")["href"]) == (422, f"#{field}")
    with world.app.app_context():
        assert len(list_api_keys()) == len(world.keys)


@pytest.mark.parametrize("form_id", ["", "key_1", "inv_01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_a_made_up_form_is_refused(admin: DeskClient, form_id: str) -> None:
    """It names no ID that this service could have made."""
    assert create(admin, form_id=form_id).status == 400


@pytest.mark.parametrize("hours", ["0", "1", "24", "168"])
def test_a_rolled_key_goes_on_for_the_overlap(admin: DeskClient, world: World, hours: str) -> None:
    """The new one has its name and scope and works at once; the old one says until when."""
    key_id = id_of(world.app, "write key")
    page = send(admin, f"/api-keys/{key_id}/roll", overlap=hours)
    old, new = ApiClient(world.app, world), ApiClient(world.app, world, key_on(page))
    assert new.get("/v1/customers").status_code == 200
    assert old.get("/v1/customers").status_code == (401 if hours == "0" else 200)
    row, fresh_id = row_of(world.app, key_id), id_of(world.app, "write key")
    assert row["replaced_by"] == fresh_id != key_id
    assert abs(row["expires_at"] - now() - timedelta(hours=int(hours))) < timedelta(minutes=1)
    fresh = row_of(world.app, fresh_id)
    assert (fresh["scope"], fresh["environment_id"], fresh["expires_at"]) == ("write", HOME.environment_id, None)


def test_a_key_with_an_end_is_followed_by_one_that_lasts_as_long(world: World) -> None:
    """And the old one never lasts longer for being rolled."""
    with world.app.app_context():
        ends = now() + timedelta(hours=3)
        create_api_key(HOME.environment_id, "read", "short", "test", key_id="key_short", expires_at=ends)
        roll_api_key("key_short", timedelta(days=7), "test")
        old = find_api_key("key_short")
        assert old.replaced_by is not None
        new = find_api_key(old.replaced_by)
    assert (old.expires_at, state_of(old)) == (ends, "replaced")
    assert new.expires_at is not None
    assert abs(new.expires_at - now() - timedelta(hours=3)) < timedelta(minutes=1)


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_only_an_active_key_can_be_rolled(admin: DeskClient, world: World, column: str) -> None:
    """The page says so and has no form; sending one is 400."""
    key_id = id_of(world.app, "write key")
    token = admin.get(f"/api-keys/{key_id}/roll").form_values("main form")
    with world.app.app_context():
        ended = update(ApiKey).where(ApiKey.id == key_id).values({column: now() - timedelta(minutes=1)})
        transaction(lambda connection: connection.execute(ended))
    assert not admin.get(f"/api-keys/{key_id}/roll").all("main form")
    assert admin.post(f"/api-keys/{key_id}/roll", token).status == 400


def test_a_key_that_is_rolled_twice_at_once_has_one_successor(world_on_each_database: World) -> None:
    """On either database."""
    app = world_on_each_database.app
    key_id = id_of(app, "write key")
    outcomes = at_once(app, [lambda: roll_api_key(key_id, timedelta(hours=1), "test")] * 3)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidOperation", "InvalidOperation", "str"]
    with app.app_context():
        assert [key.name for key in list_api_keys()].count("write key") == 2
        with pytest.raises(InvalidOperation):
            roll_api_key(key_id, timedelta(hours=1), "test")


def test_revoking_names_the_key_and_kills_it(admin: DeskClient, world: World) -> None:
    """On its next request."""
    api = ApiClient(world.app, world)
    api.get("/v1/customers")
    key_id = id_of(world.app, "write key")
    asked = admin.get(f"/api-keys/{key_id}/revoke").text("main .facts")
    assert asked.startswith("Name write key Begins with cdk_")
    assert "never" not in asked
    assert send(admin, f"/api-keys/{key_id}/revoke").response.headers["Location"] == "/api-keys"
    assert api.get("/v1/customers").status_code == 401
    assert "Revoked" in admin.get("/api-keys").text(".admin-table")


@pytest.mark.parametrize("name", ["sandbox key", "elsewhere key"])
@pytest.mark.parametrize("act", ["roll", "revoke"])
def test_keys_of_another_environment_or_tenant_are_unknown(
    admin: DeskClient, world: World, name: str, act: str
) -> None:
    """404, to look and to send, and they live on."""
    key_id = id_of(world.app, name)
    token = admin.get("/api-keys/new").form_values("main form")["csrf_token"]
    assert admin.get(f"/api-keys/{key_id}/{act}").status == 404
    assert admin.post(f"/api-keys/{key_id}/{act}", {"csrf_token": token, "overlap": "0"}).status == 404
    assert ApiClient(world.app, world, name.split(" ", maxsplit=1)[0]).get("/v1/customers").status_code == 200
