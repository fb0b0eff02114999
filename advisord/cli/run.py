"""`advisord run`: the service, in the foreground; systemd or another supervisor keeps it."""
from __future__ import annotations

from pathlib import Path

import click

from advisord.cli.logs import configure_logs
from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.daemon import Clock, Daemon
from advisord.errors import AdvisordError
from advisord.supervisor import Supervisor
from advisord.wiring.workshop import Workshop


@click.command("run")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info")
@click.option("--log-format", type=click.Choice(["auto", "json", "console"]), default="auto",
              help="auto: console on a terminal, JSON lines elsewhere.")
@click.option("--clock", nargs=2, metavar="START SPEED",
              help="For demos and drills: begin at the instant START and run SPEED times as fast.")
def command(folder: Path | None, store_url: str | None, log_level: str, log_format: str,
            clock: tuple[str, str] | None) -> None:
    """Run the service until SIGTERM; SIGHUP reads the configuration again.

    The exit status is 0 after a clean stop and 1 when it can't start, with every reason on standard error.
    """
    configure_logs(log_level, log_format)
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    speed = float(clock[1]) if clock else 1.0
    lived = Clock(instant(clock[0]) if clock else None, speed=speed)
    try:
        Daemon(workshop, lived, tick_s=1.0 if speed == 1.0 else 0.2,
               supervisor=Supervisor(environment())).run()
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
