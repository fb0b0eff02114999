"""Many articles' reports at once -> which articles tell of the same incident; what `advisord correlate` prints.

Its own module because a batch has no past and no ends: an article of a year later tells of the same incident, while
the live join (incidents.py) would start a new one. What belongs together is the same decision for both (threads.py).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from advisord.correlate.tables import Tables
from advisord.correlate.threads import Thread, is_current, threads_of
from advisord.model import Hazard, SourcedReport


def labels_of(articles: Sequence[tuple[SourcedReport, ...]], *, hazards: Mapping[str, Hazard],
              tables: Tables) -> tuple[str | None, ...]:
    """For each article the incident of its first current report, null where it tells of none.

    Report ids are unique over all articles. The labels do not depend on the order of the articles.
    """
    threads = threads_of((each for reports in articles for each in reports), hazards=hazards, tables=tables)
    incident = _numbered(threads)
    first = (next((each for each in reports if is_current(each)), None) for reports in articles)
    return tuple(f"i{incident[each.id]}" if each else None for each in first)


def _numbered(threads: Sequence[Thread]) -> dict[str, int]:
    """Report id -> number of its incident; spells of one thing have one number, counted in the order of threads."""
    number: dict[str, int] = {}
    for thread in threads:
        known = next((number[each] for each in thread.earlier if each in number), len(number))
        for each in thread.reports:
            number[each.id] = known
    places = {old: new for new, old in enumerate(sorted(set(number.values())), start=1)}
    return {each: places[old] for each, old in number.items()}
