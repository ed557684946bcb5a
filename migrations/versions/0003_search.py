"""Search: side tables for texts and metadata, trigram indexes, indexes for the orders of lists.

Rows that are there already are taken into the side tables. What that needs stands here and not in ``webapp``, so that a
later change of the service cannot change what this migration did.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BOX_FIELDS = ("external_id", "name", "email")
OTHER_FIELDS = (
    "contact", "address_line1", "address_line2", "address_city", "address_state", "address_postal_code",
    "address_country", "timezone",
)  # fmt: skip
WALKED_FIELDS = ("created_at", "updated_at", "external_id", "name", "email")
#: Fields that many customers can share a value of: their indexes lead to the newest first.
SHARED_FIELDS = {"ix_customers_children": "parent_customer_id", "ix_customers_country": "address_country"}
TRIGRAM_INDEX = "ix_customer_search_text_trigrams"
ROWS_AT_ONCE = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})?)?", re.ASCII
)

#: Columns that are compared by code points from now on: (table, column, length).
BY_CODE_POINTS = [
    ("customers", "id", 64),
    ("customers", "parent_customer_id", 64),
    ("customers", "external_id", 255),
    ("customers", "name", 255),
    ("customers", "email", 254),
    ("customers", "contact", 20),
    ("customers", "address_line1", 255),
    ("customers", "address_line2", 255),
    ("customers", "address_city", 100),
    ("customers", "address_state", 100),
    ("customers", "address_postal_code", 20),
    ("customers", "address_country", 2),
    ("customers", "timezone", 64),
    ("integration_mappings", "customer_id", 64),
    ("integration_mappings", "provider_entity_id", 255),
    ("retired_external_ids", "customer_id", 64),
    ("customer_changes", "customer_id", 64),
]
#: SQLite's trigram index. ``detail=none``: what it finds is compared in full anyway, and it is a third as large and
#: quicker to keep. ``automerge=16``: fewer, larger merges; a write takes a third less on average.
SQLITE_TRIGRAMS = [
    """CREATE VIRTUAL TABLE customer_search_fts USING fts5(
        text, content='customer_search', content_rowid='number', tokenize='trigram case_sensitive 1',
        detail=none, columnsize=0
    )""",
    "INSERT INTO customer_search_fts (customer_search_fts, rank) VALUES ('automerge', 16)",
    "CREATE VIRTUAL TABLE customer_search_fts_terms USING fts5vocab(customer_search_fts, instance)",
    """CREATE TRIGGER customer_search_inserted AFTER INSERT ON customer_search BEGIN
        INSERT INTO customer_search_fts (rowid, text) VALUES (NEW.number, NEW.text);
    END""",
    """CREATE TRIGGER customer_search_deleted AFTER DELETE ON customer_search BEGIN
        INSERT INTO customer_search_fts (customer_search_fts, rowid, text) VALUES ('delete', OLD.number, OLD.text);
    END""",
    """CREATE TRIGGER customer_search_updated AFTER UPDATE OF number, text ON customer_search
        WHEN OLD.number <> NEW.number OR OLD.text <> NEW.text BEGIN
        INSERT INTO customer_search_fts (customer_search_fts, rowid, text) VALUES ('delete', OLD.number, OLD.text);
        INSERT INTO customer_search_fts (rowid, text) VALUES (NEW.number, NEW.text);
    END""",
]


def _text(length: int | None = None) -> Any:
    kind = sa.Text if length is None else sa.String
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Expand, and contract at once: ``customers.search_text`` goes, which the code of before still writes.

    So that code cannot run beside this schema: stop the service, upgrade, and start the new one.
    """
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        _need_trigrams()
        _collate("C")
    op.drop_index("ix_customers_environment_id_created_at_id", "customers")
    op.drop_index("ix_customers_environment_id_parent_customer_id", "customers")
    op.execute("ALTER TABLE customers DROP COLUMN search_text")
    for name in WALKED_FIELDS:
        op.create_index(
            f"ix_customers_environment_id_status_{name}_id", "customers", ["environment_id", "status", name, "id"]
        )
    for name, field in SHARED_FIELDS.items():
        op.create_index(name, "customers", ["environment_id", field, "status", "created_at", "id"])
    _create_tables()
    _fill()
    for name, table, indexed in _side_indexes():
        op.create_index(name, table, indexed)
    if on_postgresql:
        op.execute(f"CREATE INDEX {TRIGRAM_INDEX} ON customer_search USING gin (text gin_trgm_ops)")
        return
    for statement in SQLITE_TRIGRAMS:
        op.execute(statement)
    op.execute("INSERT INTO customer_search_fts (customer_search_fts) VALUES ('rebuild')")
    # Or the first changes would have to merge what the rebuild left in pieces: a second each, for a million customers.
    op.execute("INSERT INTO customer_search_fts (customer_search_fts) VALUES ('optimize')")


def downgrade() -> None:
    """Contract."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE customer_search_fts_terms")
        op.execute("DROP TABLE customer_search_fts")
    op.drop_table("customer_metadata")
    op.drop_table("customer_search")
    for name in SHARED_FIELDS:
        op.drop_index(name, "customers")
    for name in WALKED_FIELDS:
        op.drop_index(f"ix_customers_environment_id_status_{name}_id", "customers")
    op.execute("ALTER TABLE customers ADD COLUMN search_text TEXT NOT NULL DEFAULT ''")
    _fill_search_text()
    op.create_index("ix_customers_environment_id_created_at_id", "customers", ["environment_id", "created_at", "id"])
    op.create_index(
        "ix_customers_environment_id_parent_customer_id", "customers", ["environment_id", "parent_customer_id"]
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE customers ALTER COLUMN search_text DROP DEFAULT")
        _collate("default")


def _need_trigrams() -> None:
    """pg_trgm comes with PostgreSQL and is trusted: the owner of a database may create it."""
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError as error:
        raise RuntimeError(
            "The search needs PostgreSQL's extension pg_trgm, which this role may not create. Let an administrator run "
            f"'CREATE EXTENSION pg_trgm' in this database, then upgrade again. PostgreSQL said: {error.orig}"
        ) from error


def _collate(collation: str) -> None:
    for table, column, length in BY_CODE_POINTS:
        op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length}) COLLATE "{collation}"')


def _create_tables() -> None:
    op.create_table(
        "customer_search",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", _text(64), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("text", _text(), nullable=False),
        sa.Column("other_text", _text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer_id"],
            ["customers.environment_id", "customers.id"],
            name=op.f("fk_customer_search_environment_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer_search")),
        sa.UniqueConstraint(
            "environment_id", "customer_id", name=op.f("uq_customer_search_environment_id_customer_id")
        ),
    )
    op.create_table(
        "customer_metadata",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pair_hash", sa.BigInteger(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("key", _text(), nullable=False),
        sa.Column("value", _text(), nullable=False),
        sa.Column("folded_value", _text(), nullable=True),
        sa.Column("decimal_value", sa.Double(), nullable=True),
        sa.Column("moment_value", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["customer_search.number"], name=op.f("fk_customer_metadata_number")),
        sa.PrimaryKeyConstraint("number", "key_hash", name=op.f("pk_customer_metadata")),
        sqlite_with_rowid=False,
    )


def _side_indexes() -> Iterator[tuple[str, str, list[str]]]:
    for columns in (
        ["pair_hash", "is_published", "created_at", "number"],
        ["key_hash", "is_published", "decimal_value", "number"],
    ):
        yield f"ix_customer_metadata_{'_'.join(columns)}", "customer_metadata", columns


def _fold(value: str) -> str:
    return unicodedata.normalize("NFKC", value).casefold()


def _hash(*texts: str) -> int:
    digest = hashlib.blake2b(digest_size=8)
    for part in texts:
        encoded = part.encode()
        digest.update(b"%d:" % len(encoded) + encoded)
    return int.from_bytes(digest.digest(), "big", signed=True)


def _decimal(value: str) -> float | None:
    number = float(value) if DECIMAL.fullmatch(value) else math.inf
    return number if math.isfinite(number) else None


def _customers(*columns: sa.ColumnClause[Any]) -> Iterator[list[Any]]:
    """Those columns of every customer, some customers at a time."""
    table = sa.table("customers", sa.column("environment_id"), sa.column("id"), *columns)
    page = sa.select(table).order_by(table.c.environment_id, table.c.id).limit(ROWS_AT_ONCE)
    key = sa.tuple_(table.c.environment_id, table.c.id)
    last = ("", "")
    while rows := op.get_bind().execute(page.where(key > last)).all():
        last = (rows[-1].environment_id, rows[-1].id)
        yield list(rows)


def _fill() -> None:
    bind = op.get_bind()
    names = (*BOX_FIELDS, *OTHER_FIELDS, "status")
    columns = (
        *map(sa.column, names),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("metadata", sa.JSON),
    )
    number = 0
    for page in _customers(*columns):
        found, entries = [], []
        for row in page:
            number += 1
            created_at = (row.created_at.replace(tzinfo=row.created_at.tzinfo or UTC) - EPOCH) // MICROSECOND
            stamp = {"number": number, "is_published": row.status == "published", "created_at": created_at}
            found.append({**stamp, **_texts(row), "environment_id": row.environment_id, "customer_id": row.id})
            entries += [{**stamp, **_entry(row, key, value)} for key, value in row.metadata.items()]
        bind.execute(sa.insert(_rows_of("customer_search", found)), found)
        if entries:
            bind.execute(sa.insert(_rows_of("customer_metadata", entries)), entries)
    if bind.dialect.name == "postgresql":
        op.execute(f"SELECT setval(pg_get_serial_sequence('customer_search', 'number'), {number + 1}, false)")


def _rows_of(table: str, rows: list[dict[str, Any]]) -> sa.TableClause:
    return sa.table(table, *map(sa.column, rows[0]))


def _texts(row: Any) -> dict[str, str]:
    """Each field behind a character of its own, and another one at the end."""
    places = {name: place for place, name in enumerate((*BOX_FIELDS, *OTHER_FIELDS), 1)}
    texts = {}
    for column, names in (("text", BOX_FIELDS), ("other_text", OTHER_FIELDS)):
        framed = [chr(places[name]) + _fold(getattr(row, name)) for name in names]
        texts[column] = "".join(framed) + chr(places[names[-1]] + 1)
    return texts


def _moment(value: str) -> int | None:
    """Microseconds since 1970."""
    found = MOMENT.fullmatch(value)
    if not found:
        return None
    date, time, fraction, zone = found.groups()
    seconds = f"{time or '00:00:00'}.{(fraction or '0')[:6].ljust(6, '0')}"
    try:
        moment = datetime.fromisoformat(f"{date}T{seconds}{(zone or 'Z').upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (moment - EPOCH) // MICROSECOND


def _entry(row: Any, key: str, value: str) -> dict[str, Any]:
    folded = _fold(value)
    return {
        "key_hash": _hash(row.environment_id, key),
        "pair_hash": _hash(row.environment_id, key, value),
        "key": key,
        "value": value,
        "folded_value": None if folded == value else folded,
        "decimal_value": _decimal(value),
        "moment_value": _moment(value),
    }


def _fill_search_text() -> None:
    """What the desk searched in before: the folded fields of the box, each behind a line end."""
    customers = sa.table("customers", *map(sa.column, ("environment_id", "id", "search_text")))
    statement = (
        sa.update(customers)
        .where(customers.c.environment_id == sa.bindparam("of_environment_id"), customers.c.id == sa.bindparam("of_id"))
        .values(search_text=sa.bindparam("folded"))
    )
    for page in _customers(*map(sa.column, BOX_FIELDS)):
        rows = [
            {
                "of_environment_id": row.environment_id,
                "of_id": row.id,
                "folded": "".join("\n" + _fold(getattr(row, name)) for name in BOX_FIELDS),
            }
            for row in page
        ]
        op.get_bind().execute(statement, rows)
