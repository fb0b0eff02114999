"""`advisord check`: every fault of a configuration at once, before it is relied on."""
from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.advise.render import Renderer
from advisord.cli.options import environment, folder_of
from advisord.errors import SeedError
from advisord.gazetteer import Gazetteer
from advisord.model import Settings
from advisord.settings.config import Examined, examine
from advisord.settings.seeds import seeds_of
from advisord.web.pages import Pages


@click.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
def command(folder: Path | None) -> None:
    """Say every fault of the configuration in DIR, with file, line, column and key.

    DIR is the folder with advisord.yaml [default: $ADVISORD_CONFIG, else ./config, else /etc/advisord]. The exit status
    is 0 when the service would start with it, warnings or not, and 1 otherwise. Secrets that this command's environment
    lacks are warnings here, since the service has an environment of its own.
    """
    given = folder or (Path(environment()["ADVISORD_CONFIG"]) if environment().get("ADVISORD_CONFIG") else None)
    checked = given or folder_of(None)
    try:
        examined = _examined(checked)
        unrendered = _unrendered(examined.settings)
    except SeedError as error:
        raise click.ClickException(str(error)) from error
    faults = (*examined.faults, *unrendered)
    for fault in faults:
        click.echo(fault)
    for warning in (*(f"{each} (the service needs it)" for each in examined.unset), *examined.warnings):
        click.echo(f"warning: {warning}")
    if faults:
        click.echo(f"{checked}: {_count(len(faults), 'fault')}")
        sys.exit(1)
    click.echo(f"{checked} is fine: {_summary(examined.settings)}")


def _examined(folder: Path) -> Examined:
    seeds = seeds_of((folder / "seeds",))
    gazetteer = Gazetteer.open(seeds.path("gazetteer/gazetteer.xz").parent)
    return examine(folder, gazetteer=gazetteer, hazards=seeds.hazards(), environ=environment(), now=datetime.now(UTC))


def _unrendered(settings: Settings) -> tuple[str, ...]:
    """What is wrong with the templates that messages and pages are made of."""
    folders = tuple(Path(folder) for folder in settings.templates_dirs)
    try:
        Renderer(folders)
        Pages(folders)
    except SeedError as error:
        return (str(error),)
    return ()


def _summary(settings: Settings) -> str:
    staff = settings.staff
    sites = [location for location in staff.locations if location.person is None]
    parts = (
        _count(len([feed for feed in settings.feeds if feed.enabled]), "feed"), _count(len(staff.people), "person"),
        _count(len(sites), "site"), _count(len(staff.desks), "desk"), _count(len(settings.rules), "rule"),
        _count(len(settings.channels), "channel"), f"mode {settings.mode}")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} people" if noun == "person" else f"{number} {noun}s"
