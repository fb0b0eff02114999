"""`advisord journal`: what happened, row after row; and whether anybody changed it since."""
from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.wiring.workshop import Workshop

_HEAD = re.compile(r"\b(\d+):([0-9a-f]{64})\b")
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


@command.command("head")
@CONFIG
@STORE
def head_command(folder: Path | None, store_url: str | None) -> None:
    """Print number and seal of the last row as `NUMBER:SEAL`, to be noted where the store can't be changed from."""
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        number, seal = workshop.store().journal_head()
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    click.echo(f"{number}:{seal}")


@command.command("verify")
@CONFIG
@STORE
@click.option("--anchor", "anchors", multiple=True, metavar="NUMBER:SEAL", help="A head noted earlier; repeatable.")
@click.option("--anchors", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with heads noted earlier, such as the service's log, in which it notes one a day.")
def verify_command(folder: Path | None, store_url: str | None, anchors: tuple[str, ...], file: Path | None) -> None:
    """Check every row against the one before it, the last against the head, and the outbox against the rows.

    The exit status is 0 when nothing was changed, removed or moved, else 1. A journal cut short, with its head set
    right by somebody who knows how, is found only by a head that was noted elsewhere: `--anchor` or `--anchors`.
    """
    noted = _noted((*anchors, file.read_text(encoding="utf-8", errors="replace") if file else ""))
    if not noted and (anchors or file):
        raise click.UsageError("no head is written there (NUMBER:SEAL, as `advisord journal head` prints it)")
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        found = workshop.store().verify_journal(noted)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    for fault in found.faults:
        click.echo(f"the journal: {fault}")
    if found.faults:
        sys.exit(1)
    gone = f" ({found.forgotten} without their details, which were purged or erased)" if found.forgotten else ""
    held = f"; {len(noted)} heads noted elsewhere stand where they stood" if noted else ""
    click.echo(f"{found.rows} rows{gone}, none changed, removed or moved{held}; head {found.rows}:{found.head}"
               if found.rows else "no rows yet")


def _noted(texts: Iterable[str]) -> dict[int, str]:
    return {int(number): seal for text in texts for number, seal in _HEAD.findall(text)}
