"""How sure, how many, how long: what an incident makes of many reports."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisord.correlate.incidents import aged, next_change_at, window_of
from advisord.correlate.origins import credit_of, signature_of, similarity
from advisord.correlate.sourced import sentence_of
from advisord.correlate.terms import terms_of, words_of
from advisord.model import (
    Article,
    Certainty,
    Claim,
    Count,
    Evidence,
    IncidentStatus,
    Phase,
    Reliability,
    Severity,
)

A, B, C, D, F = Reliability.A, Reliability.B, Reliability.C, Reliability.D, Reliability.F
TEXTS = [
    "Gunmen attacked the gendarmerie school of Faladie in Bamako before dawn and shots were heard, residents said.",
    "A school of the gendarmerie in Faladie, a quarter of Bamako, came under fire early today, the radio reports.",
    "Bamako woke to gunfire: the Faladie training centre of the gendarmes was the target, an officer told us.",
    "What we know of the assault on Bamako's gendarmes: it began before five, in Faladie, with a blast at the gate.",
]


@pytest.mark.parametrize(("grades", "official", "credibility"), [
    pytest.param([F], False, 6, id="nobody can judge it"),
    pytest.param([D], False, 4, id="a doubted source alone"),
    pytest.param([F, F], False, 4, id="two ungraded"),
    pytest.param([F, F, F], False, 3, id="three ungraded"),
    pytest.param([B], False, 3, id="a good source alone"),
    pytest.param([B, C], False, 2, id="two graded"),
    pytest.param([F], True, 2, id="official alone"),
    pytest.param([F, B], True, 1, id="official and another"),
])
def test_credibility_grows_with_independent_origins(desk: Any, grades: list[Reliability], official: bool,
                                                    credibility: int) -> None:
    """The Admiralty credibility follows from who says it, each origin once."""
    for at, grade in enumerate(grades):
        desk.tell(f"a{at}", desk.report(), text=TEXTS[at], grade=grade, official=official and at == 0, hours=at)
    assert desk.only.credibility == credibility
    assert desk.only.origins == len(grades)


def test_a_wire_story_printed_by_ten_is_one_origin(desk: Any) -> None:
    """Ten papers printing one story, with or without the credit, are one origin."""
    for at in range(10):
        desk.tell(f"a{at}", desk.report(), hours=at / 10, credit="AFP" if at == 3 else None)
    assert desk.only.origins == 1
    assert {each.origin for each in desk.only.reports} == {"agency:afp"}


@pytest.mark.parametrize(("text", "credit"), [
    pytest.param("BAMAKO (AFP) - Gunmen attacked.", "afp", id="dateline"),
    pytest.param("PARIS (Reuters) — Gunmen attacked.", "reuters", id="dateline with a dash"),
    pytest.param("Gunmen attacked, AFP said. The attack was in Bamako and went on for hours.", None, id="quoted only"),
])
def test_agency_credits(desk: Any, text: str, credit: str | None) -> None:
    """An agency counts where it is credited, not where it is quoted."""
    assert credit_of(Article("a", text), desk.tables.agencies) == credit


def test_credit_of_the_feed_wins(desk: Any) -> None:
    """What the feed says of the author is taken first, known agency or not."""
    assert credit_of(Article("a", "x", credit="Agence France-Presse"), desk.tables.agencies) == "afp"
    assert credit_of(Article("a", "x", credit="Local Wire"), desk.tables.agencies) == "local wire"


def test_copies_are_told_from_other_words() -> None:
    """A reprint shares its shingles, another account does not."""
    one, other = signature_of(words_of(TEXTS[0] * 3)), signature_of(words_of(TEXTS[1] * 3))
    assert similarity(one, signature_of(words_of(TEXTS[0] * 3 + " Subscribe now."))) > 0.5
    assert similarity(one, other) < 0.1
    assert similarity(one, "") == 0


@pytest.mark.parametrize(("told", "figure"), [
    pytest.param([Count(2, 2), Count(4, 4)], Count(2, 4), id="two figures"),
    pytest.param([Count(20, None)], Count(20, None), id="at least"),
    pytest.param([Count(20, None), Count(22, 22)], Count(20, 22), id="at least, within the other"),
    pytest.param([Count(30, None), Count(22, 22)], Count(22, None), id="at least, beyond the other"),
    pytest.param([Count(None, 5), Count(3, 3)], Count(None, 5), id="at most"),
    pytest.param([None, Count(3, 3)], Count(3, 3), id="one does not say"),
    pytest.param([None, None], None, id="nobody says"),
])
def test_figures_of_several_sources_are_a_range(desk: Any, told: list[Count | None], figure: Count | None) -> None:
    """Every source's latest figure is within the range."""
    for at, killed in enumerate(told):
        desk.tell(f"a{at}", desk.report(killed=killed), text=TEXTS[at], hours=at)
    assert desk.only.killed == figure


def test_differing_figures_are_claims(desk: Any) -> None:
    """Where sources differ, who says which is told."""
    shown = (Evidence("text", 0, 6, "hazard"), Evidence("text", 3, 9, "killed"))
    for at, killed in enumerate([Count(2, 2), Count(4, None), Count(5, 6)]):
        desk.tell(f"a{at}", desk.report(killed=killed, evidence=shown), text=TEXTS[at], hours=at, feed=f"paper {at}")
    said = [(each.by, each.value) for each in desk.only.claims]
    assert said == [("paper 0", "2"), ("paper 1", "4+"), ("paper 2", "5-6")]


def test_a_denial_without_a_sayer_is_its_newsrooms(desk: Any) -> None:
    """Who denies it is told, if need be by the newsroom's name."""
    desk.tell("a", desk.report(), text=TEXTS[0])
    desk.tell("b", desk.report(phase=Phase.DENIED), text=TEXTS[1], feed="radio", hours=1)
    assert Claim("radio", "denial", "conflict.armed_attack", "text", 0, 6) in desk.only.claims


def test_a_better_source_that_denies_makes_it_improbable(desk: Any) -> None:
    """Denied by somebody better graded than all who tell it: improbable, unlikely, and still open."""
    desk.tell("a", desk.report(), text=TEXTS[0], grade=D)
    desk.tell("b", desk.report(phase=Phase.DENIED), text=TEXTS[1], grade=A, hours=1)
    assert (desk.only.credibility, desk.only.certainty) == (5, Certainty.UNLIKELY)
    assert desk.only.status is IncidentStatus.OPEN


def test_what_happened_is_no_longer_threatened(desk: Any) -> None:
    """A late article that still writes of the threat does not undo the event; the worst severity stands."""
    desk.tell("a", desk.report(severity=Severity.EXTREME), text=TEXTS[0])
    desk.tell("b", desk.report(phase=Phase.THREATENED), text=TEXTS[1], hours=1)
    assert (desk.only.phase, desk.only.severity) == (Phase.OCCURRED, Severity.EXTREME)


def test_the_day_most_tell(desk: Any) -> None:
    """The start is the day that most origins tell, as exactly as one of them does."""
    for at, start in enumerate(["2024-09-16", "2024-09-17", "2024-09-17T05:00+00:00", None]):
        desk.tell(f"a{at}", desk.report(start=start), text=TEXTS[at], hours=at)
    assert desk.only.start == "2024-09-17T05:00+00:00"


# -------------------------------------------------------------------------------------------------------------- ageing


def test_an_incident_expires_by_its_hazards_time(desk: Any) -> None:
    """Nobody spoke of it for 48 hours: expired then, not before, and it says since when."""
    desk.tell("a", desk.report())
    at = next_change_at(desk.only, desk.hazards)
    assert at == desk.only.last_report_at + timedelta(hours=48)
    assert aged(desk.only, now=at - timedelta(seconds=1), hazards=desk.hazards) == desk.only
    expired = aged(desk.only, now=at, hazards=desk.hazards)
    assert (expired.status, expired.ended_at) == (IncidentStatus.EXPIRED, at)
    assert next_change_at(expired, desk.hazards) is None
    assert aged(expired, now=at + timedelta(days=9), hazards=desk.hazards) == expired


def test_a_consequence_expires_by_itself(desk: Any) -> None:
    """A closed airport is known for a day, the attack for two; a live consequence keeps the incident."""
    closed = desk.report("transport.airport_closure", Phase.ONGOING, "airport")
    desk.tell("a", desk.report(), closed)
    day = next_change_at(desk.only, desk.hazards)
    assert day is not None
    after = aged(desk.only, now=day, hazards=desk.hazards)
    assert day == desk.only.last_report_at + timedelta(hours=24)
    assert (after.status, after.consequences[0].ended_at, after.consequences[0].phase) == (
        IncidentStatus.OPEN, day, Phase.ONGOING)
    assert next_change_at(after, desk.hazards) == desk.only.last_report_at + timedelta(hours=48)


def test_what_fell_silent_may_still_be_told_to_be_over(desk: Any) -> None:
    """A reopening told after the closure had become unknown ends that closure, and is no closure of its own."""
    desk.tell("a", desk.report(), desk.report("transport.airport_closure", Phase.ONGOING, "airport"))
    day = next_change_at(desk.only, desk.hazards)
    assert day is not None
    assert aged(desk.only, now=day, hazards=desk.hazards).consequences[0].status is IncidentStatus.EXPIRED
    desk.tell("b", desk.report("transport.airport_closure", Phase.ENDED, "airport"), hours=25,
              text="The airport of Bamako reopened this morning after the attack of yesterday, the ministry said.")
    assert [each.status for each in desk.only.consequences] == [IncidentStatus.CLEARED]


def test_a_long_order_keeps_its_incident(desk: Any) -> None:
    """A state of emergency outlives the attack that it followed from."""
    desk.tell("a", desk.report(), desk.report("order.state_of_emergency", Phase.ONGOING, "mali"))
    week = aged(desk.only, now=desk.only.last_report_at + timedelta(days=7), hazards=desk.hazards)
    assert week.status is IncidentStatus.OPEN
    fortnight = aged(desk.only, now=desk.only.last_report_at + timedelta(days=14), hazards=desk.hazards)
    assert fortnight.status is IncidentStatus.EXPIRED


# ------------------------------------------------------------------------------------------------ reading, asking


@pytest.mark.parametrize(("place", "country", "circle"), [
    pytest.param("bamako", "ML", True, id="a town"),
    pytest.param("mali", "ML", False, id="a country"),
    pytest.param(None, None, False, id="nowhere known"),
])
def test_window_is_as_wide_as_the_place_is_vague(desk: Any, place: str | None, country: str | None,
                                                 circle: bool) -> None:
    """A report asks for incidents around its place, else in its country, else anywhere."""
    (told,) = desk.sourced("a", desk.report(place=place))
    window = window_of(told, desk.hazards)
    assert (window.country, window.radius_km is not None) == (country, circle)
    assert window.since < told.published < window.until


def test_numbers_are_words_and_common_words_are_not(desk: Any) -> None:
    """A magnitude is one word; what every article says is left out."""
    terms = dict(terms_of(words_of("The magnitude 5.6 quake shook the island at 17:30, and the houses."), "en",
                          desk.tables))
    assert {"5.6", "17:30", "quake"} <= set(terms)
    assert not {"the", "and", "at"} & set(terms)


@pytest.mark.parametrize(("span", "sentence"), [
    pytest.param((18, 24), "Gunmen came at 5.30 a.m. to the gate.", id="in the middle"),
    pytest.param((0, 5), "First.", id="at the start"),
])
def test_the_sentence_of_the_trigger_is_shown(desk: Any, span: tuple[int, int], sentence: str) -> None:
    """People see the sentence in which it stands, as written."""
    text = "First.\nSo it was.\nGunmen came at 5.30 a.m. to the gate.\nLast."
    report = desk.report(evidence=(Evidence("text", *span, "hazard"),))
    assert sentence_of(Article("a", text), report) == sentence
    assert not sentence_of(Article("a", text), desk.report(evidence=()))
