"""A CSV file of people -> the same shapes as the people of staff.yaml.

The first line names the columns: id and name must be there; groups (separated by blanks or ';'), language, timezone,
email, phone, home and site may be. The separator is what the first line uses: comma, semicolon or tab.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from pydantic import ValidationError

from advisord.settings.faults import Fault, Findings, Path, did_you_mean
from advisord.settings.shape.staff import PersonShape
from advisord.settings.wording import words_of

COLUMNS = ("id", "name", "groups", "language", "timezone", "email", "phone", "home", "site")
NEEDED = ("id", "name")
_LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, to tell about; the path of a finding is its column."""

    file: str
    line: int
    findings: Findings

    def fault(self, path: Path, message: str) -> None:
        """Tell what stops the start."""
        self.findings.faults.append(self._at(path, message))

    def warn(self, path: Path, message: str) -> None:
        """Tell what is odd and does not stop it."""
        self.findings.warnings.append(self._at(path, message))

    def _at(self, path: Path, message: str) -> Fault:
        return Fault(self.file, message, str(path[-1]) if path else "", self.line)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a file by column, read already."""

    file: str
    rows: tuple[tuple[int, dict[str, str]], ...]
    findings: Findings

    def people(self) -> Iterator[tuple[Row, PersonShape]]:
        """Those lines that hold a person; the faults of the others are told."""
        for line, cells in self.rows:
            row = Row(self.file, line, self.findings)
            try:
                yield row, PersonShape.model_validate(_person(cells))
            except ValidationError as error:
                for detail in error.errors(include_url=False):
                    row.fault((str([part for part in detail["loc"] if isinstance(part, str)][-1]),), words_of(detail))


def sheet(file: FilePath, name: str, findings: Findings) -> Sheet | str:
    """The file's lines; a sentence where it can't be read as a table at all."""
    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return f"{name} is not UTF-8 text (save it as 'CSV UTF-8')"
    except OSError as error:
        return f"{name} can't be read: {error.strerror}"
    if len(data) > _LARGEST or "\0" in text:
        return f"{name} is no table of people"
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    return _table(name, reader, findings)


def _table(name: str, reader: Iterator[list[str]], findings: Findings) -> Sheet | str:
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        head = [column.strip().casefold() for column in next(reader, [])]
        wrong = _head_fault(head)
        if wrong:
            return f"{name}:1 {wrong}"
        for cells in reader:
            line = reader.line_num  # type: ignore[attr-defined]  # the csv reader's, which typeshed hides
            if len(cells) > len(head):
                Row(name, line, findings).fault((), f"has {len(cells)} cells, the first line {len(head)} columns "
                                                    "(put text with the separator in it in quotes)")
            elif any(cell.strip() for cell in cells):
                rows.append((line, {column: cell.strip() for column, cell in zip(head, cells, strict=False)}))
    except csv.Error as error:
        return f"{name} is no table: {error}"
    return Sheet(name, tuple(rows), findings)


def _head_fault(head: list[str]) -> str | None:
    for column in head:
        if column not in COLUMNS:
            return f"'{column}' is no column here{did_you_mean(column, COLUMNS)}"
        if head.count(column) > 1:
            return f"the column '{column}' stands here twice"
    missing = [column for column in NEEDED if column not in head]
    return f"the column '{missing[0]}' is missing in the first line" if missing else None


def _person(cells: dict[str, str]) -> dict[str, object]:
    """The cells as staff.yaml would have them; an empty cell is a key left out."""
    said: dict[str, object] = {column: cell for column, cell in cells.items() if cell}
    contact = {column: said.pop(column) for column in ("email", "phone") if column in said}
    groups = str(said.pop("groups", "")).replace(";", " ").replace(",", " ").split()
    return {**said, "groups": groups, "contact": contact}
