"""Configurations spoiled at random: whatever is in the files, it is told or taken, and nothing falls over."""
from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisord.settings.config import FILES, examine
from advisord.settings.document import document
from advisord.settings.folders import shipped

SPOILS: tuple[Any, ...] = (
    None, True, 1, -1, 0.5, 10**30, "", "a b", "${X}", "Bamako, ML", "12.5, 99999", "\u202e", "5m", "at least Severe",
    "2024-09-16", "0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2024-09-16T10:00Z",
    "http://[::1", "https://x:99999/", "file:", "a@b", "=?utf-8?q?x?=", [], {}, [None], [[1]], ["x", "y"], {"id": 1},
    {"a": {"b": []}}, {"lat": 1, "lon": 2})


def places(value: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(*above, key) for key, _ in inside] + [
        path for key, inner in inside for path in places(inner, (*above, key))]


def originals() -> dict[str, Any]:
    """The shipped example as plain values."""
    return {name: document(name, (shipped("config") / name).read_bytes(), {})[0].value for name in FILES}


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """The shipped example with a few values replaced or taken out."""
    files = originals()
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(FILES))
        found = places(files[name])
        if not found:
            continue
        path = draw(st.sampled_from(found))
        holder = files[name]
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()):
            holder[path[-1]] = json.loads(json.dumps(draw(st.sampled_from(SPOILS))))
        else:
            del holder[path[-1]]
    return files


@settings(max_examples=150, deadline=None)
@given(files=spoiled())
def test_whatever_is_wrong_is_told(known: Any, files: dict[str, Any]) -> None:
    """A spoiled configuration costs messages of one line each, and never the program."""
    with tempfile.TemporaryDirectory() as folder:
        for name, value in files.items():
            (Path(folder) / name).write_text(json.dumps(value), encoding="utf-8")
        examined = examine(Path(folder), gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert all("\n" not in each and ": " in each for each in (*examined.faults, *examined.warnings))
