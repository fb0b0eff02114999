"""Every shipped language can tell every hazard, and what must not be taken for one."""
from __future__ import annotations

import pytest

from advisord.lexicon.grammar import parts_of
from advisord.settings.seeds import Seeds, seeds_of
from advisord.text.fold import fold

LANGUAGES = ("ar", "en", "es", "fr", "pt")
# what is announced or called off by itself, and so must be told from what happens
ENDING = ("transport.airport_closure", "transport.airspace_closure", "transport.border_closure", "order.curfew",
          "order.evacuation", "order.state_of_emergency", "unrest.strike", "violence.kidnapping",
          "violence.hostage_taking", "natural.wildfire", "infra.power_outage")
LEAST_DISCARDS = 25


@pytest.fixture(scope="module")
def seeds() -> Seeds:
    """The shipped seeds."""
    return seeds_of()


def test_languages(seeds: Seeds) -> None:
    """Five languages ship."""
    assert set(LANGUAGES) <= set(seeds.languages())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hazard_is_told(seeds: Seeds, language: str) -> None:
    """Each code of hazards.yaml has phrases that tell it."""
    told = {rule.hazard for rule in seeds.lexicon(language).rules if rule.level == "tells"}
    assert set(seeds.hazards()) - told == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_ends_are_told(seeds: Seeds, language: str) -> None:
    """What holds until somebody lifts it has phrases for its end."""
    ended = {rule.hazard for rule in seeds.lexicon(language).rules if rule.level == "ended"}
    assert set(ENDING) - ended == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everyday_phrases_are_discarded(seeds: Seeds, language: str) -> None:
    """Each language knows everyday phrases that hold a trigger and tell nothing."""
    assert len(seeds.table(f"lexicon/{language}.yaml")["discards"]) >= LEAST_DISCARDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hazard_has_look_alikes(seeds: Seeds, language: str) -> None:
    """Of each code of hazards.yaml some word that tells it stands in an everyday phrase that is discarded."""
    told = seeds.table(f"lexicon/{language}.yaml")
    stopwords = {fold(word) for word in told["stopwords"]}

    def words(entry: str) -> set[str]:
        """The words of an entry that say something."""
        phrases = (phrase for part in parts_of(entry, told["sets"])[0] for phrase in part)
        return {word for phrase in phrases for word in fold(phrase).split() if word not in stopwords and len(word) > 2}

    discarded = set().union(*map(words, told["discards"]))
    cues = {code: set().union(*(words(entry) for level in ("tells", "hints") for entry in levels.get(level, [])))
            for code, levels in told["hazards"].items()}
    assert [code for code in seeds.hazards() if not cues[code] & discarded] == []
