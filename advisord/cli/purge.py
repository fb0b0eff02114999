"""`advisord purge`: what is older than its class is kept goes now; the service does the same once a day."""
from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.errors import AdvisordError
from advisord.store.forgetting import Forgotten
from advisord.wiring.workshop import Workshop

WORDS = {
    "people": "incidents without whom they touched and where those were",
    "messages": "incidents without what was said and sent of them",
    "articles": "articles with what was read from them",
    "incidents": "incidents as a whole",
    "journal": "journal rows without what they told (the rows stay)",
}


@click.command("purge")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--at", help="Judge what is old at this ISO 8601 instant [default: now].")
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
def command(folder: Path | None, store_url: str | None, at: str | None, *, dry_run: bool) -> None:
    """Forget what is older than `retention:` in advisord.yaml says, and have it leave the disk.

    Every page of the database is written anew, during which the service waits: a few seconds for a gigabyte.
    """
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    now = instant(at) if at else datetime.now(UTC)
    try:
        retention, store = workshop.settings().retention, workshop.store()
        gone = store.purgeable(retention, now) if dry_run else store.purge(retention, now, thorough=True)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    _tell(gone, "would forget" if dry_run else "forgot")


def _tell(gone: Forgotten, verb: str) -> None:
    for each in fields(gone):
        if count := getattr(gone, each.name):
            click.echo(f"{verb} {count} {WORDS[each.name]}")
    if not gone:
        click.echo("nothing is older than it is to be kept")
