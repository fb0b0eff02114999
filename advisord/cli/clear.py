"""`advisord clear INCIDENT`: tell everybody who was told of INCIDENT that it is over."""
from __future__ import annotations

from pathlib import Path

import click

from advisord.cli.ends import AT, BY, STORE, WHY, end
from advisord.cli.options import CONFIG
from advisord.model import IncidentStatus


@click.command("clear")
@click.argument("incident_id", metavar="INCIDENT")
@CONFIG
@STORE
@AT
@BY
@WHY
def command(incident_id: str, *, by: str, why: str, folder: Path | None, store_url: str | None, at: str | None) -> None:
    """Tell everybody who was told of INCIDENT that it is over.

    The incident ends, and so does all that followed from it. Whoever was told reads so in the same thread.
    """
    end(incident_id, IncidentStatus.CLEARED, by=by, why=why, folder=folder, store_url=store_url, at=at)
