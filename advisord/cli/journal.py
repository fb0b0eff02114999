"""`advisord journal`: what happened, row after row; and whether anybody changed it since."""
from __future__ import annotations

import sys
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.wiring.workshop import Workshop

STORE = click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")


@click.group("journal", invoke_without_command=True)
@CONFIG
@STORE
@click.option("--incident", "incident_id", metavar="ID", help="Only what happened about this incident.")
@click.pass_context
def command(context: click.Context, folder: Path | None, store_url: str | None, incident_id: str | None) -> None:
    """Print the journal: source seen, understood, decided, sent, accepted; oldest first, ids only."""
    if context.invoked_subcommand is not None:
        return
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        for row in workshop.store().journal(incident_id):
            about = row.incident_id or "-"
            article = f" {row.article_id}" if row.article_id else ""
            click.echo(f"{row.number} {row.at:%Y-%m-%dT%H:%M:%SZ} {row.kind} {about}{article} {row.facts}")
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()


@command.command("verify")
@CONFIG
@STORE
def verify_command(folder: Path | None, store_url: str | None) -> None:
    """Check every row against the one before it, and the last against the head.

    The exit status is 0 when no row was changed, removed or moved, else 1. Note the printed head elsewhere: a
    later journal must still hold it at that row.
    """
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        found = workshop.store().verify_journal()
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    for fault in found.faults:
        click.echo(f"the journal: {fault}")
    if found.faults:
        sys.exit(1)
    click.echo(f"{found.rows} rows, none changed, removed or moved; head {found.head or 'none yet'}")
