"""Runs the migrations on the connection, and within the transaction, that the caller began."""

from __future__ import annotations

from alembic import context

from office.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
