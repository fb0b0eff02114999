"""Reports of one thing in the order of time -> its spells: where it ended and began again, or fell silent.

Its own module because ends are told in three ways that are never mixed, and this is where a source's "it is over" is
weighed against what comes later.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from advisord.correlate.accounts import day_of
from advisord.correlate.origins import COPY, folded, similarity
from advisord.correlate.tables import Tables
from advisord.model import Hazard, Phase, Reliability, SourcedReport

# Whose all clear ends an incident alone; a worse source needs another one to say the same
CLEARING_GRADES = frozenset({Reliability.A, Reliability.B, Reliability.C})
CLEARING_ORIGINS = 2
# For a kind that nobody has heard of
USUAL_TTL = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Spell:
    """Reports of one thing from its beginning to its end; `earlier` are the report ids of the spell before."""

    reports: tuple[SourcedReport, ...]
    earlier: tuple[str, ...] = ()


def told_at(sourced: SourcedReport) -> datetime:
    """When a report was published, but never later than it was seen; then, too, where it does not say."""
    return min(sourced.published or sourced.seen_at, sourced.seen_at)


def in_time(sourced: SourcedReport) -> tuple[datetime, datetime, str]:
    """The order of reports."""
    return told_at(sourced), sourced.seen_at, sourced.id


def ttl_of(hazard: str, hazards: Mapping[str, Hazard]) -> timedelta:
    """How long after its last report a thing of that kind counts as known."""
    known = hazards.get(hazard)
    return timedelta(hours=known.ttl_h) if known else USUAL_TTL


def spells_of(groups: Iterable[Sequence[SourcedReport]], hazards: Mapping[str, Hazard], tables: Tables) -> list[Spell]:
    """Each group cut where it fell silent for longer than its hazard's `ttl_h`, or started again after its end."""
    found: list[Spell] = []
    for group in groups:
        spell: list[SourcedReport] = []
        earlier: tuple[str, ...] = ()
        for each in sorted(group, key=in_time):
            if spell and _starts_again(spell, each, hazards, tables):
                found.append(Spell(tuple(spell), earlier))
                spell, earlier = [], tuple(said.id for said in spell)
            spell.append(each)
        found.append(Spell(tuple(spell), earlier))
    return found


def _starts_again(spell: Sequence[SourcedReport], each: SourcedReport, hazards: Mapping[str, Hazard],
                  tables: Tables) -> bool:
    if each.report.phase is Phase.ENDED:
        return False  # an end belongs to what it ends, however long nobody spoke of it
    if told_at(each) - last_heard(spell, hazards) >= ttl_of(each.report.hazard, hazards):
        return not _is_copy(each, spell)
    end = end_of(spell)
    return end is not None and _is_news_after(end, each, spell, tables)


def last_heard(spell: Sequence[SourcedReport], hazards: Mapping[str, Hazard]) -> datetime:
    """When the last of them told of it, not counting what was printed again after it had fallen silent."""
    ordered = sorted(spell, key=in_time)
    last = told_at(ordered[0])
    for at, each in enumerate(ordered[1:], start=1):
        if told_at(each) - last < ttl_of(each.report.hazard, hazards) or not _is_copy(each, ordered[:at]):
            last = told_at(each)
    return last


def _is_copy(each: SourcedReport, earlier: Sequence[SourcedReport]) -> bool:
    return any(similarity(each.signature, other.signature) > COPY for other in earlier)


def _is_news_after(end: SourcedReport, each: SourcedReport, spell: Sequence[SourcedReport], tables: Tables) -> bool:
    """Whether a report later than an end tells of a new beginning, and not of what was over by then.

    An end that nothing came before ends nothing: what follows it is news.
    """
    if all(earlier.report.phase is Phase.ENDED for earlier in spell):
        return True
    day, last = day_of(each.report.start), day_of(end.report.start or told_at(end).date().isoformat())
    if day < last or _is_copy(each, spell):
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
