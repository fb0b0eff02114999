"""`advisord review`: what waits before travellers are told, and an officer's word on it: stop it, or send it now."""
from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.errors import AdvisordError
from advisord.model import Advisory, Delivery, DeliveryState
from advisord.settings.access import access_in
from advisord.store.store import Store
from advisord.wiring.second import Officers
from advisord.wiring.workshop import Workshop

STORE = click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
AT = click.option("--at", help="Judge what waits at this ISO 8601 instant [default: now].")
WHO = click.option("--by", "by", required=True, metavar="NAME", help="Who decides this: an id or a login; it is kept.")
HOLDING = frozenset({"review", "quiet hours", "digest"})  # gates that hold without refusing
_SHORTEST = 6  # letters of a delivery's id that are enough to name it


@click.group("review")
def command() -> None:
    """List, stop or release what waits for review, for the morning, or behind a ceiling."""


@command.command("list")
@CONFIG
@STORE
@AT
def listed(folder: Path | None, store_url: str | None, at: str | None) -> None:
    """List what waits: to be stopped or not, for the end of somebody's night, or because much was told already."""
    with Opened(folder, store_url) as store:
        table = Table("Delivery", "Incident", "To", "Says", "Due (UTC)", "Why it waits")
        behind = {each.advisory_id for each in store.waiting()}
        for delivery, advisory in _waiting(store, _now(at)):
            table.add_row(delivery.id[:12], advisory.incident.id, delivery.recipient,
                          f"{advisory.severity} {advisory.hazard}", _due_words(delivery, advisory, behind),
                          _why(store, advisory))
        Console().print(table if table.row_count else "nothing waits")


@command.command("stop")
@click.argument("name", metavar="ID")
@CONFIG
@STORE
@AT
@WHO
@click.option("--why", required=True, metavar="WORDS", help="The reason; it is kept.")
def stop(name: str, folder: Path | None, store_url: str | None, at: str | None, *, by: str, why: str) -> None:
    """Stop a waiting delivery, or all that wait about an incident, by its ID. A material change asks again."""
    with Opened(folder, store_url) as store:
        _settle(store, name, _now(at), partial(store.stop, by=by), f"stopped by {by}: {why}")


@command.command("release")
@click.argument("name", metavar="ID")
@CONFIG
@STORE
@AT
@WHO
@click.option("--why", default="", metavar="WORDS", help="The reason; it is kept.")
def release(name: str, folder: Path | None, store_url: str | None, at: str | None, *, by: str, why: str) -> None:
    """Send a waiting delivery, or all that wait about an incident, now."""
    opened = Opened(folder, store_url)
    with opened as store:
        officers = Officers(store, opened.alone_up_to())

        def do(ids: Sequence[str], now: datetime, _: str) -> tuple[Delivery, ...]:
            decided = officers.release(ids, subject=_subject(store, ids), by=by, why=why, now=now)
            if decided.waits is not None and decided.waits.asked_by == by:
                raise click.ClickException(
                    f"{decided.waits.messages} people would be told, which needs two: {by} has asked; somebody else "
                    "repeats this command under their own name, or allows it on the page")
            done = officers.allow(decided.waits.id, by=by, now=now) if decided.waits else decided
            return done.deliveries if done else ()

        _settle(store, name, _now(at), do, f"released by {by}" + (f": {why}" if why else ""))


class Opened:
    """The store of a configuration; what it can't do is told as the command's own failure."""

    def __init__(self, folder: Path | None, store_url: str | None) -> None:
        self._folder = folder_of(folder)
        self._workshop = Workshop(self._folder, environ=environment(), store_url=store_url)

    def alone_up_to(self) -> int | None:
        """How many people one officer may have told at once."""
        return access_in(self._folder, environment()).two_people_above

    def __enter__(self) -> Store:
        try:
            return self._workshop.store()
        except AdvisordError as error:
            raise click.ClickException(str(error)) from error

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._workshop.close()
        if isinstance(error, AdvisordError):
            raise click.ClickException(str(error)) from error


def _subject(store: Store, ids: Sequence[str]) -> str:
    """The incident that those deliveries are about; the first, where a message is about several."""
    leading = next(each.advisory_ids[0] for each in store.deliveries(state=DeliveryState.PENDING) if each.id in ids)
    return store.advisories([leading])[0].incident.id


def _now(at: str | None) -> datetime:
    return instant(at) if at else datetime.now(UTC)


def _waiting(store: Store, now: datetime) -> list[tuple[Delivery, Advisory]]:
    """What waits and was never tried, the soonest first, each with the advisory that leads it."""
    held = [each for each in store.deliveries(state=DeliveryState.PENDING)
            if each.due_at > now and not each.attempts and each.advisory_ids]
    held.sort(key=_due)
    return list(zip(held, store.advisories([each.advisory_ids[0] for each in held]), strict=True))


def _due(delivery: Delivery) -> datetime:
    return delivery.due_at


def _due_words(delivery: Delivery, advisory: Advisory, behind: Container[str]) -> str:
    """When it goes out; behind a ceiling nobody knows, but when it will be of no more use."""
    if advisory.id in behind:
        return f"as the ceiling allows, else ends {delivery.due_at:%a %d %b %H:%M}"
    return f"{delivery.due_at:%a %d %b %H:%M}"


def _why(store: Store, advisory: Advisory) -> str:
    """What held it, in the words of the decision."""
    made = [each for each in store.decisions(advisory.incident.id, advisory.recipient)
            if each.advisory_id == advisory.id]
    gates = [gate for each in made for gate in each.gates if gate.name in HOLDING or not gate.passed]
    return ", ".join(f"{gate.name}: {gate.value}" + ("" if gate.passed else f" (asked: {gate.threshold})")
                     for gate in gates)


def _settle(store: Store, name: str, now: datetime,
            do: Callable[[Sequence[str], datetime, str], tuple[Delivery, ...]], words: str) -> None:
    waiting = _waiting(store, now)
    named = [delivery.id for delivery, advisory in waiting if advisory.incident.id == name
             or (len(name) >= _SHORTEST and delivery.id.startswith(name))]
    if not named:
        known = ", ".join(dict.fromkeys(advisory.incident.id for _, advisory in waiting)) or "nothing"
        raise click.UsageError(f"nothing that waits is called {name!r}; waiting: {known}")
    done = do(named, now, words)
    for each in done:
        click.echo(f"{each.recipient} by {each.channel}: {words}")
    if len(done) < len(named):
        raise click.ClickException(f"{len(named) - len(done)} went out or ended meanwhile")
