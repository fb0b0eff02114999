"""What alembic runs for every step: the connection comes from `migrate`, the steps from `versions/`."""
from __future__ import annotations

from alembic import context

from advisord.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata,
                  version_table="advisord_version", render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
