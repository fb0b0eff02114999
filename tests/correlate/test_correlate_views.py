"""What an incident is as some of its reports tell it."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisord.correlate.views import told_by
from advisord.model import Count, Hazard, Incident, IncidentStatus, Phase, Reliability, SourcedReport

CLOSURE = "transport.airport_closure"
OVER = "Calm has returned to Faladie in Bamako after the attack on the school of the gendarmerie, a resident posted."
OVER_TOO = ("The gunmen who attacked the gendarmerie school of Faladie are dead and all is over in Bamako, says a page "
            "that calls itself a newsroom.")


def is_good(each: SourcedReport) -> bool:
    """As the program has it: grade C and better."""
    return each.reliability <= Reliability.C


def seen(desk: Any, hazards: dict[str, Hazard], hours: float = 3) -> Incident:
    """The one incident as good sources tell it, some hours after dawn."""
    return told_by(desk.only, is_good, hazards=hazards,
                   now=desk.only.opened_at + timedelta(hours=hours))


def test_nothing_poor_changes_nothing(desk: Any, hazards: dict[str, Hazard]) -> None:
    """Where all sources are good it is the incident itself."""
    desk.tell("a", desk.report())
    assert seen(desk, hazards) is desk.only


def test_nothing_good_is_left_to_the_gates(desk: Any, hazards: dict[str, Hazard]) -> None:
    """Where no good source tells it there is nothing else to see; the source gate refuses it."""
    desk.tell("a", desk.report(), grade=Reliability.E)
    assert seen(desk, hazards) is desk.only


def test_poor_figures_and_consequences_are_not_seen(desk: Any, hazards: dict[str, Hazard]) -> None:
    """The dead and the closed airport that a poor source adds are the desk's; the wounded of the wire everybody's."""
    desk.tell("a", desk.report(injured=Count(2, 2)))
    desk.tell("b", desk.report(killed=Count(60, 60)), desk.report(CLOSURE, Phase.ONGOING, "airport"), hours=1,
              grade=Reliability.E)
    assert desk.only.killed == Count(60, 60)
    assert [each.hazard for each in desk.only.consequences] == [CLOSURE]
    good = seen(desk, hazards)
    assert (good.id, good.killed, good.injured, good.consequences) == (desk.only.id, None, Count(2, 2), ())
    assert {each.article_id for each in good.reports} == {"a"}


def test_good_consequences_of_a_poor_event_stay(desk: Any, hazards: dict[str, Hazard]) -> None:
    """The closed airport that a good source tells is still told when all that tells its cause is poor."""
    desk.tell("a", desk.report(), desk.report(CLOSURE, Phase.ONGOING, "airport"), grade=Reliability.E)
    desk.tell("b", desk.report(CLOSURE, Phase.ONGOING, "airport"), hours=1,
              text="The airport of Bamako was closed as a precaution after the attack on the gendarmerie school, the "
                   "ministry of transport said. Arriving flights are diverted.")
    assert [each.hazard for each in desk.only.consequences] == [CLOSURE]
    assert seen(desk, hazards).hazard == CLOSURE


@pytest.mark.parametrize(("grade", "status"), [
    pytest.param(Reliability.E, IncidentStatus.OPEN, id="poor"),
    pytest.param(Reliability.B, IncidentStatus.CLEARED, id="good"),
])
def test_a_poor_all_clear_is_none(desk: Any, hazards: dict[str, Hazard], *, grade: Reliability,
                                  status: IncidentStatus) -> None:
    """Two poor sources that say it is over end it for nobody who is there; a good one does."""
    desk.tell("a", desk.report())
    for name, text in (("b", OVER), ("c", OVER_TOO)):
        desk.tell(name, desk.report(phase=Phase.ENDED), hours=2, grade=grade, text=text)
    assert desk.only.status is IncidentStatus.CLEARED
    assert seen(desk, hazards).status is status


def test_it_lasts_as_long_as_anybody_tells_of_it(desk: Any, hazards: dict[str, Hazard]) -> None:
    """What poor sources still tell is not "status unknown" for people before it is for the desk."""
    ttl = hazards["conflict.armed_attack"].ttl_h
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(phase=Phase.ONGOING), hours=ttl - 1, grade=Reliability.E)
    assert seen(desk, hazards, hours=ttl + 1).status is IncidentStatus.OPEN
    assert seen(desk, hazards, hours=3 * ttl).status is IncidentStatus.EXPIRED
