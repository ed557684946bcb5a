"""Other people who have a record open, without a browser of theirs."""

from tests.support.world import HOME, World, staff_of
from webapp.access.permissions import PERMISSIONS_OF_ROLE, Caller
from webapp.customers.model import Customer, Scope
from webapp.customers.presence import note_viewer
from webapp.database import transaction


def caller_with(role: str, session_id: str = "", scope: Scope = HOME) -> Caller:
    """The staff member of a role, at a sign-in of that ID; inside of an application context."""
    staff = staff_of(role)
    return Caller(
        type="staff",
        id=staff.id,
        name=staff.email,
        tenant_id=scope.tenant_id,
        environment_id=scope.environment_id,
        permissions=PERMISSIONS_OF_ROLE[role],
        staff=staff,
        session_id=session_id or f"sess_of_{role}",
    )


def let_view(
    world: World,
    customer: Customer,
    role: str,
    *,
    is_editing: bool = False,
    is_opening: bool = True,
    session_id: str = "",
) -> None:
    """Have the staff member of a role open the record, or with ``is_opening=False`` their open page tell of itself."""
    with world.app.app_context():
        caller = caller_with(role, session_id, Scope(customer.tenant_id, customer.environment_id))
        transaction(
            lambda connection: note_viewer(
                connection, caller, customer.id, is_editing=is_editing, is_opening=is_opening
            )
        )
