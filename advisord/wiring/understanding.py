"""Seeds and gazetteer -> an Analyser: the understanding half of the program, with nothing that needs a configuration."""
from __future__ import annotations

from advisord.extract.actors import groups_of
from advisord.extract.analyse import Analyser, Finder
from advisord.extract.relevance import relevance_of
from advisord.settings.seeds import Seeds
from advisord.text.fold import fold
from advisord.text.language import languages_of_words


def analyser_with(seeds: Seeds, places: Finder) -> Analyser:
    """An analyser with that finder of places, everything else from the seeds; SeedError names a faulty file."""
    lexicons = seeds.lexicons()
    frequent = {language: frozenset(map(fold, words)) for language, words in seeds.stopwords().items()
                if language not in lexicons}
    frequent |= {language: lexicon.stopwords for language, lexicon in lexicons.items()}
    return Analyser(
        places=places, lexicons=lexicons, frequent=languages_of_words(frequent), hazards=seeds.hazards(),
        relevance=relevance_of(seeds.weights("incidents")), groups=groups_of(seeds.table("actors.yaml")))
