"""Bytes of YAML -> a tree of nodes that know where they stand. Nothing is interpreted here.

Built from libyaml's events and not with PyYAML's composer, for three reasons that were tried: the composer recurses in
C and 100,000 opened brackets end the process (SIGSEGV); it forgets whether a tag was written or guessed, and tags are
refused; and its constructor keeps the last of two equal keys without a word.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from advisord.settings.faults import quoted

MAX_BYTES = 20_000_000
MAX_DEPTH = 50
_STANDARD = "tag:yaml.org,2002:"
_OPEN = "a quote or a bracket that is not closed"


class NotYamlError(Exception):
    """The text can't be read as YAML; line and column count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        """`message` is in plain words."""
        self.message, self.line, self.column = message, line, column
        super().__init__(message)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One piece of text; `plain` where it stood without quotes and so may mean a number, a truth value or nothing."""

    line: int
    column: int
    text: str
    plain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Keys and values in the order written; a key may still stand there twice."""

    line: int
    column: int
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list)


Node = Scalar | Sequence | Mapping


def tree(data: bytes) -> Node | None:
    """The one document of a file, null where the file says nothing; NotYamlError where it is no plain YAML."""
    if len(data) > MAX_BYTES:
        raise NotYamlError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise NotYamlError("is not UTF-8 text", before.count(b"\n") + 1,
                           len(before) - before.rfind(b"\n")) from error
    return _Builder().build(_events(text))


def _events(text: str) -> Iterator[Event]:
    """The events of libyaml, its complaints turned into plain words."""
    parser = CParser(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        raise _syntax_error(error, text) from error
    except ReaderError as error:
        before = text[: error.position]
        raise NotYamlError(f"holds the control character U+{int(error.character):04X}", before.count("\n") + 1,
                           len(before) - before.rfind("\n")) from error
    except YAMLError as error:  # nothing else is known to come; still no traceback for an operator's slip
        raise NotYamlError(f"is not YAML: {quoted(error)}") from error


def _syntax_error(error: MarkedYAMLError, text: str) -> NotYamlError:
    """What an operator can do about a syntax error, and where: where it began, if something was left open."""
    problem = f"{error.context}: {error.problem}" if error.context else str(error.problem)
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    words = _plain_words(problem, here)
    if words == _OPEN and error.context_mark:
        return NotYamlError(f"opens {_OPEN}", error.context_mark.line + 1, error.context_mark.column + 1)
    return NotYamlError(words, line, column)


def _plain_words(problem: str, here: str) -> str:
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return "is indented with a tab; YAML wants spaces"
    if "${" in here and "flow" in problem:
        return 'holds ${…} between { }; put it in quotes: "${…}"'
    if "mapping values are not allowed" in problem:
        return "has a ': ' too many or is indented wrongly (text with ': ' in it goes in quotes)"
    if "cannot start any token" in problem:
        return "begins with a character that has a meaning in YAML; put the text in quotes"
    if any(sign in problem for sign in ("unexpected end of stream", "',' or", "expected node content")):
        return _OPEN
    return f"is not YAML here: {problem}"


class _Builder:
    """Puts events together, without recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[Sequence | Mapping] = []
        self.keys: list[Scalar | None] = []  # one an open collection: the key that waits for its value
        self.anchors: dict[str, Node] = {}
        self.documents = 0

    def build(self, events: Iterator[Event]) -> Node | None:
        for event in events:
            self._take(event)
        return self.root

    def _take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _at(event, "begins a second document with '---'; one file holds one")
        elif isinstance(event, ScalarEvent):
            line, column = _mark(event)
            self._put(event, Scalar(line, column, event.value, plain=not event.style))
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, SequenceStartEvent):
            self._descend(event, Sequence(*_mark(event)))
        elif isinstance(event, MappingStartEvent):
            self._descend(event, Mapping(*_mark(event)))
        elif isinstance(event, (SequenceEndEvent, MappingEndEvent)):
            self.open.pop()
            self.keys.pop()

    def _alias(self, event: AliasEvent) -> None:
        node = self.anchors.get(event.anchor or "")
        if node is None:
            raise _at(event, f"refers to &{event.anchor}, which nothing above is named")
        if any(node is parent for parent in self.open):
            raise _at(event, f"*{event.anchor} refers to what it stands in")
        self._hang(event, node)

    def _put(self, event: ScalarEvent | SequenceStartEvent | MappingStartEvent, node: Node) -> None:
        if event.tag is not None:
            raise _at(event, f"has the tag {quoted(event.tag.replace(_STANDARD, '!!'))}; tags are refused")
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self._hang(event, node)

    def _descend(self, event: SequenceStartEvent | MappingStartEvent, node: Sequence | Mapping) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise _at(event, f"is nested more than {MAX_DEPTH} deep")
        self._put(event, node)
        self.open.append(node)
        self.keys.append(None)

    def _hang(self, event: Event, node: Node) -> None:
        """Give a node to what is open: a list's next item, a mapping's next key, or that key's value."""
        if not self.open:
            self.root = node
            return
        parent, key = self.open[-1], self.keys[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is not None:
            parent.pairs.append((key, node))
            self.keys[-1] = None
        elif isinstance(node, Scalar):
            self.keys[-1] = node
        else:
            raise _at(event, "has a list or a map for a key; keys are words")


def _mark(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _at(event: Event, message: str) -> NotYamlError:
    return NotYamlError(message, *_mark(event))
