"""Sections -> Page: one advisory as it is read, in plain text and as the HTML frame asks for it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisord.advise.facts import Facts
from advisord.advise.plain import one_line
from advisord.advise.sections import Section

SUBJECT_LIMIT = 180


@dataclass(frozen=True, slots=True)
class Page:
    """One advisory, written."""

    facts: Facts
    sections: tuple[Section, ...]
    mark: str

    @property
    def subject(self) -> str:
        """The first line, which an inbox shows alone."""
        return self._line("subject")

    @property
    def shown(self) -> tuple[Section, ...]:
        """The sections that are read, in their order."""
        return tuple(each for each in self.sections if each.is_shown)

    @property
    def text(self) -> str:
        """The plain part; in an exercise every line says so, since any of them can be shown alone."""
        blocks = ("\n".join((f"{self.mark}{line}" if line else "") for line in each.lines) for each in self.shown)
        return "\n\n".join(blocks)

    def said(self, language: str) -> Mapping[str, str]:
        """The parts that the webhook's body repeats."""
        todo = next((each.body for each in self.sections if each.name == "todo"), ())
        return {"language": language, "headline": self._line("headline"), "text": self.text,
                "instruction": "\n".join(f"{self.mark}{line}" for line in todo)}

    def _line(self, name: str) -> str:
        lines = next((each.lines for each in self.sections if each.name == name), ())
        return one_line(" ".join(lines), SUBJECT_LIMIT)
