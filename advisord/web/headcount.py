"""Who is safe and who is not, and what the officer notes for somebody reached by telephone."""
from __future__ import annotations

from starlette.responses import Response

from advisord.model import Answer, Role, Wellbeing
from advisord.web.route import changes, reads
from advisord.web.visit import Visit
from advisord.wiring.answering import Desk


def counted(visit: Visit) -> Response:
    """The head count of one incident, whoever needs something first."""
    store = visit.office.store
    incident = store.incident(visit.part("incident"))
    if incident is None:
        return visit.problem(404, "incident")
    count = store.answers.headcount(incident.id)
    return visit.page(
        "headcount.html.j2", incident=incident, count=count, latest=store.answers.latest(incident.id),
        people={each.id: each for each in visit.office.settings.staff.people},
        groups=(("help", count.help), ("silent", count.silent), ("unreached", count.unreached),
                ("waiting", count.waiting), ("safe", count.safe)))


def noted(visit: Visit) -> Response:
    """What somebody said by telephone."""
    store, person = visit.office.store, visit.part("person")
    incident = store.incident(visit.part("incident"))
    known = {each.id for each in visit.office.settings.staff.people}
    said = visit.form.get("said", "")
    if incident is None or person not in known or said not in set(Wellbeing):
        return visit.problem(404, "incident")
    Desk(store, visit.office.settings).take(Answer(incident.id, person, Wellbeing(said), visit.now, "officer",
                                                   visit.name))
    return visit.to(f"/incidents/{incident.id}/headcount")


ROUTES = (
    reads("/incidents/{incident}/headcount", counted, Role.VIEWER),
    changes("/incidents/{incident}/answers/{person}", noted),
)
