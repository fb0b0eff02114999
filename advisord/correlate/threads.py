"""A pool of sourced reports -> threads: one main event each, the consequences tied to it, what speaks against it.

Its own module because it is a function of the set of reports and nothing else: neither the order of their arrival nor
what was stored before enters here. What a thread is called and what was already said of it is the business of
incidents.py.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisord.correlate.accounts import account_of, are_apart
from advisord.correlate.attaching import attached
from advisord.correlate.grouping import groups_of
from advisord.correlate.spells import Spell, in_time, spells_of
from advisord.correlate.tables import Tables
from advisord.model import Hazard, Phase, SourcedReport


@dataclass(frozen=True, slots=True)
class Thread:
    """What belongs together, each part in the order of time.

    `main` are the reports of the event, or of the closure itself where nothing caused it; `silent` denials and
    background of it; `besides` what its articles tell of the past that is not known to be about it, kept because a
    later article may show what it is about. `earlier` are the ids of the reports of the spell before, where this is a
    thing that started again.
    """

    main: tuple[SourcedReport, ...]
    earlier: tuple[str, ...] = ()
    consequences: tuple[tuple[SourcedReport, ...], ...] = ()
    silent: tuple[SourcedReport, ...] = ()
    besides: tuple[SourcedReport, ...] = ()

    @property
    def reports(self) -> tuple[SourcedReport, ...]:
        """All of them, in the order of time."""
        return tuple(sorted((*self.telling, *self.besides), key=in_time))

    @property
    def telling(self) -> tuple[SourcedReport, ...]:
        """Those that are about it, in the order of time."""
        parts = (self.main, *self.consequences, self.silent)
        return tuple(sorted((each for part in parts for each in part), key=in_time))


@dataclass(frozen=True, slots=True)
class Sorter:
    """Sorts reports into threads by what is known of hazards and words."""

    hazards: Mapping[str, Hazard]
    tables: Tables

    def threads(self, reports: Sequence[SourcedReport]) -> list[Thread]:
        """The threads of reports that are all of a drill or all real, given in the order of time.

        An article that tells of the past alone is in none: whether it came before or after what it recalls, it adds
        nothing to it. A denial does.
        """
        current = [each for each in reports if is_current(each)]
        telling = {each.article_id for each in current}
        silent = [each for each in reports if not is_current(each)
                  and (each.report.phase is Phase.DENIED or each.article_id in telling)]
        events = self._events([each for each in current if not self.tables.is_consequence(each.report.hazard)])
        following = self._by_kind([each for each in current if self.tables.is_consequence(each.report.hazard)])
        threads = self._with_silent([Thread(spell.reports, spell.earlier) for spell in events], silent)
        ties = self._ties(following, threads)
        alone = [spell for spell, tie in zip(following, ties, strict=True) if tie is None]
        for at, thread in enumerate(threads):
            tied = [spell.reports for spell, tie in zip(following, ties, strict=True) if tie == at]
            threads[at] = replace(thread, consequences=tuple(self._one_a_place(tied)))
        taken = {each.id for thread in threads for each in thread.silent}
        rest = [each for each in silent if each.id not in taken]
        threads += self._with_silent([Thread(spell.reports, spell.earlier) for spell in alone], rest)
        return _with_besides(threads, silent)

    def _events(self, reports: Sequence[SourcedReport]) -> list[Spell]:
        """Spells of events: what articles lead with makes the groups, what they tell besides is put with them."""
        leads = _leads(reports)
        leading = {each.id for each in leads}
        asides = [each for each in reports if each.id not in leading]
        groups = self._grouped(leads)
        places = attached(asides, [tuple(group) for group in groups], hazards=self.hazards, tables=self.tables)
        for each, at in zip(asides, places, strict=True):
            if at is not None:
                groups[at].append(each)
        groups += self._grouped([each for each, at in zip(asides, places, strict=True) if at is None])
        return spells_of(groups, self.hazards, self.tables)

    def _by_kind(self, reports: Sequence[SourcedReport]) -> list[Spell]:
        """Spells of consequences: a closed airport and a curfew are two, however alike the articles."""
        kinds: dict[str, list[SourcedReport]] = {}
        for each in reports:
            kinds.setdefault(each.report.hazard, []).append(each)
        groups = [group for kind in sorted(kinds) for group in self._grouped(kinds[kind])]
        return spells_of(groups, self.hazards, self.tables)

    def _one_a_place(self, tied: Sequence[tuple[SourcedReport, ...]]) -> list[tuple[SourcedReport, ...]]:
        """Consequences of one event: those of one kind that no place or day tells apart are one, in whatever words."""
        found: list[list[SourcedReport]] = []
        for reports in tied:
            kind = reports[0].report.hazard
            same = next((each for each in found
                         if each[0].report.hazard == kind and not are_apart(each, reports)), None)
            if same is None:
                found.append(list(reports))
            else:
                same += reports
        return [spell.reports for spell in spells_of(found, self.hazards, self.tables)]

    def _grouped(self, reports: Sequence[SourcedReport]) -> list[list[SourcedReport]]:
        accounts = [account_of(each, told=each.published) for each in reports]
        return [[reports[at] for at in group]
                for group in groups_of(accounts, hazards=self.hazards, tables=self.tables)]

    def _with_silent(self, threads: Sequence[Thread], silent: Sequence[SourcedReport]) -> list[Thread]:
        """Each silent report put with the thread whose main reports it rather belongs to than not, if with any."""
        found = list(threads)
        places = attached(silent, [thread.main for thread in threads], hazards=self.hazards, tables=self.tables)
        for each, at in zip(silent, places, strict=True):
            if at is not None:
                found[at] = replace(found[at], silent=(*found[at].silent, each))
        return found

    def _ties(self, spells: Sequence[Spell], threads: Sequence[Thread]) -> list[int | None]:
        """For each consequence its event: the one that most of its articles tell, else what its words speak of."""
        articles = [{each.article_id for each in (*thread.main, *thread.silent)} for thread in threads]
        ties: list[int | None] = []
        for spell in spells:
            told = {each.article_id for each in spell.reports}
            shared = [len(told & each) for each in articles]
            ties.append(shared.index(max(shared)) if any(shared) else None)
        loose = [at for at, tie in enumerate(ties) if tie is None]
        spoken = attached([spells[at].reports[0] for at in loose], [thread.main for thread in threads],
                          hazards=self.hazards, tables=self.tables)
        for at, tie in zip(loose, spoken, strict=True):
            ties[at] = tie
        return ties


def _with_besides(threads: Sequence[Thread], silent: Sequence[SourcedReport]) -> list[Thread]:
    """What is about none of them put where its article stands: with the first thing that it tells."""
    taken = {each.id for thread in threads for each in thread.silent}
    where: dict[str, tuple[tuple[int, str], int]] = {}
    for at, thread in enumerate(threads):
        for each in (*thread.main, *(one for part in thread.consequences for one in part)):
            where[each.article_id] = min(where.get(each.article_id, (_by_rank(each), at)), (_by_rank(each), at))
    found = list(threads)
    for each in silent:
        if each.id not in taken and each.article_id in where:
            _, at = where[each.article_id]
            found[at] = replace(found[at], besides=(*found[at].besides, each))
    return found


def is_current(sourced: SourcedReport) -> bool:
    """Whether it can open an incident; in a drill the article is the exercise, not what it tells."""
    return sourced.report.phase.is_current


def threads_of(pool: Iterable[SourcedReport], *, hazards: Mapping[str, Hazard], tables: Tables) -> tuple[Thread, ...]:
    """The threads of a pool; drills and the real thing never mix."""
    reports = sorted(pool, key=in_time)
    sorter = Sorter(hazards, tables)
    found: list[Thread] = []
    for exercise in (False, True):
        alike = [each for each in reports if each.exercise is exercise]
        if alike:
            found += sorter.threads(alike)
    return tuple(found)


def _leads(reports: Sequence[SourcedReport]) -> list[SourcedReport]:
    """Of each article the report it tells first."""
    first: dict[str, SourcedReport] = {}
    for each in sorted(reports, key=_by_rank):
        first.setdefault(each.article_id, each)
    return [each for each in reports if first[each.article_id] is each]


def _by_rank(sourced: SourcedReport) -> tuple[int, str]:
    return sourced.rank, sourced.id
