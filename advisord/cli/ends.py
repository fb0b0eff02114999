"""What `advisord clear` and `advisord cancel` share: an officer's word that ends an incident for all who were told."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import environment, folder_of, instant
from advisord.cli.show import incident_of
from advisord.errors import AdvisordError
from advisord.model import IncidentStatus
from advisord.settings.access import access_in
from advisord.wiring.second import Officers, told_people
from advisord.wiring.workshop import Workshop

STORE = click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
AT = click.option("--at", help="Say it as of this ISO 8601 instant [default: now].")
BY = click.option("--by", "by", required=True, metavar="NAME", help="Who decides this: an id or a login; it is kept.")
WHY = click.option("--why", required=True, metavar="WORDS", help="What makes you say so; whoever was told reads it.")


def end(incident_id: str, status: IncidentStatus, *, by: str, why: str, folder: Path | None, store_url: str | None,
        at: str | None) -> None:
    """Say it, or ask for the second person that telling so many needs."""
    words, path = " ".join(why.split()), folder_of(folder)
    if not words:
        raise click.UsageError("--why says nothing")
    workshop = Workshop(path, environ=environment(), store_url=store_url)
    try:
        store = workshop.store()
        people = len(told_people(store, incident_of(store, incident_id).id))
        officers = Officers(store, access_in(path, environment()).two_people_above)
        now = instant(at) if at else datetime.now(UTC)
        done = officers.end(incident_id, status, by=by, why=words, now=now)
        if done is not None and done.waits is not None and done.waits.asked_by != by:
            done = officers.allow(done.waits.id, by=by, now=now)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    if done is None:
        raise click.ClickException(f"{incident_id} is not open any more")
    if done.waits is not None:
        raise click.ClickException(
            f"{people} people would be told, which needs two: {by} has asked; somebody else repeats this command under "
            "their own name, or allows it on the page")
    click.echo(f"{incident_id} is {status}; people who were told and now read so: {people}")
