"""The golden cases are many enough, and of every sort, in every shipped language."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from advisord.settings.seeds import seeds_of

FOLDER = Path(__file__).resolve().parents[1] / "cases"
KINDS = {"reopening", "denial", "drill", "trial", "anniversary", "film", "sport", "economy", "hypothetical", "law"}
QUIET = {"ended", "denied", "exercise", "background"}
LEAST = 60
LANGUAGES = seeds_of().languages()


def cases_of(language: str) -> list[dict[str, Any]]:
    """Every case of a language."""
    return [case for path in sorted((FOLDER / language).glob("*.yaml"))
            for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]]


def is_negative(case: dict[str, Any]) -> bool:
    """Whether nobody is to be alarmed by it."""
    phases = [each.get("phase", "occurred") for each in case.get("reports", [])]
    return all(set(phase if isinstance(phase, list) else [phase]) <= QUIET for phase in phases)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_third_of_the_cases_are_hard_negatives(language: str) -> None:
    """Each language has sixty cases, and what must not alarm is a third of them."""
    cases = cases_of(language)
    assert len(cases) >= LEAST
    assert 3 * sum(map(is_negative, cases)) >= len(cases)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_hard_negative_is_there(language: str) -> None:
    """Each language has articles of every kind that must not alarm."""
    assert {case["kind"] for case in cases_of(language) if "kind" in case} == KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_family_of_hazards_has_look_alikes(language: str) -> None:
    """No language is without everyday phrases that are discarded, and no phrase of them stands twice."""
    discards = seeds_of().table(f"lexicon/{language}.yaml")["discards"]
    assert discards
    assert len(set(discards)) == len(discards)
