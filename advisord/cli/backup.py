"""`advisord backup`: a copy of the store as it stands, while the service goes on."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.wiring.workshop import Workshop


@click.command("backup")
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
def command(target: Path, folder: Path | None, store_url: str | None) -> None:
    """Copy the store to FILE, whole or not at all; the service need not stop.

    The service does the same every hour by itself, into the folder `backups` beside the store. The copy names people
    and places, as the store does.
    """
    if target.exists():
        raise click.ClickException(f"'{target}' is there already")
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        made = workshop.store().back_up(datetime.now(UTC), target)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    if made is None:
        raise click.ClickException("the store is no file: back PostgreSQL up by its own ways (pg_dump, WAL archiving)")
    click.echo(f"the store is copied to {made} ({made.stat().st_size:,} bytes)")
