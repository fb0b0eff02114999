"""Threads built anew + stored incidents -> which incident each one continues, and which it starts again.

Its own module because it is the one place where the past enters. The older thread goes on; what has ended is never
opened again, but gets a successor that names it.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from advisord.correlate.threads import Thread, is_current
from advisord.model import Incident, IncidentStatus, SourcedReport


def live(incident: Incident) -> tuple[SourcedReport, ...]:
    """The reports that its articles still tell."""
    return tuple(each for each in incident.reports if not each.withdrawn)


def as_before(threads: Sequence[Thread], stored: Sequence[Incident], again: AbstractSet[str]) -> dict[int, Incident]:
    """Position of a thread -> the stored incident that is that very set of reports, none of an article in `again`."""
    by_reports: dict[frozenset[str], Incident] = {}
    for incident in sorted(stored, key=_open_then_old):
        by_reports.setdefault(frozenset(each.id for each in live(incident)), incident)
    found = {at: by_reports.get(frozenset(each.id for each in thread.reports)) for at, thread in enumerate(threads)
             if again.isdisjoint(each.article_id for each in thread.reports)}
    return {at: incident for at, incident in found.items() if incident is not None}


def touched(threads: Sequence[Thread], stored: Sequence[Incident],
            again: AbstractSet[str]) -> tuple[tuple[Thread, ...], tuple[Incident, ...]]:
    """The threads that hold something of those articles, what they took it from, and so on: no report is lost."""
    ids = [{each.id for each in thread.reports} for thread in threads]
    held = [{each.id for each in incident.reports} for incident in stored]
    reached = {each.id for thread in threads for each in thread.reports if each.article_id in again}
    reached |= {each.id for incident in stored for each in incident.reports if each.article_id in again}
    size = -1
    while size < len(reached):
        size = len(reached)
        for each in (*ids, *held):
            if not reached.isdisjoint(each):
                reached |= each
    return (tuple(thread for thread, own in zip(threads, ids, strict=True) if not reached.isdisjoint(own)),
            tuple(incident for incident, own in zip(stored, held, strict=True) if not reached.isdisjoint(own)))


def continued(built: Sequence[Incident], stored: Sequence[Incident]) -> dict[int, Incident]:
    """Position in `built` -> the stored incident that it is: the oldest open one that shares most of its reports.

    First those that hold the very same reports, so that what has not changed is not moved; then by reports, then by
    articles, so that an article read again with another place corrects its incident.
    """
    found: dict[int, Incident] = {}
    reports, articles = _Keys(built, stored, _reports), _Keys(built, stored, _articles)
    for alike in (reports.same, reports.shared, articles.shared):
        for incident in sorted(stored, key=_open_then_old):
            if incident.id in {each.id for each in found.values()}:
                continue
            shared = {at: count for at, count in alike(incident).items()
                      if at not in found and _may_continue(incident, built[at])}
            most = max(shared.values(), default=0)
            if most:
                found[min(at for at, each in shared.items() if each == most)] = incident
    return found


class _Keys:
    """By what ids incidents are compared: each one's own, and which of the built ones hold an id."""

    def __init__(self, built: Sequence[Incident], stored: Sequence[Incident],
                 ids: Callable[[Incident], set[str]]) -> None:
        self._built = [ids(each) for each in built]
        self._stored = {incident.id: ids(incident) for incident in stored}
        self._holders: dict[str, list[int]] = {}
        for at, held in enumerate(self._built):
            for each in held:
                self._holders.setdefault(each, []).append(at)

    def shared(self, incident: Incident) -> Counter[int]:
        """Position of a built incident -> how many ids it shares with that stored one, where any."""
        return Counter(at for each in self._stored[incident.id] for at in self._holders.get(each, ()))

    def same(self, incident: Incident) -> dict[int, int]:
        """Those that have exactly its ids."""
        return {at: 1 for at in self.shared(incident) if self._built[at] == self._stored[incident.id]}


def _open_then_old(incident: Incident) -> tuple[bool, float, str]:
    """Open ones first, the oldest before the others; of ended ones the fullest, which is the last of its line."""
    if incident.status is IncidentStatus.OPEN:
        return False, incident.opened_at.timestamp(), incident.id
    return True, -len(live(incident)), incident.id


def _may_continue(incident: Incident, built: Incident) -> bool:
    """What is open can only be an incident that never ended, what was taken back stays so, a drill is only a drill."""
    if incident.exercise is not built.exercise:
        return False
    if incident.status is IncidentStatus.CANCELLED:
        return built.status is IncidentStatus.CANCELLED
    return incident.status is IncidentStatus.OPEN or built.status is not IncidentStatus.OPEN


def _reports(incident: Incident) -> set[str]:
    return {each.id for each in live(incident) if is_current(each)}


def _articles(incident: Incident) -> set[str]:
    return {each.article_id for each in live(incident) if is_current(each)}


def previous_of(threads: Sequence[Thread], at: int, stored: Sequence[Incident]) -> str | None:
    """The incident that a new thread starts again: the last one holding its earlier spell, or its own reports."""
    thread = threads[at]
    for ids in (set(thread.earlier), {each.id for each in thread.main}):
        holding = [each for each in stored if ids & {report.id for report in each.reports}]
        if holding:
            return max(holding, key=lambda each: (each.last_report_at, each.id)).id
    return None
