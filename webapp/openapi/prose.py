"""What a person who integrates must know beside the operations: the description at the head of the document.

In the little of CommonMark that the page renders: headings, paragraphs, lists, code. Numbers and names come from the
declarations. Knows no route.
"""

from collections.abc import Iterable

from webapp.customers import query
from webapp.customers.limits import PARENT_LEVELS, Limits
from webapp.customers.query import FieldType
from webapp.customers.wire import EXPANSIONS, FOREIGN_FIELDS, READ_ONLY_FIELDS
from webapp.idempotency import KEPT_FOR
from webapp.json_body import MOST_NESTING
from webapp.openapi.query_schemas import FILTER_KINDS
from webapp.settings import Settings


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def description(settings: Settings, limits: Limits, foreign: Iterable[tuple[str, str]]) -> str:
    """The text, section by section."""
    sections = {
        "Keys": (
            "Send your key with every request, as `Authorization: Bearer KEY` or as `x-api-key: KEY`. It belongs to "
            "one environment of one tenant: nothing of another can be seen, and 404 is the answer for it. A `read` key "
            "may read and search; a `write` key may do everything."
        ),
        "What presence means": (
            "- A field that is absent stays as it is.\n"
            "- `null` counts as absent. It never clears.\n"
            '- `""` clears a text; `name` and `external_id` cannot be cleared.\n'
            "- `metadata` replaces all entries in PUT, and merges key by key in PATCH.\n"
            "- `integration_entity_mapping` works item by item; an item with an empty ID removes its mapping.\n\n"
            "White space around a text is taken off before it is judged, so lengths count what is left. Control "
            "characters (U+0000 to U+001F and U+007F to U+009F) and lone surrogates are refused.\n\n"
            f"Fields that only answers have ({_listed(READ_ONLY_FIELDS)}) may be sent back and are ignored, so a "
            "customer can be read, edited and sent whole. Fields of the wider billing product are accepted and "
            f"ignored: {_listed(FOREIGN_FIELDS)}. Any other field is refused and its nearest neighbour named, unless "
            "the request says `Prefer: handling=lenient`.\n\n"
            "What a schema cannot say: no metadata key twice once trimmed, no provider twice in one request, and a "
            f"chain of parents of at most {PARENT_LEVELS} customers without a loop."
        ),
        "Versions and simultaneous writes": (
            "Every change makes a new version, and `ETag` names it. Send it back as `If-Match` to write only if nobody "
            "else has: otherwise the answer is 412 `version_conflict`, with the present version in `details`. Without "
            "`If-Match` nothing is lost either, because an update touches only the fields that it was sent. "
            "`If-None-Match` saves reading what you have: 304."
        ),
        "Sending a write twice": (
            f"Give each write an `Idempotency-Key` of your own. For {KEPT_FOR.total_seconds() / 3600:.0f} hours the "
            "same request with the same key gets the first answer again, with `Idempotency-Replayed: true`, and has no "
            "second effect. The same key with another request is 422; while the first still runs, 409 with "
            "`Retry-After`. Nothing is kept of a request that was refused."
        ),
        "Pages": (
            f"A list answers with `items` and `pagination`. `limit` goes from 1 to {query.MOST_LIMIT}; without it a "
            f"page has {query.DEFAULT_LIMIT}. `next_cursor`, sent back as `cursor`, leads to the next page at the same "
            "cost however deep, without overlap or gap while others write. `offset` works too. The total is exact up "
            f"to {query.EXACT_TOTAL}; beyond that `total_relation` is `gte` and the total is a lower bound that is "
            f"never behind the page's last customer. `expand` shows "
            f"{' and '.join(f'`{name}`' for name in EXPANSIONS)} beside each customer."
        ),
        "The filter language": _filter_language(limits),
        "Limits": (
            f"- A body has at most {settings.max_body_bytes} bytes, is a JSON object, is nested at most {MOST_NESTING} "
            "levels deep, and has no key twice.\n"
            f"- Metadata: {limits.metadata_entries} entries, keys of {limits.metadata_key_length} and values of "
            f"{limits.metadata_value_length} characters.\n"
            f"- Lists in a search: {query.MOST_ARRAY_LENGTH} values, {query.MOST_FILTERS} filters, "
            f"{query.MOST_SORT_KEYS} sort keys.\n"
            "- Where a rate limit is on, every answer to a request that it counts carries `RateLimit-Limit`, "
            "`RateLimit-Remaining` and `RateLimit-Reset`, and 429 says in `Retry-After` how long to wait."
        ),
        "Not part of this service": (
            "These published routes belong to the wider billing product and answer 501 `not_implemented`:\n\n"
            + "\n".join(f"- `{method} {rule.replace('<', '{').replace('>', '}')}`" for method, rule in foreign)
        ),
    }
    intro = (
        "Customer Desk keeps customer records. Official FlexPrice clients work with it unchanged: point their base URL "
        "at `/v1` of this host."
    )
    return "\n\n".join([intro, *(f"## {title}\n\n{text}" for title, text in sections.items())])


def _filter_language(limits: Limits) -> str:
    kinds = []
    for kind, operators in query.OPERATORS.items():
        fields = [name for name, found in query.FILTER_FIELDS.items() if found is kind]
        if kind is FieldType.METADATA:
            fields = [f"{query.METADATA_PREFIX}KEY"]
        if kind is FieldType.MAPPING:
            fields = [f"{query.MAPPING_PREFIX}PROVIDER"]
        alike = dict.fromkeys(operators.values())
        takes = "; ".join(
            f"{_listed(name for name, types in operators.items() if types == wanted)} with {' or '.join(wanted)}"
            for wanted in alike
        )
        kinds.append(f"- {_listed(fields)} ({FILTER_KINDS[kind]}): {takes}.")
    return (
        "`filters` of a search is a list of conditions, all of which must hold. Each has a `field`, an `operator`, "
        "and a "
        "`value` with exactly one of `string`, `number`, `boolean`, `date` and `array`; `data_type` may repeat "
        "which.\n\n" + "\n".join(kinds) + f"\n\nPROVIDER is one of {_listed(limits.providers)}.\n\n"
        "`eq`, `in` and the comparisons of texts are exact, code point by code point. `contains` and `not_contains` "
        "take any case, and `%` and `_` are themselves. `before` and `after` are strict. A condition on a metadata key "
        "or a provider holds only for customers that have it, except `not_contains` and `not_in`, which hold for those "
        "without "
        'it too. No parent is the parent `""`.'
    )
