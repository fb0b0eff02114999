"""Word lists -> what a word beside a name, or the name itself, tells: the lexical tables of place names.

Its own module because tables are data (seeds/gazetteer/words) and arrive as plain mappings; here they get the form in
which a word is looked up once and answers all that is known of it, for one language at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from advisord.text.fold import fold

_ORDINARY = "ordinary."
_MARK = "mark_"


@dataclass(frozen=True)
class Vocabulary:
    """What is known of the words of one language, folded: classes, ordinary words, first names, surnames with rank.

    `marks` are words by class that no learned weight is asked about; `main_airports` ids of the chief airports of
    cities that have several.
    """

    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ordinary: frozenset[str] = frozenset()
    first_names: frozenset[str] = frozenset()
    surnames: Mapping[str, int] = field(default_factory=dict)
    demonyms: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    main_airports: frozenset[str] = frozenset()

    def members(self, name: str) -> list[str]:
        """The words of a class, in alphabetical order."""
        return sorted(word for word, classes in self.classes.items() if name in classes)


@dataclass(frozen=True)
class Words:
    """The vocabularies by language; `everything` serves languages that have none of their own."""

    languages: Mapping[str, Vocabulary]
    everything: Vocabulary

    @classmethod
    def of(
        cls,
        tables: Mapping[str, Mapping[str, Sequence[str]]],
        lists: Mapping[str, Iterable[str]],
        demonyms: Mapping[str, Sequence[str]],
    ) -> Words:
        """From classes of words by language, lists by name ("ordinary.<language>" …), and demonyms by country."""
        first_names = frozenset(map(fold, lists.get("first_names", ())))
        surnames = {fold(word): rank for rank, word in enumerate(lists.get("surnames", ()))}
        main = frozenset(f"icao:{code}" for code in lists.get("main_airports", ()))
        peoples = {fold(word): country for country, words in demonyms.items() for word in words}

        def vocabulary(languages: Iterable[str]) -> Vocabulary:
            chosen = sorted(languages)
            ordinary = frozenset(fold(word) for language in chosen for word in lists.get(_ORDINARY + language, ()))
            return Vocabulary(
                _classes([tables[language] for language in chosen]), ordinary, first_names, surnames, peoples,
                _marks([tables[language] for language in chosen]), main,
            )

        return cls({language: vocabulary([language]) for language in tables}, vocabulary(tables))

    def of_language(self, language: str | None) -> tuple[str, Vocabulary]:
        """The vocabulary of a BCP 47 code, and the key it goes by ("" for everything)."""
        code = (language or "").partition("-")[0].lower()
        return (code, self.languages[code]) if code in self.languages else ("", self.everything)


def _classes(tables: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for name, words in table.items():
            for word in words if not name.startswith(_MARK) else ():
                folded = fold(word)
                classes[folded] = tuple(dict.fromkeys((*classes.get(folded, ()), name)))
    return classes


def _marks(tables: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """The words of the classes mark_*, folded."""
    marks: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for name, words in table.items():
            if name.startswith(_MARK):
                marks[name] = tuple(dict.fromkeys((*marks.get(name, ()), *map(fold, words))))
    return marks
