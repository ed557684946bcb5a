"""Rate limits: their counters."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand.

    Unlogged on PostgreSQL: a count is no record, and writes no log that a commit would wait for. On SQLite the counters
    are kept in a file of their own and this table stays empty: one schema for both.
    """
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "rate_limit_counters",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("allowed", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "allowed", "seconds", name=op.f("pk_rate_limit_counters")),
        prefixes=["UNLOGGED"] if on_postgresql else [],
        postgresql_with={"fillfactor": 50},
    )


def downgrade() -> None:
    """Contract."""
    op.drop_table("rate_limit_counters")
