"""Alembic's entry: the connection is handed in by `migrate.py`."""

from alembic import context

from niktokromenas.adapters.sql import tables
from niktokromenas.adapters.sql.migrations.migrate import is_compared

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.messages.metadata,
    render_as_batch=True,
    include_object=is_compared,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
