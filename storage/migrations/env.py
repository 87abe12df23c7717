"""Alembic's entry: runs the revisions on the connection that `storage.migrations` hands over."""

from alembic import context
from sqlmodel import SQLModel

import storage.tables  # noqa: F401 - fills the metadata

connection = context.config.attributes["connection"]
if connection is None:
    raise RuntimeError("migrations run by `smbot db upgrade`")
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite alters a table by making it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
