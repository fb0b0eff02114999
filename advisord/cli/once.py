"""`advisord once`: one round of the four jobs, then the end; for cron and for tries."""
from __future__ import annotations

from pathlib import Path

import click

from advisord.cli.logs import configure_logs
from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.daemon import Clock, round_of
from advisord.errors import AdvisordError
from advisord.wiring.workshop import Workshop


@click.command("once")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--at", help="Take this ISO 8601 instant as now, for tries.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="warning")
def command(folder: Path | None, store_url: str | None, at: str | None, log_level: str) -> None:
    """Ask the feeds that are due, read, decide and deliver once.

    The exit status is 0 when the round was done, whatever the feeds answered; `advisord feeds` shows those.
    """
    configure_logs(log_level, "auto")
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        done = round_of(workshop, Clock(instant(at) if at else None, speed=0.0 if at else 1.0))
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done['poll']} new articles, {done['read']} read, {done['review']} messages decided, "
               f"{done['deliver']} attempts to deliver")
