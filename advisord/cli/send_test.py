"""`advisord send-test`: proves one channel before anybody's safety hangs on it."""
from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.deliver.channel import sender
from advisord.errors import AdvisordError
from advisord.model import Channel, Delivery, DeliveryState, Outcome, Settings, Severity, Wording
from advisord.wiring.workshop import Workshop

SUBJECT = "[TEST] advisord can reach you: nothing has happened"
TEXT = """This is a test of the channel "{channel}" of {organisation}.

Nothing has happened, and there is nothing to do. Warnings would reach you like this.
"""
HTML = "<p>This is a test. Nothing has happened, and there is nothing to do.<br>Warnings would reach you like this.</p>"


@click.command("send-test")
@click.argument("channel_id", metavar="CHANNEL")
@CONFIG
@click.option("--to", "address", help="Mail address to send to [default: the first desk's].")
def command(channel_id: str, folder: Path | None, address: str | None) -> None:
    """Send one test message by CHANNEL and say how it went.

    The message says that it is a test. The exit status is 0 when the other side accepted it, 1 otherwise.
    """
    try:
        settings = Workshop(folder_of(folder), environ=environment()).settings()
        channel = _channel(settings, channel_id)
        outcome = tried(channel, address=address or _desk_address(settings), organisation=settings.organisation,
                        now=datetime.now(UTC))
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    words = {DeliveryState.ACCEPTED: "accepted", DeliveryState.REFUSED: "refused for good"}
    click.echo(f"{channel_id}: {words.get(outcome.state, 'not accepted, would be tried again')}: {outcome.detail}")
    if outcome.state is not DeliveryState.ACCEPTED:
        sys.exit(1)


def tried(channel: Channel, *, address: str | None, organisation: str, now: datetime) -> Outcome:
    """One test message by that channel, as a delivery would go; ChannelError where it can't work as configured."""
    way = sender(channel)
    way.check()
    name = f"test-{uuid4().hex}"
    delivery = Delivery(id=name, channel=channel.id, recipient="desk:test", thread=name, severity=Severity.MINOR,
                        created_at=now, due_at=now, advisory_ids=())
    payload = {"type": "desk.health", "timestamp": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
               "data": {"test": True, "channel": channel.id, "text": SUBJECT}}
    wording = Wording(subject=SUBJECT, text=TEXT.format(channel=channel.id, organisation=organisation), html=HTML,
                      payload=json.dumps(payload), language="en")
    rendered = way.compose(wording, delivery=delivery, address=address, recipient_name="", now=now,
                           organisation=organisation)
    return way.send(rendered, delivery=delivery, address=address, now=now)


def _channel(settings: Settings, channel_id: str) -> Channel:
    found = {channel.id: channel for channel in settings.channels}
    if channel_id not in found:
        raise click.UsageError(f"no channel '{channel_id}' in channels.yaml; there are: {', '.join(sorted(found))}")
    return found[channel_id]


def _desk_address(settings: Settings) -> str | None:
    return next((desk.contact.email for desk in settings.staff.desks if desk.contact.email), None)
