"""An older store becomes one of today, in one transaction; a newer one, or somebody else's, is refused."""
from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from advisord.errors import StoreError
from advisord.store.tables import metadata


def migrate(connection: Connection, *, found: str | None, tables: frozenset[str]) -> None:
    """Run the steps that are missing; the caller holds a write transaction, so that a crash leaves the old schema.

    `found` is the store's revision, `tables` what is in it.
    """
    config = configuration(connection)
    if found is None:
        _judge_stranger(tables, only_ours=connection.dialect.name == "sqlite")
    elif found not in {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}:
        raise StoreError(f"store: its schema '{found}' is newer than this program: upgrade advisord, or restore the "
                         "backup made before the upgrade")
    command.upgrade(config, "head")


def configuration(connection: Connection) -> Config:
    """Where alembic finds the steps, and the connection to run them on."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _judge_stranger(tables: frozenset[str], *, only_ours: bool) -> None:
    strange = tables if only_ours else tables & frozenset(metadata.tables)
    if strange:
        raise StoreError(f"store: this database belongs to something else (it has a table '{min(strange)}'): "
                         "name another")
