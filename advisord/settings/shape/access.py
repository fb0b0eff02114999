"""access.yaml: who may use the page. `advisord user` writes it; it may be missing where nobody does."""
from __future__ import annotations

import re
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from advisord.model import Role
from advisord.settings.faults import quoted
from advisord.settings.shape.fields import (
    Language,
    Line,
    Many,
    OneOrMore,
    Shape,
    Timezone,
    number_of,
    one_of,
    text_of,
    wrong,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
# PHC string format; the parameters are judged by argon2 itself when somebody logs in
_HASH = re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,63}")
MOST = 1_000_000


def _named(value: object, *, pattern: re.Pattern[str], wanted: str, how: str) -> str:
    text = text_of(value, wanted)
    if not pattern.fullmatch(text):
        raise wrong(f"{quoted(text)} is not {wanted} ({how})")
    return text


def _hash(value: object) -> str:
    """Never shown: what stands there may be a password."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise wrong("is no argon2id hash (advisord user add makes one; a password never stands here)")
    return value


def _role(value: object) -> Role:
    return Role(one_of(*(str(role) for role in Role), noun="a role")(value))


def _count(value: object) -> int:
    number = number_of(value, "messages")
    if not 0 <= number <= MOST or number != int(number):
        raise wrong(f"{value} is not a number of messages (0 to {MOST})")
    return int(number)


AccountName = Annotated[str, BeforeValidator(partial(
    _named, pattern=_NAME, wanted="the name of an account", how="letters, digits, '.', '_', '@', '+', '-'")),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$", "$comment": "name"})]
Hash = Annotated[str, BeforeValidator(_hash), WithJsonSchema(
    {"type": "string", "pattern": r"^\$argon2id\$", "$comment": "argon2id hash"})]
Header = Annotated[str, BeforeValidator(partial(
    _named, pattern=_HEADER, wanted="the name of an HTTP header", how="such as X-Remote-User")),
    WithJsonSchema({"type": "string", "pattern": f"^{_HEADER.pattern}$", "$comment": "header"})]
ARole = Annotated[Role, BeforeValidator(_role), WithJsonSchema(
    {"type": "string", "enum": [str(role) for role in Role]})]
Messages = Annotated[int, BeforeValidator(_count), WithJsonSchema(
    {"type": "integer", "minimum": 0, "maximum": MOST, "$comment": "number of messages"})]


class AccountShape(Shape):
    """Somebody who may log in."""

    name: AccountName
    """The name to log in with; what they decide is kept under it."""
    role: ARole
    """`viewer` looks, `officer` decides, `admin` also looks after the program."""
    password: Hash | None = None
    """What `advisord user add` made of the password; left out, only the proxy can let them in."""
    language: Language | None = None
    """The language of the page; else the browser's."""
    timezone: Timezone = "UTC"
    """IANA name; times are shown in it."""


class ProxyShape(Shape):
    """A proxy that has logged somebody in already and says who."""

    from_: OneOrMore[Line] = Field(alias="from", min_length=1)
    """The addresses that it connects from: `127.0.0.1`. The header is taken from nowhere else."""
    header: Header
    """The header that holds the account's name. The proxy must remove it from what browsers send."""


class AccessFile(Shape):
    """Who may use the page. The file may be missing: then nobody can log in."""

    accounts: Many[AccountShape] = Field(default_factory=list)
    """Who may log in."""
    proxy: ProxyShape | None = None
    """A proxy whose word is taken for who somebody is."""
    two_people_above: Messages | None = None
    """More messages to people than this at once need a second person's word; never where left out."""
