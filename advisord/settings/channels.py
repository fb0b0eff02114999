"""channels.yaml -> Channels with their secrets; what the options are called stands at the top of shape/channels.py."""
from __future__ import annotations

import base64
import binascii
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from advisord.model import Channel, Secrets
from advisord.settings.addresses import is_loopback, url_fault
from advisord.settings.faults import Path
from advisord.settings.page import Page
from advisord.settings.secret import from_environment, from_file
from advisord.settings.shape.channels import ChannelsFile, FileShape, SmtpShape, WebhookShape

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)  # Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 bytes


@dataclass(frozen=True, slots=True)
class _Room:
    """What a channel is read with."""

    page: Page[ChannelsFile]
    folder: FilePath
    environ: Mapping[str, str]

    def secret(self, path: Path, name: str, *, env: str | None, file: str | None) -> str | None:
        """The secret `name` of a channel, from the one place that is named."""
        if env and file:
            self.page.fault((*path, f"{name}_file"), f"stands beside {name}_env; one of them is enough")
        if env:
            return from_environment(self.page, (*path, f"{name}_env"), env, self.environ)
        return from_file(self.page, (*path, f"{name}_file"), self.folder / file) if file else None

    def authority(self, path: Path, file: str | None) -> str | None:
        """The absolute path of a certificate that is there and can be read as one."""
        if file is None:
            return None
        target = (self.folder / file).resolve()
        try:
            ssl.create_default_context(cafile=target)
        except (OSError, ssl.SSLError):
            self.page.fault((*path, "ca_file"), f"{target} holds no certificate in PEM form")
        return str(target)


def channels_of(page: Page[ChannelsFile], folder: FilePath, environ: Mapping[str, str]) -> tuple[Channel, ...]:
    """The channels, in the order written; tells the faults of their addresses and secrets."""
    room = _Room(page, folder, environ)
    channels = []
    for path, shape in page.items("channels", page.sound.channels):
        if isinstance(shape, SmtpShape):
            channels.append(_smtp(room, path, shape))
        elif isinstance(shape, WebhookShape):
            channels.append(_webhook(room, path, shape))
        elif isinstance(shape, FileShape):
            channels.append(_file(room, path, shape))
    _judge_fallbacks(page)
    return tuple(channels)


def _smtp(room: _Room, path: Path, shape: SmtpShape) -> Channel:
    secret = room.secret(path, "password", env=shape.password_env, file=shape.password_file)
    if any(char.isspace() for char in shape.host) or "/" in shape.host:
        room.page.fault((*path, "host"), "is not the name of a server (write smtp.example.org)")
    if shape.user and not (shape.password_env or shape.password_file):
        room.page.fault((*path, "user"), "needs a password (password_env or password_file)")
    if secret and not shape.user:
        room.page.fault(path, "has a password, but no user")
    if shape.tls == "none" and not is_loopback(shape.host):
        _plaintext(room.page, path, shape)
    options = _pairs(host=shape.host, port=str(shape.port or _PORTS[shape.tls]), tls=shape.tls,
                     allow_plaintext="true" if shape.allow_plaintext else None, user=shape.user,
                     **{"from": shape.from_}, reply_to=shape.reply_to, ca_file=room.authority(path, shape.ca_file))
    return Channel(shape.id, shape.kind, shape.audience, options, Secrets({"password": secret} if secret else {}),
                   fallback=shape.fallback)


def _plaintext(page: Page[ChannelsFile], path: Path, shape: SmtpShape) -> None:
    """Names and places of people leave this machine for all to read only where somebody wrote that they may."""
    if shape.user:
        page.fault((*path, "tls"), "none would send the password for all to read; use starttls or tls")
    elif not shape.allow_plaintext:
        page.fault((*path, "tls"), "none is for a server on this machine; use starttls or tls, or say "
                                   "allow_plaintext: true")
    else:
        page.warn((*path, "tls"), "none: the mails of this channel can be read on their way")


def _webhook(room: _Room, path: Path, shape: WebhookShape) -> Channel:
    secret = room.secret(path, "secret", env=shape.secret_env, file=shape.secret_file)
    fault = url_fault(shape.url, allow_private=shape.allow_private)
    if fault:
        room.page.fault((*path, "url"), fault)
    elif shape.url.startswith("http:") and not shape.allow_private:
        room.page.fault((*path, "url"), "is not encrypted; use https, or say allow_private: true for your own network")
    if not (shape.secret_env or shape.secret_file):
        room.page.fault(path, "has no secret (secret_env or secret_file); receivers could not tell who sent it")
    if secret and not _is_key(secret):
        key = "secret_env" if shape.secret_env else "secret_file"
        room.page.fault((*path, key), "does not hold a secret of the form whsec_… (base64 of 24 to 64 bytes)")
    previous = room.secret(path, "previous_secret", env=shape.previous_secret_env, file=shape.previous_secret_file)
    if previous and not _is_key(previous):
        key = "previous_secret_env" if shape.previous_secret_env else "previous_secret_file"
        room.page.fault((*path, key), "does not hold a secret of the form whsec_… (base64 of 24 to 64 bytes)")
    secrets = {name: each for name, each in (("secret", secret), ("previous_secret", previous)) if each}
    options = _pairs(url=shape.url, names="true" if shape.names else "false",
                     ca_file=room.authority(path, shape.ca_file))
    return Channel(shape.id, shape.kind, shape.audience, options, Secrets(secrets),
                   allow_private=shape.allow_private, fallback=shape.fallback)


def _file(room: _Room, path: Path, shape: FileShape) -> Channel:
    target = (room.folder / shape.folder).resolve()
    if target.exists() and not target.is_dir():
        room.page.fault((*path, "folder"), f"{target} is not a folder")
    options = _pairs(folder=str(target), **{"from": shape.from_}, reply_to=shape.reply_to)
    return Channel(shape.id, shape.kind, shape.audience, options, fallback=shape.fallback)


def _judge_fallbacks(page: Page[ChannelsFile]) -> None:
    """A message falls back on another channel that is there and speaks to the same people, and no further."""
    shapes = [(path, shape) for path, shape in page.items("channels", page.sound.channels)
              if isinstance(shape, SmtpShape | WebhookShape | FileShape)]
    known = {shape.id: shape for _, shape in shapes}
    for path, shape in shapes:
        if shape.fallback is None:
            continue
        other = known.get(shape.fallback)
        if other is None or other is shape:
            page.fault((*path, "fallback"), f"'{shape.fallback}' is no other channel")
        elif other.audience != shape.audience:
            page.fault((*path, "fallback"), f"'{other.id}' is for the audience '{other.audience}', this one for "
                                            f"'{shape.audience}'")
        elif other.fallback is not None:
            page.fault((*path, "fallback"), f"'{other.id}' has a fallback itself; one step is all there is")


def _is_key(secret: str) -> bool:
    try:
        return len(base64.b64decode(secret.removeprefix(_PREFIX), validate=True)) in _KEY_BYTES \
            and secret.startswith(_PREFIX)
    except binascii.Error:
        return False


def _pairs(**options: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((key, text) for key, text in options.items() if text is not None)
