"""One file of the configuration, read and put into its shape, with its sound items kept where others are wrong.

Its own module because "every fault at once" needs it: a rule that names an unknown group must be told even where
another rule of the same file has a slip, so what can't be used is set aside and the rest goes on to the cross checks.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from types import NoneType
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from advisord.settings.document import Document, Value, document
from advisord.settings.faults import Fault, Findings, Path
from advisord.settings.salvage import sound_part
from advisord.settings.shape.fields import Shape
from advisord.settings.wording import fault_of

S = TypeVar("S", bound=Shape)
I = TypeVar("I", bound=Shape)  # noqa: E741 - the item of a list


@dataclass(frozen=True, slots=True)
class Page(Generic[S]):
    """A file and its sound part; `places` gives, for each list, the places in the file of the items kept."""

    document: Document
    findings: Findings
    sound: S
    places: Mapping[str, Sequence[int]]
    unread: frozenset[tuple[int, int]] = frozenset()

    def fault(self, path: Path, message: str) -> None:
        """Tell what stops the start; once is enough for a value that could not be read."""
        fault = self.document.fault(path, message)
        if (fault.line, fault.column) not in self.unread:
            self.findings.faults.append(fault)

    def warn(self, path: Path, message: str) -> None:
        """Tell what is odd and does not stop it."""
        self.findings.warnings.append(self.document.fault(path, message))

    def unset(self, path: Path, message: str) -> None:
        """Tell a secret that this environment does not hold."""
        self.findings.unset.append(self.document.fault(path, message))

    def items(self, key: str, items: Sequence[I]) -> Iterator[tuple[Path, I]]:
        """The sound items of a list, each with its path; one whose id was there before is told and left out."""
        seen: dict[str, int] = {}
        for place, item in zip(self.places.get(key, range(len(items))), items, strict=True):
            name = getattr(item, "id", None)
            if name is not None and name in seen:
                self.fault((key, place, "id"), f"'{name}' is the id of {key}[{seen[name]}] already")
                continue
            if name is not None:
                seen[name] = place
            yield (key, place), item

    def ids(self, key: str) -> frozenset[str]:
        """The ids in a list, those of faulty items too, so that naming one is not told as a second fault."""
        return frozenset(name for row in self._rows(key) for name in (row.get("id"),) if isinstance(name, str))

    def groups(self, key: str) -> frozenset[str]:
        """The groups that the items of a list name, faulty items too."""
        lists = (row.get("groups") for row in self._rows(key))
        return frozenset(name for groups in lists if isinstance(groups, list) for name in groups
                         if isinstance(name, str))

    def _rows(self, key: str) -> list[dict[str, Value]]:
        raw = self.document.value.get(key) if isinstance(self.document.value, dict) else None
        return [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []


def page(file: FilePath, shape: type[S], environ: Mapping[str, str], findings: Findings, *,
         name: str | None = None) -> Page[S] | None:
    """The file in its shape, its faults told under `name` (its own, unless given); null where it can't be read."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        findings.faults.append(Fault(name or file.name, f"is missing in {file.parent} (advisord init writes one)"))
        return None
    except OSError as error:
        findings.faults.append(Fault(name or file.name, f"can't be read: {error.strerror}"))
        return None
    read, faults = document(name or file.name, data, environ)
    findings.faults += faults
    if faults and read.node is None:
        return None
    if not isinstance(read.value, (dict, NoneType)):
        findings.faults.append(read.fault((), "must hold keys (key: value)"))
        return None
    return _shaped(read, shape, findings, frozenset((fault.line, fault.column) for fault in faults))


def _shaped(read: Document, shape: type[S], findings: Findings, unread: frozenset[tuple[int, int]]) -> Page[S]:
    value: dict[str, Any] = read.value if isinstance(read.value, dict) else {}
    try:
        return Page(read, findings, shape.model_validate(value), {}, unread)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [fault_of(read, shape, detail) for detail in details]
        findings.faults += [fault for fault in faults if (fault.line, fault.column) not in unread]
        sound, places = sound_part(value, details, shape)
        return Page(read, findings, sound, places, unread)
