"""Tenants, environments, staff, API keys, customers, mappings, retired external IDs, history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


#: History is written once: the database itself refuses to change or delete it (contract section 11).
SQLITE_GUARDS = {
    "customer_changes_no_update": "BEFORE UPDATE ON customer_changes",
    "customer_changes_no_delete": "BEFORE DELETE ON customer_changes",
    # REPLACE deletes the old row without asking the trigger above, unless a connection asks for that.
    "customer_changes_no_replace": """BEFORE INSERT ON customer_changes WHEN EXISTS (
        SELECT 1 FROM customer_changes
        WHERE id = NEW.id OR (
            environment_id = NEW.environment_id AND customer_id = NEW.customer_id AND version = NEW.version
        )
    )""",
}
POSTGRESQL_GUARD = """
CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of customers cannot be changed';
END
$$;
CREATE TRIGGER customer_changes_guard
    BEFORE UPDATE OR DELETE OR TRUNCATE ON customer_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
"""


def _guard_history() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(POSTGRESQL_GUARD)
        return
    for name, moment in SQLITE_GUARDS.items():
        op.execute(
            f"CREATE TRIGGER {name} {moment} "
            "BEGIN SELECT RAISE(ABORT, 'the history of customers cannot be changed'); END"
        )


def _unguard_history() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER customer_changes_guard ON customer_changes")
        op.execute("DROP FUNCTION refuse_to_rewrite_history()")
        return
    for name in SQLITE_GUARDS:
        op.execute(f"DROP TRIGGER {name}")


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_account_hash_at"), ["account_hash", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_address_at"), ["address", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_at"), ["at"], unique=False)

    op.create_table(
        "tenants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "environments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('production', 'sandbox')", name=op.f("ck_environments_kind")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_environments_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environments")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_environments_tenant_id_id")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'editor', 'admin')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_staff_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_staff_fs_uniquifier")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write')", name=op.f("ck_api_keys_scope")),
        sa.ForeignKeyConstraint(["environment_id"], ["environments.id"], name=op.f("fk_api_keys_environment_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_keys_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_api_keys_environment_id_created_at"), ["environment_id", "created_at"], unique=False
        )

    op.create_table(
        "customers",
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=255), server_default="", nullable=False),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("contact", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address_line1", sa.String(length=255), server_default="", nullable=False),
        sa.Column("address_line2", sa.String(length=255), server_default="", nullable=False),
        sa.Column("address_city", sa.String(length=100), server_default="", nullable=False),
        sa.Column("address_state", sa.String(length=100), server_default="", nullable=False),
        sa.Column("address_postal_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address_country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("parent_customer_id", sa.String(length=64), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("updated_by", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'archived')", name=op.f("ck_customers_status")),
        sa.ForeignKeyConstraint(
            ["environment_id", "parent_customer_id"],
            ["customers.environment_id", "customers.id"],
            name=op.f("fk_customers_environment_id_parent_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name=op.f("fk_customers_tenant_id_environment_id"),
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_customers")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_environment_id_created_at_id"),
            ["environment_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_customers_environment_id_parent_customer_id"),
            ["environment_id", "parent_customer_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_customers_published_external_id",
            ["environment_id", "external_id"],
            unique=True,
            sqlite_where=sa.text("status = 'published'"),
            postgresql_where=sa.text("status = 'published'"),
        )

    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["environment_id"], ["environments.id"], name=op.f("fk_staff_sessions_environment_id")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_sessions_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_sessions_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "customer_changes",
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
        sa.CheckConstraint(
            "actor_type IN ('staff', 'api_key', 'command')", name=op.f("ck_customer_changes_actor_type")
        ),
        sa.CheckConstraint(
            "operation IN ('create', 'update', 'archive', 'restore', 'revert')",
            name=op.f("ck_customer_changes_operation"),
        ),
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
    op.create_table(
        "integration_mappings",
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("provider_type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("provider_entity_id", sa.String(length=255), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("updated_by", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer_id"],
            ["customers.environment_id", "customers.id"],
            name=op.f("fk_integration_mappings_environment_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer_id", "provider_type", name=op.f("pk_integration_mappings")),
        sa.UniqueConstraint("id", name=op.f("uq_integration_mappings_id")),
    )
    with op.batch_alter_table("integration_mappings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_integration_mappings_environment_id_provider_type_provider_entity_id"),
            ["environment_id", "provider_type", "provider_entity_id"],
            unique=False,
        )

    op.create_table(
        "retired_external_ids",
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer_id"],
            ["customers.environment_id", "customers.id"],
            name=op.f("fk_retired_external_ids_environment_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("environment_id", "external_id", name=op.f("pk_retired_external_ids")),
    )
    _guard_history()


def downgrade() -> None:
    """Contract."""
    _unguard_history()
    op.drop_table("retired_external_ids")
    with op.batch_alter_table("integration_mappings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_mappings_environment_id_provider_type_provider_entity_id"))

    op.drop_table("integration_mappings")
    op.drop_table("customer_changes")
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_sessions_staff_id"))
        batch_op.drop_index(batch_op.f("ix_staff_sessions_created_at"))

    op.drop_table("staff_sessions")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_customers_published_external_id",
            sqlite_where=sa.text("status = 'published'"),
            postgresql_where=sa.text("status = 'published'"),
        )
        batch_op.drop_index(batch_op.f("ix_customers_environment_id_parent_customer_id"))
        batch_op.drop_index(batch_op.f("ix_customers_environment_id_created_at_id"))

    op.drop_table("customers")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_environment_id_created_at"))

    op.drop_table("api_keys")
    op.drop_table("staff")
    op.drop_table("environments")
    op.drop_table("tenants")
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_at"))
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_address_at"))
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_account_hash_at"))

    op.drop_table("sign_in_attempts")
