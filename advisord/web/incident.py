"""One incident: what was told by whom, who is touched and why, what was sent, what was decided, what can be done."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.responses import Response

from advisord.match.explain import explain
from advisord.model import (
    Advisory,
    Article,
    Decision,
    Delivery,
    DeliveryState,
    Exposure,
    Incident,
    Role,
    Settings,
    SourcedReport,
)
from advisord.store.journal import Recorded
from advisord.store.outbox import Attempt
from advisord.store.store import Store
from advisord.web.acting import SPANS, told_people
from advisord.web.deciding import waiting
from advisord.web.quoting import Part, passages_of, words_of
from advisord.web.route import reads
from advisord.web.visit import Visit
from advisord.wiring.report import TOLD, page_of, report_of, text_of

MOST_ROWS = 200  # of one table; the report file has all
MOST_REPORTS = 100
MOST_JOURNAL = 300
_FIRST = (DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.PENDING)


@dataclass(frozen=True, slots=True)
class Told:
    """A report with its words: the headline and passages with what they show, and who claims what in which words."""

    report: SourcedReport
    title: tuple[Part, ...]
    text: tuple[Part, ...]
    claims: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery with what it is about and how its last attempt ended."""

    delivery: Delivery
    advisory: Advisory | None
    last: Attempt | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal as people read it."""

    at: datetime
    kind: str
    recipient: str
    words: tuple[str, ...]
    by: str


def one(visit: Visit) -> Response:
    """Everything about one incident."""
    store = visit.office.store
    incident = store.incident(visit.part("incident"))
    if incident is None:
        return visit.problem(404, "incident")
    said, deliveries = store.said_about(incident.id)
    exposures, journal = store.exposures(incident.id), store.journal(incident.id)
    return visit.page(
        "incident.html.j2", incident=incident, exposures=exposures[:MOST_ROWS], touched=len(exposures),
        names=_names(visit.office.settings), told=_told(store, incident), sent=_sent(store, said, deliveries),
        deliveries=len(deliveries), untold=_untold(store.decisions(incident.id), deliveries, exposures),
        waiting=waiting(deliveries, visit), count=store.answers.headcount(incident.id),
        answers=store.answers.of(incident.id), tally=store.tallies([incident.id]).get(incident.id),
        feeds={each.id: each.name or each.id for each in visit.office.settings.feeds},
        journal=tuple(_row(each) for each in journal[-MOST_JOURNAL:]), written=len(journal),
        spans=tuple(SPANS), reached=len(told_people(store, incident.id)),
        people=sorted((each.name, each.id) for each in visit.office.settings.staff.people))


def why(visit: Visit) -> Response:
    """Every gate between the incident and one person or site, as `advisord explain` judges them now."""
    store, settings = visit.office.store, visit.office.settings
    incident = store.incident(visit.part("incident"))
    if incident is None:
        return visit.problem(404, "incident")
    who = visit.asked("who") or next((each.person_id or each.location_id for each in store.exposures(incident.id)), "")
    known = {each.id for each in settings.staff.people} | {each.id for each in settings.staff.locations}
    if who not in known:
        return visit.problem(404, "person")
    live = visit.office.live()
    found = explain(incident, who, rules=settings.rules, staff=live.staff, hazards=live.hazards, now=visit.now)
    return visit.page("why.html.j2", incident=incident, who=who, names=_names(settings), found=found,
                      decisions=store.decisions(incident.id, f"person:{who}"))


def message(visit: Visit) -> Response:
    """What one delivery said, to the letter, and how every attempt of it ended."""
    store = visit.office.store
    incident = store.incident(visit.part("incident"))
    found = [each for each in store.deliveries(visit.part("incident")) if each.id == visit.part("delivery")]
    if incident is None or not found:
        return visit.problem(404, "incident")
    rendered = store.rendered(found[0].id)
    return visit.page("message.html.j2", incident=incident, delivery=found[0], names=_names(visit.office.settings),
                      subject=rendered.subject if rendered else "", text=text_of(rendered) if rendered else "",
                      advisories=store.advisories(found[0].advisory_ids), attempts=store.attempts(found[0].id))


def file(visit: Visit) -> Response:
    """The duty-of-care file, as `advisord report` writes it: a page to print and keep."""
    incident = visit.office.store.incident(visit.part("incident"))
    if incident is None or visit.part("kind") not in {"html", "json"}:
        return visit.problem(404, "incident")
    settings = visit.office.settings
    report = report_of(visit.office.store, incident, settings, visit.now)
    if visit.part("kind") == "json":
        return _kept(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "application/json", f"{incident.id}.json")
    page = page_of(report, [Path(each) for each in settings.templates_dirs])
    return _kept(page, "text/html; charset=utf-8", f"{incident.id}.html")


def _kept(content: str, kind: str, name: str) -> Response:
    """A file for the browser to save: it has a style of its own, which no page of ours may have."""
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


# ----------------------------------------------------------------------------------------------------------- parts


def _names(settings: Settings) -> dict[str, str]:
    """Recipients and people by id -> what to call them."""
    people = {each.id: each.name for each in settings.staff.people}
    return {**people, **{f"person:{name}": called for name, called in people.items()}}


def _told(store: Store, incident: Incident) -> tuple[Told, ...]:
    """The reports, the latest first, each with its words."""
    latest = sorted(incident.reports, key=_heard, reverse=True)[:MOST_REPORTS]
    articles = {name: store.article(name) for name in {each.article_id for each in latest}}
    return tuple(_words(each, articles) for each in latest)


def _words(each: SourcedReport, articles: Mapping[str, Article | None]) -> Told:
    article = articles[each.article_id]
    title, text = passages_of(article, each.report) if article is not None else ((), ())
    claims = tuple((claim.by, claim.says, claim.value, words_of(article, claim))
                   for claim in each.report.claims)
    return Told(each, title, text, claims)


def _heard(each: SourcedReport) -> tuple[datetime, int]:
    return each.published or each.seen_at, -each.rank


def _sent(store: Store, said: Sequence[Advisory], deliveries: Sequence[Delivery]) -> tuple[Sent, ...]:
    """The deliveries that need a look first, then the latest; what each is about and how it ended."""
    by_id = {each.id: each for each in said}
    newest = sorted(deliveries, key=_how_soon, reverse=True)[:MOST_ROWS]
    return tuple(Sent(each, next((by_id[one] for one in each.advisory_ids if one in by_id), None),
                      next(iter(store.attempts(each.id)[-1:]), None)) for each in newest)


def _how_soon(delivery: Delivery) -> tuple[bool, datetime]:
    return delivery.state in _FIRST, delivery.created_at


def _untold(decisions: Sequence[Decision], deliveries: Sequence[Delivery],
            exposures: Sequence[Exposure]) -> tuple[Decision, ...]:
    """Who got no message, with what was last decided about them; those whom it touches first."""
    reached = {each.recipient for each in deliveries if each.state is not DeliveryState.CANCELLED}
    last = {each.recipient: each for each in decisions}
    touched = {f"person:{each.person_id}" for each in exposures}
    left = [each for each in last.values() if each.recipient not in reached and each.verdict not in TOLD]
    return tuple(sorted(left, key=lambda each: each.recipient not in touched)[:MOST_ROWS])


def _row(row: Recorded) -> Row:
    facts = json.loads(row.facts) if row.facts else {}
    facts = facts if isinstance(facts, dict) else {}
    words = tuple(str(facts[name]) for name in ("what", "verdict", "reason", "severity", "status", "answer", "channel",
                                                "why") if facts.get(name))
    return Row(row.at, row.kind, str(facts.get("recipient") or ""), words, str(facts.get("by") or ""))


ROUTES = (
    reads("/incidents/{incident}", one, Role.VIEWER),
    reads("/incidents/{incident}/why", why, Role.VIEWER),
    reads("/incidents/{incident}/messages/{delivery}", message, Role.VIEWER),
    reads("/incidents/{incident}/report.{kind}", file, Role.OFFICER),
)
