"""`advisord silence`: what an officer does not want to be told anew: who says so, why and until when."""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.table import Table

from advisord.advise.matchers import is_of, words_of
from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.errors import AdvisordError
from advisord.model import Matcher, Place, Settings, Silence
from advisord.settings.faults import did_you_mean
from advisord.settings.places import PlaceError, Resolver
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop

STORE = click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
AT = click.option("--at", help="Do it as of this ISO 8601 instant [default: now].")
BY = click.option("--by", "by", required=True, metavar="NAME", help="Who decides this; it is kept.")
LONGEST = timedelta(days=366)
_DURATION = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.group("silence")
def command() -> None:
    """Keep new messages back for a time; whoever was told already still gets the update, the correction and the end."""


@command.command("add")
@click.option("--incident", "incidents", multiple=True, metavar="ID", help="This incident.")
@click.option("--hazard", "hazards", multiple=True, metavar="CODE", help="A hazard, or a family such as unrest.")
@click.option("--country", "countries", multiple=True, metavar="CODE", help="What is in this country, such as ML.")
@click.option("--place", metavar="PLACE", help='What is around this place, written as in staff.yaml: "Bamako, ML".')
@click.option("--within-km", type=click.FloatRange(0, 2000), default=25.0, show_default=True,
              help="How far around --place.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="What this rule tells.")
@click.option("--to", "recipients", multiple=True, metavar="ID",
              help="A person's id, desk:ID or hook:CHANNEL; everybody, desks too, where left out.")
@click.option("--until", "until", required=True, metavar="WHEN",
              help="How long (90m, 6h, 3d, 2w) or an ISO 8601 instant.")
@click.option("--why", required=True, metavar="WORDS", help="The reason; it is kept.")
@click.option("--even-extreme", is_flag=True, help="Also what is Extreme, which is told nevertheless without this.")
@BY
@CONFIG
@STORE
@AT
def add(incidents: tuple[str, ...], hazards: tuple[str, ...], countries: tuple[str, ...], place: str | None, *,
        within_km: float, rules: tuple[str, ...], recipients: tuple[str, ...], until: str, why: str,
        even_extreme: bool, by: str, folder: Path | None, store_url: str | None, at: str | None) -> None:
    """Silence what every given option fits; of an option given twice, either. At least one must be given."""
    now = instant(at) if at else datetime.now(UTC)
    with Opened(folder, store_url) as opened:
        matcher = Matcher(
            incidents=opened.known_incidents(incidents), hazards=opened.known_hazards(hazards),
            rules=opened.known(rules, [each.id for each in opened.settings.rules], "rule"),
            countries=opened.known_countries(countries), recipients=opened.known_recipients(recipients),
            place=opened.place(place) if place else None, within_km=within_km)
        if matcher == Matcher(within_km=within_km):
            raise click.UsageError("say what to silence: --incident, --hazard, --country, --place, --rule or --to")
        kept = opened.store.add_silence(Silence("", matcher, now, _end(until, now), _line(by, "--by"),
                                                _line(why, "--why"), mutes_extreme=even_extreme))
        click.echo(f"{kept.id}: {words_of(matcher)}; till {kept.until:%a %d %b %Y %H:%M} UTC"
                   + ("" if even_extreme else "; what is Extreme is told nevertheless"))


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Also those that are over.")
@CONFIG
@STORE
@AT
def listed(*, every: bool, folder: Path | None, store_url: str | None, at: str | None) -> None:
    """List the silences that hold: what, until when, who said so and why."""
    now = instant(at) if at else datetime.now(UTC)
    with Opened(folder, store_url) as opened:
        table = Table("Id", "What", "Extreme", "Since (UTC)", "Until (UTC)", "By", "Why")
        for each in opened.store.silences(None if every else now):
            table.add_row(each.id, words_of(each.matcher), "silenced too" if each.mutes_extreme else "told",
                          f"{each.created_at:%a %d %b %H:%M}", _until(each, now), each.author, each.reason)
        Console().print(table if table.row_count else "no silence holds")


@command.command("end")
@click.argument("silence_id", metavar="ID")
@BY
@click.option("--why", default="", metavar="WORDS", help="The reason; it is kept.")
@CONFIG
@STORE
@AT
def end(silence_id: str, by: str, why: str, *, folder: Path | None, store_url: str | None, at: str | None) -> None:
    """End a silence now; what still goes on is told at the next review."""
    now = instant(at) if at else datetime.now(UTC)
    with Opened(folder, store_url) as opened:
        ended = opened.store.end_silence(silence_id, now, by=_line(by, "--by"), why=why)
        click.echo(f"{ended.id} is over: {words_of(ended.matcher)}")


class Opened:
    """A configuration with its store; what it can't do is told as the command's own failure."""

    def __init__(self, folder: Path | None, store_url: str | None) -> None:
        self._workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)

    def __enter__(self) -> Self:
        try:
            self.settings: Settings = self._workshop.settings()
            self.store: Store = self._workshop.store()
        except AdvisordError as error:
            raise click.ClickException(str(error)) from error
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._workshop.close()
        if isinstance(error, AdvisordError):
            raise click.ClickException(str(error)) from error

    def known(self, names: tuple[str, ...], known: list[str], noun: str) -> tuple[str, ...]:
        """Those names; a usage error for one that is not there, which would silence nothing, unnoticed."""
        for name in names:
            if name not in known:
                raise click.UsageError(f"{name!r} is not a {noun}{did_you_mean(name, known)}")
        return names

    def known_incidents(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those incidents; a usage error for one that there is not."""
        for name in names:
            if self.store.incident(name) is None:
                latest = ", ".join(each.id for each in self.store.incidents(limit=5)) or "none yet"
                raise click.UsageError(f"no incident {name!r}; the latest: {latest}")
        return names

    def known_hazards(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those hazards and families; a usage error for one that there is not."""
        for name in names:
            if not any(is_of(code, name) for code in self._workshop.hazards):
                raise click.UsageError(f"{name!r} is not a hazard{did_you_mean(name, self._workshop.hazards)}")
        return names

    def known_countries(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those countries; a usage error for what is no code of one."""
        return self.known(tuple(each.upper() for each in names),
                          [each for each in self._workshop.gazetteer.countries if each], "country")

    def known_recipients(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those people, desks and systems as recipients; a bare id is a person's."""
        staff = self.settings.staff
        known = [*(f"person:{each.id}" for each in staff.people), *(f"desk:{each.id}" for each in staff.desks),
                 *(f"hook:{each.id}" for each in self.settings.channels if each.audience == "system")]
        return self.known(tuple(each if ":" in each else f"person:{each}" for each in names), known, "recipient")

    def place(self, written: str) -> Place:
        """The place that is meant; a usage error where it can't be told."""
        try:
            return Resolver(self._workshop.gazetteer).place(written)
        except PlaceError as error:
            raise click.UsageError(str(error)) from error


def _end(text: str, now: datetime) -> datetime:
    found = _DURATION.fullmatch(text.strip())
    until = now + timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else instant(text)
    if not now < until <= now + LONGEST:
        raise click.BadParameter(f"{text!r} ends {'too late (a year at most)' if until > now else 'in the past'}")
    return until


def _line(text: str, option: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise click.UsageError(f"{option} says nothing")
    return line


def _until(silence: Silence, now: datetime) -> str:
    if silence.ended_at is not None:
        why = f": {silence.ended_why}" if silence.ended_why else ""
        return f"ended {silence.ended_at:%a %d %b %H:%M} by {silence.ended_by}{why}"
    return f"{silence.until:%a %d %b %Y %H:%M}" + (" (over)" if silence.until <= now else "")
