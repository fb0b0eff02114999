"""What of a channel reaches the program: its fallback, and both secrets while a receiver changes over."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from advisord.deliver.channel import sender
from advisord.deliver.webhook import WebhookSender

CHANNELS = """channels:
  - {id: email, kind: smtp, host: smtp.example.org, from: desk@example.org, fallback: second}
  - {id: second, kind: smtp, host: two.example.org, from: desk@example.org}
  - {id: desk, kind: smtp, audience: desk, host: smtp.example.org, from: desk@example.org}
  - {id: hook, kind: webhook, url: "https://hooks.example.org/in", secret_env: NEW, previous_secret_env: OLD}
"""
SECRETS = {"NEW": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "OLD": "whsec_" + "A" * 32}


def test_channels(folder: Callable[..., Any]) -> None:
    """A fallback is known by name; a webhook with a previous secret signs with both, the new one first."""
    channels = {each.id: each for each in folder(channels=CHANNELS).loaded(SECRETS).settings.channels}
    assert channels["email"].fallback == "second"
    assert channels["desk"].fallback is None
    hook = sender(channels["hook"])
    assert isinstance(hook, WebhookSender)
    assert len(hook.keys) == 2
    assert hook.keys[1] == bytes(24)
    assert "AAAA" not in repr(channels["hook"])
