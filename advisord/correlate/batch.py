"""Many articles' reports at once -> which articles tell of the same incident; what `advisord correlate` prints.

Its own module because a batch has no past and no ends: an article of a year later tells of the same incident, while
the live join (incidents.py) would start a new one. What belongs together is the same decision for both (threads.py).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from advisord.correlate.similarity import cosine_rows
from advisord.correlate.tables import Tables
from advisord.correlate.threads import Thread, is_current, threads_of
from advisord.model import Hazard, Phase, SourcedReport

# The cosine to something current from which on an article of which nothing was understood is looked at: between .1 and
# .25 look-alike pairs give the same B-cubed F1 (.922), at .3 .918; higher is quicker and safer
ALIKE = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a batch: its reports, and what it can be laid beside others by where none of them is current."""

    reports: tuple[SourcedReport, ...] = ()
    outline: SourcedReport | None = None


def labels_of(articles: Sequence[Told], *, hazards: Mapping[str, Hazard], tables: Tables) -> tuple[str | None, ...]:
    """For each article the incident of its first current report, null where it tells of none.

    What an article tells is judged in the light of the others: one in which nothing current was understood by itself
    (an arrest, a funeral, a word that no lexicon has) tells of an incident if it is grouped with articles that do.
    Report ids are unique over all articles. The labels do not depend on the order of the articles.
    """
    first = [next((each for each in told.reports if is_current(each)), None) for told in articles]
    outlines = _alike([None if current else told.outline for told, current in zip(articles, first, strict=True)],
                      [each for each in first if each is not None])
    pool = [each for told, outline in zip(articles, outlines, strict=True) if outline is None for each in told.reports]
    pool += [as_current(each) for each in outlines if each is not None]
    threads = threads_of(pool, hazards=hazards, tables=tables)
    incident = _numbered(threads)
    current = {incident[each.id] for each in first if each is not None}
    leads = [each or outline for each, outline in zip(first, outlines, strict=True)]
    found = [incident.get(each.id) if each else None for each in leads]
    return tuple(f"i{each}" if each in current else None for each in found)


def _alike(outlines: Sequence[SourcedReport | None],
           current: Sequence[SourcedReport]) -> list[SourcedReport | None]:
    """Those outlines that share words with something current, null for the others: most articles are about nothing."""
    rows = cosine_rows([each.terms if each else () for each in outlines], [each.terms for each in current])
    return [each if row.max(initial=0.0) >= ALIKE else None for each, row in zip(outlines, rows, strict=True)]


def as_current(outline: SourcedReport) -> SourcedReport:
    """What nothing current was understood in, as if it were: others may show that it is."""
    return replace(outline, report=replace(outline.report, phase=Phase.OCCURRED))


def _numbered(threads: Sequence[Thread]) -> dict[str, int]:
    """Report id -> number of its incident; spells of one thing have one number, counted in the order of threads."""
    number: dict[str, int] = {}
    for thread in threads:
        known = next((number[each] for each in thread.earlier if each in number), len(number))
        for each in thread.reports:
            number[each.id] = known
    places = {old: new for new, old in enumerate(sorted(set(number.values())), start=1)}
    return {each: places[old] for each, old in number.items()}
