"""Seeds and gazetteer -> an Analyser: the understanding half of the program, which needs no configuration."""
from __future__ import annotations

from advisord.extract.actors import groups_of
from advisord.extract.analyse import Analyser, Finder
from advisord.extract.binding import binder_of
from advisord.extract.naming import namer_of
from advisord.extract.place_words import Words
from advisord.extract.relevance import relevance_of
from advisord.extract.toponyms import Toponyms
from advisord.extract.zones import zones_of
from advisord.gazetteer import Gazetteer
from advisord.gazetteer.words import read_words
from advisord.settings.seeds import Seeds
from advisord.text.fold import fold
from advisord.text.language import languages_of_words


def analyser(seeds: Seeds, gazetteer: Gazetteer | None = None) -> Analyser:
    """An analyser from the seeds and that gazetteer, or the seeds' own; SeedError names a faulty file."""
    folder = seeds.folder("gazetteer")
    return analyser_with(seeds, Toponyms(gazetteer or Gazetteer.open(folder), seeds.weights("places"),
                                         Words.of(*read_words(folder))))


def analyser_with(seeds: Seeds, places: Finder) -> Analyser:
    """An analyser with that finder of places, everything else from the seeds; SeedError names a faulty file."""
    lexicons = seeds.lexicons()
    frequent = {language: frozenset(map(fold, words)) for language, words in seeds.stopwords().items()
                if language not in lexicons}
    frequent |= {language: lexicon.stopwords for language, lexicon in lexicons.items()}
    return Analyser(
        places=places, lexicons=lexicons, frequent=languages_of_words(frequent), hazards=seeds.hazards(),
        relevance=relevance_of(seeds.weights("incidents")),
        binder=binder_of(seeds.weights("where"), seeds.table("small-countries.yaml")),
        namer=namer_of(seeds.weights("naming")), groups=groups_of(seeds.table("actors.yaml")),
        zones=zones_of(seeds.text("zones.tsv")))
