"""The list of incidents."""
from __future__ import annotations

from starlette.responses import Response

from advisord.model import IncidentStatus, Role
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


ROUTES = (
    reads("/incidents", listed, Role.VIEWER, nav="incidents"),
)
