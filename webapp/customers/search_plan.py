"""What a statement of the search is built for: a plan, and the candidates that its driver names, by an index.

Knows the indexes of texts, metadata and mappings; not what becomes of the candidates.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    column,
    literal_column,
    select,
    table,
    union,
)

from webapp.customers import search_text
from webapp.customers.model import customer_metadata, customer_search, integration_mappings
from webapp.customers.query import EXACT_TOTAL, HAS_NOT, FieldType, SortKey
from webapp.customers.search_conditions import BOX, Predicate, Shape, is_a_pair_of

#: So many candidates are looked at before it is asked whether another way is better.
MOST_CANDIDATES = 20_000
_TRIGRAMS = table("customer_search_fts", column("rowid", Integer))
_TERMS = table("customer_search_fts_terms", column("term", String), column("doc", Integer))
_MATCHES = literal_column("customer_search_fts").op("MATCH")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a statement depends on, without any value.

    Attributes:
        status: the one status of its customers.
        driver: the place of the condition by which candidates are found; None where an index of the customers finds
            them or, walking, nothing does.
        most_candidates: how many may be looked at; None for all.
        most_matches: how many may be gathered; past that there are better ways.
        has_position: whether the page begins behind a position.
        has_offset: whether it begins at an offset.
        has_bound: whether the walk ends at a value of the first key.
        has_range: whether an index tells which customers a range of times holds for, and they may be few.
    """

    on_postgresql: bool
    status: str
    shapes: tuple[Shape, ...]
    order: tuple[SortKey, ...] = ()
    driver: int | None = None
    most_candidates: int | None = MOST_CANDIDATES
    most_matches: int | None = EXACT_TOTAL
    has_position: bool = False
    has_offset: bool = False
    has_bound: bool = False
    has_range: bool = False

    @property
    def is_pairs_alone(self) -> bool:
        """Whether all conditions are on metadata entries being equal, which one index can tell."""
        return bool(self.shapes) and all(shape.is_pair for shape in self.shapes)

    @property
    def is_driven_by_texts(self) -> bool:
        """Whether the candidates are found by what their texts contain."""
        return self.driver is not None and self.shapes[self.driver].has_trigrams

    def predicates(self, *, on_customer: bool, but_texts: bool = False) -> list[ColumnElement[bool]]:
        """The conditions on one of the two tables; ``but_texts`` leaves out those that texts contain something."""
        return [
            Predicate(place, shape).sql
            for place, shape in enumerate(self.shapes)
            if shape.is_on_customer is on_customer and not (but_texts and shape.has_trigrams)
        ]


def at_most(statement: Select[Any], most: int | None) -> Select[Any]:
    """One more than that, by which it is seen that there are more."""
    return statement if most is None else statement.limit(most + 1)


def candidates_of(plan: Plan) -> Select[Any]:
    """The numbers of the customers that the driver names."""
    place = plan.driver
    if place is None:
        raise ValueError("a plan without a driver")
    shape = plan.shapes[place]
    if shape.type is FieldType.METADATA:
        found = _by_metadata(place, shape)
    elif shape.type is FieldType.MAPPING:
        found = _by_mapping(place, shape)
    else:
        found = _by_text(plan, shape)
    return at_most(found, plan.most_candidates)


def _by_metadata(place: int, shape: Shape) -> Select[Any]:
    entries = customer_metadata.c
    if shape.operator == HAS_NOT:
        return select(customer_search.c.number).where(
            customer_search.c.environment_id == bindparam("environment_id"),
            customer_search.c.is_published == bindparam("is_published"),
            Predicate(place, shape).sql,
        )
    statement = select(entries.number).where(entries.is_published == bindparam("is_published"))
    if shape.is_pair:
        return statement.where(is_a_pair_of(entries.pair_hash, place, shape))
    statement = statement.where(entries.key_hash == bindparam(f"key_hash_{place}"))
    if shape.data != "number":
        return statement
    value = bindparam(f"value_{place}", type_=entries.decimal_value.type)
    compared = {
        "eq": entries.decimal_value == value,
        "gt": entries.decimal_value > value,
        "gte": entries.decimal_value >= value,
        "lt": entries.decimal_value < value,
        "lte": entries.decimal_value <= value,
    }
    return statement.where(compared[shape.operator])


def _by_mapping(place: int, shape: Shape) -> Select[Any]:
    mappings = integration_mappings.c
    value: BindParameter[Any] = bindparam(f"value_{place}", expanding=shape.operator == "in")
    entity_id = mappings.provider_entity_id
    return (
        select(customer_search.c.number)
        .join_from(
            integration_mappings,
            customer_search,
            and_(
                customer_search.c.environment_id == mappings.environment_id,
                customer_search.c.customer_id == mappings.customer_id,
            ),
        )
        .where(
            mappings.environment_id == bindparam("environment_id"),
            mappings.provider_type == bindparam(f"key_{place}"),
            entity_id.in_(value) if shape.operator == "in" else entity_id == value,
            customer_search.c.is_published == bindparam("is_published"),
        )
    )


def _by_text(plan: Plan, shape: Shape) -> Select[Any]:
    """By the trigrams of all texts that are to be contained, or by one text that has less than three characters."""
    if plan.on_postgresql:
        likes = [Predicate(place, other).sql for place, other in enumerate(plan.shapes) if other.has_trigrams]
        return select(customer_search.c.number).where(
            *likes,
            customer_search.c.environment_id == bindparam("environment_id"),
            customer_search.c.is_published == bindparam("is_published"),
        )
    if shape.length >= search_text.TRIGRAM:
        return select(_TRIGRAMS.c.rowid.label("number")).where(_MATCHES(bindparam("trigrams", type_=String)))
    # Every trigram that begins with the text: a field's end stands behind the last of its characters.
    ranges = [
        and_(_TERMS.c.term >= bindparam(f"terms_from_{place}"), _TERMS.c.term < bindparam(f"terms_to_{place}"))
        for place in range(len(search_text.BOX_FIELDS) if shape.field == BOX else 1)
    ]
    found = [select(_TERMS.c.doc.label("number")).where(one) for one in ranges]
    return union(*found).subquery("found").select() if len(found) > 1 else found[0].distinct()
