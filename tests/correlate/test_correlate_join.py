"""One incident, one conversation: what joins, what stays apart, what is linked."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisord.correlate.assess import is_one_issuer
from advisord.model import Alternative, Claim, Count, IncidentStatus, Instruction, Phase, Reliability

OTHER_WORDS = ("Heavy shooting woke people around a police academy in the capital of Mali on Tuesday. The general "
               "staff spoke of terrorists who tried to get into the Faladie gendarmerie school.")
FRENCH = ("Des hommes armés ont attaqué à l'aube l'école de gendarmerie de Faladié, à Bamako. Des habitants disent "
          "entendre des tirs nourris depuis la première prière.")
KAYES = ("Gunmen attacked a customs post outside Kayes in the night and burned two lorries, the governor of the "
         "region said. A customs officer was killed.")
DEPOT = ("Gunmen attacked the customs depot in Sotuba, a quarter of Bamako, and left with two lorries, residents said. "
         "Nobody was hurt.")
CLOSED = ("The airport of Bamako was closed as a precaution after the attack on the gendarmerie school, the ministry "
          "of transport said. Arriving flights are diverted.")
OVER = "Calm has returned to Faladie in Bamako after the attack on the school of the gendarmerie, a resident posted."
REOPENS = "The airport of Bamako has reopened to all flights, the ministry of transport said."


def test_first_report_opens_an_incident(desk: Any) -> None:
    """The first report opens an incident named after country and day."""
    desk.tell("a", desk.report(injured=Count(2, 2)))
    assert desk.only.id == "ML-2024-0917-1"
    assert (desk.only.status, desk.only.hazard) == (IncidentStatus.OPEN, "conflict.armed_attack")
    assert desk.only.place.name == "Bamako"
    assert desk.only.injured == Count(2, 2)


@pytest.mark.parametrize(("hazard", "text", "language"), [
    pytest.param("conflict.armed_attack", OTHER_WORDS, "en", id="in other words"),
    pytest.param("conflict.armed_attack", FRENCH, "fr", id="in another language"),
    pytest.param("conflict.armed_clash", OTHER_WORDS, "en", id="as a kin kind"),
])
def test_accounts_of_one_event_join(desk: Any, hazard: str, text: str, language: str) -> None:
    """Reports of one event join, in whatever words and language."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(hazard), text=text, language=language, hours=2)
    assert {each.article_id for each in desk.only.reports} == {"a", "b"}
    assert desk.only.origins == 2


@pytest.mark.parametrize(("place", "text", "hours"), [
    pytest.param("kayes", KAYES, 1, id="another town"),
    pytest.param("bamako", DEPOT, 24 * 9, id="another week"),
])
def test_look_alikes_stay_apart(desk: Any, place: str, text: str, hours: float) -> None:
    """The other attack in the same country does not join."""
    desk.tell("a", desk.report(start="2024-09-17"))
    day = "2024-09-17" if hours < 24 else "2024-09-26"
    desk.tell("b", desk.report(place=place, start=day), text=text, hours=hours)
    assert len(desk.incidents) == 2


def test_joining_twice_changes_nothing(desk: Any) -> None:
    """Joining the same article again changes nothing."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(), text=OTHER_WORDS, hours=1)
    assert desk.tell("a", desk.report()) == ()


def test_unknown_place_goes_to_an_incident_without_place(desk: Any) -> None:
    """A report without a place opens an incident without one, dated but of no country."""
    desk.tell("a", desk.report(place=None))
    assert desk.only.place is None
    assert desk.only.id == "XX-2024-0917-1"


def test_ambiguous_place_keeps_its_alternatives(desk: Any) -> None:
    """An ambiguous place stays ambiguous."""
    told = desk.report()
    other = Alternative("geonames:1", "Bamako", "CF", 0.3)
    unsure = replace(told.place.place, confidence=0.4, alternatives=(other,))
    desk.tell("a", replace(told, place=replace(told.place, place=unsure)))
    assert desk.only.place == unsure


def test_closer_place_wins(desk: Any) -> None:
    """A report that knows the town gives the place, not the one that knows the country."""
    desk.tell("a", desk.report(place="mali"))
    desk.tell("b", desk.report(), hours=1)
    assert desk.only.place.name == "Bamako"


@pytest.mark.parametrize("day", ["2024-09-17", None], ids=["dated", "undated"])
def test_one_closed_border_is_one_incident(desk: Any, day: str | None) -> None:
    """Two sources that tell only that the border of Mali is closed tell of one thing, in whatever words."""
    desk.tell("a", desk.report("transport.border_closure", Phase.ONGOING, "mali", start=day),
              text="Mali has closed its land borders, the government announced in a statement read on television.")
    desk.tell("b", desk.report("transport.border_closure", Phase.ONGOING, "mali", start=day), hours=3,
              text="Lorries queue for hours: nobody may enter or leave Mali by road since this morning.")
    assert desk.only.origins == 2


def test_a_protest_is_not_the_attack_of_that_day(desk: Any) -> None:
    """What is of another kind is another incident, in the same town and on the same day."""
    desk.tell("a", desk.report(start="2024-09-17"))
    desk.tell("b", desk.report(start="2024-09-17"), text=OTHER_WORDS, hours=2)
    desk.tell("c", desk.report("unrest.protest", start="2024-09-17"), hours=16,
              text="Protesters burned tyres in Bamako late on Tuesday over long power cuts, and police watched. Nobody "
                   "was hurt.")
    assert [each.hazard for each in desk.incidents.values()] == ["conflict.armed_attack", "unrest.protest"]


def test_the_closed_airport_is_not_where_the_attack_was(desk: Any) -> None:
    """An article on the closed airport, whose attack is read as there, does not move the attack to the airport."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report("transport.airport_closure", Phase.ONGOING, "airport"), desk.report(place="airport"),
              text=CLOSED, hours=2)
    assert desk.only.place.name == "Bamako"
    assert desk.only.consequences[0].place.name == "Modibo Keita International Airport"


# ------------------------------------------------------------------------------------------------------ consequences


def test_closure_told_with_its_cause_is_a_consequence(desk: Any) -> None:
    """A closure that an article ties to the attack belongs to the attack."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(), desk.report("transport.airport_closure", Phase.ONGOING, "airport"),
              text=CLOSED, hours=2)
    assert [each.hazard for each in desk.only.consequences] == ["transport.airport_closure"]
    assert desk.only.hazard == "conflict.armed_attack"


def test_one_order_told_twice_is_one(desk: Any) -> None:
    """One order told by two articles, in other words and by another name, is one consequence and one instruction."""
    first = Instruction("order.movement_limit", "the United Nations", "its staff", "limit their movements")
    second = Instruction("order.movement_limit", "UN", "staff in Bamako", "work from home until further notice")
    order = desk.report("order.movement_limit", Phase.ONGOING)
    desk.tell("a", desk.report(), replace(order, instructions=(first,)))
    desk.tell("b", desk.report(), replace(order, instructions=(second,)), text=OTHER_WORDS, hours=2)
    desk.tell("c", desk.report(), replace(order, place=None), hours=3, text=DEPOT)
    assert [each.hazard for each in desk.only.consequences] == ["order.movement_limit"]
    assert desk.only.instructions == (second,)


@pytest.mark.parametrize(("one", "other", "same"), [
    ("UN", "the United Nations", True), ("the army", "Mali army", True), ("", "the governor", True),
    ("the United States embassy", "the United Nations", False), ("the governor", "the ministry", False),
])
def test_issuers(one: str, other: str, *, same: bool) -> None:
    """One authority under two names is one, two are two."""
    assert is_one_issuer(one, other) is same
    assert is_one_issuer(other, one) is same


def test_reopening_ends_that_consequence_only(desk: Any) -> None:
    """The airport reopens: that consequence ends, the attack goes on."""
    desk.tell("b", desk.report(), desk.report("transport.airport_closure", Phase.ONGOING, "airport"), text=CLOSED)
    desk.tell("c", desk.report("transport.airport_closure", Phase.ENDED, "airport"), text=REOPENS, hours=20)
    (closure,) = desk.only.consequences
    assert (closure.phase, closure.ended_at is not None) == (Phase.ENDED, True)
    assert desk.only.status is IncidentStatus.OPEN


def test_closure_without_a_cause_stands_alone_until_the_cause_is_named(desk: Any) -> None:
    """A closure is an incident of its own until an article ties it to an event; then the older thread goes on."""
    desk.tell("a", desk.report())
    alone = CLOSED.replace(" after the attack on the gendarmerie school", "")
    desk.tell("b", desk.report("transport.airport_closure", Phase.ONGOING, "airport"), text=alone, hours=1)
    assert len(desk.incidents) == 2
    desk.tell("c", desk.report(), desk.report("transport.airport_closure", Phase.ONGOING, "airport"),
              text=CLOSED, hours=2)
    attack, closure = desk.incidents.values()
    assert closure.merged_into == attack.id
    assert closure.status is IncidentStatus.CANCELLED
    assert {each.article_id for each in attack.reports} == {"a", "b", "c"}


def test_attack_is_not_cleared_while_the_airport_is_closed(desk: Any) -> None:
    """The end of the event is no all clear while something that followed from it holds."""
    desk.tell("b", desk.report(), desk.report("transport.airport_closure", Phase.ONGOING, "airport"), text=CLOSED)
    desk.tell("c", desk.report(phase=Phase.ENDED), hours=5, text=OTHER_WORDS + " The operation is over.")
    assert (desk.only.status, desk.only.phase) == (IncidentStatus.OPEN, Phase.ENDED)
    desk.tell("d", desk.report("transport.airport_closure", Phase.ENDED, "airport"), text=REOPENS, hours=20)
    assert desk.only.status is IncidentStatus.CLEARED


# -------------------------------------------------------------------------------------------------- ends and restarts


def test_a_source_that_says_it_is_over_clears_it(desk: Any) -> None:
    """An end told by a graded source clears the incident; the report is kept to be quoted."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(phase=Phase.ENDED), text=OTHER_WORDS + " The operation is over.", hours=4)
    assert desk.only.status is IncidentStatus.CLEARED
    assert desk.only.ended_at is not None
    assert any(each.report.phase is Phase.ENDED for each in desk.only.reports)


@pytest.mark.parametrize(("sources", "status"), [
    pytest.param(1, IncidentStatus.OPEN, id="one ungraded source"),
    pytest.param(2, IncidentStatus.CLEARED, id="two ungraded sources"),
])
def test_ungraded_sources_clear_only_together(desk: Any, sources: int, status: IncidentStatus) -> None:
    """Nobody's all clear is believed alone when nobody can judge him."""
    texts = [OTHER_WORDS + " It is over, people write.", OVER]
    desk.tell("a", desk.report())
    for at in range(sources):
        desk.tell(f"end-{at}", desk.report(phase=Phase.ENDED), text=texts[at], hours=4 + at, grade=Reliability.F)
    assert desk.only.status is status


def test_what_starts_again_is_a_new_incident_linked_to_the_old(desk: Any) -> None:
    """After its end, a new closure is a new incident that names the old one."""
    closed = desk.report("transport.airport_closure", Phase.ONGOING, "airport", start="2024-09-17")
    desk.tell("a", closed, text=CLOSED)
    desk.tell("b", replace(closed, phase=Phase.ENDED, start="2024-09-17"), text=REOPENS, hours=8)
    desk.tell("c", replace(closed, start="2024-09-18"), hours=22,
              text="Bamako airport closed again this morning, and the ministry of transport gave no reason.")
    first, second = desk.incidents.values()
    assert (first.status, second.status) == (IncidentStatus.CLEARED, IncidentStatus.OPEN)
    assert second.previous == first.id


def test_a_late_copy_of_old_news_restarts_nothing(desk: Any) -> None:
    """A reprint that comes after the end does not begin the incident again."""
    desk.tell("a", desk.report(phase=Phase.ONGOING))
    desk.tell("b", desk.report(phase=Phase.ENDED), text=OTHER_WORDS + " The operation is over.", hours=4)
    desk.tell("c", desk.report(phase=Phase.ONGOING), hours=5)
    assert desk.only.status is IncidentStatus.CLEARED


def test_silence_longer_than_its_time_makes_a_new_incident(desk: Any) -> None:
    """What was heard of last longer ago than the hazard holds is not gone on with but begun again."""
    desk.tell("a", desk.report(phase=Phase.ONGOING, start="2024-09-17"))
    desk.tell("b", desk.report(phase=Phase.ONGOING, start="2024-09-17"), hours=60,
              text="The gendarmerie school of Faladie in Bamako, attacked by gunmen on Tuesday, is under fire again.")
    first, second = desk.incidents.values()
    assert second.previous == first.id


def test_old_news_printed_again_tells_nothing(desk: Any) -> None:
    """A copy that comes after its time neither begins an incident nor keeps the old one alive."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(), hours=60)
    assert desk.only.status is IncidentStatus.EXPIRED
    assert desk.only.last_report_at < desk.only.ended_at < desk.last[0].reports[-1].seen_at


# ------------------------------------------------------------------------------------------- edits and contradictions


def test_an_edited_article_corrects_its_report(desk: Any) -> None:
    """An article read again replaces what it said, under the same incident."""
    desk.tell("a", desk.report(killed=Count(10, 10)))
    desk.tell("a", desk.report(killed=Count(1, 1)), text=OTHER_WORDS)
    assert desk.only.killed == Count(1, 1)
    assert desk.only.status is IncidentStatus.OPEN


def test_an_edited_article_can_move_its_incident(desk: Any) -> None:
    """A corrected place corrects the incident, and opens no second one."""
    desk.tell("a", desk.report())
    desk.tell("a", desk.report(place="kayes"))
    assert desk.only.place.name == "Kayes"


def test_a_withdrawn_only_report_cancels(desk: Any) -> None:
    """An incident that its only article no longer tells is cancelled, and keeps what was said."""
    desk.tell("a", desk.report())
    desk.join((), article_id="a")
    assert desk.only.status is IncidentStatus.CANCELLED
    assert [each.withdrawn for each in desk.only.reports] == [True]


def test_a_withdrawn_report_of_several_leaves_the_others(desk: Any) -> None:
    """An incident that others still tell goes on without the one who took it back."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(), text=OTHER_WORDS, hours=1)
    desk.join((), article_id="a")
    assert desk.only.status is IncidentStatus.OPEN
    assert {each.article_id for each in desk.only.reports} == {"b"}


def test_a_cancelled_incident_is_not_reopened(desk: Any) -> None:
    """Who tells it again after it was withdrawn opens a new incident."""
    desk.tell("a", desk.report())
    desk.join((), article_id="a")
    desk.tell("b", desk.report(), hours=1)
    assert [each.status for each in desk.incidents.values()] == [IncidentStatus.CANCELLED, IncidentStatus.OPEN]


def test_contradicting_figures_stand_as_a_range(desk: Any) -> None:
    """Two sources, two figures: both stand; a later one of the same source replaces its own."""
    desk.tell("a", desk.report(killed=Count(2, 2)), feed="one")
    desk.tell("b", desk.report(killed=Count(9, 9)), feed="two", text=OTHER_WORDS, hours=1)
    desk.tell("c", desk.report(killed=Count(4, 4)), feed="two", hours=3,
              text="Four gendarmes died in the attack on the school in Faladie, Bamako, the army said in a new count.")
    assert desk.only.killed == Count(2, 4)


def test_a_denial_is_kept_as_a_claim(desk: Any) -> None:
    """Somebody denies it: the incident stays, the denial stands beside it."""
    desk.tell("a", desk.report())
    said = Claim("the army", "denial", "no attack", "text", 0, 6)
    desk.tell("b", desk.report(phase=Phase.DENIED, claims=(said,)), text=OTHER_WORDS, hours=1)
    assert desk.only.status is IncidentStatus.OPEN
    assert said in desk.only.claims


def test_who_takes_it_back_cancels_it(desk: Any) -> None:
    """Once everybody who told it says that it is not so, the report was wrong."""
    desk.tell("a", desk.report(), feed="one")
    desk.tell("b", desk.report(phase=Phase.DENIED), feed="one", text=OTHER_WORDS, hours=3)
    assert desk.only.status is IncidentStatus.CANCELLED


@pytest.mark.parametrize("phase", [Phase.DENIED, Phase.BACKGROUND, Phase.EXERCISE], ids=str)
def test_silent_reports_open_nothing(desk: Any, phase: Phase) -> None:
    """A denial, an anniversary or the report on a drill opens no incident."""
    assert desk.tell("a", desk.report(phase=phase)) == ()


def test_a_drill_never_mixes_with_the_real_thing(desk: Any) -> None:
    """A drill told in the same words is an incident of its own, marked."""
    desk.tell("a", desk.report())
    desk.tell("b", desk.report(), exercise=True)
    assert [each.exercise for each in desk.incidents.values()] == [False, True]
