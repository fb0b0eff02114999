"""One incident in the store -> its duty-of-care file: what was known when, who was told what, how long it took.

Its own module because it is evidence, not a view: everything in it comes from the store and the journal as they are,
names are put to ids at the end, and a page that reads it says nothing that the JSON does not.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from advisord.advise.templates import environment
from advisord.model import (
    Advisory,
    Count,
    Decision,
    Delivery,
    DeliveryState,
    Incident,
    Rendered,
    Settings,
    SourcedReport,
)
from advisord.store.journal import Recorded
from advisord.store.store import Store

TEMPLATE = "report/incident.html.j2"
TOLD = frozenset({"told", "held"})
SECONDS_BELOW, MINUTES_BELOW = 120, 7200  # in seconds
AT = "%Y-%m-%d %H:%M:%S"


def page_of(report: Mapping[str, object], folders: Sequence[Path]) -> str:
    """The file as one HTML page that needs nothing beside it."""
    return environment(tuple(folders)).get_template(TEMPLATE).render(r=report)


def report_of(store: Store, incident: Incident, settings: Settings, now: datetime) -> dict[str, object]:
    """Everything about one incident, as plain values that JSON knows; instants are UTC."""
    case = _Case(store, incident, settings)
    told = list(case.told())
    return {
        "organisation": settings.organisation, "written": _at(now), "incident": _incident(incident),
        "journal": case.verified(), "latencies": list(case.latencies()), "known": list(case.known()),
        "sources": [_source(each) for each in incident.reports], "told": told,
        "recipients": len({str(each["recipient"]) for each in told}), "answers": list(case.answers()),
        "not_told": list(case.not_told()), "timeline": list(case.timeline())}


class _Case:
    """What the store holds about one incident, asked once."""

    def __init__(self, store: Store, incident: Incident, settings: Settings) -> None:
        """Ask for all of it."""
        self._store = store
        self._incident = incident
        self._names = {f"person:{each.id}": f"{each.name} ({each.id})" for each in settings.staff.people}
        self._said, self._sent = store.said_about(incident.id)
        self._decisions = store.decisions(incident.id)
        self._journal = store.journal(incident.id)

    def _name(self, recipient: str) -> str:
        return self._names.get(recipient, recipient.removeprefix("person:"))

    def verified(self) -> dict[str, object]:
        """Whether the journal, and the outbox with it, is as it was written."""
        found = self._store.verify_journal()
        return {"rows": found.rows, "head": f"{found.rows}:{found.head}", "faults": list(found.faults)}

    def known(self) -> Iterator[dict[str, object]]:
        """How the incident stood each time that an article changed it."""
        for row in self._rows("understood"):
            facts = _facts(row)
            if facts:
                yield {"at": _at(row.at), **{name: facts.get(name) for name in (
                    "hazard", "phase", "severity", "status", "origins", "credibility", "place")}}

    def _rows(self, *kinds: str) -> Iterator[Recorded]:
        return (row for row in self._journal if row.kind in kinds)

    def answers(self) -> Iterator[dict[str, object]]:
        """What those who were told answered."""
        for row in self._rows("answered"):
            facts = _facts(row)
            recipient = str(facts.get("recipient") or facts.get("person") or "")
            says = {name: value for name, value in facts.items() if name not in {"recipient", "person"}}
            yield {"at": _at(row.at), "name": self._name(recipient), "says": says.get("answer") or says}

    def told(self) -> Iterator[dict[str, object]]:
        """Every message with how each of its deliveries went."""
        for advisory in self._said:
            own = [each for each in self._sent if advisory.id in each.advisory_ids]
            yield {"advisory": advisory.id, "recipient": advisory.recipient, "name": self._name(advisory.recipient),
                   "version": advisory.version, "reason": advisory.reason, "rules": list(advisory.rule_ids),
                   "template": advisory.template, "severity": advisory.severity, "decided": _at(advisory.decided_at),
                   "touched": [each.via for each in advisory.exposures],
                   "deliveries": [self._delivery(advisory, each) for each in own]}

    def _delivery(self, advisory: Advisory, delivery: Delivery) -> dict[str, object]:
        tries = self._store.attempts(delivery.id)
        ended = tries[-1].at if tries and delivery.state is not DeliveryState.PENDING else None
        sent = self._store.rendered(delivery.id)
        return {"id": delivery.id, "channel": delivery.channel, "state": delivery.state.value,
                "first_tried": _at(tries[0].at) if tries else None, "ended": _at(ended) if ended else None,
                "attempts": len(tries), "detail": tries[-1].outcome.detail if tries else None,
                "took": _span(ended - advisory.decided_at) if ended else None,
                "subject": sent.subject if sent else None, "text": text_of(sent) if sent else None}

    def not_told(self) -> Iterator[dict[str, object]]:
        """Who never got a message, with the last that was decided about them and what stopped it."""
        reached = {each.recipient for each in self._sent if each.state is not DeliveryState.CANCELLED}
        last: dict[str, Decision] = {each.recipient: each for each in self._decisions}
        for recipient, each in last.items():
            if recipient not in reached and each.verdict not in TOLD:
                yield {"at": _at(each.at), "recipient": recipient, "name": self._name(recipient),
                       "verdict": each.verdict, "gates": [
                           f"{gate.name}: {gate.value} (asked: {gate.threshold})" for gate in each.gates
                           if not gate.passed]}

    # -------------------------------------------------------------------------------------------------- latencies

    def latencies(self) -> Iterator[dict[str, object]]:
        """How long each step took, over all that took it."""
        steps = {
            ("published", "seen"): list(self._seen()), ("seen", "understood"): list(self._understood()),
            ("understood", "first decision to tell"): list(self._decided()),
            ("decided", "first attempt"): [first - at for at, first, _ in self._attempts()],
            ("decided", "accepted"): [ended - at for at, _, ended in self._attempts() if ended]}
        for (begin, end), unsorted in steps.items():
            if spans := sorted(unsorted):
                yield {"from": begin, "to": end, "shortest": _span(spans[0]), "middle": _span(spans[len(spans) // 2]),
                       "longest": _span(spans[-1]), "count": len(spans)}

    def _seen(self) -> Iterator[timedelta]:
        for article_id, each in {each.article_id: each for each in self._incident.reports}.items():
            if each.published is not None and article_id:
                yield each.seen_at - each.published

    def _understood(self) -> Iterator[timedelta]:
        seen = {each.article_id: each.seen_at for each in self._incident.reports}
        first = {row.article_id: row.at for row in reversed([*self._rows("understood")])}
        yield from (at - seen[name] for name, at in first.items() if name in seen)

    def _decided(self) -> Iterator[timedelta]:
        known = min((row.at for row in self._rows("understood")), default=None)
        decided = min((each.decided_at for each in self._said), default=None)
        if known is not None and decided is not None:
            yield decided - known

    def _attempts(self) -> Iterator[tuple[datetime, datetime, datetime | None]]:
        """Of what was not held on purpose: decided, first tried, accepted."""
        decided = {each.id: each.decided_at for each in self._said}
        for each in self._sent:
            tries = self._store.attempts(each.id)
            at = max((decided[name] for name in each.advisory_ids if name in decided), default=None)
            if tries and at is not None and each.attempts:
                accepted = tries[-1].at if each.state is DeliveryState.ACCEPTED else None
                yield at, tries[0].at, accepted

    # --------------------------------------------------------------------------------------------------- timeline

    def timeline(self) -> Iterator[dict[str, object]]:
        """Everything that happened, in order: published by whom, then row after row of the journal."""
        feeds = {each.article_id: each for each in self._incident.reports}
        published = [(each.published, f"published by {each.feed_id}: {each.title}") for each in feeds.values()
                     if each.published is not None]
        written = [(row.at, self._line(row, feeds)) for row in self._journal]
        for at, what in sorted([*published, *written], key=_first):
            yield {"at": _at(at), "what": what}

    def _line(self, row: Recorded, feeds: Mapping[str, SourcedReport]) -> str:
        facts = _facts(row)
        if row.kind in {"seen", "understood"}:
            source = feeds.get(row.article_id or "")
            return f"{row.kind}: {source.feed_id if source else row.article_id}"
        if not facts:
            return f"{row.kind} (what it told was purged or erased)"
        said = [self._name(str(facts["recipient"]))] if "recipient" in facts else []
        said += [str(facts[name]) for name in ("verdict", "reason", "channel") if facts.get(name)]
        said += [f"by {facts['by']}"] if facts.get("by") else []
        return f"{row.kind}: {', '.join(said) or json.dumps(facts)}"


def _first(entry: tuple[datetime, str]) -> datetime:
    return entry[0]


def _facts(row: Recorded) -> dict[str, object]:
    found = json.loads(row.facts) if row.facts else {}
    return found if isinstance(found, dict) else {}


def _at(at: datetime) -> str:
    return f"{at:{AT}}"


def _span(span: timedelta) -> str:
    """Seconds below two minutes, minutes below two hours, else hours."""
    seconds = span.total_seconds()
    if abs(seconds) < SECONDS_BELOW:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if abs(seconds) < MINUTES_BELOW else f"{seconds / 3600:.1f} h"


def _incident(incident: Incident) -> dict[str, object]:
    place = incident.place
    where = ", ".join(each for each in (place.name, place.country) if each) if place else None
    figures = {"Killed": incident.killed, "Injured": incident.injured, "Abducted": incident.abducted}
    return {"id": incident.id, "hazard": incident.hazard, "phase": incident.phase, "status": incident.status,
            "severity": incident.severity, "certainty": incident.certainty, "credibility": incident.credibility,
            "origins": incident.origins, "place": where, "exercise": incident.exercise,
            "opened": _at(incident.opened_at), "last_heard": _at(incident.last_report_at),
            "ended": _at(incident.ended_at) if incident.ended_at else None, "previous": incident.previous,
            "merged_into": incident.merged_into,
            "figures": {name: _range(count) for name, count in figures.items() if count is not None},
            "consequences": [f"{each.hazard} {each.phase}" for each in incident.consequences]}


def _range(count: Count) -> str:
    if count.min == count.max:
        return "not told" if count.min is None else str(count.min)
    return f"{count.min or 0} to {count.max}" if count.max is not None else f"at least {count.min}"


def _source(each: SourcedReport) -> dict[str, object]:
    return {"feed": each.feed_id, "grade": each.reliability, "official": each.official, "withdrawn": each.withdrawn,
            "credit": each.credit, "origin": each.origin, "url": each.url, "title": each.title,
            "sentence": each.sentence, "hazard": each.report.hazard, "phase": each.report.phase,
            "published": _at(each.published) if each.published else None, "seen": _at(each.seen_at)}


def text_of(sent: Rendered) -> str:
    """What a reader saw: the plain part of a mail, the body of anything else."""
    if sent.content_type.startswith("message/"):
        part = message_from_bytes(sent.body, policy=default).get_body(("plain",))
        return str(part.get_content()) if part is not None else ""
    return sent.body.decode("utf-8", "replace")
