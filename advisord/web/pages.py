"""templates/web -> HTML in the reader's language, times by their clock.

Wording stands in files of its own, as that of messages does: `web/words.<language>.j2` for what all pages share and
`web/<page>.<language>.j2` for one page's, so that a page is written once and a language is files.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from advisord.advise.languages import LAST_RESORT, Clock
from advisord.advise.plain import link, one_line
from advisord.advise.templates import FAULTS, environment
from advisord.errors import SeedError
from advisord.model import Account

FOLDER = "web"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page: in which language, by the clock of which zone."""

    language: str
    zone: str


class Pages:
    """The templates of the pages, compiled; the first folder that has a file gives it."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Compile every template; SeedError names the one that can't be."""
        self._environment = environment(folders)
        self.menu: Sequence[tuple[str, str]] = ()  # a key of the words, and a path
        self._names = frozenset(self._environment.list_templates())
        self.languages = frozenset(name.split(".")[1] for name in self._names
                                   if name.startswith(f"{FOLDER}/words.") and name.endswith(".j2"))
        for name in sorted(self._names):
            if name.startswith(f"{FOLDER}/"):
                try:
                    self._environment.get_template(name)
                except TemplateError as error:
                    raise SeedError(f"{name}: {error}") from error

    def html(self, template: str, reader: Reader, facts: Mapping[str, object]) -> str:
        """A page; SeedError names what of it can't be rendered."""
        said = self.words("words", reader.language, folder="")
        clock = Clock.of(said, reader.zone)
        shared = {
            "language": reader.language, "w": self.words("words", reader.language),
            "p": self.words(template.partition(".")[0], reader.language), "said": said, "clock": clock,
            "nav": self.menu, "iso": _iso, "utc": partial(_utc, said),
            "line": one_line, "link": link}
        try:
            return self._environment.get_template(f"{FOLDER}/{template}").render({**shared, **facts})
        except FAULTS as error:
            raise SeedError(f"{FOLDER}/{template}: {str(error) or type(error).__name__}") from error

    def words(self, name: str, language: str, *, folder: str = f"{FOLDER}/") -> Any:
        """The words of one page, or of all, by attribute; a page without any has none."""
        for one in (language, LAST_RESORT):
            if f"{folder}{name}.{one}.j2" in self._names:
                return self._environment.get_template(f"{folder}{name}.{one}.j2").module
        return None

    def language_for(self, account: Account | None, accepted: str) -> str:
        """The account's language, else the first that the browser asks for and that there is, else English."""
        wanted = [account.language] if account and account.language else []
        wanted += [part.partition(";")[0].strip().lower() for part in accepted.split(",")[:10]]
        for one in wanted:
            for language in (one, one.partition("-")[0]):
                if language in self.languages:
                    return language
        return LAST_RESORT


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _utc(words: Any, at: datetime) -> str:
    """The same instant by the other clock, which stands there on hover."""
    return f"{Clock.of(words, 'UTC').when(at)} UTC"

