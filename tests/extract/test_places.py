"""Which names of an article are places, and which places they are."""
from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisord.extract.mentions import case_of
from advisord.extract.place_votes import RoundWeights, ballot_of, rank, scores_of
from advisord.extract.place_words import Words
from advisord.extract.toponyms import Reader, Toponyms
from advisord.gazetteer import Gazetteer
from advisord.gazetteer.words import read_words
from advisord.model import Article, Mention, PlaceKind
from advisord.text.fold import fold

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
Find = Callable[..., tuple[Mention, ...]]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    """The shipped one."""
    return Gazetteer.open(SEEDS / "gazetteer")


@pytest.fixture(scope="module")
def words() -> Words:
    """The shipped ones."""
    return Words.of(*read_words(SEEDS / "gazetteer"))


@pytest.fixture(scope="module")
def find(gazetteer: Gazetteer, words: Words) -> Find:
    """The places of a text."""
    toponyms = Toponyms(gazetteer, json.loads((SEEDS / "weights" / "places.json").read_text("utf-8")), words)

    def found(text: str, title: str = "", language: str = "en", country: str | None = None) -> tuple[Mention, ...]:
        return toponyms.find(Article("1", text, title, language=language, country=country), fold(title), fold(text))

    return found


def told(mentions: tuple[Mention, ...]) -> list[tuple[str, str | None]]:
    """Surface and id of each."""
    return [(mention.surface, mention.place.id) for mention in mentions]


@pytest.mark.parametrize(("language", "text", "places"), [
    pytest.param("en", "Gunmen attacked a checkpoint near Kidal, Mali, on Tuesday.",
                 [("Kidal", "geonames:2455290"), ("Mali", "iso:ML")], id="a name and its container"),
    pytest.param("en", "The fair opens in Paris, Texas, on Friday.",
                 [("Paris", "geonames:4717560"), ("Texas", "iso:US-TX")], id="not the greatest namesake"),
    pytest.param("en", "Floods cut the road between Fresno, Calif., and the coast.",
                 [("Fresno", "geonames:5350937"), ("Calif.", "iso:US-CA")], id="abbreviations"),
    pytest.param("en", "Thousands fled from Darfur to Chad.",
                 [("Darfur", "region:darfur"), ("Chad", "iso:TD")], id="regions"),
    pytest.param("en", "Flights from Heathrow Airport to Lagos were cancelled.",
                 [("Heathrow Airport", "icao:EGLL"), ("Lagos", "geonames:2332459")], id="airports by name"),
    pytest.param("en", "CLASHES ERUPTED IN NAIROBI AND MOMBASA, KENYA.",
                 [("NAIROBI", "geonames:184745"), ("MOMBASA", "geonames:186301"), ("KENYA", "iso:KE")], id="capitals"),
    pytest.param("fr", "Deux gendarmes ont été tués à Tombouctou, au Mali.",
                 [("Tombouctou", "geonames:2449067"), ("Mali", "iso:ML")], id="French"),
    pytest.param("es", "Tres policías murieron en Medellín, Colombia.",
                 [("Medellín", "geonames:3674962"), ("Colombia", "iso:CO")], id="Spanish"),
    pytest.param("pt", "Dois homens foram mortos em Luanda, capital de Angola.",
                 [("Luanda", "geonames:2240449"), ("Angola", "iso:AO")], id="Portuguese"),
    pytest.param("ar", "قتل ثلاثة أشخاص في بغداد، عاصمة العراق.",
                 [("بغداد", "geonames:98182"), ("العراق", "iso:IQ")], id="Arabic"),
])
def test_places_are_found_and_placed(find: Find, language: str, text: str,
                                     places: list[tuple[str, str | None]]) -> None:
    """Names are told as written, with the place that this text means."""
    assert told(find(text, language=language)) == places


@pytest.mark.parametrize("text", [
    pytest.param("Mr. Washington and Dr. Lincoln thanked Charlotte Brown, who sings.", id="persons"),
    pytest.param("Malian and French troops trained together.", id="demonyms"),
    pytest.param("She was reading a nice, mobile book of course.", id="ordinary words"),
])
def test_what_is_no_place_is_not_told(find: Find, text: str) -> None:
    """Persons, peoples and ordinary words that look like places are none."""
    assert told(find(text)) == []


def test_the_airport_is_that_of_the_city_told_of(find: Find) -> None:
    """An airport without a name of its own is the one of the article's city."""
    text = "Rebels shelled Goma on Monday. The fighting in Goma reached the airport by noon."
    airports = [mention for mention in find(text) if mention.place.kind is PlaceKind.AIRPORT]
    assert [(mention.surface, mention.place.id) for mention in airports] == [("the airport", "icao:FZNA")]


def test_a_street_lies_in_the_town_behind_it(find: Find) -> None:
    """A street that no gazetteer holds has no id, and the point of its town."""
    mentions = find("Fire destroyed a house at 775 Orchard Street, Alexandria, Louisiana, on Friday.")
    street, town = mentions[0].place, mentions[1].place
    assert "Orchard Street" in mentions[0].surface
    assert street.kind is PlaceKind.FACILITY
    assert street.id is None
    assert street.alternatives == ()
    assert (street.lat, street.lon, street.country, street.parent) == (town.lat, town.lon, "US", town.id)


def test_an_ambiguous_name_alone_is_told_as_such(find: Find) -> None:
    """Nothing but the name: low confidence and the namesakes to choose from, never a bold guess."""
    alone = find("A bridge in Springfield was closed.")[0].place
    told_so = find("A bridge in Springfield, Illinois, was closed.")[0].place
    assert alone.alternatives
    assert alone.confidence < told_so.confidence
    assert told_so.id == "geonames:4250542"


def test_the_source_s_country_decides_between_namesakes(find: Find) -> None:
    """Where nothing else tells, a name lies in the country of the source."""
    text = "The mayor of Tripoli spoke of the road works."
    assert find(text, country="LB")[0].place.country == "LB"
    assert find(text, country="LY")[0].place.country == "LY"


@given(title=st.text(st.characters(exclude_categories=()), max_size=60),
       text=st.text(st.characters(exclude_categories=()), max_size=300))
@settings(max_examples=60, deadline=None)
def test_offsets_cut_the_article(find: Find, title: str, text: str) -> None:
    """Whatever an article holds, each mention cuts its surface, none overlaps another, points are whole."""
    article = {"title": title + " Bamako, Mali", "text": text + "\n\nAttack in Goma. " + text}
    mentions = find(article["text"], article["title"])
    last: dict[str, int] = {}
    for mention in mentions:
        assert article[mention.field][mention.start:mention.end] == mention.surface
        assert mention.start >= last.get(mention.field, 0)
        assert (mention.place.lat is None) == (mention.place.lon is None)
        assert 0 <= mention.place.confidence <= 1
        last[mention.field] = mention.end


def test_the_same_article_gives_the_same_answer(find: Find) -> None:
    """What was read before does not change the answer."""
    text = "Police in Springfield, Ohio, and in Dayton said the airport was open."
    first = find(text)
    find("Springfield, Illinois, lies on Main Street. The airport of Paris, France.")
    assert find(text) == first


def test_the_order_of_reading_changes_no_answer(gazetteer: Gazetteer, words: Words) -> None:
    """The same articles read first to last and last to first give the same places, to the last digit."""
    texts = [
        f"{opening} {name} {closing}"
        for name in ("Nord Kivu", "Nord-Kivu", "NORD-KIVU", "Nord\nKivu", "Nord\xad Kivu", "Córdoba", "Cordoba", "U.S.",
                     "US", "St. Louis", "St Louis", "Port-au-Prince", "Port au Prince", "São Paulo", "Sao-Paulo", "Of",
                     "Reading", "Paris, Texas", "Paris", "Lake Chad", "Orchard Street", "the airport", "بغداد", "北京")
        for opening, closing in (("Rebels killed six in", "on Monday."), ("Dr.", "said so."), ("", "is quiet."))
    ]
    readings = [Article(str(number), text, language=language, country=country)
                for number, (text, language, country) in enumerate(
                    (text, language, country) for text in texts for language, country in (("en", "CD"), ("fr", None)))]
    weights = json.loads((SEEDS / "weights" / "places.json").read_text("utf-8"))

    def answers(articles: list[Article]) -> dict[str, tuple[Mention, ...]]:
        toponyms = Toponyms(gazetteer, weights, words)
        return {each.id: toponyms.find(each, "", fold(each.text)) for each in articles}

    forwards = answers(readings)
    assert sum(map(bool, forwards.values())) > len(readings) / 4
    assert answers(readings[::-1]) == forwards


def test_sums_agree_with_the_named_features(gazetteer: Gazetteer, words: Words) -> None:
    """The fast sums that answer and the named features that were learned are one and the same."""
    weights = json.loads((SEEDS / "weights" / "places.json").read_text("utf-8"))["mixed"]
    reader = Reader(gazetteer, weights, words.of_language("en")[1], "mixed")
    text = ("BOSTON (AP) — Officials in Springfield, Ill., and Dr. Jordan Baker of St. Paul said on Monday that Kyiv, "
            "the University of Georgia and the province of Córdoba would meet near Mexico City.")
    reading = reader.read(Article("1", text), ("", fold(text)))
    assert len(reading.candidates) > 5
    for each in reading.candidates:
        total = sum(weights["local"].get(name, 0.0) for name, _ in reader.local_features(each, text))
        assert each.score == pytest.approx(total + weights["local"]["bias"])
    final = RoundWeights.of(weights["final"])
    for name in reading.names.values():
        name.shares = [1.0] * len(name.options)
        for score, option in zip(scores_of(name, reading.ballot, final, final=True), name.options, strict=True):
            assert score == pytest.approx(option.final + final.support(name, option, reading.ballot), abs=0.06)


def test_ranking_no_names_is_no_error() -> None:
    """An article without names has an empty ballot."""
    ballot = ballot_of([], {})
    rank([], ballot, RoundWeights.of({}), final=True)
    assert ballot.total == 1.0


@pytest.mark.parametrize(("text", "case"), [
    pytest.param("BOMB EXPLODES IN BOGOTA", "flat", id="capitals"),
    pytest.param("bomb explodes in bogota", "flat", id="small letters"),
    pytest.param("Bomb explodes in Bogota", "mixed", id="mixed"),
    pytest.param("", "mixed", id="empty"),
    pytest.param("انفجار في بغداد", "mixed", id="no case"),
])
def test_case_is_told(text: str, case: str) -> None:
    """Texts in capitals or small letters alone are read without regard to case."""
    assert case_of(text) == case


@pytest.mark.parametrize("piece", [
    "Springfield, ", "Main Street ", "in New York City, N.Y. ", "\xad", "a ", "A", "St. ", "بغداد ", "東京", "\ud800 ",
    "(", "\n",
    "Lake Mount Fort River ", "Paris Paris-", "the airport ",
], ids=ascii)
def test_fifty_thousand_letters_of_anything_takes_little_time(find: Find, piece: str) -> None:
    """Time grows in proportion to the text, whatever it holds."""
    text = piece * (50_000 // len(piece))
    begun = time.process_time()
    find(text)
    assert time.process_time() - begun < 1.5


@pytest.mark.parametrize("piece", [
    "A bomb exploded in Kabul. ", "in Kabul ", "Paris, Texas, and Springfield, Ohio, ", "San Jose, San Antonio, ",
    "北京", "中国的新闻在东京和纽约", "カブール", "กรุงเทพ",
], ids=ascii)
def test_twice_the_text_takes_about_twice_the_time(find: Find, piece: str) -> None:
    """Neither a name told again and again nor a run without spaces makes time grow faster than the text."""
    def least(length: int) -> float:
        text = piece * (length // len(piece))
        taken = []
        for _ in range(3):
            begun = time.process_time()
            find(text, language="zh")
            taken.append(time.process_time() - begun)
        return min(taken)

    gc.freeze()  # what other tests left behind is not this one's to look through
    try:
        assert least(200_000) < 3.2 * least(100_000) + 0.1
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(("language", "text", "airport", "others"), [
    pytest.param("en", "The airport in Bamako was closed on Tuesday.", "icao:GABS", 0, id="the airport in"),
    pytest.param("en", "The airport of Bamako was attacked on Monday.", "icao:GABS", 0, id="the airport of"),
    pytest.param("en", "Kano's airport was closed on Friday.", "icao:DNKN", 0, id="a possessive"),
    pytest.param("en", "London's airport reopened after the alert.", "icao:EGLL", 3, id="one of several"),
    pytest.param("fr", "L'aéroport de Bamako est fermé depuis lundi.", "icao:GABS", 0, id="French"),
    pytest.param("es", "El aeropuerto de Bogotá fue cerrado.", "icao:SKBO", 0, id="Spanish"),
])
def test_the_airport_of_a_town_is_that_airport(find: Find, language: str, text: str, airport: str, others: int) -> None:
    """The airport of a named town is its chief one; where a town has several of a rank, none of them is sure."""
    found = next(each.place for each in find(text, language=language) if each.place.kind is PlaceKind.AIRPORT)
    assert found.id == airport
    assert len(found.alternatives) == others
    assert found.confidence < 0.5 if others else found.confidence > 0.5


@pytest.mark.parametrize(("language", "text", "surface", "point"), [
    pytest.param("en", "Gunmen attacked a convoy 20 km south of Gao, Mali.", "20 km south of Gao", (16.09, -0.045),
                 id="English"),
    pytest.param("en", "It went off 38km north-west of the city of Mosul.", "38km north-west of the city of Mosul",
                 (36.58, 42.82), id="written together, two directions"),
    pytest.param("en", "It went off about ten or 30 miles east of Mosul.", "30 miles east of Mosul", (36.335, 43.66),
                 id="miles"),
    pytest.param("fr", "Une attaque à 20 km au nord de Gao a tué dix civils.", "20 km au nord de Gao", (16.45, -0.045),
                 id="French"),
    pytest.param("es", "Un ataque a 15 kilómetros al sur de Tumaco dejó dos muertos.",
                 "15 kilómetros al sur de Tumaco", (1.656, -78.79), id="Spanish"),
    pytest.param("pt", "O ataque ocorreu a 20 km a norte de Luanda.", "20 km a norte de Luanda", (-8.657, 13.23),
                 id="Portuguese"),
    pytest.param("ar", "قتل ثلاثة أشخاص على بعد 20 كيلومترا جنوب بغداد.", "20 كيلومترا جنوب بغداد", (33.16, 44.4),
                 id="Arabic"),
])
def test_so_far_from_a_town_is_another_point(find: Find, language: str, text: str, surface: str,
                                             point: tuple[float, float]) -> None:
    """What happened so far from a town is told there and not in it, with how far off that may be."""
    told = next(each for each in find(text, language=language) if each.place.uncertainty_km is not None)
    assert told.surface == surface
    assert (told.place.lat, told.place.lon) == pytest.approx(point, abs=0.03)
    assert told.place.id is None
    assert 5 < (told.place.uncertainty_km or 0) < 40


@pytest.mark.parametrize(("language", "text", "lat", "country", "km"), [
    pytest.param("en", "Gunmen raided the village of Zzzanga, in Mopti region, Mali.", 14.5, "ML", 150, id="behind it"),
    pytest.param("en", "In the Mopti region gunmen raided Zzzanga village.", 14.5, "ML", 150, id="before it"),
    pytest.param("en", "Gunmen raided the village of Zzzanga near Gao.", 16.27, "ML", 25, id="beside a town"),
    pytest.param("en", "Gunmen raided the village of Zzzanga in Mali.", None, "ML", 500, id="only a country"),
    pytest.param("fr", "Le village de Zzzanga, dans la région de Mopti, a été attaqué.", 14.5, "ML", 150, id="French"),
])
def test_an_unknown_village_lies_in_what_is_told_around_it(find: Find, language: str, text: str, lat: float | None,
                                                           country: str, km: float) -> None:
    """A village of no gazetteer is told somewhere in its district or province, and never in a country's middle."""
    village = next(each.place for each in find(text, language=language) if each.surface == "Zzzanga")
    assert village.id is None
    assert village.lat == (None if lat is None else pytest.approx(lat, abs=0.1))
    assert village.country == country
    assert village.uncertainty_km == km


@pytest.mark.parametrize("text", [
    "Jordan Baker and Chad Johnson met Israel Ruiz and India Smith.", "Georgia Johnson won the race.",
    "On Monday Chad Williams told reporters so.",
], ids=["four", "at the beginning", "inside"])
def test_people_called_like_a_country_are_no_places(find: Find, text: str) -> None:
    """A first name before a surname names nobody's country."""
    assert find(text) == ()
