"""`advisord schema` as editors and integrators use it."""
from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner

from advisord.cli.main import main

NAMES = ("advisord", "feeds", "staff", "rules", "channels", "access", "rule-tests", "webhook")


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_printed(name: str) -> None:
    """I get a JSON Schema for each file and for the webhook's body."""
    result = CliRunner().invoke(main, ["schema", name])
    assert result.exit_code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(result.output))


def test_an_unknown_schema_is_told_with_those_there_are() -> None:
    """A slip lists what can be asked for."""
    result = CliRunner().invoke(main, ["schema", "rule"])
    assert result.exit_code == 2
    assert all(name in result.output for name in NAMES)
