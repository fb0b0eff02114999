"""The shapes -> JSON Schemas, for editors and for whoever writes configurations by program."""
from __future__ import annotations

from typing import Any

from advisord.settings.shape.access import AccessFile
from advisord.settings.shape.channels import ChannelsFile
from advisord.settings.shape.feeds import FeedsFile
from advisord.settings.shape.fields import Shape
from advisord.settings.shape.main import MainFile
from advisord.settings.shape.rule_tests import RuleTestsFile
from advisord.settings.shape.rules import RulesFile
from advisord.settings.shape.staff import StaffFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_]", "description": "Taken from the environment."}
FILLED = "FromEnvironment"
RULE_TESTS = "rule-tests"


def names() -> tuple[str, ...]:
    """The files of a configuration, as `advisord schema` calls them."""
    return tuple(name for name in _shapes() if name != RULE_TESTS)


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a file; KeyError where there is no such file.

    Wherever a number, a truth value or text of a certain form belongs, `${NAME}` may stand, since it is filled in
    before anything is checked.
    """
    shape = _shapes()[name]
    schema = _tidy(shape.model_json_schema(by_alias=True))
    schema.setdefault("$defs", {})[FILLED] = _VARIABLE
    return {"$schema": DIALECT, "title": f"{name}.yaml", **schema}


def _shapes() -> dict[str, type[Shape]]:
    return {"advisord": MainFile, "feeds": FeedsFile, "staff": StaffFile, "rules": RulesFile, "channels": ChannelsFile,
            "access": AccessFile, RULE_TESTS: RuleTestsFile}


def _tidy(node: Any) -> Any:
    """Without pydantic's titles, descriptions on one line, and with variables where they may stand."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidied: dict[str, Any] = {key: _tidy_properties(value) if key in {"properties", "$defs"} else _tidy(value)
              for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if "description" in tidied:
        tidied["description"] = " ".join(str(tidied["description"]).split())
    return _fillable(tidied)


def _tidy_properties(properties: dict[str, Any]) -> dict[str, Any]:
    """A property may be called `title`; its name is no keyword."""
    return {name: _tidy(schema) for name, schema in properties.items()}


def _fillable(node: dict[str, Any]) -> dict[str, Any]:
    typed = node.get("type") in {"integer", "number", "boolean"} or (node.get("type") == "string" and "pattern" in node)
    if not typed:
        return node
    said: dict[str, Any] = {key: node.pop(key) for key in ("description", "default", "$comment") if key in node}
    return {"anyOf": [node, {"$ref": f"#/$defs/{FILLED}"}], **said}
