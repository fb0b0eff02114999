"""`advisord incidents`: what is known of now, most recent first."""
from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.model import Incident, IncidentStatus
from advisord.wiring.workshop import Workshop


@click.command("incidents")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--status", type=click.Choice([each.value for each in IncidentStatus]), help="Only those.")
@click.option("--limit", default=50, show_default=True)
def command(folder: Path | None, store_url: str | None, status: str | None, limit: int) -> None:
    """List the incidents; `advisord show INCIDENT` tells one whole."""
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        incidents = workshop.store().incidents(IncidentStatus(status) if status else None, limit)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    table = Table(Column("Incident", no_wrap=True), "What", "Where", "Status", "Severity", "Sure", "Reports",
                  "Last report")
    for incident in incidents:
        mark = "EXERCISE " if incident.exercise else ""
        what = f"{mark}{incident.hazard} {incident.phase}{_consequences(incident)}"
        table.add_row(incident.id, what, where(incident), incident.status, incident.severity,
                      f"{incident.certainty}, {incident.credibility}",
                      f"{len(incident.reports)} of {incident.origins} origins",
                      f"{incident.last_report_at:%a %d %b %H:%M}")
    Console().print(table)
    workshop.close()


def _consequences(incident: Incident) -> str:
    return "".join(f"\n→ {each.hazard} {each.phase}" for each in incident.consequences)


def where(incident: Incident) -> str:
    """The place of an incident for people, with how far off it may be."""
    place = incident.place
    if place is None:
        return "unknown"
    parts = [part for part in (place.name, place.admin1, place.country) if part]
    return ", ".join(dict.fromkeys(parts)) + (f" ±{incident.uncertainty_km:.0f} km" if incident.uncertainty_km else "")
