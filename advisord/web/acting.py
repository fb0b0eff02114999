"""What an officer does about an incident as a whole: silence it, say that it is over, or that it was wrong."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from advisord.model import IncidentStatus, Matcher, Silence
from advisord.web.deciding import LONGEST_WHY, officers_of
from advisord.web.route import changes
from advisord.web.visit import Visit
from advisord.wiring.second import told_people

__all__ = ["ROUTES", "SPANS", "told_people"]

# How long a silence may be, by the word that the form sends
SPANS: Mapping[str, timedelta] = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), "1d": timedelta(days=1),
                                  "3d": timedelta(days=3), "1w": timedelta(weeks=1)}


def silence(visit: Visit) -> Response:
    """Nobody is told of it anew for a time; whoever was told already still gets what changes, and the end."""
    incident, span, why = visit.part("incident"), visit.form.get("span", ""), _why(visit)
    if visit.office.store.incident(incident) is None or span not in SPANS:
        return visit.problem(404, "incident")
    if not why:
        return visit.problem(400, "reason")
    visit.office.store.add_silence(Silence(
        "", Matcher(incidents=(incident,)), visit.now, visit.now + SPANS[span], visit.name, why,
        mutes_extreme="extreme" in visit.form))
    return visit.to(f"/incidents/{incident}")


def clear(visit: Visit) -> Response:
    """Tell everybody who was told that it is over."""
    return _end(visit, IncidentStatus.CLEARED)


def cancel(visit: Visit) -> Response:
    """Tell everybody who was told that it was wrong."""
    return _end(visit, IncidentStatus.CANCELLED)


def _end(visit: Visit, status: IncidentStatus) -> Response:
    incident, why = visit.part("incident"), _why(visit)
    if not why:
        return visit.problem(400, "reason")
    decided = officers_of(visit).end(incident, status, by=visit.name, why=why, now=visit.now)
    if decided is None:
        return visit.problem(409, "gone")
    return visit.to("/approvals" if decided.waits else f"/incidents/{incident}")


def _why(visit: Visit) -> str:
    return " ".join(visit.form.get("why", "").split())[:LONGEST_WHY]


ROUTES = (
    changes("/incidents/{incident}/silence", silence),
    changes("/incidents/{incident}/clear", clear),
    changes("/incidents/{incident}/cancel", cancel),
)
