"""`advisord init`: a configuration of one's own, commented and working as it is."""
from __future__ import annotations

from pathlib import Path

import click

from advisord.errors import AdvisordError
from advisord.settings.catalogue import Catalogue, catalogue
from advisord.settings.faults import did_you_mean
from advisord.settings.folders import shipped
from advisord.settings.starter import standing, write


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--region", "regions", multiple=True,
              help="Take the feeds of this region too, such as sahel; repeatable.")
@click.option("--force", is_flag=True, help="Replace the files of a configuration that stands there already.")
def command(folder: Path, regions: tuple[str, ...], force: bool) -> None:
    """Write a commented configuration into DIR that works as it is.

    Its feeds are public ones: those for the whole world, and those of each --region. Its mails go into a folder until a
    mail server is named. Nothing that stands in DIR is replaced without --force.
    """
    there = () if force else standing(folder)
    if there:
        raise click.ClickException(f"{folder} holds {', '.join(there)} already; --force replaces them")
    try:
        known = catalogue(shipped("seeds") / "catalogue.yaml")
        feeds = known.of_regions(_checked(known, regions))
        write(folder, feeds)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{folder} can't be written: {error.strerror}") from error
    click.echo(f"Wrote a configuration with {len(feeds)} feeds to {folder}. Next:\n"
               f"  1. put your people and places into {folder / 'staff.yaml'}\n"
               f"  2. advisord check {folder}\n"
               f"  3. advisord run --config {folder}")
    if not regions:
        click.echo("The feeds are those for the whole world. For those of a region, run it again with --force and "
                   f"--region: {', '.join(known.regions())}.")


def _checked(known: Catalogue, regions: tuple[str, ...]) -> frozenset[str]:
    """The regions, in lower case; a usage error where the catalogue has none of that name."""
    wanted = frozenset(region.casefold() for region in regions)
    for region in sorted(wanted - set(known.regions())):
        raise click.BadParameter(f"'{region}' is no region{did_you_mean(region, known.regions())}; there are: "
                                 f"{', '.join(known.regions())}", param_hint="--region")
    return wanted
