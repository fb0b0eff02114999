"""What an officer decides about messages that wait: send them now, stop them, or allow what somebody else asked for."""
from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from advisord.model import Delivery, DeliveryState, Role
from advisord.web.route import changes, reads
from advisord.web.visit import Visit
from advisord.wiring.second import Officers

LONGEST_WHY = 300


def officers_of(visit: Visit) -> Officers:
    """What the visitor may do, and when a second person is needed for it."""
    return Officers(visit.office.store, visit.office.settings.access.two_people_above)


def waiting(deliveries: Sequence[Delivery], visit: Visit) -> tuple[Delivery, ...]:
    """Those that wait and were never tried, the soonest first."""
    return tuple(sorted((each for each in deliveries if each.state is DeliveryState.PENDING and not each.attempts
                         and each.due_at > visit.now), key=_due))


def _due(delivery: Delivery) -> tuple[object, str]:
    return delivery.due_at, delivery.id


def release(visit: Visit) -> Response:
    """Send now what waits about an incident; where that tells many, ask for a second person."""
    incident = visit.part("incident")
    ids = [each.id for each in waiting(visit.office.store.deliveries(incident), visit)]
    if not ids:
        return visit.problem(409, "gone")
    decided = officers_of(visit).release(ids, subject=incident, by=visit.name, why=_why(visit), now=visit.now)
    return visit.to("/approvals" if decided.waits else f"/incidents/{incident}")


def stop(visit: Visit) -> Response:
    """Stop what waits about an incident, with a reason."""
    incident = visit.part("incident")
    ids = [each.id for each in waiting(visit.office.store.deliveries(incident), visit)]
    if not ids:
        return visit.problem(409, "gone")
    if not _why(visit):
        return visit.problem(400, "reason")
    officers_of(visit).stop(ids, by=visit.name, why=_why(visit), now=visit.now)
    return visit.to(f"/incidents/{incident}")


def asked(visit: Visit) -> Response:
    """What waits for a second person."""
    return visit.page("approvals.html.j2", approvals=visit.office.store.approvals.waiting(visit.now))


def allow(visit: Visit) -> Response:
    """Allow what somebody else asked for; it is done at once."""
    decided = officers_of(visit).allow(visit.part("approval"), by=visit.name, now=visit.now)
    return visit.problem(409, "second") if decided is None else visit.to("/approvals")


def decline(visit: Visit) -> Response:
    """Do not do it; whoever asked may take it back so."""
    done = officers_of(visit).decline(visit.part("approval"), by=visit.name, now=visit.now)
    return visit.to("/approvals") if done else visit.problem(409, "gone")


def _why(visit: Visit) -> str:
    return " ".join(visit.form.get("why", "").split())[:LONGEST_WHY]


ROUTES = (
    reads("/approvals", asked, Role.VIEWER, nav="approvals"),
    changes("/approvals/{approval}/allow", allow),
    changes("/approvals/{approval}/decline", decline),
    changes("/incidents/{incident}/release", release),
    changes("/incidents/{incident}/stop", stop),
)
