"""Every page of signing in, of one's account and of administration, as a table, in one blueprint.

Knows which view answers where, which permission it takes and what asks for the password anew; not what the view does.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, request

from webapp.access import (
    pages_account,
    pages_api_keys,
    pages_environment,
    pages_invites,
    pages_second_factor,
    pages_sign_in,
    pages_staff,
)
from webapp.access.fresh_sign_in import demands_fresh_sign_in
from webapp.access.permissions import MANAGE_API_KEYS, MANAGE_STAFF, OWN_SIGN_IN, PUBLIC, public, requires
from webapp.access.staff import authenticate_staff
from webapp.errors import NotFound

View = Callable[..., Any]

#: rule, endpoint, view, method, permission
PAGES: tuple[tuple[str, str, View, str, str], ...] = (
    ("/sign-in/code", "enter_code", pages_sign_in.enter_code, "GET", PUBLIC),
    ("/sign-in/code", "send_code", pages_sign_in.enter_code, "POST", PUBLIC),
    ("/sign-in/recovery", "enter_recovery_code", pages_sign_in.enter_recovery_code, "GET", PUBLIC),
    ("/sign-in/recovery", "send_recovery_code", pages_sign_in.enter_recovery_code, "POST", PUBLIC),
    ("/invites/<token>", "open_invite", pages_invites.open_invite, "GET", PUBLIC),
    ("/invites/<token>", "accept_invite", pages_invites.accept, "POST", PUBLIC),
    ("/environment", "switch_environment", pages_environment.switch_environment, "POST", OWN_SIGN_IN),
    ("/account", "account", pages_account.show_account, "GET", OWN_SIGN_IN),
    ("/account", "save_preferences", pages_account.save_preferences, "POST", OWN_SIGN_IN),
    ("/account/password", "password", pages_account.ask_for_password, "GET", OWN_SIGN_IN),
    ("/account/password", "change_password", pages_account.change_password, "POST", OWN_SIGN_IN),
    ("/account/sessions/end-others", "end_other_sessions", pages_account.end_other_sessions, "POST", OWN_SIGN_IN),
    ("/account/sessions/<session_id>/end", "end_session", pages_account.end_own_session, "POST", OWN_SIGN_IN),
    ("/staff", "staff", pages_staff.show_staff, "GET", MANAGE_STAFF),
    ("/staff/invites/<invite_id>/withdraw", "withdraw_invite", pages_staff.withdraw, "POST", MANAGE_STAFF),
    ("/staff/<staff_id>", "staff_member", pages_staff.show_member, "GET", MANAGE_STAFF),
    ("/api-keys", "api_keys", pages_api_keys.list_api_keys, "GET", MANAGE_API_KEYS),
)

#: The same, and where to come back to from a form: these ask for the password anew when that was long ago.
SENSITIVE_PAGES: tuple[tuple[str, str, View, str, str, str], ...] = (
    (
        "/account/second-factor",
        "second_factor",
        pages_second_factor.show_second_factor,
        "GET",
        OWN_SIGN_IN,
        "second_factor",
    ),
    (
        "/account/second-factor",
        "set_up_second_factor",
        pages_second_factor.set_up_second_factor,
        "POST",
        OWN_SIGN_IN,
        "second_factor",
    ),
    (
        "/account/second-factor/recovery-codes",
        "recovery_codes",
        pages_second_factor.ask_for_recovery_codes,
        "GET",
        OWN_SIGN_IN,
        "recovery_codes",
    ),
    (
        "/account/second-factor/recovery-codes",
        "renew_recovery_codes",
        pages_second_factor.renew_recovery_codes,
        "POST",
        OWN_SIGN_IN,
        "recovery_codes",
    ),
    (
        "/account/second-factor/off",
        "second_factor_off",
        pages_second_factor.ask_to_switch_off,
        "GET",
        OWN_SIGN_IN,
        "second_factor_off",
    ),
    (
        "/account/second-factor/off",
        "switch_second_factor_off",
        pages_second_factor.switch_off,
        "POST",
        OWN_SIGN_IN,
        "second_factor_off",
    ),
    ("/staff/invite", "invite", pages_staff.ask_for_invite, "GET", MANAGE_STAFF, "invite"),
    ("/staff/invite", "create_invite", pages_staff.invite, "POST", MANAGE_STAFF, "invite"),
    ("/staff/<staff_id>", "change_role", pages_staff.change_role, "POST", MANAGE_STAFF, "staff_member"),
    ("/staff/<staff_id>/<act>", "confirm_act", pages_staff.confirm_act, "GET", MANAGE_STAFF, "confirm_act"),
    ("/staff/<staff_id>/<act>", "perform_act", pages_staff.perform_act, "POST", MANAGE_STAFF, "confirm_act"),
    ("/api-keys/new", "new_api_key", pages_api_keys.ask_for_api_key, "GET", MANAGE_API_KEYS, "new_api_key"),
    ("/api-keys/new", "create_api_key", pages_api_keys.create_api_key, "POST", MANAGE_API_KEYS, "new_api_key"),
    ("/api-keys/<key_id>/roll", "roll", pages_api_keys.ask_to_roll, "GET", MANAGE_API_KEYS, "roll"),
    ("/api-keys/<key_id>/roll", "roll_api_key", pages_api_keys.roll_api_key, "POST", MANAGE_API_KEYS, "roll"),
    ("/api-keys/<key_id>/revoke", "revoke", pages_api_keys.ask_to_revoke, "GET", MANAGE_API_KEYS, "revoke"),
    ("/api-keys/<key_id>/revoke", "revoke_api_key", pages_api_keys.revoke_api_key, "POST", MANAGE_API_KEYS, "revoke"),
)


def create_access_blueprint() -> Blueprint:
    """The blueprint ``access``, each view behind its permission."""
    blueprint = Blueprint("access", __name__)
    for rule, endpoint, view, method, permission in PAGES:
        blueprint.add_url_rule(rule, endpoint, _guarded(view, permission), methods=[method])
    for rule, endpoint, view, method, permission, back in SENSITIVE_PAGES:
        fresh = demands_fresh_sign_in(view, f"access.{back}")
        blueprint.add_url_rule(rule, endpoint, _guarded(fresh, permission), methods=[method])
    return blueprint


def _guarded(view: View, permission: str) -> View:
    plain = _with_plain_names(view)
    return public(plain) if permission == PUBLIC else requires(permission, authenticate_staff)(plain)


def _with_plain_names(view: View) -> View:
    """No ID and no token holds a control character, and no database shall be asked for one."""

    @wraps(view)
    def guarded(**kwargs: Any) -> Any:
        if not all(str(value).isprintable() for value in (request.view_args or {}).values()):
            raise NotFound
        return view(**kwargs)

    return guarded
