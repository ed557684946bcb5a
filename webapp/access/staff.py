"""Staff: creating a person, and signing in and out by Flask-Security. Knows nothing of what staff do at the desk."""

import secrets
from collections.abc import Callable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Flask, Response, current_app, g, request
from flask_login import AnonymousUserMixin, current_user
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, VerifyForm, hash_password
from flask_security.utils import validate_redirect_url
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from wtforms import Field

from webapp import htmx
from webapp.access.model import Staff, StaffRole, Tenant
from webapp.access.permissions import OWN_SIGN_IN, PERMISSIONS_OF_ROLE, Caller, public, requires
from webapp.access.sign_in_throttle import forgive_attempts, record_attempt
from webapp.access.staff_sessions import caller_of, init_staff_sessions
from webapp.database import db, reading, transaction
from webapp.errors import InvalidInput, NotFound, SignInRequired
from webapp.identifiers import new_id, now
from webapp.settings import Settings

ROLES = tuple(PERMISSIONS_OF_ROLE)


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
        if field.data and not validate_redirect_url(field.data):
            field.data = ""


class SignInForm(OwnPathsOnly, LoginForm):
    """Flask-Security's form, throttled."""

    remember = None

    def validate(self, **kwargs: Any) -> bool:
        """As Flask-Security does, after the attempt was counted.

        Raises:
            TooManyRequests: too many attempts of this account or from this address.
        """
        return _throttled(self.email.data or "", lambda: super(SignInForm, self).validate(**kwargs))


class SignInAgainForm(OwnPathsOnly, VerifyForm):
    """Flask-Security's form that asks a signed-in person for their password once more, throttled alike."""

    def validate(self, **kwargs: Any) -> bool:
        """As Flask-Security does, after the attempt was counted.

        Raises:
            TooManyRequests: too many attempts of this account or from this address.
        """
        return _throttled(self.user.email, lambda: super(SignInAgainForm, self).validate(**kwargs))


def _throttled(email: str, is_right: Callable[[], bool]) -> bool:
    settings: Settings = current_app.extensions["customer_desk_settings"]
    record_attempt(email, request.remote_addr or "", settings)
    if not is_right():
        return False
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
        SECURITY_MSG_GENERIC_AUTHN_FAILED=("The email address or the password is not right.", "error"),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of an algorithm
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        # Argon2 salts each password by itself; a second hash with a site-wide salt would tie every password to
        # SECRET_KEY.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_FLASH_MESSAGES=False,
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
    security.login_manager.anonymous_user = AnonymousUserMixin
    init_staff_sessions(app, security, settings)
    public(app.view_functions["security.login"])
    public(app.view_functions["security.logout"])
    again: Any = app.view_functions["security.verify"]
    app.view_functions["security.verify"] = requires(OWN_SIGN_IN, authenticate_staff)(again)


def authenticate_staff() -> Caller:
    """The signed-in person.

    Raises:
        SignInRequired: nobody is signed in.
    """
    if not current_user.is_authenticated:
        raise SignInRequired
    return caller_of(g.signed_in_staff, g.environment, g.staff_session_id)


def create_staff(email: str, role: str, *, tenant_id: str = "", password: str = "") -> str:
    """Create a person and return their password, a new random one by default.

    Raises:
        InvalidInput: the address is not valid or in use already, or there are several tenants and none was named.
        NotFound: there is no such tenant.
    """
    try:
        email = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidInput(str(error)) from None
    password = password or secrets.token_urlsafe(15)
    row = {
        "id": new_id("staff"),
        "tenant_id": _tenant(tenant_id),
        "email": email,
        "password": hash_password(password),
        "active": True,
        "role": role,
        "fs_uniquifier": secrets.token_hex(32),
        "created_at": now(),
    }
    try:
        transaction(lambda connection: connection.execute(insert(Staff), row))
    except IntegrityError:
        raise InvalidInput(f"There is a staff member {email} already.") from None
    return password


def _tenant(tenant_id: str) -> str:
    with reading() as connection:
        known = connection.execute(select(Tenant.id)).scalars().all()
    if tenant_id and tenant_id not in known:
        raise NotFound(f"There is no tenant {tenant_id}.")
    if not tenant_id and len(known) != 1:
        raise InvalidInput(f"Name the tenant: there are {len(known)}.")
    return tenant_id or known[0]
