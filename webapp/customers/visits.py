"""What happens whenever a person opens a page of a record: the access log and presence, in one place for all pages.

Knows which pages those are; not what they show.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g
from sqlalchemy import Connection

from webapp.access.access_log import RecordPage, record_access, remove_old_accesses
from webapp.access.permissions import Caller, current_caller
from webapp.customers.calling import scope
from webapp.customers.presence import Viewer, note_viewer, other_viewers, remove_old_viewers
from webapp.database import reading
from webapp.happenings import ACCESS_NOT_LOGGED, note
from webapp.log_lines import log
from webapp.now_and_then import is_due
from webapp.written_together import Write, write_before_answer

#: How often one process removes what is too old, at most.
TIDYING_SECONDS = 60

View = TypeVar("View", bound=Callable[..., Any])


def opens_record(page: RecordPage) -> Callable[[View], View]:
    """Have a view of a record's page tell who else is here, and write down that the page was opened.

    It is written before the answer goes out, and only where the record was shown: a redirect or an error shows none.
    A database that is busy for a second or cannot be written to at that moment keeps nobody from reading a record: the
    opening then stands in the log of the service, as a warning, instead.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(customer_id: str, **more: Any) -> Response:
            caller = current_caller()
            with reading() as connection:
                g.viewers = other_viewers(connection, scope(), customer_id, caller)
            answer: Response = view(customer_id=customer_id, **more)
            if not 300 <= answer.status_code < 400:
                _write_down(caller, customer_id, page)
            return answer

        return opened  # type: ignore[return-value]

    return decorate


def _write_down(caller: Caller, customer_id: str, page: RecordPage) -> None:
    kept_for = timedelta(days=current_app.extensions["customer_desk_settings"].access_log_days)

    def work(connection: Connection) -> None:
        record_access(connection, caller, customer_id, page)
        note_viewer(connection, caller, customer_id, is_editing=page == "edit", is_opening=True)

    def give_up() -> None:
        note(ACCESS_NOT_LOGGED)
        log.warning("access not logged", staff=caller.id, customer=customer_id, page=page)

    def tidy(connection: Connection) -> None:
        if is_due(current_app, ("old accesses", caller.environment_id), TIDYING_SECONDS):
            remove_old_accesses(connection, caller, kept_for)
        if is_due(current_app, "old viewers", TIDYING_SECONDS):
            remove_old_viewers(connection)

    key = caller.environment_id, customer_id, caller.session_id
    write_before_answer(Write(key, work, give_up, tidy))


def viewers_here() -> dict[str, list[Viewer]]:
    """What templates of records know: who else has the record open."""
    return {"viewers": list(g.get("viewers", ()))}
