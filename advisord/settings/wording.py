"""Complaints of pydantic -> faults in plain words, with did-you-mean; each where it stands in the file."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic_core import ErrorDetails

from advisord.settings.document import Document
from advisord.settings.faults import Fault, Path, did_you_mean, quoted
from advisord.settings.shape.fields import Shape

# pydantic's own types of error that our shapes can raise besides our "advisord"
_WORDS = {
    "model_type": "must hold keys (key: value)",
    "model_attributes_type": "must hold keys (key: value)",
    "dict_type": "must hold keys (key: value)",
    "list_type": "must be a list (lines that begin with '- ', or [a, b])",
    "float_type": "is not a number",
    "missing": "is missing",
    "none_required": "is not allowed here",
    "literal_error": "is not one of the words possible here",
}


def fault_of(document: Document, shape: type[Shape], detail: ErrorDetails) -> Fault:
    """One complaint about the file, at the place where it stands."""
    path: Path = tuple(part for part in detail["loc"] if not str(part).startswith("~"))
    if detail["type"] == "extra_forbidden":
        known = _keys(shape, detail["loc"][:-1])
        return document.fault(path, f"is not a key here{did_you_mean(str(path[-1]), known)}", at_key=True)
    return document.fault(path, words_of(detail))


def words_of(detail: ErrorDetails) -> str:
    """One complaint in plain words."""
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "advisord":
        return str(context["words"])
    if kind == "too_short":
        return f"holds {context['actual_length']}, needs {context['min_length']}"
    if kind == "too_long":
        return f"holds {context['actual_length']}, takes {context['max_length']}"
    if kind in {"greater_than_equal", "less_than_equal"}:
        return f"{quoted(detail['input'])} is out of range ({detail['msg'].removeprefix('Input should be ')})"
    return _WORDS.get(kind, detail["msg"])


def _keys(shape: type[Shape], path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that the shape knows at that place."""
    schema = _schema(shape)
    here: list[Mapping[str, Any]] = [schema]
    for part in path:
        here = [deeper for option in here for deeper in _deeper(schema, option, part)]
    names = {name for option in here for name in option.get("properties", {})}
    return tuple(sorted(names - {name for option in here for name, of in option.get("properties", {}).items()
                                 if "not" in of}))


def _deeper(schema: Mapping[str, Any], option: Mapping[str, Any], part: str | int) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, int):
        inner = [option["items"]] if "items" in option else []
    elif part.startswith("~"):
        inner = [one for one in _options(schema, option) if _tagged(one, part)]
    else:
        inner = [option["properties"][part]] if part in option.get("properties", {}) else []
    for found in inner:
        yield from _options(schema, found)


def _tagged(option: Mapping[str, Any], tag: str) -> bool:
    """Whether a variant is the one that pydantic took: its `kind` says so, or a key of the tag's name."""
    properties = option.get("properties", {})
    kinds = properties.get("kind", {}).get("const")
    return kinds == tag[1:] if kinds else (tag[1:] in properties) == (tag == "~flight")


def _options(schema: Mapping[str, Any], option: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The variants that a schema stands for, references followed."""
    if "$ref" in option:
        yield from _options(schema, schema["$defs"][option["$ref"].rpartition("/")[2]])
    elif "anyOf" in option or "oneOf" in option:
        for one in option.get("anyOf", option.get("oneOf", [])):
            yield from _options(schema, one)
    else:
        yield option


@cache
def _schema(shape: type[Shape]) -> dict[str, Any]:
    return shape.model_json_schema(by_alias=True)
