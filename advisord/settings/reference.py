"""The JSON Schemas -> docs/configuration.md's tables, so that the manual can't say other than what is checked."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisord.settings.schema import FILLED, names, schema_of

_END = "Schema of the file for editors: `schema/{name}.json`, or `advisord schema {name}`."

_TYPES = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false", "object": "keys"}
_UNSAID = ({"type": "null"}, {"$ref": f"#/$defs/{FILLED}"}, {"$ref": "#/$defs/AnyShape"})


def tables() -> str:
    """Every file with every key, as Markdown."""
    return "\n".join(line for name in names() for line in _file(name))


def _file(name: str) -> Iterator[str]:
    schema = schema_of(name)
    yield from (f"## {name}.yaml", "", schema["description"], "", *_table(schema), "")
    for inner in _inner(schema, schema):
        yield from (f"### {name}.yaml: {_title(inner)}", "", inner["description"], "", *_table(inner), "")
    yield from (_END.format(name=name), "")


def _inner(schema: dict[str, Any], node: Any) -> Iterator[dict[str, Any]]:
    """The maps that the file is made of, in the order in which their keys appear, each once."""
    seen: dict[str, dict[str, Any]] = {}

    def visit(inside: Any) -> None:
        if isinstance(inside, list):
            for item in inside:
                visit(item)
        elif isinstance(inside, dict):
            name = str(inside.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen and "properties" in schema["$defs"][name]:
                seen[name] = {**schema["$defs"][name], "name": name}
                visit(seen[name]["properties"])
            for key, value in inside.items():
                if key not in {"$defs", "$ref"}:
                    visit(value)

    visit(node)
    yield from seen.values()


def _title(shape: dict[str, Any]) -> str:
    return _named(str(shape["name"]))


def _table(shape: dict[str, Any]) -> Iterator[str]:
    yield "| key | value | default | what it does |"
    yield "| --- | --- | --- | --- |"
    for key, schema in shape["properties"].items():
        if "not" in schema:
            continue
        default = "required" if key in shape.get("required", ()) else _default(schema)
        yield f"| `{key}` | {_value(schema)} | {default} | {_cell(schema.get('description', ''))} |"


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    if default is None or isinstance(default, dict):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _value(schema: dict[str, Any]) -> str:
    """What belongs there, in a few words."""
    if "$comment" in schema:
        return str(schema["$comment"])
    if "$ref" in schema:
        return _named(schema["$ref"])
    words = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if words:
        return ", ".join(f"`{word}`" for word in words)
    variants = [one for one in schema.get("anyOf", schema.get("oneOf", ())) if one not in _UNSAID]
    if variants:
        return _either(variants)
    return f"list of {_value(schema['items'])}" if schema["type"] == "array" else _TYPES[schema["type"]]


def _either(variants: list[dict[str, Any]]) -> str:
    if len(variants) > 1 and variants[1].get("items") == variants[0]:
        return f"{_value(variants[0])}; one or a list"
    return " or ".join(dict.fromkeys(_value(one) for one in variants))


def _named(reference: str) -> str:
    return reference.rpartition("/")[2].removesuffix("Shape").casefold()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
