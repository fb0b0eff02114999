"""`advisord restore`: a backup in the place of the store; what was there is kept beside it."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop


@click.command("restore")
@click.argument("copy", metavar="BACKUP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
def command(copy: Path, folder: Path | None, store_url: str | None) -> None:
    """Put BACKUP in the place of the store. The service must not run.

    The backup is checked before anything is moved, and the store that was there stays beside it under another name.
    Messages keep their keys, so that what was sent since the backup was made reaches nobody as a new message.
    """
    try:
        url = store_url or Workshop(folder_of(folder), environ=environment()).settings().store_url
        aside, again = Store.restore(url, copy, datetime.now(UTC))
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored from {copy}; {again} waiting messages may have been sent since, and keep their keys")
    if aside is not None:
        click.echo(f"what was there is now {aside}; delete it when it is of no more use, since it names people")
