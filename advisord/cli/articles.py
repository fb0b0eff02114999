"""JSON lines -> articles, as design contract `analyse` has it: what `analyse` and `correlate` read.

Its own module because both commands answer every line, good or bad, in the same words. Nothing that may stand in a line
raises: a line that is no article is a Line with an error.
"""
from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from advisord.errors import ArticleError
from advisord.model import Article


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: `id` as given (the line's number where none is), and an article or an error.

    `warnings` are for standard error and change nothing else.
    """

    number: int
    id: Any
    article: Article | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()


def lines_of(stream: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a binary stream (which end with a line feed alone), without the blank ones, counted from 1."""
    for number, data in enumerate(stream, start=1):
        if data.strip(b" \t\r\n"):
            yield line_of(number, data)


def line_of(number: int, data: bytes) -> Line:
    """One line read."""
    given: Any = None
    try:
        given = _object_in(data)
        identity = given.get("id")
        identity = str(number) if identity is None else identity
        return _read(number, identity, given)
    except ArticleError as error:
        known = given.get("id") if isinstance(given, dict) else None
        return Line(number, str(number) if known is None else known, error=str(error))


def _object_in(data: bytes) -> dict[str, Any]:
    """The object of a line.

    Read by the fast parser where it can; by the one of the standard library where that says no, which knows better why,
    and where an identity is no string, which must go back as it came (a number of any length).
    """
    with contextlib.suppress(orjson.JSONDecodeError):
        quick = orjson.loads(data)
        if isinstance(quick, dict) and isinstance(quick.get("id"), str | None):
            return quick
    try:
        given = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ArticleError(f"is not UTF-8: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise ArticleError(f"is not JSON: {error.msg} at character {error.pos}") from error
    except (ValueError, RecursionError) as error:
        raise ArticleError("is JSON beyond what can be read: a number too long or nested too deep") from error
    if not isinstance(given, dict):
        raise ArticleError("is not a JSON object")
    return given


def _read(number: int, identity: Any, given: dict[str, Any]) -> Line:
    if "text" not in given:
        raise ArticleError("has no 'text'")
    texts = {key: _text(given, key) for key in ("text", "title", "language", "country")}
    if texts["text"] is None:
        raise ArticleError("'text' is not a string")
    published, warnings = _instant(given.get("published"))
    article = Article(
        id=str(identity), text=texts["text"], title=texts["title"] or "", published=published,
        language=texts["language"] or None, country=texts["country"] or None)
    return Line(number, identity, article, warnings=warnings)


def _text(given: dict[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is None or isinstance(value, str):
        return value
    raise ArticleError(f"{key!r} is not a string")


def _instant(given: Any) -> tuple[datetime | None, tuple[str, ...]]:
    """An instant in UTC, a naive one read as such; an unreadable one is none, with a warning."""
    if given is None:
        return None, ()
    try:
        at = datetime.fromisoformat(given)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)), ()
    except (TypeError, ValueError, OverflowError):
        return None, (f"'published' is no ISO 8601 instant and counts as absent: {_shown(given)}",)


def _shown(given: Any) -> str:
    """What was given, short and on one line."""
    return ascii(given)[:60]


def written(answer: dict[str, Any]) -> bytes:
    """One line of output; what UTF-8 cannot hold (half a surrogate pair) is escaped."""
    with contextlib.suppress(orjson.JSONEncodeError):
        return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
    return json.dumps(answer, separators=(",", ":")).encode("ascii") + b"\n"
