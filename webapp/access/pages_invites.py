"""The page that an invitation's link opens: who is new chooses a password. Knows no SQL.

The link's token stands in the address. It goes nowhere else: the log keeps rules, not addresses, and the referrer
policy of every page tells other sites nothing.
"""

from flask import Response, request, url_for
from flask_security import login_user

from webapp import htmx
from webapp.access.forms import AcceptForm
from webapp.access.invites import Invite, accept_invite, find_invite
from webapp.access.sign_in_throttle import record_attempt
from webapp.access.staff import current_settings
from webapp.access.staff_sessions import find_staff, signed_in_caller
from webapp.errors import InvalidInput, NotFound


def open_invite(token: str) -> Response:
    """``GET /invites/{token}``: who invites to what, and the form."""
    return _page(AcceptForm(), _find(token))


def accept(token: str) -> Response:
    """``POST /invites/{token}``: become a staff member, and be signed in."""
    invite, form = _find(token), AcceptForm(request.form)
    if signed_in_caller():
        return _page(form, invite, 409)
    if not form.validate():
        return _page(form, invite, 422)
    try:
        staff_id = accept_invite(token, form.new_password.data)
    except InvalidInput as error:
        form.take(error.details)
        return _page(form, invite, 422)
    login_user(find_staff(staff_id), authn_via=["password"])
    return htmx.see_other(url_for("customers.list"))


def _find(token: str) -> Invite:
    try:
        return find_invite(token)
    except NotFound:
        # Guesses count as sign-ins that failed, for the address they come from.
        record_attempt(f"invitation {token}", request.remote_addr or "", current_settings())
        raise


def _page(form: AcceptForm, invite: Invite, status: int = 200) -> Response:
    page = "access/invite.html"
    return htmx.render(page=page, fragment=page, status=status, form=form, invite=invite)
