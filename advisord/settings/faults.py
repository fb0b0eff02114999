"""What is wrong with a configuration, where it stands, and in plain words; all of it together.

Its own module because every reader of the configuration tells its faults here, and `load` raises them at once: an
operator who has to start ten times to find ten mistakes stops reading.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol

Path = tuple[str | int, ...]

_SHOWN = 80  # code points of a value that a message quotes


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or warning; line and column count from 1, 0 is unknown. Its text is `file:line:column path: words`."""

    file: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """As people and editors read it."""
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{where} {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


@dataclass(slots=True)
class Findings:
    """Collects while the files are read: faults stop, warnings are told, `unset` are secrets this environment lacks."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    unset: list[Fault] = field(default_factory=list)


class Teller(Protocol):
    """A file whose findings are told by the path of a value."""

    def fault(self, path: Path, message: str) -> None:
        """Tell what stops the start."""

    def warn(self, path: Path, message: str) -> None:
        """Tell what is odd and does not stop it."""


def in_order(faults: Iterable[Fault], files: Iterable[str]) -> tuple[str, ...]:
    """The texts of the faults, each once, by the order of `files`, then line and column."""
    rank = {name: number for number, name in enumerate(files)}
    ordered = sorted(faults, key=lambda fault: (rank.get(fault.file, len(rank)), fault.line, fault.column))
    return tuple(dict.fromkeys(str(fault) for fault in ordered))


def path_text(path: Path) -> str:
    """`rules[1].reach.within_km`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def quoted(value: object) -> str:
    """A value as a message shows it: on one line, cut where it is long, without control characters."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(value))
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean 'within_km'?` where something known is close, else what is known where that is short."""
    names = sorted(set(known))
    close = get_close_matches(wrong.casefold(), [name.casefold() for name in names], n=1, cutoff=0.6)
    if close:
        meant = next(name for name in names if name.casefold() == close[0])
        return f"; did you mean {quoted(meant)}?"
    listed = ", ".join(names)
    return f" (known: {listed})" if names and len(listed) <= 4 * _SHOWN else ""
