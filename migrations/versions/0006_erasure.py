"""Erasure: which customers were erased, and guards of the history that let values be replaced by tokens, no more.

The code of before runs beside it: a table is added, a check and a guard are widened. What it cannot do any more is to
write to a customer that was erased.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPERATIONS_BEFORE = ("create", "update", "archive", "restore", "revert")
OPERATIONS = (*OPERATIONS_BEFORE, "erase")
CUSTOMER_ID = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
REFUSED = "the history of customers cannot be changed"
ERASED = "the customer was erased"

#: What an erasure may change of an entry is ``fields`` and ``reason``; this is all else.
FIXED_COLUMNS = (
    "environment_id", "tenant_id", "customer_id", "version", "id", "operation", "at", "actor_type", "actor_id",
    "actor_name", "source", "request_id", "reverted_version",
)  # fmt: skip
OF_CUSTOMER = (
    "SELECT 1 FROM customer_erasures WHERE environment_id = NEW.environment_id AND customer_id = NEW.customer_id"
)


def _is_sqlite_token(text: str) -> str:
    return f"({text} GLOB 'erased:[0-9]*' AND substr({text}, 8) NOT GLOB '*[^0-9]*')"


def _sqlite_value_is_erased(side: str) -> str:
    """SQL: an entry's ``old`` or ``new`` is nothing as before, or a token where there was something."""
    path = f"'$.{side}'"
    kind, value = f"json_type(n.value, {path})", f"json_extract(n.value, {path})"
    mapping = f"json_extract(n.value, '$.{side}.id')"
    return f"""(
        {kind} IS json_type(o.value, {path}) AND CASE
            WHEN json_extract(o.value, '$.field') = 'status' THEN {value} IS json_extract(o.value, {path})
            WHEN {kind} = 'null' THEN 1
            WHEN {kind} = 'object' THEN {_is_sqlite_token(mapping)}
                AND {value} = json_object('id', {mapping}, 'metadata', json('{{}}'))
            WHEN {kind} <> 'text' THEN 0
            WHEN json_extract(o.value, {path}) = '' THEN {value} = ''
            ELSE {_is_sqlite_token(value)}
        END
    )"""


SQLITE_KEY_IS_ERASED = f"""CASE json_extract(o.value, '$.field')
    WHEN 'metadata' THEN {_is_sqlite_token("json_extract(n.value, '$.key')")}
    ELSE json_extract(n.value, '$.key') IS json_extract(o.value, '$.key')
END"""
#: SQL: a change of an entry that is not the erasure of its values.
SQLITE_NO_ERASURE = f"""
    {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FIXED_COLUMNS)}
    OR NOT EXISTS ({OF_CUSTOMER} AND version IS NULL)
    OR NOT (NEW.reason = OLD.reason AND OLD.reason = '' OR OLD.reason <> '' AND {_is_sqlite_token("NEW.reason")})
    OR json_array_length(NEW.fields) IS NOT json_array_length(OLD.fields)
    OR EXISTS (
        SELECT 1 FROM json_each(OLD.fields) AS o JOIN json_each(NEW.fields) AS n ON n.key = o.key
        WHERE (
            json_extract(n.value, '$.field') IS json_extract(o.value, '$.field')
            AND {SQLITE_KEY_IS_ERASED}
            AND (SELECT count(*) FROM json_each(n.value)) = (SELECT count(*) FROM json_each(o.value))
            AND {_sqlite_value_is_erased("old")}
            AND {_sqlite_value_is_erased("new")}
        ) IS NOT TRUE
    )
"""  # noqa: S608 - constants of this file
#: Trigger -> (moment, what it says).
SQLITE_GUARDS = {
    "customer_changes_no_update": (f"BEFORE UPDATE ON customer_changes WHEN {SQLITE_NO_ERASURE}", REFUSED),
    "customer_changes_of_erased": (
        f"BEFORE INSERT ON customer_changes WHEN EXISTS ({OF_CUSTOMER} AND version IS NOT NULL)",
        ERASED,
    ),
    "customer_erasures_no_update": (
        """BEFORE UPDATE ON customer_erasures WHEN NOT (
            OLD.version IS NULL AND NEW.version IS NOT NULL AND NEW.at = OLD.at AND NEW.tenant_id = OLD.tenant_id
            AND NEW.environment_id = OLD.environment_id AND NEW.customer_id = OLD.customer_id
        )""",
        "an erasure cannot be changed",
    ),
    "customer_erasures_no_delete": ("BEFORE DELETE ON customer_erasures", "an erasure cannot be taken back"),
    "customer_erasures_no_replace": (
        f"BEFORE INSERT ON customer_erasures WHEN EXISTS ({OF_CUSTOMER})",
        ERASED,
    ),
}
#: The guards of migration 0001, which go with the table of before.
SQLITE_GUARDS_OF_0001 = {
    "customer_changes_no_update": ("BEFORE UPDATE ON customer_changes", REFUSED),
    "customer_changes_no_delete": ("BEFORE DELETE ON customer_changes", REFUSED),
    "customer_changes_no_replace": (
        """BEFORE INSERT ON customer_changes WHEN EXISTS (
            SELECT 1 FROM customer_changes
            WHERE id = NEW.id OR (
                environment_id = NEW.environment_id AND customer_id = NEW.customer_id AND version = NEW.version
            )
        )""",
        REFUSED,
    ),
}
POSTGRESQL_GUARDS = f"""
CREATE FUNCTION is_erased_value(before json, after json, field text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT json_typeof(after) IS NOT DISTINCT FROM json_typeof(before) AND CASE
        WHEN field = 'status' THEN after::text IS NOT DISTINCT FROM before::text
        WHEN json_typeof(after) = 'null' THEN true
        WHEN json_typeof(after) = 'object' THEN
            after ->> 'id' ~ '^erased:[0-9]+$'
            AND after::jsonb = jsonb_build_object('id', after ->> 'id', 'metadata', '{{}}'::jsonb)
        WHEN json_typeof(after) <> 'string' THEN false
        WHEN before #>> '{{}}' = '' THEN after #>> '{{}}' = ''
        ELSE after #>> '{{}}' ~ '^erased:[0-9]+$'
    END
$$;
CREATE FUNCTION are_erased_fields(before json, after json) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT json_array_length(before) = json_array_length(after) AND NOT EXISTS (
        SELECT 1
        FROM json_array_elements(before) WITH ORDINALITY AS o (entry, place)
        JOIN json_array_elements(after) WITH ORDINALITY AS n (entry, place) USING (place)
        WHERE (
            n.entry ->> 'field' IS NOT DISTINCT FROM o.entry ->> 'field'
            AND CASE WHEN o.entry ->> 'field' = 'metadata' THEN n.entry ->> 'key' ~ '^erased:[0-9]+$'
                ELSE n.entry ->> 'key' IS NOT DISTINCT FROM o.entry ->> 'key' END
            AND (SELECT count(*) FROM json_object_keys(n.entry)) = (SELECT count(*) FROM json_object_keys(o.entry))
            AND is_erased_value(o.entry -> 'old', n.entry -> 'old', o.entry ->> 'field')
            AND is_erased_value(o.entry -> 'new', n.entry -> 'new', o.entry ->> 'field')
        ) IS NOT TRUE
    )
$$;
CREATE FUNCTION let_history_be_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ({", ".join(f"NEW.{name}" for name in FIXED_COLUMNS)})
            IS NOT DISTINCT FROM ({", ".join(f"OLD.{name}" for name in FIXED_COLUMNS)})
        AND EXISTS ({OF_CUSTOMER} AND version IS NULL)
        AND (NEW.reason = OLD.reason AND OLD.reason = '' OR OLD.reason <> '' AND NEW.reason ~ '^erased:[0-9]+$')
        AND are_erased_fields(OLD.fields, NEW.fields)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{REFUSED}';
END
$$;
CREATE FUNCTION refuse_history_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ({OF_CUSTOMER} AND version IS NOT NULL) THEN
        RAISE EXCEPTION '{ERASED}';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION refuse_to_change_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.version IS NULL AND NEW.version IS NOT NULL
            AND (NEW.environment_id, NEW.customer_id, NEW.tenant_id, NEW.at)
                = (OLD.environment_id, OLD.customer_id, OLD.tenant_id, OLD.at)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'an erasure cannot be changed or taken back';
END
$$;
DROP TRIGGER customer_changes_guard ON customer_changes;
CREATE TRIGGER customer_changes_guard
    BEFORE DELETE OR TRUNCATE ON customer_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER customer_changes_no_update
    BEFORE UPDATE ON customer_changes FOR EACH ROW EXECUTE FUNCTION let_history_be_erased();
CREATE TRIGGER customer_changes_of_erased
    BEFORE INSERT ON customer_changes FOR EACH ROW EXECUTE FUNCTION refuse_history_of_erased();
CREATE TRIGGER customer_erasures_no_update
    BEFORE UPDATE ON customer_erasures FOR EACH ROW EXECUTE FUNCTION refuse_to_change_erasure();
CREATE TRIGGER customer_erasures_guard
    BEFORE DELETE OR TRUNCATE ON customer_erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_erasure();
"""  # noqa: S608 - the same
POSTGRESQL_GUARDS_OF_0001 = """
DROP TRIGGER customer_changes_of_erased ON customer_changes;
DROP TRIGGER customer_changes_no_update ON customer_changes;
DROP TRIGGER customer_changes_guard ON customer_changes;
DROP FUNCTION refuse_history_of_erased();
DROP FUNCTION let_history_be_erased();
DROP FUNCTION are_erased_fields(json, json);
DROP FUNCTION is_erased_value(json, json, text);
CREATE TRIGGER customer_changes_guard
    BEFORE UPDATE OR DELETE OR TRUNCATE ON customer_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "customer_erasures",
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", CUSTOMER_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer_id"],
            ["customers.environment_id", "customers.id"],
            name=op.f("fk_customer_erasures_environment_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer_id", name=op.f("pk_customer_erasures")),
    )
    _let_operations_be(OPERATIONS)
    if _is_postgresql():
        op.execute(POSTGRESQL_GUARDS)
    else:
        _create_triggers({**SQLITE_GUARDS_OF_0001, **SQLITE_GUARDS})


def downgrade() -> None:
    """Contract. What was erased stays so: its entry is an archiving from now on, and anybody may restore the rest."""
    if _is_postgresql():
        op.execute(POSTGRESQL_GUARDS_OF_0001)
        op.drop_table("customer_erasures")
        op.execute("DROP FUNCTION refuse_to_change_erasure()")
        op.execute("ALTER TABLE customer_changes DISABLE TRIGGER customer_changes_guard")
        op.execute("UPDATE customer_changes SET operation = 'archive' WHERE operation = 'erase'")
        op.execute("ALTER TABLE customer_changes ENABLE TRIGGER customer_changes_guard")
        _let_operations_be(OPERATIONS_BEFORE)
        return
    _let_operations_be(OPERATIONS_BEFORE)
    op.drop_table("customer_erasures")
    _create_triggers(SQLITE_GUARDS_OF_0001)


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _create_triggers(guards: dict[str, tuple[str, str]]) -> None:
    for name, (moment, message) in guards.items():
        op.execute(f"CREATE TRIGGER {name} {moment} BEGIN SELECT RAISE(ABORT, '{message}'); END")


def _let_operations_be(operations: tuple[str, ...]) -> None:
    """SQLite changes a check only with its table: the entries are copied, and the guards go with the old table."""
    condition = f"operation IN ({', '.join(repr(name) for name in operations)})"
    if _is_postgresql():
        op.drop_constraint(op.f("ck_customer_changes_operation"), "customer_changes")
        op.create_check_constraint(op.f("ck_customer_changes_operation"), "customer_changes", condition)
        return
    columns = _create_changes("customer_changes_copied", condition)
    names = ", ".join(columns)
    kept = ", ".join("replace(operation, 'erase', 'archive')" if name == "operation" else name for name in columns)
    values = kept if "erase" not in operations else names
    op.execute(f"INSERT INTO customer_changes_copied ({names}) SELECT {values} FROM customer_changes")  # noqa: S608 - the same
    op.drop_table("customer_changes")
    op.rename_table("customer_changes_copied", "customer_changes")


def _create_changes(name: str, operations: str) -> list[str]:
    """The table of changes as 0001 and 0005 made it, with another check. Returns its columns."""
    table = op.create_table(
        name,
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_type", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reverted_version", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "actor_type IN ('staff', 'api_key', 'command')", name=op.f("ck_customer_changes_actor_type")
        ),
        sa.CheckConstraint(operations, name=op.f("ck_customer_changes_operation")),
        sa.CheckConstraint("source IN ('desk', 'api', 'command', 'import')", name=op.f("ck_customer_changes_source")),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer_id"],
            ["customers.environment_id", "customers.id"],
            name=op.f("fk_customer_changes_environment_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name=op.f("fk_customer_changes_tenant_id_environment_id"),
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer_id", "version", name=op.f("pk_customer_changes")),
        sa.UniqueConstraint("id", name=op.f("uq_customer_changes_id")),
    )
    return [column.name for column in table.columns]
