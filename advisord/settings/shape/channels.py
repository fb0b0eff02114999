"""channels.yaml: the ways out. Each kind has a shape of its own, chosen by `kind`.

What becomes of them in `model.Channel`: `options` are (key, text) pairs, a key without value and default is absent,
truth values are "true" and "false"; `secrets` holds what was read from the environment or a file.

    smtp     options host port tls [allow_plaintext] [user] from [reply_to] [ca_file]; secrets [password]
    webhook  options url names [ca_file]; secrets secret
    file     options folder from [reply_to]
"""
from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from advisord.settings.shape.fields import Flag, Id, Line, Many, Port, Sender, Shape, Variable, one_of, wrong

KINDS = ("smtp", "webhook", "file")


def _audience(*words: str) -> Any:
    return Annotated[str, BeforeValidator(one_of(*words, noun="an audience")),
                     WithJsonSchema({"type": "string", "enum": list(words)})]


def _not_here(name: str) -> Any:
    """A secret that stands in the file; it is never shown in the message that refuses it."""
    def refuse(value: object) -> None:
        del value
        raise wrong(f"doesn't belong in YAML; write {name}_env: A_VARIABLE or {name}_file: a-file that holds it")

    return Annotated[None, BeforeValidator(refuse), WithJsonSchema({"not": {}})]


NoPassword: Any = _not_here("password")
NoSecret: Any = _not_here("secret")
Tls = Annotated[str, BeforeValidator(one_of("starttls", "tls", "none", noun="a kind of encryption")),
                WithJsonSchema({"type": "string", "enum": ["starttls", "tls", "none"]})]
ForPeople: Any = _audience("person", "desk")
ForSystems: Any = _audience("system", "desk")


class SmtpShape(Shape):
    """Mail through a server."""

    id: Id
    """What rules name in `via`."""
    kind: Literal["smtp"]
    """`smtp`."""
    audience: ForPeople = "person"
    """`person`: those touched, one message each. `desk`: the desk that answers for them, with the list of all touched.
    """
    fallback: Id | None = None
    """The channel, for the same audience, that takes what this one could not deliver: a Severe or Extreme message that
    nobody accepted for 15 minutes, or that was refused.
    """
    host: Line
    """The mail server."""
    port: Port | None = None
    """Default 587 with starttls, 465 with tls, 25 with none."""
    tls: Tls = "starttls"
    """`starttls` and `tls` check the server's certificate. `none` only on this machine, or with `allow_plaintext:
    true`.
    """
    allow_plaintext: Flag = False
    """Allow mail to leave this machine unencrypted."""
    user: Line | None = None
    """The user to log in as; with it a password is needed."""
    password_env: Variable | None = None
    """The environment variable that holds the password."""
    password_file: Line | None = None
    """The file that holds the password."""
    password: NoPassword = None
    """Refused: use password_env or password_file."""
    ca_file: Line | None = None
    """The certificate (PEM) of the authority that signed the server's, where that is your own; relative to this folder.
    """
    from_: Sender = Field(alias="from")
    """The sender: `Security desk <desk@example.org>`."""
    reply_to: Sender | None = None
    """Where answers go, if elsewhere."""


class WebhookShape(Shape):
    """Signed HTTP requests to a system (Standard Webhooks)."""

    id: Id
    """What rules name in `via`."""
    kind: Literal["webhook"]
    """`webhook`."""
    audience: ForSystems = "system"
    """`system`: everything a rule sends. `desk`: what a desk gets."""
    fallback: Id | None = None
    """The channel, for the same audience, that takes what this one could not deliver: a Severe or Extreme message that
    nobody accepted for 15 minutes, or that was refused.
    """
    url: Line
    """Where to; https, or http with `allow_private: true`."""
    secret_env: Variable | None = None
    """The environment variable that holds the `whsec_…` secret."""
    secret_file: Line | None = None
    """The file that holds it."""
    secret: NoSecret = None
    """Refused: use secret_env or secret_file."""
    previous_secret_env: Variable | None = None
    """The variable that holds the secret before this one, while the receiver changes over: both sign."""
    previous_secret_file: Line | None = None
    """The file that holds it."""
    names: Flag = False
    """Whether the names of people are sent; else their ids alone."""
    allow_private: Flag = False
    """Whether the address may lie in a private network or on this machine."""

    ca_file: Line | None = None
    """The certificate (PEM) of the authority that signed the server's, where that is your own; relative to this folder.
    """


class FileShape(Shape):
    """Mails as .eml files in a folder, to begin without a mail server."""

    id: Id
    """What rules name in `via`."""
    kind: Literal["file"]
    """`file`."""
    audience: ForPeople = "person"
    """As for smtp."""
    fallback: Id | None = None
    """The channel, for the same audience, that takes what this one could not deliver: a Severe or Extreme message that
    nobody accepted for 15 minutes, or that was refused.
    """
    folder: Line
    """The folder, relative to this one; made when needed."""
    from_: Sender = Field("advisord@localhost", alias="from")
    """The sender that the mails carry."""
    reply_to: Sender | None = None
    """Where answers go, if elsewhere."""


def _kind(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else None
    return f"~{kind}" if kind in KINDS else "~none"


def _never(schema: dict[str, Any]) -> None:
    """No editor offers the kind that is none."""
    schema.clear()
    schema["not"] = {}


class AnyShape(Shape):
    """What stands in for a channel of no known kind, so that its `kind` is told and nothing else."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_never)

    kind: Annotated[str, BeforeValidator(one_of(*KINDS, noun="a kind of channel")),
                    WithJsonSchema({"enum": list(KINDS)})]
    """smtp, webhook or file."""


AChannel = Annotated[
    Annotated[SmtpShape, Tag("~smtp")] | Annotated[WebhookShape, Tag("~webhook")] | Annotated[FileShape, Tag("~file")]
    | Annotated[AnyShape, Tag("~none")], Discriminator(_kind)]


class ChannelsFile(Shape):
    """The ways out."""

    channels: Many[AChannel]
    """The ways out; rules name them in `via`."""
