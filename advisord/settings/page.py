"""One file of the configuration, read and put into its shape, with its sound items kept where others are wrong.

Its own module because "every fault at once" needs it: a rule that names an unknown group must be told even where
another rule of the same file has a slip, so what can't be used is set aside and the rest goes on to the cross checks.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from advisord.settings.document import Document, document
from advisord.settings.faults import Fault, Findings, Path
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

    def fault(self, path: Path, message: str) -> None:
        """Tell what stops the start."""
        self.findings.faults.append(self.document.fault(path, message))

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
        raw = self.document.value.get(key) if isinstance(self.document.value, dict) else None
        rows = raw if isinstance(raw, list) else []
        names = [row.get("id") for row in rows if isinstance(row, dict)]
        return frozenset(name for name in names if isinstance(name, str))


def page(file: FilePath, shape: type[S], environ: Mapping[str, str], findings: Findings) -> Page[S] | None:
    """The file in its shape, its faults told; null where it can't be read at all."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        findings.faults.append(Fault(file.name, f"is missing in {file.parent} (advisord init writes one)"))
        return None
    except OSError as error:
        findings.faults.append(Fault(file.name, f"can't be read: {error.strerror}"))
        return None
    read, faults = document(file.name, data, environ)
    findings.faults += faults
    if faults and read.node is None:
        return None
    return _shaped(read, shape, findings)


def _shaped(read: Document, shape: type[S], findings: Findings) -> Page[S] | None:
    value = {} if read.value is None else read.value
    if not isinstance(value, dict):
        findings.faults.append(read.fault((), "must hold keys (key: value)"))
        return None
    told = {(fault.line, fault.column) for fault in findings.faults if fault.file == read.name}
    try:
        return Page(read, findings, shape.model_validate(value), {})
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [fault_of(read, shape, detail) for detail in details]
        findings.faults += [fault for fault in faults if (fault.line, fault.column) not in told]
        sound, places = _sound(value, [detail["loc"] for detail in details], shape)
        return Page(read, findings, sound, places)


def _sound(value: dict[str, Any], wrong: Sequence[tuple[int | str, ...]],
           shape: type[S]) -> tuple[S, dict[str, list[int]]]:
    """The value without what is wrong in it: faulty items of its lists, faulty keys of its own."""
    items = {path[:2] for path in wrong if len(path) > 1 and isinstance(path[1], int)}
    keys = {path[0] for path in wrong if path[:2] not in items}
    kept: dict[str, Any] = {}
    places: dict[str, list[int]] = {}
    for key, inner in value.items():
        if key not in keys and isinstance(inner, list):
            places[key] = [place for place in range(len(inner)) if (key, place) not in items]
            kept[key] = [inner[place] for place in places[key]]
        elif key not in keys:
            kept[key] = inner
    for name, field in shape.model_fields.items():
        if field.is_required() and name not in kept:
            kept[name] = []
    return shape.model_validate(kept), places
