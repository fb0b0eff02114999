"""An officer's word that an incident is over, or never was -> its reports, and the incident as it then stands.

Its own module because the desk is a source like any other, an official one: its word stands among the reports, so that
whatever is read later is joined as after any other end. But it needs no joining to know which incident it is about.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from advisord.correlate.origins import folded
from advisord.correlate.sourced import sourced
from advisord.correlate.spells import told_at
from advisord.correlate.tables import NOTHING, Tables
from advisord.model import (
    Analysis,
    Article,
    Certainty,
    Consequence,
    Feed,
    Incident,
    IncidentStatus,
    Mention,
    Phase,
    Place,
    Reliability,
    Report,
    SourcedReport,
    Urgency,
)

# No feed of a configuration can be called so, since its id would have to begin with a letter.
DESK = Feed("(desk)", url="", reliability=Reliability.A, official=True)
REFUTED = 5  # Admiralty credibility: improbable


def cleared(incident: Incident, article: Article, *, now: datetime,
            tables: Tables = NOTHING) -> tuple[tuple[SourcedReport, ...], Incident]:
    """The incident and all that followed from it are over; `article` is the desk's word."""
    holding = tuple(each for each in incident.consequences if each.ended_at is None)
    told = _sourced(incident, article, (_main(incident, Phase.ENDED), *(_of(each) for each in holding)), now, tables)
    ended = tuple(replace(each, phase=Phase.ENDED, ended_at=now, status=IncidentStatus.CLEARED)
                  if each in holding else each for each in incident.consequences)
    return told, replace(incident, status=IncidentStatus.CLEARED, phase=Phase.ENDED, ended_at=now, last_report_at=now,
                         consequences=ended, reports=(*incident.reports, *told))


def refuted(incident: Incident, article: Article, *, now: datetime,
            tables: Tables = NOTHING) -> tuple[tuple[SourcedReport, ...], Incident]:
    """It never happened, or is nothing of what was told; `article` is the desk's word."""
    told = _sourced(incident, article, (_main(incident, Phase.DENIED),), now, tables)
    return told, replace(incident, status=IncidentStatus.CANCELLED, ended_at=now, certainty=Certainty.UNLIKELY,
                         credibility=REFUTED, reports=(*incident.reports, *told))


def _main(incident: Incident, phase: Phase) -> Report:
    return Report(
        incident.hazard, phase, incident.severity, Urgency.PAST, Certainty.OBSERVED, place=_mention(incident.place),
        precision=incident.precision, uncertainty_km=incident.uncertainty_km,
        start=incident.start if phase is Phase.DENIED else None)


def _of(consequence: Consequence) -> Report:
    return Report(consequence.hazard, Phase.ENDED, consequence.severity, Urgency.PAST, Certainty.OBSERVED,
                  place=_mention(consequence.place))


def _mention(place: Place | None) -> Mention | None:
    """The incident's own place, which the desk's words need not name."""
    return Mention("text", 0, 0, "", place) if place is not None else None


def _sourced(incident: Incident, article: Article, reports: tuple[Report, ...], now: datetime,
             tables: Tables) -> tuple[SourcedReport, ...]:
    """The desk's reports, which speak of the incident in its own words: so they are found to be about it ever after."""
    told = sourced(article, Analysis(article.language or "en", reports=reports), DESK, now=now, tables=tables)
    spoken = {each.report.hazard: each for each in incident.reports if not each.withdrawn}
    like = [spoken.get(each.report.hazard, incident.reports[-1]) for each in told]
    return tuple(replace(each, sentence=article.text, terms=other.terms, language=other.language)
                 for each, other in zip(told, like, strict=True))


def is_refused(main: Sequence[SourcedReport], silent: Sequence[SourcedReport]) -> bool:
    """Whether the desk has called it wrong, and nobody has told of it since but in copies of what was told before."""
    said = [told_at(each) for each in silent if each.feed_id == DESK.id and each.report.phase is Phase.DENIED]
    if not said:
        return False
    origins = folded(main)
    before = {origins[each.article_id] for each in main if told_at(each) <= max(said)}
    return all(origins[each.article_id] in before for each in main)
