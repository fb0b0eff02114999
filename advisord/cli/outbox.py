"""`advisord outbox`: what was decided and has not arrived, and an officer's word on it: try it now, or give it up."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from advisord.cli.options import CONFIG, instant
from advisord.cli.review import AT, STORE, WHO, Opened
from advisord.model import Delivery, DeliveryState
from advisord.store.store import Store

SHORTEST = 6  # letters of a delivery's id that are enough to name it
DEAD = (DeliveryState.REFUSED, DeliveryState.EXPIRED)


@click.group("outbox")
def command() -> None:
    """List and show what has not arrived, have it tried again, or give it up."""


@command.command("list")
@CONFIG
@STORE
@AT
def listed(folder: Path | None, store_url: str | None, at: str | None) -> None:
    """List what failed and is tried again, what is overdue, and what nobody accepted; then how all deliveries stand.

    The exit status is 1 where the sums are wrong: that a delivery is in none of the five states is a fault.
    """
    now = instant(at) if at else datetime.now(UTC)
    with Opened(folder, store_url) as store:
        table = Table("Delivery", "To", "By", "Severity", "State", "Tries", "Next (UTC)", "Why")
        for each in _troubled(store, now):
            pending = each.state is DeliveryState.PENDING
            table.add_row(each.id[:12], each.recipient, each.channel, str(each.severity), str(each.state),
                          str(each.attempts), f"{each.due_at:%a %d %b %H:%M}" if pending else "", each.last_error or "")
        if table.row_count:
            Console().print(table)
        counts = store.counts()
        parts = [f"{getattr(counts, each.name)} {each.name}" for each in fields(counts) if each.name != "created"]
        click.echo(f"{counts.created} created = " + " + ".join(parts))
        if not counts.balanced:
            raise click.ClickException("these do not add up: deliveries were lost or damaged (advisord journal verify)")


@command.command("show")
@click.argument("name", metavar="ID")
@CONFIG
@STORE
def show(name: str, folder: Path | None, store_url: str | None) -> None:
    """Show a delivery and how each attempt of it ended."""
    with Opened(folder, store_url) as store:
        each = _named(store.deliveries(), name)
        click.echo(f"{each.id}\n{each.severity} to {each.recipient} by {each.channel}: {each.state}")
        says = ", ".join(each.advisory_ids) or each.thread
        click.echo(f"decided {each.created_at:%Y-%m-%d %H:%M:%S} UTC; says {says}")
        if each.expires_at is not None:
            click.echo(f"of use until {each.expires_at:%Y-%m-%d %H:%M:%S} UTC")
        for attempt in store.attempts(each.id):
            click.echo(f"{attempt.at:%Y-%m-%d %H:%M:%S} {attempt.outcome.state}: {attempt.outcome.detail}")


@command.command("retry")
@click.argument("name", metavar="ID", required=False)
@click.option("--channel", metavar="CHANNEL", help="All that failed and wait by this channel, once it is mended.")
@CONFIG
@STORE
@AT
@WHO
def retry(name: str | None, folder: Path | None, store_url: str | None, at: str | None, *, channel: str | None,
          by: str) -> None:
    """Try a delivery now, by its ID. One that was refused or expired goes out as a new delivery, once."""
    if (name is None) == (channel is None):
        raise click.UsageError("name a delivery, or a --channel")
    now = instant(at) if at else datetime.now(UTC)
    with Opened(folder, store_url) as store:
        if name is not None:
            ids = [_named(_troubled(store, now, waiting=True), name).id]
        else:
            ids = [each.id for each in store.deliveries(state=DeliveryState.PENDING)
                   if each.channel == channel and each.attempts]
        tried = store.retry(ids, now, f"tried again by {by}", by=by)
        _tell(tried, "is tried now", "nothing to try: it is being tried, is due already, or was tried anew before")


@command.command("give-up")
@click.argument("name", metavar="ID")
@CONFIG
@STORE
@AT
@WHO
@click.option("--why", required=True, metavar="WORDS", help="The reason; it is kept.")
def give_up(name: str, folder: Path | None, store_url: str | None, at: str | None, *, by: str, why: str) -> None:
    """Stop trying a delivery that waits, by its ID; it is then cancelled."""
    now = instant(at) if at else datetime.now(UTC)
    with Opened(folder, store_url) as store:
        each = _named(store.deliveries(state=DeliveryState.PENDING), name)
        _tell(store.give_up([each.id], now, f"given up by {by}: {why}", by=by), "is given up", "it is being tried at "
              "this moment")


def _troubled(store: Store, now: datetime, *, waiting: bool = False) -> Sequence[Delivery]:
    """What failed or is overdue, or all that waits where `waiting`; then what nobody accepted; the oldest first."""
    pending = (each for each in store.deliveries(state=DeliveryState.PENDING)
               if waiting or each.attempts or each.due_at <= now)
    return (*pending, *(each for state in DEAD for each in store.deliveries(state=state)))


def _named(known: Iterable[Delivery], name: str) -> Delivery:
    """The one delivery whose id begins so; a usage error where there is none or more than one."""
    found = [each for each in known if each.id == name or (len(name) >= SHORTEST and each.id.startswith(name))]
    if len(found) != 1:
        raise click.UsageError(f"{'several deliveries are' if found else 'no delivery is'} called {name!r}; "
                               "`advisord outbox list` names them")
    return found[0]


def _tell(done: Sequence[Delivery], what: str, otherwise: str) -> None:
    say: Callable[[str], None] = click.echo
    for each in done:
        say(f"{each.id[:12]} to {each.recipient} by {each.channel} {what}")
    if not done:
        raise click.ClickException(otherwise)
