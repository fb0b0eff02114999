"""An article and a report of it -> the passages that the report rests on, cut where the shown words begin and end."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from advisord.advise.plain import HIDDEN
from advisord.model import Article, Claim, Report

AROUND = 110  # characters on either side of the words that show something
NEAR = 40  # passages closer than that are one
LONGEST = 1600


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an article as it stands; `shows` says which fields of the report it is the evidence of."""

    text: str
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `[start, end)` and what they show."""

    start: int
    end: int
    of: str


def passages_of(article: Article, report: Report) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The headline, and the passages of the text; both empty where the article no longer holds the words."""
    place = report.place
    if place is not None:
        field = article.title if place.field == "title" else article.text
        if field[place.start:place.end] != place.surface:
            return (), ()
    return (tuple(_parts(article.title, _spans(report, "title"), 0, len(article.title))),
            tuple(_passages(article.text, _spans(report, "text"))))


def words_of(article: Article | None, claim: Claim) -> str:
    """The words of a claim; none where the article is gone."""
    if article is None:
        return ""
    return (article.title if claim.field == "title" else article.text)[claim.start:claim.end]


def _spans(report: Report, field: str) -> tuple[Span, ...]:
    found = [Span(each.start, each.end, each.of) for each in report.evidence if each.field == field]
    if report.place is not None and report.place.field == field:
        found.append(Span(report.place.start, report.place.end, "place"))
    return tuple(sorted(set(found), key=_at))


def _at(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.of


def _passages(text: str, spans: tuple[Span, ...]) -> Iterator[Part]:
    given = 0
    for start, end in _windows(text, spans):
        if given > LONGEST:
            break
        if start and not given:
            yield Part("… ")
        yield from _parts(text, spans, start, end)
        given += end - start
        if end < len(text):
            yield Part(" … ")


def _windows(text: str, spans: Iterable[Span]) -> list[tuple[int, int]]:
    """What is shown around the spans: whole words, near passages as one."""
    found: list[tuple[int, int]] = []
    for each in spans:
        if not 0 <= each.start < each.end <= len(text):
            continue
        start, end = max(0, each.start - AROUND), min(len(text), each.end + AROUND)
        start = text.rfind(" ", 0, start) + 1 if start else 0
        end = stop if (stop := text.find(" ", end)) >= 0 else len(text)
        if found and start <= found[-1][1] + NEAR:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _parts(text: str, spans: tuple[Span, ...], start: int, end: int) -> Iterator[Part]:
    """The piece, cut wherever words that show something begin or end."""
    cuts = sorted({start, end, *(at for each in spans for at in (each.start, each.end) if start < at < end)})
    for begin, stop in pairwise(cuts):
        shows = tuple(dict.fromkeys(each.of for each in spans if each.start <= begin and stop <= each.end))
        yield Part(_clean(text[begin:stop]), shows)


def _clean(text: str) -> str:
    """Nothing that turns a line round or hides; controls are spaces, so that words stay apart."""
    return "".join(" " if not each.isprintable() and each not in HIDDEN else each for each in text
                   if each not in HIDDEN)
