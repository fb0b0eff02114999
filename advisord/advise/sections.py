"""Rendered template -> Sections: headings and lines, parted by a mark that no source can write.

`section("todo")` in a template writes the mark; control characters are stripped from everything foreign before, so that
no headline can open a section of its own.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

START, END = "\x1e", "\x1f"
UNSEEN = frozenset({"subject", "headline", "short", "do", "short_away", "do_away"})
_URL = re.compile(r"https?://\S+")
_BLANKS = re.compile(r"[ \t]+")  # not the no-break space, which French sets before a colon


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line; `url` where it is a link that may be followed."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a message: `lines` with the heading first; `links` are the addresses that may become links."""

    name: str
    lines: tuple[str, ...]
    links: frozenset[str]

    @property
    def is_shown(self) -> bool:
        """Whether it is part of the message's body."""
        return self.name not in UNSEEN and bool(self.lines)

    @property
    def heading(self) -> str:
        """The first line."""
        return self.lines[0]

    @property
    def body(self) -> tuple[str, ...]:
        """The lines after the heading."""
        return self.lines[1:]

    def pieces(self, line: str) -> tuple[Piece, ...]:
        """A line cut at the links that may be followed."""
        found: list[Piece] = []
        rest = 0
        for match in _URL.finditer(line):
            if match.group() in self.links:
                found += [Piece(line[rest:match.start()]), Piece(match.group(), match.group())]
                rest = match.end()
        return (*found, Piece(line[rest:]))


def section(name: str) -> str:
    """The mark that opens a section in a template."""
    return f"{START}{name}{END}"


def sections_of(text: str, links: frozenset[str]) -> tuple[Section, ...]:
    """The sections in order, their lines trimmed, empty lines left out."""
    found = []
    for part in text.split(START)[1:]:
        name, _, rest = part.partition(END)
        lines = tuple(_BLANKS.sub(" ", line).strip(" \t") for line in rest.splitlines())
        found.append(Section(name, tuple(line for line in lines if line), links))
    return tuple(found)
