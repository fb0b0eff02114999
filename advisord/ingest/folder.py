"""The files of a `file:` source, as `files` put them together, into Items."""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from advisord.ingest.items import NO_HINTS, Item


def folder_items(text: str) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The articles of all files in order of their names, and the faults of the files or lines that are none."""
    kept = [item for line in text.split("\n") if line for item in _of_file(json.loads(line))]
    return tuple(item for item in kept if isinstance(item, Item)), tuple(item for item in kept if isinstance(item, str))


def _of_file(record: dict[str, str]) -> Iterator[Item | str]:
    name, content = record["name"], record.get("content", "")
    if "fault" in record:
        yield f"{name} {record['fault']}"
    elif name.lower().endswith(".txt"):
        title, _, text = content.strip().partition("\n")
        yield Item(title=title, text=text, guid=name, dates=(record["written"],))
    elif name.lower().endswith(".jsonl"):
        for number, line in enumerate(content.split("\n"), start=1):
            if line.strip():
                yield from _of_json(line, f"{name}:{number}")
    else:
        yield from _of_json(content, name)


def _of_json(content: str, name: str) -> Iterator[Item | str]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        yield f"{name} is not JSON"
        return
    if isinstance(value, dict):
        yield _article(value, name)
        return
    for number, row in enumerate(value if isinstance(value, list) else (value,), start=1):
        yield _article(row, f"{name}#{number}") if isinstance(row, dict) else f"{name}#{number} is no article"


def _article(row: dict[str, Any], name: str) -> Item | str:
    """An article object of `analyse`: title, text, published, language, country, and its own id where it has one."""
    if not isinstance(row.get("text"), str):
        return f"{name} has no text"
    strings = {key: value for key, value in row.items() if isinstance(value, str)}
    identity = row.get("id")
    return Item(
        title=strings.get("title", ""),
        text=strings["text"],
        guid=str(identity) if isinstance(identity, str | int) and identity != "" else name,
        link=strings.get("url", ""),
        dates=(strings["published"],) if "published" in strings else (),
        language=strings.get("language"),
        country=strings.get("country", "").upper() or None,
        hints=NO_HINTS,
    )
