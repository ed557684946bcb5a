"""Tables that only the desk needs: saved views of the list, and who has which record open. Knows no rule."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from webapp.access.model import EMAIL_LENGTH, ID_LENGTH
from webapp.column_types import UtcDateTime
from webapp.database import Base

VIEW_NAME_LENGTH = 100

#: A list that a person has given a name: the query string that leads to it.
saved_views = Table(
    "saved_views",
    Base.metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("environment_id", ForeignKey("environments.id"), nullable=False),
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(VIEW_NAME_LENGTH), nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("environment_id", "staff_id", "name"),
)

#: Who has a record open just now, one row for each sign-in; rows that were not seen lately say nothing any more.
record_viewers = Table(
    "record_viewers",
    Base.metadata,
    Column("environment_id", String(ID_LENGTH), primary_key=True),
    Column("customer_id", String(ID_LENGTH), primary_key=True),
    Column("session_id", String(ID_LENGTH), primary_key=True),
    Column("staff_id", String(ID_LENGTH), nullable=False),
    Column("staff_email", String(EMAIL_LENGTH), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    # When its edit page was seen last: a sign-in may have the record open in two tabs, and edit in one.
    Column("editing_at", UtcDateTime),
    Index(None, "seen_at"),
)
