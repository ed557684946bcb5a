"""The desk's list as its address has it: a query string <-> what is asked for, judged, in the words of a person.

Knows no SQL and no page.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from webapp.customers.query import (
    HAS,
    HAS_NOT,
    LONGEST_CURSOR,
    LONGEST_METADATA_KEY,
    METADATA_PREFIX,
    Condition,
    SortKey,
)
from webapp.customers.rows import trim
from webapp.customers.search_terms import MetadataTerm, Terms, read_terms
from webapp.customers.validators import COUNTRY_NAMES, forbidden_character
from webapp.phrases import Phrase, phrase

LONGEST_QUERY = 255
LONGEST_QUERY_STRING = 8000
PUBLISHED_OR_ARCHIVED = {"published": ("published",), "archived": ("archived",), "all": ("published", "archived")}
DEFAULT_STATUS = "published"
#: What a list can be sorted by, and which way round it is at first: the orders that an index serves.
SORTS = {"external_id": "asc", "name": "asc", "email": "asc", "created_at": "desc", "updated_at": "desc"}
ORDERS = ("asc", "desc")
#: Always there, and always the first.
FIXED_COLUMN = "external_id"
COLUMNS = (
    "name", "email", "contact", "address_city", "address_country", "parent_customer_external_id", "status",
    "created_at", "updated_at", "version",
)  # fmt: skip
DEFAULT_COLUMNS = ("name", "email", "address_country", "updated_at")
MOST_COLUMNS = 20
FILTERS = ("status", "country", "parent", "changed_from", "changed_to")
PARAMETERS = ("q", *FILTERS, "sort", "order", "columns", "cursor")
#: A metadata key alone, as a person types it; it becomes one of ``columns``.
METADATA_COLUMN = "metadata_column"
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")

Faults = dict[str, Phrase]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list is asked for, as typed; ``""`` is what a list has at first, and ``faults_of`` says what is wrong.

    Attributes:
        q: the search box.
        status: ``published``, ``archived`` or ``all``.
        country: an ISO code.
        parent: the parent's external ID or ID.
        changed_from, changed_to: the first and the last day on which the customer last changed, ``2026-01-31``.
        sort, order: a field of ``SORTS`` and ``asc`` or ``desc``; without, the best hits or the newest come first.
        columns: behind the external ID; ``metadata.KEY`` for any key.
        cursor: where to go on, as the page before gave it.
    """

    q: str = ""
    status: str = DEFAULT_STATUS
    country: str = ""
    parent: str = ""
    changed_from: str = ""
    changed_to: str = ""
    sort: str = ""
    order: str = ""
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    cursor: str = ""

    @property
    def terms(self) -> Terms:
        """What the search box asks for."""
        return read_terms(self.q)

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses of its customers."""
        return PUBLISHED_OR_ARCHIVED[self.status]

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        first = ListQuery()
        return {name: getattr(self, name) for name in FILTERS if getattr(self, name) != getattr(first, name)}

    @property
    def asks_for_nothing(self) -> bool:
        """Whether it is the list of the newest, whatever its columns and its order."""
        return not (self.q or self.filters)

    @property
    def sorted_by(self) -> SortKey | None:
        """What a person sorts by; None for the best hits or the newest first."""
        if not self.sort:
            return None
        direction = self.order or SORTS[self.sort]
        return SortKey(self.sort, "desc" if direction == "desc" else "asc")

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """The parameters of its address, with ``changed`` fields; what is as at first is left out, and so is a cursor.

        A cursor leads nowhere in a list that differs; ``cursor=`` among ``changed`` sets one.
        """
        wanted = replace(self, **{"cursor": "", **changed})
        first = ListQuery()
        named = {name: getattr(wanted, name) for name in PARAMETERS if getattr(wanted, name) != getattr(first, name)}
        if "columns" in named:  # the fixed one says that there is no other, too
            named["columns"] = [FIXED_COLUMN, *wanted.columns]
        return named

    def query_string(self) -> str:
        """The query string of its address, always the same for the same list, without a cursor."""
        return urlencode(self.parameters(), doseq=True)

    def conditions(self, zone: ZoneInfo, parent_id: str = "") -> tuple[Condition, ...]:
        """What must hold for its customers besides the box's text and the status. Days begin and end in ``zone``."""
        found = [_metadata_condition(term) for term in self.terms.metadata]
        if self.country:
            found.append(Condition("address_country", "eq", self.country))
        if parent_id:
            found.append(Condition("parent_customer_id", "eq", parent_id))
        if self.changed_from:
            found.append(Condition("updated_at", "gte", _begin_of(date.fromisoformat(self.changed_from), zone)))
        if self.changed_to:
            behind = date.fromisoformat(self.changed_to) + timedelta(days=1)
            found.append(Condition("updated_at", "lt", _begin_of(behind, zone)))
        return tuple(found)


def read_list_query(sent: "MultiDict[str, str]") -> ListQuery:
    """The list that parameters ask for; nothing is judged. Blank ones count as absent, unknown ones are not read."""
    texts: dict[str, Any] = {name: trim(sent.get(name)) for name in PARAMETERS if name != "columns"}
    return replace(ListQuery(columns=_columns(sent)), **{name: text for name, text in texts.items() if text})


def read_query_string(query_string: str) -> ListQuery:
    """As :func:`read_list_query`, of a whole query string."""
    return read_list_query(MultiDict(parse_qsl(query_string[:LONGEST_QUERY_STRING])))


def is_tidy(sent: "MultiDict[str, str]", query: ListQuery) -> bool:
    """Whether the address of a list says nothing that it need not, as a plain form's does."""
    tidy = MultiDict(query.parameters(cursor=query.cursor))
    return all(sent.getlist(name) == tidy.getlist(name) for name in (*PARAMETERS, METADATA_COLUMN))


def _columns(sent: "MultiDict[str, str]") -> tuple[str, ...]:
    named = [name for name in map(trim, sent.getlist("columns")) if name]
    typed = trim(sent.get(METADATA_COLUMN))
    if not named and not typed:
        return DEFAULT_COLUMNS
    wanted = [*(named or DEFAULT_COLUMNS), *([METADATA_PREFIX + typed] if typed else [])]
    return tuple(name for name in dict.fromkeys(wanted) if name != FIXED_COLUMN)


def faults_of(query: ListQuery) -> Faults:
    """What is wrong with each parameter; a parent or a cursor may still lead nowhere."""
    faults: Faults = {}
    if found := forbidden_character(query.q):
        faults["q"] = phrase("The search holds the control character %(character)s. Remove it.", character=found)
    elif len(query.q) > LONGEST_QUERY:
        faults["q"] = phrase("The search is longer than %(most)d characters.", most=LONGEST_QUERY)
    if query.status not in PUBLISHED_OR_ARCHIVED:
        faults["status"] = phrase("There is no such status. Choose published, archived or both.")
    if query.country and query.country not in COUNTRY_NAMES:
        faults["country"] = phrase("There is no such country. Choose one from the list.")
    if len(query.parent) > LONGEST_QUERY:
        faults["parent"] = phrase("An external ID has at most %(most)d characters.", most=LONGEST_QUERY)
    return {**faults, **_faults_of_days(query), **_faults_of_order(query), **_faults_of_columns(query)}


def _faults_of_days(query: ListQuery) -> Faults:
    faults: Faults = {}
    for name in ("changed_from", "changed_to"):
        text = getattr(query, name)
        if text and not _is_day(text):
            faults[name] = phrase("Give a date such as 2026-01-31.")
    if not faults and query.changed_from and query.changed_to and query.changed_from > query.changed_to:
        faults["changed_to"] = phrase("The last day is before the first. Exchange the two.")
    return faults


def _faults_of_order(query: ListQuery) -> Faults:
    if query.sort and query.sort not in SORTS:
        return {"sort": phrase("A list cannot be sorted by that. Choose from the list.")}
    if query.order and query.order not in ORDERS:
        return {"order": phrase("There is no such direction. Choose upwards or downwards.")}
    if query.order and not query.sort:
        return {"order": phrase("Choose what to sort by, too.")}
    return {}


def _faults_of_columns(query: ListQuery) -> Faults:
    for name in query.columns:
        key = name.removeprefix(METADATA_PREFIX)
        if name not in COLUMNS and not (name.startswith(METADATA_PREFIX) and 0 < len(key) <= LONGEST_METADATA_KEY):
            return {"columns": phrase("There is no column “%(name)s”. Choose from the list.", name=name[:100])}
    if len(query.columns) > MOST_COLUMNS:
        return {"columns": phrase("Choose at most %(most)d columns.", most=MOST_COLUMNS)}
    if len(query.cursor) > LONGEST_CURSOR:
        return {"cursor": GARBLED_CURSOR}
    return {}


GARBLED_CURSOR = phrase("This address goes on from a place that is not in this list. Begin at its first page.")


def _is_day(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _begin_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _metadata_condition(term: MetadataTerm) -> Condition:
    field = METADATA_PREFIX + term.key
    if term.value is None:
        return Condition(field, HAS if term.is_wanted else HAS_NOT, "")
    return Condition(field, "eq", term.value) if term.is_wanted else Condition(field, "not_in", (term.value,))


def named_faults(details: Mapping[str, Any]) -> Faults:
    """The faults that the search itself found, each parameter's first message."""
    return {name: messages[0] for name, messages in details.items()}
