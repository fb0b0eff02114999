"""`advisord demo`: the whole job in a minute, on this machine alone, with the real service and real servers.

A story of two days is published by invented newsrooms on loopback; the service reads it with the configuration it is
given and sends mail and webhooks to servers started here. Nothing is computed beforehand: other rules, other messages.
"""
from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import click
from rich.console import Console

from advisord.cli.demo_stage import Stage, free_port
from advisord.cli.demo_view import Teller, save_received, show_received
from advisord.cli.options import environment
from advisord.daemon import Clock
from advisord.errors import AdvisordError
from advisord.settings.folders import shipped
from advisord.settings.story import story
from advisord.store.store import Store

SECRET = "whsec_ZGVtby1zZWNyZXQtZm9yLWxvb3BiYWNrLW9ubHk="  # noqa: S105 - opens nothing but the demo's own receiver
START = time_of_day(4, 0, tzinfo=UTC)
AFTERWARDS = timedelta(hours=1)


@click.command("demo")
@click.option("--config", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Configuration to run with [default: the example that came with the program].")
@click.option("--story", "story_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Another story to tell [default: the shipped one].")
@click.option("--speed", default=2400.0, show_default=True, help="How many times faster than life.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Where the mails and webhook bodies are kept [default: a new temporary folder].")
@click.option("--all", "everything", is_flag=True, help="Print every mail and webhook body in full.")
def command(folder: Path | None, story_file: Path | None, speed: float, out: Path | None, everything: bool) -> None:
    """Watch the service do its job: a story of two days, told by four newsrooms, in about a minute.

    Edit the rules or the staff of the configuration, run it again, and other people are told other things.
    """
    console = Console()
    folder = folder or shipped("config")
    origin = datetime.combine(datetime.now(UTC).date(), START)
    out = out or Path(tempfile.mkdtemp(prefix="advisord-demo-"))
    try:
        items = story(story_file or shipped("seeds") / "demo" / "story.yaml", origin)
        play = Play(folder.resolve(), out, origin, speed)
        with Stage(items, play.now, SECRET) as stage:
            play.run(console, stage, until=items[-1].at + AFTERWARDS)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    show_received(console, stage.received, everything=everything)
    save_received(stage.received, out)
    console.print(f"\nEvery mail (.eml, .html) and webhook body (.json) is in [bold]{out}[/bold].\n"
                  f"Now edit [bold]{folder}/rules.yaml[/bold] or [bold]staff.yaml[/bold] and run it again.")


class Play:
    """One run of the service over the story, with the clock that the service and the newsrooms share."""

    def __init__(self, folder: Path, out: Path, origin: datetime, speed: float) -> None:
        """The clock stands still at `origin` until the service runs."""
        self._folder = folder
        self._out = out
        self._clock = Clock(origin, begun=time.monotonic(), speed=0.0)
        self._speed = speed

    def now(self) -> datetime:
        """The instant of the story."""
        return self._clock.now()

    def run(self, console: Console, stage: Stage, *, until: datetime) -> None:
        """Starts the service, tells what it does till `until` of the story, and ends it."""
        origin = self.now()
        self._out.mkdir(parents=True, exist_ok=True)
        database, log = self._out.resolve() / "demo.db", self._out / "service.log"
        for left in self._out.glob("demo.db*"):
            left.unlink()
        console.print(f"[bold]The service[/bold] starts with {self._folder}; its clock begins at "
                      f"{origin:%a %d %b %H:%M} UTC and runs an hour in {3600 / self._speed:.1f} s.")
        words = [sys.executable, "-m", "advisord", "run", "--config", str(self._folder), "--store",
                 f"sqlite:///{database}", "--log-format", "json", "--clock", origin.isoformat(), str(self._speed)]
        with log.open("wb") as lines, subprocess.Popen(  # noqa: S603 - our own words
                words, env={**environment(), **variables_of(stage, origin)}, stderr=lines) as service:
            await_start(service, log)
            self._clock = Clock(origin, begun=time.monotonic(), speed=self._speed)
            with Store.open(f"sqlite:///{database}") as store:
                self._tell(Teller(console, store, stage.received), service, until)
        if service.returncode != 0:
            raise click.ClickException(f"the service ended with status {service.returncode}; its log is {log}")

    def _tell(self, teller: Teller, service: subprocess.Popen[bytes], until: datetime) -> None:
        while self.now() < until and service.poll() is None:
            teller.tell()
            time.sleep(0.2)
        service.send_signal(signal.SIGTERM)
        service.wait(timeout=30)
        teller.tell()


def variables_of(stage: Stage, origin: datetime) -> dict[str, str]:
    """What the shipped configuration takes from the environment, so that it can meet this run's ports and days."""
    days = {name: f"{origin + timedelta(days=n):%Y-%m-%d}" for n, name in enumerate(
        ("ADVISORD_DEMO_DAY", "ADVISORD_DEMO_NEXT", "ADVISORD_DEMO_DAY3"))}
    return {**days, "ADVISORD_DEMO_FEEDS": stage.http_url, "ADVISORD_DEMO_HOOK": f"{stage.http_url}/hook",
            "ADVISORD_DEMO_SMTP_PORT": str(stage.smtp_port), "ADVISORD_HOOK_SECRET": SECRET,
            "ADVISORD_DEMO_PAGE_PORT": str(free_port())}


def await_start(service: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the service says that it has started; a ClickException with its words when it ends instead."""
    deadline = time.monotonic() + 120  # the first start on a machine unpacks the gazetteer
    while time.monotonic() < deadline:
        lines = log.read_text(encoding="utf-8").splitlines()
        if any(_event(line) == "started" for line in lines):
            return
        if service.poll() is not None:
            raise click.ClickException("the service did not start:\n" + "\n".join(lines))
        time.sleep(0.05)
    service.kill()
    raise click.ClickException("the service did not start within two minutes")


def _event(line: str) -> str | None:
    try:
        return str(json.loads(line).get("event"))
    except ValueError:
        return None
