"""Mails in a folder: whole or not at all, one file a delivery."""
from __future__ import annotations

import email
import os
from email import policy
from pathlib import Path
from typing import Any

import pytest

from advisord.deliver.channel import sender
from advisord.errors import ChannelError
from advisord.model import Channel, DeliveryState


def channel(folder: Path, **options: str) -> Channel:
    """A channel to that folder."""
    return Channel("folder", "file", "desk", (("folder", str(folder)), *options.items()))


def write(way: Any, make: Any, **changes: Any) -> Any:
    """One delivery by that way."""
    delivery = make.delivery(**changes)
    rendered = way.compose(make.wording(), delivery=delivery, address="duty@example.org", recipient_name="Duty",
                           now=make.now, organisation="Joliba")
    return way.send(rendered, delivery=delivery, address="duty@example.org", now=make.now)


def test_mail_lies_in_the_folder(tmp_path: Path, make: Any) -> None:
    """A delivery becomes an .eml file that a mail program opens, readable by the service's user alone."""
    folder = tmp_path / "out" / "mails"
    way = sender(channel(folder))
    way.check()
    outcome = write(way, make)
    assert (outcome.state, outcome.detail) == (DeliveryState.ACCEPTED, "written to '20240917T083000Z-d-1.eml'")
    (file,) = folder.iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["From"], mail["To"]) == ("Joliba <advisord@localhost>", "Duty <duty@example.org>")
    assert file.stat().st_mode & 0o077 == 0


def test_second_attempt_is_the_same_file(tmp_path: Path, make: Any) -> None:
    """A delivery written twice, after a crash, lies there once."""
    way = sender(channel(tmp_path))
    write(way, make)
    write(way, make)
    assert [file.name for file in tmp_path.iterdir()] == ["20240917T083000Z-d-1.eml"]


@pytest.mark.parametrize("delivery_id", ["../../evil", "a/b", ".hidden", "x" * 300, "a\0b", ""])
def test_name_stays_in_the_folder(tmp_path: Path, make: Any, delivery_id: str) -> None:
    """No id of a delivery leads out of the folder."""
    folder = tmp_path / "mails"
    assert write(sender(channel(folder)), make, id=delivery_id).state is DeliveryState.ACCEPTED
    assert [file.parent for file in tmp_path.rglob("*.eml")] == [folder]


def test_half_written_is_not_seen(tmp_path: Path, make: Any) -> None:
    """What a crash left half written is no mail, and doesn't stop the next attempt."""
    (tmp_path / ".20240917T083000Z-d-1.eml.new").write_bytes(b"half")
    write(sender(channel(tmp_path)), make)
    assert [file.name for file in tmp_path.iterdir()] == ["20240917T083000Z-d-1.eml"]


def test_folder_that_is_a_file(tmp_path: Path, make: Any) -> None:
    """A folder that can't be one is told at the start, and costs an attempt where it comes later."""
    (tmp_path / "mails").write_text("in the way")
    way = sender(channel(tmp_path / "mails"))
    with pytest.raises(ChannelError, match="can't be written"):
        way.check()
    outcome = write(way, make)
    assert (outcome.state, "can't be written" in outcome.detail) == (DeliveryState.PENDING, True)


def test_full_disk(make: Any) -> None:
    """A full disk is tried again later."""
    if not os.access("/dev/full", os.W_OK):
        pytest.skip("this machine has no /dev/full")
    way = sender(channel(Path("/dev/full")))
    assert write(way, make).state is DeliveryState.PENDING


@pytest.mark.parametrize("kind", ["file", "pigeon", "smtp"], ids=["no folder", "no such kind", "no host"])
def test_can_not_work(kind: str) -> None:
    """A channel without what it needs, or of a kind that nobody knows, is named."""
    with pytest.raises(ChannelError, match="channel 'c'"):
        sender(Channel("c", kind, "desk"))
