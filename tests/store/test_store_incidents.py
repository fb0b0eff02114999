"""Incidents: found where and when they may be, reviewed when they changed, explained afterwards."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from advisord.geo import distance_km
from advisord.model import (
    DeliveryState,
    IncidentStatus,
    Outcome,
    Place,
    PlaceKind,
    Precision,
    Severity,
    Window,
)
from advisord.store.store import Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LAT = st.floats(-90, 90, allow_nan=False)
LON = st.floats(-180, 180, allow_nan=False)


def read(store: Store, make: Any, *incidents: Any) -> None:
    """A reading made these incidents."""
    store.save_reading(make.article(), (), incidents, make.now)


def bare(make: Any, name: str = "XX-2024-0917-1", place: Place | None = None, **changes: Any) -> Any:
    """An incident whose only place is this one."""
    return make.incident(name, place=place, reports=(), uncertainty_km=None, **changes)


def around(make: Any, **changes: Any) -> Window:
    """A window of two days about the story."""
    return replace(Window(since=make.now - DAY, until=make.now + DAY), **changes)


def found(store: Store, window: Window) -> list[str]:
    """The ids of the incidents in that window."""
    return [incident.id for incident in store.incidents_near(window)]


# ---------------------------------------------------------------------------------------------- space and time


@pytest.mark.parametrize(("lat", "lon", "radius_km", "there"), [
    (12.65, -8.0, 1, True), (12.0, -8.0, 100, True), (12.65, -7.0, 120, True), (10.0, -8.0, 100, False),
    (12.65, -5.0, 100, False), (-12.65, 8.0, 100, False),
])
def test_near_in_space(store: Store, make: Any, lat: float, lon: float, radius_km: float, there: bool) -> None:
    """An incident within the circle is found, one far away is not."""
    read(store, make, make.incident())
    window = around(make, lat=lat, lon=lon, radius_km=radius_km)
    assert (found(store, window) == ["ML-2024-0917-1"]) is there


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(lat=LAT, lon=LON, centre_lat=LAT, centre_lon=LON, radius_km=st.floats(0, 20_000))
def test_never_fewer(store: Store, make: Any, lat: float, lon: float, centre_lat: float, centre_lon: float,
                     radius_km: float) -> None:
    """Whatever lies within the circle is found, at the poles and across the date line too."""
    assume(distance_km(lat, lon, centre_lat, centre_lon) <= radius_km)
    read(store, make, bare(make, place=Place(PlaceKind.CITY, lat=lat, lon=lon, country="FJ")))
    window = around(make, lat=centre_lat, lon=centre_lon, radius_km=radius_km, country="NZ")
    assert found(store, window) == ["XX-2024-0917-1"]


@pytest.mark.parametrize(("lon", "centre"), [(179.9, -179.9), (-179.9, 179.9), (180.0, -180.0), (179.0, 179.9)])
def test_across_the_date_line(store: Store, make: Any, lon: float, centre: float) -> None:
    """An incident on the other side of the date line is near."""
    read(store, make, bare(make, place=Place(PlaceKind.CITY, lat=-17.0, lon=lon, country="FJ")))
    assert found(store, around(make, lat=-17.0, lon=centre, radius_km=100)) == ["XX-2024-0917-1"]


def test_a_wide_place_is_near_in_its_country(store: Store, make: Any) -> None:
    """"Somewhere in Mali" is near every place of Mali, wherever Mali's middle is, and near none of Niger."""
    mali = Place(PlaceKind.COUNTRY, lat=17.0, lon=-4.0, country="ML")
    read(store, make, bare(make, place=mali, precision=Precision.COUNTRY))
    assert found(store, around(make, lat=12.65, lon=-8.0, radius_km=20, country="ML")) == ["XX-2024-0917-1"]
    assert found(store, around(make, lat=13.5, lon=2.1, radius_km=20, country="NE")) == []
    assert found(store, around(make, lat=13.5, lon=2.1, radius_km=20)) == ["XX-2024-0917-1"]


def test_a_place_not_known_is_near_everywhere(store: Store, make: Any) -> None:
    """An incident of which only the time is known may be anywhere."""
    read(store, make, bare(make))
    assert found(store, around(make, lat=50.0, lon=8.0, radius_km=1, country="DE")) == ["XX-2024-0917-1"]
    assert found(store, around(make, country="DE")) == ["XX-2024-0917-1"]


def test_a_consequence_elsewhere_is_near_too(store: Store, make: Any) -> None:
    """A report of the airport finds the attack that closed it, though the attack was in another town."""
    far = replace(make.report("r2"), report=replace(make.report().report, place=replace(
        make.report().report.place, place=Place(PlaceKind.AIRPORT, lat=14.4, lon=-11.4, country="SN"))))
    read(store, make, make.incident(reports=(make.report(), far)))
    assert found(store, around(make, lat=14.4, lon=-11.4, radius_km=10)) == ["ML-2024-0917-1"]
    assert found(store, around(make, country="SN")) == ["ML-2024-0917-1"]


@pytest.mark.parametrize(("since", "until", "there"), [
    (-DAY, DAY, True), (HOUR, DAY, True), (3 * DAY, 4 * DAY, False), (-9 * DAY, -3 * DAY, False),
])
def test_near_in_time(store: Store, make: Any, since: timedelta, until: timedelta, there: bool) -> None:
    """An incident of those days is found; a day named without a time is that day anywhere on earth."""
    read(store, make, make.incident())
    assert (found(store, Window(make.now + since, make.now + until)) == ["ML-2024-0917-1"]) is there


@pytest.mark.parametrize("start", ["", "soon", "2024", "2024-13-45", "2024-09-17T25:00", "2024-09-17T06:00:00+00:00",
                                   "2024-09-17T06:00:00", None])
def test_any_start(store: Store, make: Any, start: str | None) -> None:
    """However the start is told, or badly told, the incident is kept and found."""
    read(store, make, make.incident(start=start))
    assert found(store, around(make)) == ["ML-2024-0917-1"]


def test_incidents_of_an_article(store: Store, make: Any) -> None:
    """An article that is read again finds the incidents it is part of."""
    read(store, make, make.incident(), make.incident("ML-2024-0917-2", reports=(make.report(article_id="a2"),)))
    assert [incident.id for incident in store.incidents_with("a1")] == ["ML-2024-0917-1"]
    read(store, make, make.incident(reports=(make.report(article_id="a2"),)))
    assert store.incidents_with("a1") == ()
    assert len(store.incidents_with("a2")) == 2


# --------------------------------------------------------------------------------------------------------- ids


def test_ids_count_up(store: Store, make: Any) -> None:
    """Each id is given once, each prefix counts for itself, and ids that came from elsewhere are counted with."""
    assert [store.next_incident_id("ML-2024-0917") for _ in range(3)] == [f"ML-2024-0917-{n}" for n in (1, 2, 3)]
    assert store.next_incident_id("NE-2024-0917") == "NE-2024-0917-1"
    read(store, make, make.incident("NE-2024-0917-7"), make.incident("ML-2024-0917-2"))
    assert store.next_incident_id("NE-2024-0917") == "NE-2024-0917-8"
    assert store.next_incident_id("ML-2024-0917") == "ML-2024-0917-4"


# ------------------------------------------------------------------------------------------------------- review


def reviewed(store: Store, make: Any, incident: Any, review_at: Any = None, now: Any = None) -> None:
    """A review of that incident found nothing to say."""
    store.save_review(incident, (), (), (), (), now or make.now, review_at)


def test_changed_is_reviewed_once(store: Store, make: Any) -> None:
    """An incident is looked at when a reading changed it, and then not again before its time."""
    read(store, make, make.incident())
    (incident,) = store.due_for_review(make.now, 9)
    reviewed(store, make, incident, make.now + HOUR)
    assert store.due_for_review(make.now, 9) == ()
    assert store.due_for_review(make.now + HOUR, 9) == (incident,)
    read(store, make, make.incident(origins=2))
    assert store.due_for_review(make.now, 9) == (make.incident(origins=2),)


def test_most_severe_is_reviewed_first(store: Store, make: Any) -> None:
    """Of many changed incidents the most severe is looked at first."""
    for name, severity in (("ML-2024-0917-1", Severity.MINOR), ("ML-2024-0917-2", Severity.EXTREME),
                           ("ML-2024-0917-3", Severity.UNKNOWN)):
        read(store, make, make.incident(name, severity=severity))
    assert [incident.id[-1] for incident in store.due_for_review(make.now, 9)] == ["2", "1", "3"]
    assert len(store.due_for_review(make.now, 1)) == 1


def test_changed_while_reviewed(store: Store, make: Any) -> None:
    """News that comes while an incident is being reviewed is neither overwritten nor left unreviewed."""
    read(store, make, make.incident())
    (old,) = store.due_for_review(make.now, 9)
    read(store, make, make.incident(origins=2))
    store.save_review(old, (), (), (make.advisory(),), (make.delivery(),), make.now, None)
    assert store.due_for_review(make.now, 9) == (make.incident(origins=2),)
    assert store.counts().pending == 1


def test_a_review_may_end_it(store: Store, make: Any) -> None:
    """What the review found, such as that the incident expired, is kept."""
    read(store, make, make.incident())
    (incident,) = store.due_for_review(make.now, 9)
    ended = replace(incident, status=IncidentStatus.EXPIRED, ended_at=make.now)
    reviewed(store, make, ended)
    assert store.incident("ML-2024-0917-1") == ended
    assert store.incidents(IncidentStatus.OPEN) == ()
    assert store.incidents(IncidentStatus.EXPIRED) == store.incidents() == (ended,)


def test_people_moved(store: Store, make: Any) -> None:
    """After new staff or rules every open incident is looked at again, an ended one is not."""
    for name, status in (("ML-2024-0917-1", IncidentStatus.OPEN), ("ML-2024-0917-2", IncidentStatus.CLEARED)):
        reviewed(store, make, make.incident(name, status=status))
    assert store.due_for_review(make.now, 9) == ()
    assert store.review_open() == 1
    assert [incident.id for incident in store.due_for_review(make.now, 9)] == ["ML-2024-0917-1"]


def test_clock_set_back(store: Store, make: Any) -> None:
    """An incident reviewed while the clock was ten years ahead is looked at again when it is right."""
    ahead = make.now + timedelta(days=3650)
    reviewed(store, make, make.incident(), ahead + HOUR, now=ahead)
    assert len(store.due_for_review(make.now, 9)) == 1
    reviewed(store, make, make.incident(), make.now + HOUR)
    assert store.due_for_review(make.now, 9) == ()


def test_overtaken_delivery_is_cancelled(outbox: Store, make: Any) -> None:
    """A message that nobody tried to send yet is cancelled by a newer one; one on its way or tried is not."""
    more = [make.delivery(name) for name in ("leased", "tried")]
    outbox.save_review(make.incident(), (), (), (make.advisory(),), more, make.now, None)
    first, *_ = outbox.lease(make.now, 9, 60)
    outbox.record(make.delivery("tried"), Outcome(DeliveryState.PENDING, "later"), make.now, make.now + HOUR)
    outbox.save_review(make.incident(), (), (), (), (make.delivery("new"),), make.now, None,
                       [first.id, "leased", "tried", "unknown"])
    assert outbox.counts().cancelled == 0
    outbox.save_review(make.incident(), (), (), (), (), make.now + HOUR, None, ["d1", "leased", "tried", "new"])
    assert {delivery.id: delivery.state for delivery in outbox.deliveries()} == {
        "d1": DeliveryState.CANCELLED, "leased": DeliveryState.CANCELLED, "new": DeliveryState.CANCELLED,
        "tried": DeliveryState.PENDING}
    assert outbox.counts().balanced
    assert outbox.damaged() == ()
    assert outbox.attempts("d1")[0].outcome.detail == "a newer message says it better"


# ------------------------------------------------------------------------------------------------------ explain


def test_exposures_are_those_of_the_last_review(store: Store, make: Any) -> None:
    """Whom an incident touches is what the last review found, in its order."""
    for exposures in ((make.exposure(), make.exposure(person_id=None)), (make.exposure(distance_km=7.0),), ()):
        store.save_review(make.incident(), exposures, (), (), (), make.now, None)
        assert store.exposures("ML-2024-0917-1") == exposures


def test_decisions_are_kept_when_they_change(store: Store, make: Any) -> None:
    """Why somebody was told or not is kept each time it changed, and not at every look."""
    verdicts = ("too far", "too far", "told", "nothing new", "nothing new", "too far")
    for hours, verdict in enumerate(verdicts):
        decision = make.decision(at=make.now + hours * HOUR, verdict=verdict, advisory_id=None)
        other = make.decision(recipient="person:p-018", at=make.now + hours * HOUR, verdict="not there")
        store.save_review(make.incident(), (), (decision, other), (), (), make.now + hours * HOUR, None)
    kept = store.decisions("ML-2024-0917-1", "person:p-017")
    assert [(each.verdict, each.at - make.now) for each in kept] == [
        ("too far", 0 * HOUR), ("told", 2 * HOUR), ("nothing new", 3 * HOUR), ("too far", 5 * HOUR)]
    assert len(store.decisions("ML-2024-0917-1")) == 5


def test_two_decisions_about_one_person(store: Store, make: Any) -> None:
    """Two rules may decide about one person; both are kept, once."""
    two = (make.decision(verdict="rule one"), make.decision(verdict="rule two"))
    for _ in range(3):
        store.save_review(make.incident(), (), two, (), (), make.now, None)
    assert store.decisions("ML-2024-0917-1") == two


def test_an_advisory_keeps_its_incident(store: Store, make: Any) -> None:
    """A message says what was so when it was decided, whatever became of the incident since."""
    store.save_review(make.incident(), (), (), (make.advisory(),), (), make.now, None)
    later = make.incident(origins=5, severity=Severity.EXTREME)
    store.save_review(later, (), (), (make.advisory("v2", incident=later, version=2),), (), make.now, None)
    assert [each.incident.origins for each in store.advisories(["v2", "v1"])] == [5, 1]
    assert [each.version for each in store.said_about("ML-2024-0917-1")[0]] == [1, 2]


def test_nothing_known(store: Store) -> None:
    """An incident that isn't there is null, its lists are empty."""
    assert store.incident("ML-1") is None
    assert store.said_about("ML-1") == ((), ())
    assert (store.exposures("ML-1"), store.decisions("ML-1"), store.deliveries("ML-1")) == ((), (), ())


def test_newest_first(store: Store, make: Any) -> None:
    """The officer sees the incidents last heard of, first."""
    for number, hours in enumerate((1, 3, 2)):
        read(store, make, make.incident(f"ML-2024-0917-{number}", last_report_at=make.now + hours * HOUR))
    assert [incident.id[-1] for incident in store.incidents(limit=2)] == ["1", "2"]


def test_what_became_part_of_it_is_found(store: Store, make: Any) -> None:
    """What was said of incidents that turned out to be this one is found, also by way of another."""
    heir, second, third = (make.incident(f"ML-2024-0917-{number}") for number in (1, 2, 3))
    gone = {"status": IncidentStatus.CANCELLED, "ended_at": make.now}
    second, third = replace(second, merged_into=heir.id, **gone), replace(third, merged_into=second.id, **gone)
    read(store, make, heir, second, third)
    advisory = make.advisory(incident=third)
    store.save_review(third, (), (), (advisory,), (), make.now, None)
    said, sent = store.said_of_merged(heir)
    assert ([each.id for each in said], sent) == ([advisory.id], ())
