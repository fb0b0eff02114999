"""The JSON Schemas and the manual say what is checked."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from advisord.settings.document import document
from advisord.settings.folders import shipped
from advisord.settings.reference import tables
from advisord.settings.schema import names, schema_of
from advisord.settings.shape.feeds import FeedsFile

TESTS = Path(__file__).parents[1]
# The faults of form; what fits together, and what is there at all, no schema can say
FORM = (
    "advisord.mode-misspelt", "advisord.unknown-key", "feeds.every-in-words", "feeds.country-false", "feeds.no-id",
    "feeds.every-without-unit", "feeds.official-yes", "feeds.map-not-list", "feeds.id-with-slash", "feeds.unknown-key",
    "feeds.language-in-words", "feeds.country-in-words", "feeds.reliability-unknown", "feeds.no-feeds",
    "staff.place-latitude-as-text", "staff.stay-without-end", "staff.stay-with-unknown-key", "staff.roster",
    "staff.site-kind-unknown", "staff.phone-not-quoted", "rules.quiet-hours-without-between",
    "rules.within-km-negative", "rules.within-km-with-unit", "rules.within-km-empty",
    "rules.within-km-for-unknown-severity", "rules.within-km-of-unknown-area", "rules.quiet-hours-one-time",
    "rules.quiet-hours-no-time", "rules.via-nothing", "rules.review-with-unit", "rules.review-at-once",
    "rules.when-list", "rules.hours-of-nothing", "rules.reliability-as-list", "rules.credibility-out-of-range",
    "rules.severity-without-at-least", "rules.severity-unknown", "rules.phase-unknown", "rules.same-unknown",
    "rules.phase-that-never-alerts", "rules.reach-with-unknown-key", "channels.port-too-large",
    "channels.port-in-quotes",
    "channels.kind-missing", "channels.kind-unknown", "channels.hook-to-a-person", "channels.tls-unknown",
    "channels.password-in-yaml", "channels.secret-in-yaml", "channels.from-missing", "channels.unknown-key")


def plain(file: Path) -> Any:
    """The values of a file as an editor sees them, variables unfilled."""
    read, faults = document(file.name, file.read_bytes().replace(b"${", b"$${"), {})
    assert not faults
    return read.value


@pytest.mark.parametrize("name", names())
def test_the_shipped_files_satisfy_their_schemas(name: str) -> None:
    """An editor that knows the schema finds nothing wrong in the examples."""
    validator = jsonschema.Draft202012Validator(schema_of(name))
    for folder in (shipped("config"), shipped("config") / "starter", TESTS / "config" / "good"):
        value = plain(folder / f"{name}.yaml")
        if not (name == "feeds" and folder.name == "starter"):  # init writes its feeds below
            assert [error.message for error in validator.iter_errors(value)] == []


@pytest.mark.parametrize("name", names())
def test_the_schemas_are_schemas(name: str) -> None:
    """Each is valid by JSON Schema's own rules."""
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("name", names())
def test_the_schema_files_are_as_the_program_writes_them(name: str) -> None:
    """What editors are given is what is checked (docs/configuration.py writes both)."""
    written = (shipped("config") / "schema" / f"{name}.json").read_text(encoding="utf-8")
    assert written == json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"


def test_the_manual_is_as_the_program_writes_it() -> None:
    """docs/configuration.md holds every key with its default as the program has it."""
    manual = (TESTS.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert manual.endswith(tables())


@pytest.mark.parametrize("name", FORM)
def test_an_editor_sees_what_a_schema_can_say(name: str) -> None:
    """Faults of form are underlined while I type, not only told by check."""
    validator = jsonschema.Draft202012Validator(schema_of(name.partition(".")[0]))
    value = plain(TESTS / "config" / f"bad.{name}.yaml")
    assert list(validator.iter_errors({} if value is None else value))


_WORDS = st.sampled_from(["feeds", "id", "url", "every", "a", "https://feeds.example.org/a", "5m", "B", "reliability"])
_ANY = st.recursive(_WORDS | st.integers() | st.none() | st.booleans(),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
                    max_leaves=10)


@given(st.fixed_dictionaries({"feeds": st.lists(st.dictionaries(_WORDS, _ANY, max_size=5), max_size=3)}))
def test_what_the_schema_refuses_the_program_refuses(value: dict[str, Any]) -> None:
    """An editor never marks as wrong what the program would take."""
    try:
        FeedsFile.model_validate(value)
    except ValidationError:
        return
    assert not list(jsonschema.Draft202012Validator(schema_of("feeds")).iter_errors(value))
