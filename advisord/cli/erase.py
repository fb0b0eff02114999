"""`advisord erase PERSON`: one person taken out of everything that is kept."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.model import Settings
from advisord.wiring.workshop import Workshop


@click.command("erase")
@click.argument("person_id", metavar="PERSON")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--word", "words", multiple=True, metavar="TEXT",
              help="A name or address of theirs that staff.yaml no longer holds; may be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask: it can't be undone.")
def command(person_id: str, folder: Path | None, store_url: str | None, words: tuple[str, ...], *, yes: bool) -> None:
    """Take PERSON, by their id, out of everything that is kept: messages, exposures, decisions, journal.

    Messages to others that name them lose their bytes. The journal still verifies. Take them out of staff.yaml first:
    whoever is there is touched again by the next incident, and can't be erased while an open one touches them.
    """
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        settings, store = workshop.settings(), workshop.store()
        named = _named(settings, person_id)
        _refuse_touched(named, store.open_about(person_id))
        if not yes:
            click.confirm(f"Erase everything about {person_id}? It can't be undone.", abort=True)
        erased = store.erase(person_id, datetime.now(UTC), (*named, *words))
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    for name, count in erased.removed.items():
        click.echo(f"erased from {count} {name}")
    if not erased.removed:
        click.echo(f"nothing was held about {person_id}")
    for name, count in erased.left.items():
        click.echo(f"still named in {count} rows of {name} (the news itself, or somebody of the same name)")
    if named:
        click.echo(f"{person_id} still stands in staff.yaml")
    for channel in settings.channels:
        if channel.kind == "file":
            click.echo(f"copies lie where channel {channel.id!r} writes its files: remove those yourself")
    click.echo("what mail servers, webhook receivers and backups keep is theirs to erase")


def _named(settings: Settings, person_id: str) -> tuple[str, ...]:
    """The names and addresses that staff.yaml has of them."""
    person = next((each for each in settings.staff.people if each.id == person_id), None)
    if person is None:
        return ()
    return tuple(each for each in (person.name, person.contact.email, person.contact.phone) if each)


def _refuse_touched(named: tuple[str, ...], open_incidents: tuple[str, ...]) -> None:
    if named and open_incidents:
        raise click.UsageError(f"{', '.join(open_incidents)} goes on and touches them: they would be told again as if "
                               "nothing had been said. Take them out of staff.yaml first, or wait till it is over.")
