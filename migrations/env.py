"""Runs the migrations on the application's own engine, in one transaction. Knows no table."""

from alembic import context
from flask import current_app

from webapp.access import model as _access_tables  # noqa: F401 - registers its tables
from webapp.customers import desk_model as _desk_tables  # noqa: F401 - the same
from webapp.customers.model import is_of_the_models
from webapp.database import Base, is_postgresql

engine = current_app.extensions["migrate"].db.engine

with engine.execution_options(writing=True).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_name=is_of_the_models,
    )
    with context.begin_transaction():
        if is_postgresql(connection):
            # A million customers take longer than a request may. The limit for locks stays, DATABASE_TIMEOUT_SECONDS:
            # behind a migration that waits for a table, everybody else who wants it would wait too.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        context.run_migrations()
