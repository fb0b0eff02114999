"""`advisord feeds`: the state of every feed, so that a silent source is not taken for a quiet country."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.model import FeedState
from advisord.wiring.workshop import Workshop


@click.command("feeds")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
def command(folder: Path | None, store_url: str | None) -> None:
    """Show every feed: last success, age of its newest item, failures in a row and the last fault."""
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        feeds, states = workshop.settings().feeds, workshop.store().feed_states()
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    now = datetime.now(UTC)
    table = Table("Feed", "Grade", "Last success", "Newest item", "Failures", "Last fault")
    for feed in feeds:
        state = states.get(feed.id, FeedState(feed.id))
        table.add_row(feed.id, feed.reliability, ago(state.last_success_at, now), ago(state.newest_item_at, now),
                      str(state.failures), Text(state.last_error or "", style="red"))
    Console().print(table)
    workshop.close()


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit: "3 min ago", "never"."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return "now" if seconds >= 0 else f"in the future ({at:%Y-%m-%d})"
