"""A YAML file -> plain values, and the way back: from the path of a value to the line and column where it stands.

Scalars are those of the YAML 1.2 core schema, so that `NO` is Norway and `12:30` is text. `${NAME}` and
`${NAME:-default}` are taken from the environment first, as if the operator had written what stands there; `$${` is a
plain `${`.
"""
from __future__ import annotations

import re
from collections.abc import Mapping as Environ
from dataclasses import dataclass

from advisord.settings.faults import Fault, Path, path_text, quoted
from advisord.settings.yaml import Mapping, Node, NotYamlError, Scalar, Sequence, tree

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

MAX_REPEATED = 50_000  # nodes reached once more through aliases; a ten by ten bomb has 10,000,000,000

# YAML 1.2.2, 10.3.2 (core schema, tag resolution); doubled names of one value as the specification lists them
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")
_VARIABLE = re.compile(r"\$(\$\{)|\$\{([^}]*)\}")
_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the configuration as read; `value` null where the file is empty."""

    name: str
    value: Value
    node: Node | None

    def fault(self, path: Path, message: str, *, at_key: bool = False) -> Fault:
        """A fault at that path, or at the nearest thing above it that is written; `at_key` marks the key itself.

        Where one word stands for a list of it, the fault is the word's.
        """
        if path and isinstance(path[-1], int) and self.written(path[:-1]) is not None:
            path = path[:-1]
        line, column = _where(self.node, path, at_key=at_key)
        return Fault(self.name, message, path_text(path), line, column)

    def inside(self, key: str) -> Document:
        """What stands under a key, as if it were a file; lines and columns stay those of the file."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Document(self.name, value, _child(self.node, key))

    def written(self, path: Path) -> str | None:
        """The text of a scalar as it stands in the file, null where there is none."""
        node = self.node
        for part in path:
            node = _child(node, part)
        return node.text if isinstance(node, Scalar) else None


def document(name: str, data: bytes, environ: Environ[str, str]) -> tuple[Document, list[Fault]]:
    """The file's values and what is wrong with it as YAML; `value` is null where it can't be read at all."""
    try:
        node = tree(data)
    except NotYamlError as error:
        return Document(name, None, None), [Fault(name, error.message, "", error.line, error.column)]
    reading = _Reading(name, environ)
    value = None if node is None else reading.value(node, ())
    if reading.repeated > MAX_REPEATED:
        return Document(name, None, None), reading.faults[-1:]
    return Document(name, value, node), reading.faults


def core(text: str) -> Value:
    """What a plain scalar means in YAML 1.2's core schema; `.inf` and `.nan` stay text, since no key wants them."""
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Reading:
    """Walks the nodes once, collecting faults."""

    def __init__(self, name: str, environ: Environ[str, str]) -> None:
        self.name = name
        self.environ = environ
        self.faults: list[Fault] = []
        self.seen: set[int] = set()
        self.repeated = 0

    def value(self, node: Node, path: Path) -> Value:
        if id(node) in self.seen:
            self.repeated += 1
            if self.repeated > MAX_REPEATED:
                if self.repeated == MAX_REPEATED + 1:
                    self._fault(node, (), "repeats itself through aliases (*name) without measure")
                return None
        self.seen.add(id(node))
        if isinstance(node, Scalar):
            return self._scalar(node, path)
        if isinstance(node, Sequence):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.items)]
        return self._mapping(node, path)

    def _mapping(self, node: Mapping, path: Path) -> dict[str, Value]:
        values: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, child in node.pairs:
            here = (*path, key.text)
            if key.text in values:
                self._fault(key, here, f"stands here twice, first in line {lines[key.text]}")
                continue
            lines[key.text] = key.line
            values[key.text] = self.value(child, here)
        return values

    def _scalar(self, node: Scalar, path: Path) -> Value:
        text = self._filled(node, path) if "$" in node.text else node.text
        return core(text) if node.plain else text

    def _filled(self, node: Scalar, path: Path) -> str:
        """The text with its variables replaced; one that is not set is a fault and stands for nothing."""
        def fill(match: re.Match[str]) -> str:
            if match[1]:
                return "${"
            parts = _NAMED.fullmatch(match[2])
            if parts is None:
                self._fault(node, path, f"{quoted(match[0])} is not the name of a variable (write ${{NAME}})")
                return ""
            found = self.environ.get(parts[1]) or parts[2]
            if found is None:
                self._fault(node, path, f"the environment has no {parts[1]} (set it, or write "
                                        f"${{{parts[1]}:-a default}})")
            return found or ""

        return _VARIABLE.sub(fill, node.text)

    def _fault(self, node: Node, path: Path, message: str) -> None:
        self.faults.append(Fault(self.name, message, path_text(path), node.line, node.column))


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    if isinstance(node, Mapping):
        return next((child for key, child in node.pairs if key.text == part), None)
    return None


def _where(node: Node | None, path: Path, *, at_key: bool) -> tuple[int, int]:
    """Line and column of the deepest part of the path that is written; (1, 1) in an empty file."""
    found: Node | None = node
    for part in path:
        deeper = _child(node, part)
        if deeper is None:
            break
        if at_key and isinstance(node, Mapping):
            found = next(key for key, _ in node.pairs if key.text == part)
        else:
            found = deeper
        node = deeper
    return (found.line, found.column) if found else (1, 1)
