"""When it was and until when: days, hours by the clock of the place, ends."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisord.errors import SeedError
from advisord.extract.analyse import Analyser
from advisord.extract.zones import zones_of
from advisord.gazetteer import Gazetteer
from advisord.model import Article, Place, PlaceKind, Report
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

PUBLISHED = datetime(2026, 3, 12, 10, tzinfo=UTC)  # a Thursday
GAZETTEER = Path(__file__).resolve().parents[2] / "seeds" / "gazetteer"


@pytest.fixture(scope="module")
def understanding() -> Analyser:
    """The shipped understanding."""
    return analyser(seeds_of())


def report(understanding: Analyser, text: str, language: str, published: datetime = PUBLISHED) -> Report:
    """The first report of an article."""
    return understanding.analyse(Article(id="1", text=text, published=published, language=language)).reports[0]


@pytest.mark.parametrize(
    ("language", "text", "start", "end"),
    [
        pytest.param("en", "A car bomb exploded outside a bank in Jalalabad at 6:30 am on Wednesday, killing five.",
                     "2026-03-11T06:30+04:30", None, id="am"),
        pytest.param("en", "Shortly after midnight on Wednesday gunmen attacked a village near Gao in Mali.",
                     "2026-03-11T00:00+00:00", None, id="midnight"),
        pytest.param("en", "A bomb exploded in Kabul at 1830 GMT on Wednesday, killing five people.",
                     "2026-03-11T23:00+04:30", None, id="GMT becomes the place's own"),
        pytest.param("en", "Gunmen attacked a hotel in Denver between 2 and 3 am on Wednesday, police said.",
                     "2026-03-11T02:00-06:00", "2026-03-11T03:00-06:00", id="a span, in a country of many clocks"),
        pytest.param("en", "A bomb exploded in Kabul on Wednesday at 5:30, killing five people.",
                     "2026-03-11", None, id="morning or evening is not told"),
        pytest.param("en", "A bomb exploded in the United States at 6 am on Wednesday, killing five people.",
                     "2026-03-11", None, id="no clock is known"),
        pytest.param("en", "A bomb exploded in Kabul on Wednesday, the price of bread rose by 18.30 afghani.",
                     "2026-03-11", None, id="a price is no hour"),
        pytest.param("en", "Authorities imposed a curfew in Kano from 6 pm to 6 am on Wednesday.",
                     "2026-03-11T18:00+01:00", "2026-03-12T06:00+01:00", id="over midnight"),
        pytest.param("en", "Residents of Pokhara were ordered to stay indoors until 6 p.m. on Thursday.",
                     None, "2026-03-12T18:00+05:45", id="until an hour of a day"),
        pytest.param("en", "The airport in Entebbe is closed until Sunday, the aviation authority said.",
                     None, "2026-03-15", id="until a coming weekday"),
        pytest.param("en", "Khartoum airport will be shut from 18:00 on Friday until 06:00 on Sunday, police said.",
                     "2026-03-13T18:00+02:00", "2026-03-15T06:00+02:00", id="announced, with both ends"),
        pytest.param("en", "The airport in Bamako reopened at 14:00 on Thursday, officials said.",
                     "2026-03-12", "2026-03-12T14:00+00:00", id="an end has its hour"),
        pytest.param("en", "Militants stormed a hotel in Mogadishu at 7 p.m. on Tuesday. The four-hour siege left"
                     " nobody hurt.", "2026-03-10T19:00+03:00", "2026-03-10T23:00+03:00", id="how long it lasted"),
        pytest.param("en", "A bomb killed three people in Kano on Monday, 2 March, police said.",
                     "2026-03-02", None, id="weekday and date"),
        pytest.param("en", "Heavy fighting between soldiers and rebels has gone on around Bunia since Sunday.",
                     "2026-03-08", None, id="since"),
        pytest.param("fr", "Une bombe a explosé mercredi à 18h30 devant un marché de Kaboul, tuant cinq personnes.",
                     "2026-03-11T18:30+04:30", None, id="French hour"),
        pytest.param("fr", "Le couvre-feu est en vigueur à Ouagadougou de 22h à 5h à partir de mercredi.",
                     "2026-03-11T22:00+00:00", "2026-03-12T05:00+00:00", id="French span"),
        pytest.param("es", "Un coche bomba explotó el miércoles a las 6:30 de la tarde en Cali y mató a tres personas.",
                     "2026-03-11T18:30-05:00", None, id="Spanish hour"),
        pytest.param("es", "El toque de queda regirá en Guayaquil desde las 22:00 hasta las 05:00 a partir del jueves.",
                     "2026-03-12T22:00-05:00", "2026-03-13T05:00-05:00", id="Spanish span"),
        pytest.param("pt", "Uma bomba explodiu na quarta-feira às 18h30 em Maputo e matou três pessoas.",
                     "2026-03-11T18:30+02:00", None, id="Portuguese hour"),
        pytest.param("pt", "Homens armados atacaram uma esquadra em Luanda na terça-feira (10), disse a polícia.",
                     "2026-03-10", None, id="Portuguese weekday with number"),
        pytest.param("ar", "انفجرت سيارة مفخخة في بغداد يوم الأربعاء عند الساعة السادسة صباحا وقتل خمسة أشخاص.",
                     "2026-03-11T06:00+03:00", None, id="Arabic hour in words"),
        pytest.param("ar", "فرضت السلطات حظر تجول في بنغازي يوم الأربعاء من الساعة 8 مساء حتى الساعة 6 صباحا.",
                     "2026-03-11T20:00+02:00", "2026-03-12T06:00+02:00", id="Arabic span"),
    ],
)
def test_times_are_those_of_the_place(
    understanding: Analyser, language: str, text: str, start: str | None, end: str | None
) -> None:
    """A day stays a day, and an hour makes it an instant with the place's own offset."""
    told = report(understanding, text, language)
    assert (told.start, told.end) == (start, end)


def test_an_hour_shows_its_words(understanding: Analyser) -> None:
    """The evidence of a start that is an instant holds the day and the hour."""
    text = "A car bomb exploded in Jalalabad at 6:30 am on Wednesday."
    told = report(understanding, text, "en")
    shown = [text[each.start:each.end].strip() for each in told.evidence if each.of == "start"]
    assert shown == ["Wednesday", "6:30 am"]


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_break_nothing(understanding: Analyser, year: int) -> None:
    """An article of an impossible year is answered all the same."""
    published = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 12, tzinfo=UTC)
    text = "A bomb exploded in Kabul next Friday (13) at 6 pm, tomorrow and yesterday. The curfew lasts until Sunday."
    assert report(understanding, text, "en", published).hazard == "conflict.bombing"


@pytest.mark.parametrize(
    ("country", "division", "zone"),
    [
        pytest.param("ML", None, "Africa/Bamako", id="one clock"),
        pytest.param("US", "Texas", "America/Chicago", id="a division's"),
        pytest.param("US", None, None, id="many clocks"),
        pytest.param("ES", "Canary Islands", "Atlantic/Canary", id="a division that differs"),
        pytest.param("ES", "Madrid", "Europe/Madrid", id="the country's"),
        pytest.param(None, None, None, id="no country"),
    ],
)
def test_zones_of_places(country: str | None, division: str | None, zone: str | None) -> None:
    """A place has the clock of its division, else of its country."""
    zones = zones_of(seeds_of().text("zones.tsv"))
    found = zones.of(Place(PlaceKind.CITY, country=country, admin1=division))
    assert (found.key if found else None) == zone


def test_divisions_with_a_clock_of_their_own_are_known() -> None:
    """Every division of the table is one that the gazetteer names so."""
    gazetteer = Gazetteer.open(GAZETTEER)
    admin1 = gazetteer.kinds.index(PlaceKind.ADMIN1)
    named = {(gazetteer.countries[gazetteer.country[row]], gazetteer.name_of(row))
             for row in range(len(gazetteer)) if gazetteer.kind[row] == admin1}
    lines = [line.split("\t") for line in seeds_of().text("zones.tsv").splitlines() if line and line[0] != "#"]
    assert {(country, division) for country, division, _ in lines if division} <= named


def test_a_faulty_table_is_told() -> None:
    """A line that is none is named."""
    with pytest.raises(SeedError, match="line 2"):
        zones_of("# head\nML\tAfrica/Bamako\n")
