"""Whose certificates a channel believes, and what secrets it has."""
from __future__ import annotations

import ssl

from advisord.errors import ChannelError
from advisord.model import Channel


def trusting(ca_file: str | None, *, channel_id: str) -> ssl.SSLContext:
    """A context that verifies certificate and name, against the system's authorities or those of one PEM file."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ChannelError(f"channel '{channel_id}': ca_file can't be read ({error.strerror or error})") from error


def secret_of(channel: Channel, name: str) -> str | None:
    """The channel's secret of that name; null where it has none."""
    try:
        return channel.secrets[name]
    except KeyError:
        return None
