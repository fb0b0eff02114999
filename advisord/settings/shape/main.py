"""advisord.yaml: what holds for the whole program."""
from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from advisord.settings.shape.ceilings import CeilingsShape
from advisord.settings.shape.fields import Duration, Flag, Line, Mode, Port, Shape, Variable
from advisord.settings.shape.pace import Settle
from advisord.settings.shape.retention import RetentionShape
from advisord.settings.shape.watch import WatchShape


class PageShape(Shape):
    """The officer's page, which the service serves itself."""

    enabled: Flag = True
    """Whether it is served."""
    host: Line = "127.0.0.1"
    """The address to listen on. Anything but this machine's own belongs behind a proxy that speaks https."""
    port: Port = 8470
    """The port to listen on."""
    url: Line | None = None
    """How browsers reach it behind a proxy: `https://desk.example.org`. Requests under any other name are refused."""


class AnswersShape(Shape):
    """Where people's answers come in: a listener of its own, on which there is nothing else."""

    host: Line = "127.0.0.1"
    """The address to listen on; the proxy that serves `public_url` passes requests on to it."""
    port: Port = 8471
    """The port to listen on."""
    links_last: Duration = Field(default=timedelta(days=7), json_schema_extra={"default": "7d"})
    """For how long the links of a message can be used."""
    key_env: Variable | None = None
    """The environment variable that holds the key links are signed with, of 32 characters or more; else the store keeps
    one of its own.
    """
    key_file: Line | None = None
    """The file that holds it."""


class MainFile(Shape):
    """The program as a whole. Every key has a default."""

    mode: Mode = "live"
    """`live` tells people. `shadow` does everything but tell them: each message goes to the desk alone, marked with
    who would have got it.
    """
    organisation: Line = "advisord"
    """The name that messages are signed with."""
    contact: Line | None = None
    """An e-mail address or page under which feed publishers reach you; sent to them in the User-Agent header."""
    store: Line = "state/advisord.db"
    """Where everything is kept: a file for SQLite (relative to this folder), or `postgresql://user@host/database`. A
    password is never written here: PostgreSQL's own PGPASSWORD, PGPASSFILE or `?passfile=` hold it.
    """
    settle_minutes: Settle = Field(default=timedelta(), json_schema_extra={"default": 0})
    """How long an incident is known before people hear of it first, where a rule does not say so itself."""
    retention: RetentionShape = Field(default=RetentionShape(), json_schema_extra={"default": {}})
    """How long what is kept is kept; a duration such as `90d` for each class."""
    page: PageShape = PageShape()
    """The officer's page."""
    public_url: Line | None = None
    """Under which address people reach the answers (`https://safe.example.org`); with it every alert to a person has
    the links "I am safe" and "I need help". Without it nobody is asked.
    """
    answers: AnswersShape = AnswersShape()
    """Where answers come in."""
    ceilings: CeilingsShape = Field(default=CeilingsShape(), json_schema_extra={"default": {}})
    """How much may be new within an hour."""
    watch: WatchShape = Field(default=WatchShape(), json_schema_extra={"default": {}})
    """How the service watches itself."""
