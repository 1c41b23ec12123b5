"""Alembic environment: runs on the connection that the store hands over, never on one of its own."""

from alembic import context

from compensation.store.tables.metadata import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
