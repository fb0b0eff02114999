"""The list of incidents, and one of them."""
from __future__ import annotations

from starlette.responses import Response

from advisord.model import IncidentStatus, Role
from advisord.web.deciding import waiting
from advisord.web.route import reads
from advisord.web.visit import Visit

MOST = 200


def listed(visit: Visit) -> Response:
    """Incidents, those last heard of first: open ones, or those that ended."""
    ended = visit.asked("show") == "ended"
    store = visit.office.store
    incidents = tuple(each for each in store.incidents(None if ended else IncidentStatus.OPEN, limit=2 * MOST)
                      if (each.status is not IncidentStatus.OPEN) == ended)[:MOST]
    incidents = incidents if ended else tuple(sorted(incidents, key=lambda each: each.severity.rank, reverse=True))
    return visit.page("incidents.html.j2", incidents=incidents, ended=ended,
                      tallies=store.tallies([each.id for each in incidents]))


def one(visit: Visit) -> Response:
    """Everything about one incident."""
    store = visit.office.store
    incident = store.incident(visit.part("incident"))
    if incident is None:
        return visit.problem(404, "incident")
    exposures = store.exposures(incident.id)
    deliveries = store.deliveries(incident.id)
    staff = visit.office.settings.staff
    return visit.page(
        "incident.html.j2", incident=incident, exposures=exposures, deliveries=deliveries,
        people={each.id: each for each in staff.people}, tally=store.tallies([incident.id]).get(incident.id),
        waiting=waiting(deliveries, visit), count=store.answers.headcount(incident.id),
        feeds={each.id: each.name or each.id for each in visit.office.settings.feeds},
        attempts={each.id: store.attempts(each.id)[-1:] for each in deliveries})


ROUTES = (
    reads("/incidents", listed, Role.VIEWER, nav="incidents"),
    reads("/incidents/{incident}", one, Role.VIEWER),
)
