"""One row of the table of routes: all that the gate asks before anybody answers, and what the tests are made from."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.responses import Response

from advisord.model import Role
from advisord.web.visit import Visit


class Proof(StrEnum):
    """What shows that a request is meant by whoever sends it.

    `none` is for reading. `token`: a form of ours, once. `link`: a link that we signed.
    `signature`: the body is signed (Standard Webhooks).
    """

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - its name
    LINK = "link"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Route:
    """A path and who answers it; `role` null is for everybody. `nav` is its key in the words of the menu.

    Only what is not GET changes anything: mail scanners and browsers fetch links of their own accord.
    """

    path: str
    answer: Callable[[Visit], Response]
    role: Role | None
    method: str = "GET"
    proof: Proof = Proof.NONE
    nav: str | None = None

    @property
    def changes(self) -> bool:
        """Whether it may change anything."""
        return self.method != "GET"

    @property
    def fault(self) -> str | None:
        """Why this row can't be served, null for a sound one."""
        if self.method not in {"GET", "POST"}:
            return f"{self.path}: {self.method} is not a method of ours"
        if self.changes == (self.proof is Proof.NONE):
            return f"{self.path}: what changes something needs a proof, and nothing else has one"
        return None


def reads(path: str, answer: Callable[[Visit], Response], role: Role | None, *, nav: str | None = None) -> Route:
    """A page to look at."""
    return Route(path, answer, role, nav=nav)


def changes(path: str, answer: Callable[[Visit], Response], role: Role | None = Role.OFFICER) -> Route:
    """A form that changes something."""
    return Route(path, answer, role, "POST", Proof.TOKEN)
