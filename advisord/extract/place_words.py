"""Word lists -> what a word beside a name, or the name itself, tells: the lexical tables of place names.

Its own module because tables are data (seeds/gazetteer/words) and arrive as plain mappings; here they get the form in
which a word is looked up once and answers all that is known of it.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from advisord.text.fold import fold


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of words, folded: classes by word, ordinary words, first names, surnames with rank, demonyms."""

    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ordinary: frozenset[str] = frozenset()
    first_names: frozenset[str] = frozenset()
    surnames: Mapping[str, int] = field(default_factory=dict)
    demonyms: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Mapping[str, Mapping[str, Sequence[str]]], lists: Mapping[str, Iterable[str]],
           demonyms: Mapping[str, Sequence[str]]) -> Words:
        """From classes of words by language, lists by name, and demonyms by country."""
        classes: dict[str, tuple[str, ...]] = {}
        for table in tables.values():
            for name, words in table.items():
                for word in words:
                    folded = fold(word)
                    classes[folded] = tuple(dict.fromkeys((*classes.get(folded, ()), name)))
        ordinary = frozenset(fold(word) for name, words in lists.items() if name.startswith("ordinary") for word in words)
        return cls(classes, ordinary, frozenset(map(fold, lists.get("first_names", ()))),
                   {fold(word): rank for rank, word in enumerate(lists.get("surnames", ()))},
                   {fold(word): country for country, words in demonyms.items() for word in words})
