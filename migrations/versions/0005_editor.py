"""The desk: access log, presence, saved views, invites, second factor, sessions that can be told apart."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "record_viewers",
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("staff_email", sa.String(length=254), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editing_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("environment_id", "customer_id", "session_id", name=op.f("pk_record_viewers")),
    )
    with op.batch_alter_table("record_viewers") as batch_op:
        batch_op.create_index(batch_op.f("ix_record_viewers_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "staff_invites",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('viewer', 'editor', 'admin')", name=op.f("ck_staff_invites_role")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_staff_invites_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invites")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_invites_token_hash")),
    )
    with op.batch_alter_table("staff_invites") as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_invites_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "record_accesses",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("staff_email", sa.String(length=254), nullable=False),
        sa.Column("page", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name=op.f("fk_record_accesses_tenant_id_environment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_accesses")),
    )
    with op.batch_alter_table("record_accesses") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_record_accesses_environment_id_at"), ["environment_id", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_record_accesses_environment_id_customer_id_at"),
            ["environment_id", "customer_id", "at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_record_accesses_environment_id_staff_id_at"),
            ["environment_id", "staff_id", "at"],
            unique=False,
        )

    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("environment_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["environment_id"], ["environments.id"], name=op.f("fk_saved_views_environment_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_views_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint(
            "environment_id", "staff_id", "name", name=op.f("uq_saved_views_environment_id_staff_id_name")
        ),
    )
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.add_column(sa.Column("replaced_by", sa.String(length=64), nullable=True))

    # In place: a copy of the table would lose the triggers that guard it.
    op.add_column("customer_changes", sa.Column("reverted_version", sa.Integer(), nullable=True))

    with op.batch_alter_table("integration_mappings") as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_mappings_environment_id_provider_type_provider_entity_id"))
        batch_op.create_index(
            "ix_integration_mappings_entity", ["environment_id", "provider_entity_id", "provider_type"], unique=False
        )

    with op.batch_alter_table("staff") as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=16), server_default="", nullable=False))
        batch_op.add_column(sa.Column("timezone", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("tf_primary_method", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("tf_totp_secret", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("tf_last_counter", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("mf_recovery_codes", sa.JSON(), nullable=True))

    with op.batch_alter_table("staff_sessions") as batch_op:
        batch_op.add_column(sa.Column("id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("user_agent", sa.String(length=255), server_default="", nullable=False))
    # Those who are signed in stay so: the ID only has to tell their sessions apart.
    op.execute("UPDATE staff_sessions SET id = 'sess_' || substr(token_hash, 1, 26)")
    with op.batch_alter_table("staff_sessions") as batch_op:
        batch_op.alter_column("id", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_staff_sessions_id"), ["id"])


def downgrade() -> None:
    """Contract."""
    with op.batch_alter_table("staff_sessions") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_staff_sessions_id"), type_="unique")
        batch_op.drop_column("user_agent")
        batch_op.drop_column("address")
        batch_op.drop_column("id")

    # In place: to drop the table for a copy of it would drop everybody's sessions with it.
    op.drop_column("staff", "mf_recovery_codes")
    op.drop_column("staff", "tf_last_counter")
    op.drop_column("staff", "tf_totp_secret")
    op.drop_column("staff", "tf_primary_method")
    op.drop_column("staff", "last_seen_at")
    op.drop_column("staff", "timezone")
    op.drop_column("staff", "language")

    with op.batch_alter_table("integration_mappings") as batch_op:
        batch_op.drop_index("ix_integration_mappings_entity")
        batch_op.create_index(
            batch_op.f("ix_integration_mappings_environment_id_provider_type_provider_entity_id"),
            ["environment_id", "provider_type", "provider_entity_id"],
            unique=False,
        )

    op.drop_column("customer_changes", "reverted_version")
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.drop_column("replaced_by")

    op.drop_table("saved_views")
    with op.batch_alter_table("record_accesses") as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_accesses_environment_id_staff_id_at"))
        batch_op.drop_index(batch_op.f("ix_record_accesses_environment_id_customer_id_at"))
        batch_op.drop_index(batch_op.f("ix_record_accesses_environment_id_at"))

    op.drop_table("record_accesses")
    with op.batch_alter_table("staff_invites") as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_invites_tenant_id"))

    op.drop_table("staff_invites")
    with op.batch_alter_table("record_viewers") as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_viewers_seen_at"))

    op.drop_table("record_viewers")
