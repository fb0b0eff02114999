"""`advisord answer INCIDENT PERSON safe|help`: note what somebody said by telephone, for the head count."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.cli.show import incident_of
from advisord.errors import AdvisordError
from advisord.model import Answer, Wellbeing
from advisord.wiring.answering import Desk
from advisord.wiring.workshop import Workshop


@click.command("answer")
@click.argument("incident_id", metavar="INCIDENT")
@click.argument("person_id", metavar="PERSON")
@click.argument("said", type=click.Choice([str(each) for each in Wellbeing]))
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--by", "by", required=True, metavar="NAME", help="Who spoke with them; it is kept.")
@click.option("--at", help="Note it at this ISO 8601 instant [default: now].")
def command(incident_id: str, person_id: str, *, said: str, folder: Path | None, store_url: str | None, by: str,
            at: str | None) -> None:
    """Note for PERSON, who was reached by telephone, that they are safe or need help.

    It is kept as said by an officer, counts like an answer of their own, and "help" goes to the desk at once.
    """
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        settings, store = workshop.settings(), workshop.store()
        incident = incident_of(store, incident_id)
        if person_id not in {each.id for each in settings.staff.people}:
            raise click.UsageError(f"nobody in staff.yaml has the id {person_id!r}")
        now = instant(at) if at else datetime.now(UTC)
        answer = Answer(incident.id, person_id, Wellbeing(said), now, "officer", by)
        kept = Desk(store, settings).take(answer)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    click.echo(f"{person_id}: {said}" + (f", noted by {by}" if kept else " was noted before; nothing changed"))
