"""Template folders -> one sandboxed environment whose every template is known to render before anybody needs it."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from advisord.advise.languages import LAST_RESORT, Reader
from advisord.advise.sections import section
from advisord.errors import SeedError

GENERAL = "general"
ADVISORY, DIGEST = "advisory", "digest"
CALL = "call"
FRAMES = (ADVISORY, DIGEST, CALL, "baseline", "alarm")
# What a template can raise: jinja's own, and whatever the expressions in it do to the facts
FAULTS = (TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, MemoryError,
          RecursionError)


class Templates:
    """The templates by what they are for: the frame in text and HTML, the advice, the words."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Read the folders; the first that has a file gives it."""
        self._environment = environment(folders)
        self.languages = languages_of(folders)

    def text(self, language: str, facts: Mapping[str, object], *, kind: str = ADVISORY) -> str:
        """The frame in that language, in sections, set as the language sets its type."""
        text = self.raw(self._frame(kind, language, "txt"), facts)
        for written, printed in self.words(language).typography:
            text = text.replace(written, printed)
        return text

    def html(self, language: str, *, kind: str = ADVISORY, **facts: object) -> str:
        """The same as a page."""
        return self.raw(self._frame(kind, language, "html"), facts)

    def has(self, kind: str, language: str) -> bool:
        """Whether that kind of frame is written in that language; each language has that of the advisory."""
        return f"{kind}.{language}.txt.j2" in self._environment.list_templates()

    def _frame(self, kind: str, language: str, form: str) -> str:
        """A frame that a language lacks is read in English."""
        return f"{kind}.{language if self.has(kind, language) else LAST_RESORT}.{form}.j2"

    def advice(self, name: str, reader: Reader, facts: Mapping[str, object]) -> str:
        """What to do, in the reader's language; an advice not written in it gives way to the general one that is."""
        desk = reader.desk.language if reader.desk else LAST_RESORT
        wanted = [f"{one}.{language}.txt.j2" for one, language in (
            (name, reader.language), (GENERAL, reader.language), (name, desk), (name, LAST_RESORT))]
        known = set(self._environment.list_templates())
        return self.raw(next((each for each in wanted if each in known), wanted[-1]), facts)

    def raw(self, name: str, facts: Mapping[str, object]) -> str:
        """Any template by its file's name; SeedError tells the file and line that can't be rendered."""
        try:
            return self._environment.get_template(name).render(facts)
        except FAULTS as error:
            raise SeedError(f"{_place(error, name)}: {str(error) or type(error).__name__}") from error

    def advices(self, language: str) -> tuple[str, ...]:
        """The files of the advices written in that language."""
        names = self._environment.list_templates(filter_func=lambda name: name.endswith(f".{language}.txt.j2"))
        return tuple(sorted(name for name in names if name.partition(".")[0] not in FRAMES))

    def words(self, language: str) -> Any:
        """The words of a language, by attribute."""
        try:
            return self._environment.get_template(f"words.{language}.j2").module
        except TemplateNotFound:
            return self._environment.get_template(f"words.{LAST_RESORT}.j2").module


def frames_of(language: str) -> tuple[str, str]:
    """The files of the frame in that language, text and HTML."""
    return f"advisory.{language}.txt.j2", f"advisory.{language}.html.j2"


def environment(folders: tuple[Path, ...]) -> ImmutableSandboxedEnvironment:
    """Nothing undefined is passed over, nothing foreign unescaped in HTML, nothing of Python within reach."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([str(folder) for folder in folders]), undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2", "html"), default=False), trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, auto_reload=False)
    made.globals["section"] = section
    made.filters["upfirst"] = upfirst
    return made


def upfirst(text: str) -> str:
    """The text with its first letter upper case and the rest as it is."""
    return text[:1].upper() + text[1:]


def languages_of(folders: tuple[Path, ...]) -> frozenset[str]:
    """The languages that have a frame in text and HTML, and words."""
    names = {file.name for folder in folders for file in folder.glob("*.j2")}
    found = {name.split(".")[1] for name in names if name.startswith("advisory.") and name.endswith(".txt.j2")}
    return frozenset(each for each in found if {f"advisory.{each}.html.j2", f"words.{each}.j2"} <= names)


def _place(error: BaseException, name: str) -> str:
    """The template and line where it happened: the innermost frame that is a template's."""
    found = name
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            found = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
