"""A pool of sourced reports -> threads: one main event each, the consequences tied to it, what speaks against it.

Its own module because it is a function of the set of reports and nothing else: neither the order of their arrival nor
what was stored before enters here. What a thread is called and what was already said of it is the business of
incidents.py.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from advisord.correlate.accounts import account_of, day_of
from advisord.correlate.grouping import affinities, groups_of
from advisord.correlate.origins import COPY, folded, similarity
from advisord.correlate.tables import Tables
from advisord.model import Hazard, Phase, Reliability, SourcedReport

# Whose all clear ends an incident alone; a worse source needs another one to say the same
CLEARING_GRADES = frozenset({Reliability.A, Reliability.B, Reliability.C})
CLEARING_ORIGINS = 2


@dataclass(frozen=True, slots=True)
class Thread:
    """What belongs together, each part in the order of time.

    `main` are the reports of the event, or of the closure itself where nothing caused it; `silent` denials and
    background. `earlier` are the ids of the reports of the spell before, where this is a thing that started again.
    """

    main: tuple[SourcedReport, ...]
    earlier: tuple[str, ...] = ()
    consequences: tuple[tuple[SourcedReport, ...], ...] = ()
    silent: tuple[SourcedReport, ...] = ()

    @property
    def reports(self) -> tuple[SourcedReport, ...]:
        """All of them, in the order of time."""
        parts = (self.main, *self.consequences, self.silent)
        return tuple(sorted((each for part in parts for each in part), key=in_time))


def told_at(sourced: SourcedReport) -> datetime:
    """When a report was published, but never later than it was seen; then, too, where it does not say."""
    return min(sourced.published or sourced.seen_at, sourced.seen_at)


def in_time(sourced: SourcedReport) -> tuple[datetime, datetime, str]:
    """The order of reports within a thread."""
    return told_at(sourced), sourced.seen_at, sourced.id


def is_current(sourced: SourcedReport) -> bool:
    """Whether it can open an incident; in a drill the article is the exercise, not what it tells."""
    return sourced.report.phase.is_current


def threads_of(pool: Iterable[SourcedReport], *, hazards: Mapping[str, Hazard], tables: Tables) -> tuple[Thread, ...]:
    """The threads of a pool; drills and the real thing never mix."""
    reports = sorted(pool, key=in_time)
    found: list[Thread] = []
    for exercise in (False, True):
        found += _threads([each for each in reports if each.exercise is exercise], hazards, tables)
    return tuple(found)


def _threads(reports: Sequence[SourcedReport], hazards: Mapping[str, Hazard], tables: Tables) -> list[Thread]:
    current = [each for each in reports if is_current(each)]
    silent = [each for each in reports if not is_current(each)]
    events = [each for each in current if not tables.is_consequence(each.report.hazard)]
    following = [each for each in current if tables.is_consequence(each.report.hazard)]
    threads = _with_silent(_spells(_grouped(events, hazards, tables), hazards, tables), silent, hazards, tables)
    loose = []
    for spell in _spells(_grouped_by_kind(following, hazards, tables), hazards, tables):
        tied = _tied(spell, threads)
        if tied is None:
            loose.append(spell)
        else:
            threads[tied] = replace(threads[tied], consequences=(*threads[tied].consequences, spell.main))
    return threads + _with_silent(loose, _left(silent, threads), hazards, tables)


def _left(silent: Sequence[SourcedReport], threads: Sequence[Thread]) -> list[SourcedReport]:
    taken = {each.id for thread in threads for each in thread.silent}
    return [each for each in silent if each.id not in taken]


def _grouped(reports: Sequence[SourcedReport], hazards: Mapping[str, Hazard],
             tables: Tables) -> list[list[SourcedReport]]:
    accounts = [account_of(each, told=each.published) for each in reports]
    return [[reports[at] for at in group] for group in groups_of(accounts, hazards=hazards, tables=tables)]


def _grouped_by_kind(reports: Sequence[SourcedReport], hazards: Mapping[str, Hazard],
                     tables: Tables) -> list[list[SourcedReport]]:
    """A closed airport and a curfew are two consequences, however alike the articles."""
    kinds: dict[str, list[SourcedReport]] = {}
    for each in reports:
        kinds.setdefault(each.report.hazard, []).append(each)
    return [group for kind in sorted(kinds) for group in _grouped(kinds[kind], hazards, tables)]


# ------------------------------------------------------------------------------------------------ ends and restarts


def _spells(groups: Iterable[Sequence[SourcedReport]], hazards: Mapping[str, Hazard], tables: Tables) -> list[Thread]:
    """Each group cut where it fell silent for longer than its hazard's `ttl_h`, or started again after its end."""
    found: list[Thread] = []
    for group in groups:
        spell: list[SourcedReport] = []
        earlier: tuple[str, ...] = ()
        for each in sorted(group, key=in_time):
            if spell and _starts_again(spell, each, hazards, tables):
                found.append(Thread(tuple(spell), earlier))
                spell, earlier = [], tuple(said.id for said in spell)
            spell.append(each)
        found.append(Thread(tuple(spell), earlier))
    return found


def _starts_again(spell: Sequence[SourcedReport], each: SourcedReport, hazards: Mapping[str, Hazard],
                  tables: Tables) -> bool:
    if told_at(each) - told_at(spell[-1]) >= ttl_of(each.report.hazard, hazards):
        return True
    end = end_of(spell)
    return end is not None and each.report.phase is not Phase.ENDED and _is_news_after(end, each, spell, tables)


def _is_news_after(end: SourcedReport, each: SourcedReport, spell: Sequence[SourcedReport], tables: Tables) -> bool:
    """Whether a report later than an end tells of a new beginning, and not of what was over by then.

    An end that nothing came before ends nothing: what follows it is news.
    """
    if all(earlier.report.phase is Phase.ENDED for earlier in spell):
        return True
    day, last = day_of(each.report.start), day_of(end.report.start or told_at(end).date().isoformat())
    if day < last or any(similarity(each.signature, earlier.signature) > COPY for earlier in spell):
        return False
    return day > last or tables.is_state(each.report.hazard) or each.report.phase is not Phase.OCCURRED


def end_of(spell: Sequence[SourcedReport]) -> SourcedReport | None:
    """The first report of a spell that says it is over and is believed; null where there is none.

    A source graded A to C or an official one is believed alone, others from the second independent origin on.
    """
    ends = [each for each in sorted(spell, key=in_time) if each.report.phase is Phase.ENDED]
    believed = [each for each in ends if each.official or each.reliability in CLEARING_GRADES]
    if believed:
        return believed[0]
    return ends[-1] if len(set(folded(ends).values())) >= CLEARING_ORIGINS else None


def ttl_of(hazard: str, hazards: Mapping[str, Hazard]) -> timedelta:
    """How long after its last report a thing of that kind counts as known."""
    known = hazards.get(hazard)
    return timedelta(hours=known.ttl_h) if known else timedelta(hours=48)


# ------------------------------------------------------------------------------------------------------- attaching


def _with_silent(threads: Sequence[Thread], silent: Sequence[SourcedReport], hazards: Mapping[str, Hazard],
                 tables: Tables) -> list[Thread]:
    """Each silent report put with the thread whose main reports it is nearest to on average, if to any."""
    found = list(threads)
    for each in silent:
        nearest = max(((_mean_affinity(each, thread.main, hazards, tables), -at) for at, thread in enumerate(threads)),
                      default=(0.0, 0))
        if nearest[0] > 0:
            at = -nearest[1]
            found[at] = replace(found[at], silent=(*found[at].silent, each))
    return found


def _mean_affinity(silent: SourcedReport, main: Sequence[SourcedReport], hazards: Mapping[str, Hazard],
                   tables: Tables) -> float:
    accounts = [account_of(each, told=each.published) for each in (silent, *main)]
    return float(np.mean(affinities(accounts, hazards, tables)[0, 1:]))


def _tied(spell: Thread, threads: Sequence[Thread]) -> int | None:
    """The thread that most articles of a consequence name as well, the earliest of several; null for none."""
    articles = {each.article_id for each in spell.main}
    ties = [len(articles & {each.article_id for each in (*thread.main, *thread.silent)}) for thread in threads]
    most = max(ties, default=0)
    return ties.index(most) if most else None
