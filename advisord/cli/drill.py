"""`advisord drill FILE`: an article goes through everything, marked EXERCISE wherever it comes to."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from advisord.cli.articles import line_of
from advisord.cli.incidents import where
from advisord.cli.logs import configure_logs
from advisord.cli.options import CONFIG, environment, folder_of
from advisord.daemon import Clock, round_of
from advisord.errors import AdvisordError, StoreBusyError
from advisord.model import Article, Delivery, DeliveryState, Incident
from advisord.pipeline import DRILL
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop

MOST_BYTES = 1_000_000


@click.command("drill")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--now", "at_once", is_flag=True,
              help="Read, decide and deliver it here; for when the service does not run.")
def command(file: Path, folder: Path | None, store_url: str | None, *, at_once: bool) -> None:
    """Run a drill: the article in FILE is read, decided on and delivered like news, with EXERCISE on every message.

    FILE is plain text whose first line is the headline, or one JSON object with text, title, language and country. It
    counts as published now, and as told by an official source. The people whom your rules name get real messages.
    Without --now the running service does it within seconds. With it, the exit status is 1 where nobody could be told.
    """
    configure_logs("warning", "auto")
    now = datetime.now(UTC)
    article = _article(file, now)
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        workshop.store().save_articles((article,), now)
        if at_once:
            round_of(workshop, Clock(), ("read", "review", "deliver"))
            sys.exit(_told(workshop.store(), article))
    except StoreBusyError:
        click.echo("The service runs, and does it itself.", err=True)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    click.echo(f"The exercise {article.id} is with the service, which reads it within seconds if it runs (else add "
               "--now). What comes of it: advisord incidents")


def _article(file: Path, now: datetime) -> Article:
    """The article as an exercise of this moment; its id is new each time, so that a drill can be held again."""
    data = file.read_bytes()
    if len(data) > MOST_BYTES:
        raise click.BadParameter(f"{file} is larger than {MOST_BYTES // 1_000_000} MB", param_hint="FILE")
    if data.lstrip()[:1] == b"{":
        given = _given(file, data)
    else:
        title, _, text = data.decode("utf-8", "replace").partition("\n")
        given = Article("", text=text.strip() or title.strip(), title=title.strip())
    if not given.text.strip():
        raise click.BadParameter(f"{file} holds no text", param_hint="FILE")
    name = f"drill-{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
    return replace(given, id=name, feed_id=DRILL.id, guid=name, fingerprint=name, published=now, seen_at=now,
                   exercise=True)


def _given(file: Path, data: bytes) -> Article:
    line = line_of(1, b" ".join(data.split(b"\n")))
    if line.article is None:
        raise click.BadParameter(f"{file} {line.error}", param_hint="FILE")
    if line.article.published is not None:
        click.echo(f"published {line.article.published:%Y-%m-%d %H:%M} UTC is taken as now, so that it is news",
                   err=True)
    return line.article


def _told(store: Store, article: Article) -> int:
    """Tells what came of it; 0 where somebody was told, and everybody who was to be told at once."""
    incidents = store.incidents_with(article.id)
    if not incidents:
        click.echo("EXERCISE: nothing that happens now was understood from it, so nobody was told")
        return 1
    sent = [(incident, each) for incident in incidents for each in store.deliveries(incident.id)
            if article.seen_at is not None and each.created_at >= article.seen_at]
    for incident in incidents:
        click.echo(f"EXERCISE {incident.id}: {incident.hazard} {incident.phase}, {incident.severity}, "
                   f"{where(incident)}")
        for line in _lines(incident, sent, article.published):
            click.echo(f"  {line}")
    failed = {DeliveryState.REFUSED, DeliveryState.EXPIRED}
    return 1 if not sent or any(each.state in failed or each.last_error for _, each in sent) else 0


def _lines(incident: Incident, sent: list[tuple[Incident, Delivery]], now: datetime | None) -> Iterator[str]:
    own = [each for told, each in sent if told.id == incident.id]
    if not own:
        again = " that was not told in the drill before" if len(incident.reports) > 1 else ""
        yield f"nobody had to be told anything{again}"
    for each in own:
        waits = each.state is DeliveryState.PENDING and now is not None and each.due_at > now and not each.attempts
        state = f"held till {each.due_at:%Y-%m-%d %H:%M} UTC" if waits else each.state.value
        yield f"{each.recipient} by {each.channel}: {state}" + (f" ({each.last_error})" if each.last_error else "")
