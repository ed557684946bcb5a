"""Staff: creating a person, and signing in and out by Flask-Security. Knows nothing of what staff do at the desk."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, current_app, request, url_for
from flask_login import AnonymousUserMixin
from flask_login.utils import _user_context_processor
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, VerifyForm, hash_password
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from wtforms import Field

from webapp import htmx
from webapp.access.accounts import new_staff_row
from webapp.access.environments import find_environment
from webapp.access.invites import valid_email
from webapp.access.model import Staff, StaffRole, Tenant
from webapp.access.own_paths import own_path
from webapp.access.permissions import OWN_SIGN_IN, Caller, public, requires
from webapp.access.second_factor import has_second_factor, init_second_factor
from webapp.access.second_step import PasswordThenCode
from webapp.access.sign_in_throttle import forgive_attempts, record_attempt
from webapp.access.staff_sessions import forget_caller, init_staff_sessions, signed_in_caller, switch_environment
from webapp.current import current_request
from webapp.database import db, reading, transaction
from webapp.errors import InvalidInput, NotFound, OtherEnvironment, SignInRequired
from webapp.greenlets import beside
from webapp.happenings import SIGN_IN, note
from webapp.identifiers import new_id
from webapp.phrases import phrase
from webapp.request_connection import release_connection
from webapp.settings import Settings
from webapp.translation import TRANSLATIONS

#: What a form says of the environment that it was opened in, and that it shall be sent there whatever is open now.
FORM_ENVIRONMENT = "environment_id"
RETURN_TO_ENVIRONMENT = "return_to_environment"


class StaffDatastore(SQLAlchemyUserDatastore):
    """Flask-Security's access to staff."""

    def find_user(self, *args: Any, **kwargs: Any) -> Any:
        """As Flask-Security does, but nothing stays open: argon2id takes its time outside of any transaction."""
        user = super().find_user(*args, **kwargs)
        db.session.close()
        return user


class OwnPathsOnly:
    """Lets ``next`` lead to this site alone; another address is forgotten, and does not stop the sign-in."""

    def validate_next(self, field: Field) -> None:
        """Forget an address elsewhere."""
        field.data = own_path(field.data, otherwise="")


class SignInForm(OwnPathsOnly, LoginForm):
    """Flask-Security's form, throttled."""

    remember = None

    def validate(self, **kwargs: Any) -> bool:
        """As Flask-Security does, after the attempt was counted.

        Raises:
            TooManyRequests: too many attempts of this account or from this address.
        """
        email = self.email.data or ""
        record_attempt(email, request.remote_addr or "", current_settings())
        release_connection()  # argon2id takes its time
        if not beside(partial(super().validate, **kwargs)):
            note(SIGN_IN, "failed")
            return False
        note(SIGN_IN, "succeeded")
        # Whoever has the password alone shall not buy new guesses at the code with it.
        staff: Any = self.user
        if not has_second_factor(staff):
            forgive_attempts(email)
        return True


class SignInAgainForm(OwnPathsOnly, VerifyForm):
    """Flask-Security's form that asks a signed-in person for their password once more, throttled alike."""

    def validate(self, **kwargs: Any) -> bool:
        """As Flask-Security does, after the attempt was counted.

        Raises:
            TooManyRequests: too many attempts of this account or from this address.
        """
        return throttled(self.user.email, lambda: super(SignInAgainForm, self).validate(**kwargs))


def current_settings() -> Settings:
    """The installation's settings."""
    settings: Settings = current_app.extensions["customer_desk_settings"]
    return settings


def throttled(email: str, is_right: Callable[[], bool]) -> bool:
    """Judge a secret of the person of ``email`` after the attempt was counted, and forgive them when it is right.

    Raises:
        TooManyRequests: too many attempts of this account or from this address.
    """
    record_attempt(email, request.remote_addr or "", current_settings())
    release_connection()  # argon2id takes its time
    if not beside(is_right):
        note(SIGN_IN, "failed")
        return False
    note(SIGN_IN, "succeeded")
    forgive_attempts(email)
    return True


def _render_with_status(template: str, **context: Any) -> Response:
    """A page of Flask-Security's; with status 422 when its form was refused."""
    form = context.get("login_user_form") or context.get("verify_form")
    status = 422 if form is not None and form.errors else 200
    return htmx.render(page=template, fragment=template, status=status, **context)


def init_staff(app: Flask, settings: Settings) -> None:
    """Set up sign-in and sign-out at ``/sign-in`` and ``/sign-out``."""
    app.config.update(
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_VERIFY_URL="/sign-in/again",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_LOGIN_USER_TEMPLATE="access/sign_in.html",
        SECURITY_VERIFY_TEMPLATE="access/sign_in_again.html",
        SECURITY_POST_LOGIN_VIEW="/customers",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_MSG_GENERIC_AUTHN_FAILED=(phrase("The email address or the password is not right."), "error"),
        # Its messages in the reader's language: our catalogs first, then its own.
        SECURITY_I18N_DIRNAME=[str(TRANSLATIONS), "builtin"],
        SECURITY_I18N_DOMAIN="messages;flask_security",
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of an algorithm
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        # Argon2 salts each password by itself; a second hash with a site-wide salt would tie every password to
        # SECRET_KEY.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_CACHE_CONTROL=None,  # its "no-store=True" is no directive; webapp/security.py says no-store
        SECURITY_JOIN_USER_ROLES=False,  # a role is a column here
        SECURITY_STATIC_FOLDER=None,
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        # Its own commands know neither tenants nor fixed roles.
        SECURITY_CLI_USERS_NAME="",
        SECURITY_CLI_ROLES_NAME="",
    )
    datastore = StaffDatastore(db, Staff, StaffRole)
    # Its own type says str; its views return whatever this returns.
    render: Any = _render_with_status
    security = Security(app, datastore, login_form=SignInForm, verify_form=SignInAgainForm, render_template=render)
    # Flask-Security would read tokens from every request's body, and load the person for each static file; the API has
    # its own keys, and permissions are declared beside the routes.
    security.login_manager.request_loader(lambda _request: None)
    security.principal.identity_loaders.clear()
    app.before_request_funcs[None].remove(security.principal._on_before_request)  # noqa: SLF001 - it asks those loaders
    security.login_manager.anonymous_user = AnonymousUserMixin
    # Its "current_user" in templates loads the person for each page; ours know "staff".
    app.template_context_processors[None].remove(_user_context_processor)
    # No sign-in here outlives its session, so there is no cookie to renew with each answer.
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)  # noqa: SLF001 - has no option
    # Signing in is a page: its JSON form would read bodies and hand out tokens that nothing here takes.
    security.want_json(lambda _request: False)
    init_staff_sessions(app, security, settings)
    init_second_factor(app, settings)
    security.two_factor_plugins = PasswordThenCode()
    public(app.view_functions["security.login"])
    public(app.view_functions["security.logout"])
    again: Any = app.view_functions["security.verify"]
    app.view_functions["security.verify"] = requires(OWN_SIGN_IN, authenticate_staff)(again)


def current_staff() -> Caller:
    """The signed-in person, whatever they send.

    Raises:
        SignInRequired: nobody is signed in.
    """
    caller = signed_in_caller()
    if caller is None:
        raise SignInRequired
    return caller


def authenticate_staff() -> Caller:
    """The signed-in person, in the environment that their form was opened in.

    Raises:
        OtherEnvironment: the environment was switched since, in another tab; nothing of the form is to be done here.
        SignInRequired: nobody is signed in.
    """
    caller = current_staff()
    asked = current_request()
    sent = asked.form.get(FORM_ENVIRONMENT) if asked.method == "POST" else None
    if sent is None or sent == caller.environment_id or asked.path == url_for("access.switch_environment"):
        return caller
    environment = find_environment(caller, sent)
    if asked.form.get(RETURN_TO_ENVIRONMENT) != sent:
        raise OtherEnvironment(environment.id, environment.name)
    switch_environment(caller.session_id, environment.id)
    forget_caller()  # who was in the environment of before
    return current_staff()


def create_staff(email: str, role: str, *, tenant_id: str = "", password: str = "") -> str:
    """Create a person and return their password, a new random one by default.

    Raises:
        InvalidInput: the address is not valid or in use already, or there are several tenants and none was named.
        NotFound: there is no such tenant.
    """
    email = valid_email(email)
    password = password or secrets.token_urlsafe(15)
    row = new_staff_row(tenant_or_the_only_one(tenant_id), email, role, hash_password(password), new_id("staff"))
    try:
        transaction(lambda connection: connection.execute(insert(Staff), row))
    except IntegrityError:
        raise InvalidInput(phrase("There is a staff member %(email)s already.", email=email)) from None
    return password


def tenant_or_the_only_one(tenant_id: str) -> str:
    """The ID of a tenant; ``""`` stands for the only one there is.

    Raises:
        InvalidInput: none was named, and there is not exactly one.
        NotFound: there is no such tenant.
    """
    with reading() as connection:
        known = connection.execute(select(Tenant.id)).scalars().all()
    if tenant_id and tenant_id not in known:
        raise NotFound(phrase("There is no tenant %(id)s.", id=tenant_id))
    if not tenant_id and len(known) != 1:
        raise InvalidInput(phrase("Name the tenant: there are %(count)d.", count=len(known)))
    return tenant_id or known[0]
