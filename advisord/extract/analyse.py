"""Article -> Analysis: the places and the reports of analyse.md, by composing the modules of this stage.

Nothing here looks at a clock or a file: what is known comes with the Analyser, and the instant to read relative days
from comes with the article.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from advisord.extract.actors import Groups
from advisord.extract.binding import Binder, Candidates
from advisord.extract.features import Whole, contexts_of, features_of, whole_of
from advisord.extract.hits import Hit, Told, fired_in, told_in
from advisord.extract.incidents import CONSEQUENCES, Incident, Judged, incidents_of
from advisord.extract.naming import Namer
from advisord.extract.passage import joined, passage_of
from advisord.extract.phase import phase_of
from advisord.extract.relevance import Relevance
from advisord.extract.reports import Reporter
from advisord.extract.scene import Scenes
from advisord.extract.where import Where
from advisord.extract.zones import Zones
from advisord.lexicon import Lexicon
from advisord.model import Analysis, Article, Hazard, Mention, Phase
from advisord.text.fold import fold
from advisord.text.haystack import Haystack
from advisord.text.language import language_of

LONGEST = 100_000  # code points in which incidents are looked for; news has up to 60,000
MOST_SENTENCES = 250  # with hits that are looked at in one article, in order; news has up to 60
MOST_REPORTS = 25  # of one article
_YEARS = range(1900, 2200)  # of articles
_IMAGINED = 0.3  # what is only imagined ("could attack") is so much less likely to be news


class Finder(Protocol):
    """Who finds the places of an article."""

    def find(self, article: Article, folded_title: Haystack, folded_text: Haystack) -> tuple[Mention, ...]:
        """Every mention, in reading order."""


@dataclass(frozen=True, slots=True)
class Analyser:
    """Everything that is known, ready to read articles; `frequent` gives the languages of each frequent word."""

    places: Finder
    lexicons: Mapping[str, Lexicon]
    frequent: Mapping[str, Sequence[str]]
    hazards: Mapping[str, Hazard]
    relevance: Relevance
    binder: Binder
    namer: Namer
    groups: Groups
    zones: Zones

    def analyse(self, article: Article, *, at: datetime | None = None, country: str | None = None) -> Analysis:
        """The places and reports of an article.

        `at` stands in for a missing `published`, `country` for the missing country of the source.
        """
        article = replace(article, published=article.published or at, country=article.country or country)
        language, mentions, read = self._read(article)
        if read is None:
            return Analysis(language=language, places=mentions)
        scenes, told = read
        reporter, incidents = self._reporter(scenes, told)
        reports = [reporter.report_of(incident) for incident in incidents]
        return Analysis(language=language, places=mentions, reports=tuple(
            sorted(reports, key=lambda report: not report.phase.is_current)))  # else in the order of the article

    def incidents_of(self, article: Article) -> tuple[Reporter, list[Incident]] | None:
        """What its reports are made from and by, as the weights for places are learned from."""
        _, _, read = self._read(article)
        return None if read is None else self._reporter(*read)

    def hits_of(self, article: Article) -> list[tuple[Hit, list[str]]]:
        """Every hit with its features, as the weights are learned from."""
        _, _, read = self._read(article)
        if read is None:
            return []
        scenes, told = read
        whole = whole_of(told, scenes)
        return [(hit, features_of(hit, scenes[hit.sentence], scenes, whole)) for hit in told.hits
                if not _is_date(hit, scenes)]

    def _read(self, article: Article) -> tuple[str, tuple[Mention, ...], tuple[Scenes, Told] | None]:
        """Language and places; and where something is told in a language with a lexicon, its scenes and hits."""
        title, text = Haystack(fold(article.title)), Haystack(fold(article.text))
        language = language_of(text.folded or title.folded, article.language, self.frequent)
        mentions = self.places.find(article, title, text)
        lexicon = self.lexicons.get(language)
        if lexicon is None:
            return language, mentions, None
        whole = joined(title, text)
        fired = fired_in(lexicon, lexicon.cues.find(whole.part(0, LONGEST) if len(whole.folded) > LONGEST else whole))
        if not fired.hits:
            return language, mentions, None
        passage = passage_of(article, whole, folded_title=title.folded, lexicon=lexicon)
        told = told_in(passage, fired)
        if not told.hits:
            return language, mentions, None
        return language, mentions, (Scenes(passage, lexicon, mentions, _day_of(article)), told)

    def _reporter(self, scenes: Scenes, told: Told) -> tuple[Reporter, list[Incident]]:
        """The incidents of an article in order, and what makes reports of them."""
        where = Where(scenes)
        judged = self._judged(told.hits, scenes, where, whole_of(told, scenes))
        incidents = incidents_of(judged, self.hazards, self.relevance.news)
        current = tuple(each for each in incidents if each.probability >= self.relevance.news)
        return Reporter(scenes=scenes, where=where, hazards=self.hazards, groups=self.groups, zones=self.zones,
                        news=self.relevance.news,
                        candidates=Candidates(scenes, self.binder.small), binder=self.binder, namer=self.namer,
                        current=current), incidents[:MOST_REPORTS]

    def _judged(self, hits: Sequence[Hit], scenes: Scenes, where: Where,
                whole: Whole) -> list[Judged]:
        """The hits worth keeping, each with its probability, phase, place and day."""
        judged: list[Judged] = []
        sentences = sorted({hit.sentence for hit in hits})[:MOST_SENTENCES]
        last = sentences[-1]
        for hit in hits:
            if hit.sentence > last:
                break
            scene = scenes[hit.sentence]
            if _is_date(hit, scenes):
                continue
            follows = hit.level == "tells" and hit.hazard.startswith(CONSEQUENCES)
            probability = self.relevance.of_hit(features_of(hit, scene, scenes, whole), follows=follows)
            phase = phase_of(hit, scene, contexts_of(hit, scene, whole))
            if phase is None:
                phase, probability = Phase.BACKGROUND, probability * _IMAGINED
            if probability < self.relevance.retold:
                continue
            days = [told.day for told in scene.days if told.day]
            place = where.of_hit(hit, scene)
            judged.append(Judged(hit=hit, scene=scene, probability=probability, phase=phase, place=place,
                                 day=days[0] if len(days) == 1 else None, firm=where.is_firm(place, scene)))
        return judged


def _day_of(article: Article) -> date | None:
    """The day of publication; null for one so odd that days could not be counted from it."""
    day = article.published.date() if article.published else None
    return day if day and day.year in _YEARS else None


def _is_date(hit: Hit, scenes: Scenes) -> bool:
    """Whether a piece of the hit is part of a date: "25 March" is no march."""
    return any(day.start <= start and end <= day.end for day in scenes[hit.sentence].days for start, end in hit.pieces)
