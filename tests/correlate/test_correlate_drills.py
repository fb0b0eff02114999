"""Drills and the real thing, whatever comes of both: neither ever becomes part of the other."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.model import Phase

kinds = st.sampled_from(["conflict.armed_attack", "conflict.bombing", "transport.airport_closure"])
phases = st.sampled_from(list(Phase))
places = st.sampled_from(["bamako", "kayes", "airport", None])
accounts = st.lists(st.tuples(kinds, phases, places), min_size=1, max_size=2)
news = st.lists(st.tuples(accounts, st.integers(0, 30), st.booleans()), min_size=2, max_size=6)


def tell(desk: Any, told: list[Any]) -> None:
    """These articles arrive one after the other, drills among them."""
    for name, found, hours, exercise in told:
        desk.tell(name, *(desk.report(kind, phase, place) for kind, phase, place in found), hours=hours,
                  exercise=exercise)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=news)
def test_a_drill_changes_nothing_real(told: list[Any], desks: Callable[[], Any]) -> None:
    """Every incident is a drill or real, whole; and the real ones are as if no drill had been held."""
    in_time = sorted(told, key=lambda each: each[1])  # the desk's clock does not run backward
    named = [(f"a{at}", *each) for at, each in enumerate(in_time)]
    both, real = desks(), desks()
    tell(both, named)
    tell(real, [each for each in named if not each[-1]])
    for incident in both.incidents.values():
        assert {each.exercise for each in incident.reports} == {incident.exercise}
        others = [both.incidents[each] for each in (incident.previous, incident.merged_into) if each]
        assert all(each.exercise is incident.exercise for each in others)
    assert telling(both) == telling(real)


def telling(desk: Any) -> set[Any]:
    """The real incidents by what they hold and how they stand, whatever they are called."""
    return {(frozenset(each.id for each in incident.reports), incident.status, incident.hazard, incident.phase,
             incident.origins, incident.credibility) for incident in desk.incidents.values() if not incident.exercise}
