"""API keys of the present environment: list, create, roll, revoke. Knows no SQL and keeps no key."""

from datetime import datetime, time, timedelta

from flask import Response, flash, request, url_for

from webapp import htmx
from webapp.access import api_keys
from webapp.access.forms import ApiKeyForm, RollForm
from webapp.access.model import ApiKey
from webapp.access.notices import DONE, take_notice
from webapp.access.one_form import form_id, new_form_id
from webapp.access.permissions import current_caller
from webapp.errors import InvalidInput
from webapp.identifiers import now
from webapp.log_lines import log
from webapp.phrases import phrase
from webapp.translation import reader_timezone

#: A day further away is a slip.
LONGEST_YEARS = 10


def list_api_keys() -> Response:
    """``GET /api-keys``: the environment's keys, newest first."""
    page = "access/api_keys.html"
    keys = [(key, api_keys.state_of(key)) for key in api_keys.list_api_keys(current_caller())]
    return htmx.render(page=page, fragment=page, keys=keys, notice=take_notice())


def ask_for_api_key() -> Response:
    """``GET /api-keys/new``: the form."""
    return _form_page(ApiKeyForm(form_id=new_form_id("key")))


def create_api_key() -> Response:
    """``POST /api-keys/new``: the key, which this answer alone shows."""
    caller, form = current_caller(), ApiKeyForm(request.form)
    key_id = form_id("key", form)
    if not form.validate():
        return _form_page(form, 422)
    try:
        expires_at = _expires_at(form)
        name, scope = form.name.data, form.scope.data
        key = api_keys.create_api_key(
            caller.environment_id, scope, name, caller.name, key_id=key_id, expires_at=expires_at
        )
    except InvalidInput as error:
        form.take(error.details)
        return _form_page(form, 422)
    log.info("API key created", key_id=key_id, by=caller.id)
    return _key_page(key, name, None)


def ask_to_roll(key_id: str) -> Response:
    """``GET /api-keys/{id}/roll``: how long the old key goes on."""
    return _roll_page(api_keys.find_api_key(key_id, current_caller()), RollForm())


def roll_api_key(key_id: str) -> Response:
    """``POST /api-keys/{id}/roll``: the new key, which this answer alone shows."""
    caller, form = current_caller(), RollForm(request.form)
    if not form.validate():
        return _roll_page(api_keys.find_api_key(key_id, caller), form, 422)
    key = api_keys.roll_api_key(key_id, timedelta(hours=int(form.overlap.data)), caller.name, caller)
    log.info("API key rolled", key_id=key_id, by=caller.id)
    old = api_keys.find_api_key(key_id, caller)
    return _key_page(key, old.name, old)


def ask_to_revoke(key_id: str) -> Response:
    """``GET /api-keys/{id}/revoke``: which key it is, and when it was used last."""
    page = "access/api_key_revoke.html"
    key = api_keys.find_api_key(key_id, current_caller())
    return htmx.render(page=page, fragment=page, key=key, state=api_keys.state_of(key))


def revoke_api_key(key_id: str) -> Response:
    """``POST /api-keys/{id}/revoke``: dead on its next request."""
    api_keys.revoke_api_key(key_id, current_caller())
    log.info("API key revoked", key_id=key_id, by=current_caller().id)
    flash("key revoked", DONE)
    return htmx.see_other(url_for(".api_keys"))


def _expires_at(form: ApiKeyForm) -> datetime | None:
    """When the key ends: after so many days, or with the end of a day where the reader is."""
    if form.expiry.data == "never":
        return None
    if form.expiry.data != "date":
        return now() + timedelta(days=int(form.expiry.data))
    last_day = form.last_day()
    try:
        ends_at = datetime.combine(last_day + timedelta(days=1), time(), reader_timezone()) if last_day else now()
    except OverflowError:
        ends_at = now()
    if ends_at <= now() or ends_at.year > now().year + LONGEST_YEARS:
        raise InvalidInput(details={"expires_on": [phrase("Choose a day that is to come, within the next ten years.")]})
    return ends_at


def _form_page(form: ApiKeyForm, status: int = 200) -> Response:
    page = "access/api_key_form.html"
    return htmx.render(page=page, fragment=page, status=status, form=form)


def _key_page(key: str, name: str, replaced: ApiKey | None) -> Response:
    page = "access/api_key.html"
    return htmx.render(page=page, fragment=page, key=key, name=name, replaced=replaced)


def _roll_page(key: ApiKey, form: RollForm, status: int = 200) -> Response:
    page = "access/api_key_roll.html"
    return htmx.render(page=page, fragment=page, status=status, form=form, key=key, state=api_keys.state_of(key))
