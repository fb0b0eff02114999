"""Where an incident is and what it is called, as somebody reads it in the report."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from advisord.errors import SeedError
from advisord.extract.analyse import Analyser
from advisord.extract.binding import binder_of
from advisord.extract.naming import namer_of
from advisord.model import Article, Report
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser


@pytest.fixture(scope="module")
def understanding() -> Analyser:
    """The shipped understanding."""
    return analyser(seeds_of())


def first(understanding: Analyser, text: str, *, language: str = "en") -> Report:
    """The first report of an article of a Thursday in March."""
    article = Article(id="1", text=text, language=language, published=datetime(2026, 3, 12, 10, tzinfo=UTC))
    return understanding.analyse(article).reports[0]


@pytest.mark.parametrize(("text", "place", "country"), [
    pytest.param("A bomb exploded in Singapore on Wednesday, killing two people, police said.", "Singapore", "SG",
                 id="a city state"),
    pytest.param("BOGOTA, 3 MAY -- A CAR BOMB EXPLODED LAST NIGHT IN MEDELLIN, KILLING FIVE PERSONS, POLICE REPORTED "
                 "IN BOGOTA.", "Medellín", "CO", id="not where it was told"),
    pytest.param("A tornado tore through Tulsa, Oklahoma, on Wednesday night, killing one person.", "Tulsa", "US",
                 id="the nearer of two names"),
])
def test_an_incident_is_where_its_article_says(understanding: Analyser, text: str, place: str, country: str) -> None:
    """The place of a report is that of the event."""
    found = first(understanding, text).place
    assert found is not None
    assert (found.place.name, found.place.country, found.place.kind) == (place, country, "city")


def test_a_quarter_is_named_with_its_town(understanding: Analyser) -> None:
    """Who knows only Bamako sees Bamako beside Faladié."""
    report = first(understanding, "Des hommes armés ont attaqué ce matin l'école de gendarmerie de Faladié, à Bamako.",
                   language="fr")
    assert report.place is not None
    assert (report.place.surface, report.place.place.city) == ("Faladié", "Bamako")


def test_a_bomb_is_no_accident(understanding: Analyser) -> None:
    """Of two hazards that the same words name the right one heads the report."""
    report = first(understanding, "One person was killed and three others were injured on Wednesday as the result of a "
                                  "bomb explosion in Lima, police said.")
    assert report.hazard == "conflict.bombing"


@pytest.mark.parametrize("told", [
    pytest.param({}, id="nothing"),
    pytest.param({"weights": {"kind:city": "much"}, "silence": 1.0}, id="no number"),
    pytest.param({"weights": [], "silence": 1}, id="no mapping"),
])
def test_faulty_weights_name_their_file(told: dict[str, object]) -> None:
    """A seeds folder with a broken model says which file it is."""
    with pytest.raises(SeedError, match=r"where\.json"):
        binder_of(told, {"codes": []})
    with pytest.raises(SeedError, match=r"naming\.json"):
        namer_of(told)
