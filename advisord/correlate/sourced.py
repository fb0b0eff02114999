"""Article + Analysis -> SourcedReports: each report with its source, its words to compare by, its sentence to show.

Its own module because it is the last that sees the article; from here on `correlate` works on reports alone.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from advisord.correlate.origins import credit_of, folded, origin_of, signature_of
from advisord.correlate.tables import NOTHING, Tables
from advisord.correlate.terms import terms_of, words_of
from advisord.model import (
    Analysis,
    Article,
    Certainty,
    Feed,
    Phase,
    Reliability,
    Report,
    Severity,
    SourcedReport,
    Urgency,
)
from advisord.text.sentences import sentences

# What a sentence may cost a reader's screen
SENTENCE_CHARS = 400
# On either side of what an article mentions in passing
PASSAGE_CHARS = 300


def sourced(article: Article, analysis: Analysis, feed: Feed | None, *, now: datetime,
            recent: Iterable[SourcedReport] = (), tables: Tables = NOTHING) -> tuple[SourcedReport, ...]:
    """The article's reports, silent ones included, in the order of the analysis.

    `recent` are reports of other articles that this one may be a copy of; `join` folds copies again over all reports
    of an incident, so that the number of origins never depends on which came first.
    """
    if not analysis.reports:
        return ()
    whole = _whole(article, analysis.language, analysis.reports[0], feed, now=now, tables=tables)
    copies = [each for each in recent if each.article_id != article.id]
    whole = replace(whole, origin=folded([whole, *copies])[article.id])
    leading = _leading(analysis.reports, tables)
    ids = _ids(article.id, analysis.reports)
    return tuple(
        replace(whole, id=each_id, report=report, rank=rank, sentence=sentence_of(article, report),
                terms=whole.terms if rank in leading else _terms_around(article, report, analysis.language, tables))
        for rank, (each_id, report) in enumerate(zip(ids, analysis.reports, strict=True)))


def outline(article: Article, analysis: Analysis, *, now: datetime, tables: Tables = NOTHING) -> SourcedReport:
    """An article in which nothing current was understood, as far as it can be laid beside others.

    That is by its words, and by what it tells of the past, if anything.
    """
    report = analysis.reports[0] if analysis.reports else NOT_UNDERSTOOD
    return _whole(article, analysis.language, report, None, now=now, tables=tables)


# Of no kind, place or time: compared by its words alone
NOT_UNDERSTOOD = Report(hazard="", phase=Phase.BACKGROUND, severity=Severity.UNKNOWN, urgency=Urgency.UNKNOWN,
                        certainty=Certainty.UNKNOWN)


def _whole(article: Article, language: str, report: Report, feed: Feed | None, *, now: datetime,
           tables: Tables) -> SourcedReport:
    """A report with all that its article says of itself, under the article's id."""
    words = words_of(f"{article.title}\n{article.text}")
    credit = credit_of(article, tables.agencies)
    return SourcedReport(
        id=article.id, article_id=article.id, feed_id=article.feed_id, report=report,
        origin=origin_of(article.id, article.feed_id, credit), credit=credit,
        reliability=feed.reliability if feed else Reliability.F, official=bool(feed and feed.official),
        seen_at=article.seen_at or now, published=article.published, url=article.url, title=article.title,
        language=language, exercise=article.exercise, signature=signature_of(words),
        terms=terms_of(words, language, tables))


def _leading(reports: Sequence[Report], tables: Tables) -> set[int]:
    """Ranks of the reports that the article as a whole is about: the first of all, and the first current event."""
    events = (rank for rank, each in enumerate(reports)
              if each.phase.is_current and not tables.is_consequence(each.hazard))
    return {0, next(events, 0)}


def _terms_around(article: Article, report: Report, language: str, tables: Tables) -> tuple[tuple[str, float], ...]:
    """The terms of the passage in which a report stands that the article tells beside another."""
    trigger = next((each for each in report.evidence if each.of == "hazard"), None)
    if trigger is None:
        return ()
    field = article.title if trigger.field == "title" else article.text
    passage = field[max(0, trigger.start - PASSAGE_CHARS):trigger.end + PASSAGE_CHARS]
    return terms_of(words_of(passage), language, tables)


def _ids(article_id: str, reports: Sequence[Report]) -> list[str]:
    """One id a report, from what it tells, so that an edited article's reports are known again."""
    found: list[str] = []
    for report in reports:
        place = report.place.place if report.place else None
        stem = f"{article_id}#{report.hazard}@{(place.id or place.name) if place else ''}"
        same = sum(each == stem or each.startswith(f"{stem}~") for each in found)
        found.append(f"{stem}~{same}" if same else stem)
    return found


def sentence_of(article: Article, report: Report) -> str:
    """The sentence in which the trigger stands, as written; empty where there is no evidence."""
    trigger = next((each for each in report.evidence if each.of == "hazard"), None)
    if trigger is None:
        return ""
    field = article.title if trigger.field == "title" else article.text
    begin = max(0, trigger.start - SENTENCE_CHARS)
    around = field[begin:trigger.end + SENTENCE_CHARS]
    start, end = next(((start, end) for start, end in sentences(around) if end > trigger.start - begin),
                      (0, len(around)))
    return around[start:max(end, trigger.end - begin)].strip()
