"""`advisord export PERSON`: everything that is held about one person, as JSON."""
from __future__ import annotations

import json
from pathlib import Path

import click
from pydantic import TypeAdapter

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.model import Person, Settings, StaffLocation
from advisord.wiring.workshop import Workshop


@click.command("export")
@click.argument("person_id", metavar="PERSON")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
def command(person_id: str, folder: Path | None, store_url: str | None) -> None:
    """Print everything that is held about PERSON, by their id: what staff.yaml says, and all that the store keeps."""
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        held = {"person": person_id, "configuration": _configured(workshop.settings(), person_id),
                **workshop.store().held_about(person_id)}
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    if not any(value for name, value in held.items() if name != "person"):
        raise click.ClickException(f"nothing is held about {person_id!r}")
    click.echo(json.dumps(held, indent=1, ensure_ascii=False, default=str))


def _configured(settings: Settings, person_id: str) -> dict[str, object]:
    """Who they are and where, as staff.yaml has it; nothing where they are not in it."""
    person = next((each for each in settings.staff.people if each.id == person_id), None)
    if person is None:
        return {}
    places = [each for each in settings.staff.locations if each.person == person_id]
    return {"person": TypeAdapter(Person).dump_python(person, mode="json"),
            "places": TypeAdapter(list[StaffLocation]).dump_python(places, mode="json")}
