"""Runs the migrations on the application's own engine, in one transaction."""

from alembic import context
from flask import current_app

from webapp.access import model as _access_tables  # noqa: F401 - registers its tables
from webapp.customers.model import is_of_the_models
from webapp.database import Base

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
        context.run_migrations()
