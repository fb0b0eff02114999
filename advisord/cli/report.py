"""`advisord report INCIDENT`: the duty-of-care file, as a page to print and as JSON."""
from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.cli.show import incident_of
from advisord.errors import AdvisordError
from advisord.wiring.report import page_of, report_of
from advisord.wiring.workshop import Workshop

PRIVATE = 0o600  # it names people and where they were


@click.command("report")
@click.argument("incident_id", metavar="INCIDENT")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(),
              help="Folder to write INCIDENT.html and INCIDENT.json into [default: here].")
def command(incident_id: str, folder: Path | None, store_url: str | None, out: Path) -> None:
    """Write the duty-of-care file of INCIDENT: what was known when, who was told what, who was not and why.

    Two files, readable by you alone: a page to print, and the same as JSON. They name people and where they were.
    """
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        settings, store = workshop.settings(), workshop.store()
        report = report_of(store, incident_of(store, incident_id), settings, datetime.now(UTC))
        page = page_of(report, [Path(each) for each in settings.templates_dirs])
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    out.mkdir(parents=True, exist_ok=True)
    for ending, content in (("html", page), ("json", json.dumps(report, indent=1, ensure_ascii=False) + "\n")):
        file = out / f"{incident_id}.{ending}"
        file.touch(PRIVATE)
        file.chmod(PRIVATE)
        file.write_text(content, encoding="utf-8")
        click.echo(str(file))
