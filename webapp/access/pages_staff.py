"""Staff, as administrators manage them: the list, one member, invitations. Knows no SQL and no password."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, flash, request, url_for

from webapp import htmx
from webapp.access import staff_members
from webapp.access.forms import InviteForm, RoleForm
from webapp.access.invites import GOOD_FOR, create_invite, list_open_invites, withdraw_invite
from webapp.access.notices import DONE, take_notice
from webapp.access.one_form import form_id, new_form_id
from webapp.access.permissions import current_caller
from webapp.access.staff_members import StaffMember, find_member, list_members
from webapp.access.staff_sessions import list_open_sessions
from webapp.errors import InvalidInput, NotFound
from webapp.log_lines import log
from webapp.phrases import Phrase, phrase


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done to a staff member after a page has said what it means.

    Attributes:
        perform: the operation, of tenant and staff member.
        question, button: what its page asks, and the button that does it.
        consequences: what happens then.
    """

    perform: Callable[[str, str], None]
    question: Phrase
    button: Phrase
    consequences: tuple[Phrase, ...]


ACTS = {
    "disable": Act(
        staff_members.disable,
        phrase("Disable this staff member?"),
        phrase("Disable"),
        (
            phrase("They cannot sign in any more, and all of their sign-ins end at once."),
            phrase("Invitations that they sent and nobody has accepted yet are withdrawn."),
            phrase("API keys that they created go on working. Revoke those that should not."),
            phrase("What they changed stays in the history under their name. They can be enabled again."),
        ),
    ),
    "enable": Act(
        staff_members.enable,
        phrase("Enable this staff member?"),
        phrase("Enable"),
        (phrase("They can sign in again, with the password and the second factor that they had."),),
    ),
    "end-sessions": Act(
        staff_members.end_sessions,
        phrase("End all sign-ins of this staff member?"),
        phrase("End all sign-ins"),
        (
            phrase("Each of their browsers asks for the password again at its next request."),
            phrase("What they have typed and not saved stays in their open page until they close it."),
        ),
    ),
    "reset-second-factor": Act(
        staff_members.reset_second_factor,
        phrase("Reset the second factor of this staff member?"),
        phrase("Reset the second factor"),
        (
            phrase("They sign in by their password alone, until they set up an authenticator app again."),
            phrase("Their recovery codes are worthless from now on, and all of their sign-ins end."),
            phrase("Make sure that it is really them who asks for this: call them back."),
        ),
    ),
}


def show_staff() -> Response:
    """``GET /staff``: everybody, and the open invitations."""
    tenant_id, page = current_caller().tenant_id, "access/staff.html"
    members, invites = list_members(tenant_id), list_open_invites(tenant_id)
    return htmx.render(page=page, fragment=page, members=members, invites=invites, notice=take_notice())


def ask_for_invite() -> Response:
    """``GET /staff/invite``: the form."""
    return _invite_page(InviteForm(form_id=new_form_id("inv")))


def invite() -> Response:
    """``POST /staff/invite``: the link, which this answer alone shows."""
    caller, form, page = current_caller(), InviteForm(request.form), "access/invited.html"
    email, role, invite_id = form.email.data, form.role.data, form_id("inv", form)
    try:
        token = create_invite(caller.tenant_id, email, role, caller.name, invite_id=invite_id)
    except InvalidInput as error:
        form.take(error.details)
        return _invite_page(form, 422)
    link = url_for(".open_invite", token=token, _external=True)
    return htmx.render(page=page, fragment=page, email=email, link=link, days=GOOD_FOR.days)


def withdraw(invite_id: str) -> Response:
    """``POST /staff/invites/{id}/withdraw``: its link is worthless from now on."""
    withdraw_invite(current_caller().tenant_id, invite_id)
    flash("invite withdrawn", DONE)
    return htmx.see_other(url_for(".staff"))


def show_member(staff_id: str) -> Response:
    """``GET /staff/{id}``: one member, with what can be done."""
    member = find_member(current_caller().tenant_id, staff_id)
    return _member_page(member, RoleForm(role=member.role))


def change_role(staff_id: str) -> Response:
    """``POST /staff/{id}``: another role."""
    tenant_id, form = current_caller().tenant_id, RoleForm(request.form)
    member = find_member(tenant_id, staff_id)
    try:
        staff_members.change_role(tenant_id, staff_id, form.role.data or "")
    except InvalidInput as error:
        form.take(error.details)
        return _member_page(member, form, 422)
    _tell("role", staff_id)
    return htmx.see_other(url_for(".staff_member", staff_id=staff_id))


def confirm_act(staff_id: str, act: str) -> Response:
    """``GET /staff/{id}/{act}``: what it means, and the button that does it."""
    member, page = find_member(current_caller().tenant_id, staff_id), "access/staff_act.html"
    return htmx.render(page=page, fragment=page, member=member, act=_act(act))


def perform_act(staff_id: str, act: str) -> Response:
    """``POST /staff/{id}/{act}``: do it."""
    _act(act).perform(current_caller().tenant_id, staff_id)
    _tell(act, staff_id)
    return htmx.see_other(url_for(".staff_member", staff_id=staff_id))


def _act(name: str) -> Act:
    if name not in ACTS:
        raise NotFound
    return ACTS[name]


def _tell(act: str, staff_id: str) -> None:
    log.info("staff member changed", act=act, staff_id=staff_id, by=current_caller().id)
    flash(act, DONE)


def _invite_page(form: InviteForm, status: int = 200) -> Response:
    page = "access/invite_form.html"
    return htmx.render(page=page, fragment=page, status=status, form=form, days=GOOD_FOR.days)


def _member_page(member: StaffMember, form: RoleForm, status: int = 200) -> Response:
    page = "access/staff_member.html"
    sessions = list_open_sessions(member.id)
    return htmx.render(
        page=page,
        fragment=page,
        status=status,
        member=member,
        form=form,
        sessions=sessions,
        notice=take_notice(),
        is_self=member.id == current_caller().id,
    )
