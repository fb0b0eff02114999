"""The webhook's body: its schema, its size, whose names stand in it."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.advise.payload import BODY_LIMIT, webhook_schema
from advisord.model import Claim, Consequence, Count, IncidentStatus, Phase, Severity, SourcedReport

World = Any
Reported = Callable[..., SourcedReport]
HOUR = timedelta(hours=1)


def body(world: World, recipient: str = "hook:hook") -> dict[str, Any]:
    """The last body to a system, checked against the schema and the size."""
    text = world.words(recipient).payload
    assert len(text.encode()) < BODY_LIMIT
    found: dict[str, Any] = json.loads(text)
    jsonschema.validate(found, webhook_schema(), cls=jsonschema.Draft202012Validator)
    return found


def test_schema_is_a_schema() -> None:
    """What `advisord schema webhook` prints is a JSON Schema."""
    jsonschema.Draft202012Validator.check_schema(webhook_schema())


def test_body(world: World) -> None:
    """A body has the keys of the published example, with its values."""
    world.review()
    found = body(world)
    data = found["data"]
    assert (found["type"], found["timestamp"]) == ("advisory.alert", "2024-09-17T08:34:10Z")
    assert {"id", "version", "msg_type", "rule", "language", "headline", "instruction", "text", "exercise", "reason",
            "previous", "expires"} <= set(data["advisory"])
    assert (data["hazard"], data["phase"]) == ("transport.airport_closure", "ongoing")
    assert data["advisory"]["headline"] == "Bamako airport closed after armed attack"
    incident = data["incident"]
    assert (incident["id"], incident["killed"], incident["injured"]) == (
        "ML-2024-0917-1", None, {"min": 2, "max": 2})
    assert incident["place"]["uncertainty_km"] == 2.0
    assert incident["consequences"][0]["place"]["id"] == "icao:GABS"
    assert incident["sources"][0] == {
        "feed": "radio", "name": "Radio Niger", "url": "https://news.example/1", "published": "2024-09-17T08:12:00Z",
        "reliability": "B", "credibility": 2, "official": False}
    assert data["touched"][0] == {
        "person": None, "location": "bamako-office", "via": "site bamako-office", "distance_km": 10.6,
        "hazard": "transport.airport_closure", "rule": "airport-closed", "starts": None, "name": None}


@pytest.mark.parametrize(("change", "kind"), [
    pytest.param({"killed": Count(3, None)}, "advisory.update", id="update"),
    pytest.param({"injured": None}, "advisory.correction", id="correction"),
    pytest.param({"status": IncidentStatus.CLEARED}, "advisory.all_clear", id="all clear"),
    pytest.param({"status": IncidentStatus.EXPIRED}, "advisory.expired", id="expired"),
    pytest.param({"status": IncidentStatus.CANCELLED}, "advisory.cancelled", id="cancelled"),
])
def test_type(world: World, *, change: dict[str, object], kind: str) -> None:
    """The type tells what sort of word it is, and `previous` the message before."""
    world.review()
    first = next(each.id for each in world.sent if each.recipient == "hook:hook")
    world.review(after=HOUR, **change)
    found = body(world)
    assert (found["type"], found["data"]["advisory"]["previous"]) == (kind, first)


def test_names_only_where_asked(world: World) -> None:
    """Names stand in the body only where the channel asks for them."""
    world.review()
    assert "Okafor" not in json.dumps(body(world))
    hook = replace(world.settings.channels[2], options=(("names", "true"),))
    world.settings = replace(world.settings, channels=(*world.settings.channels[:2], hook))
    assert {each["name"] for each in body(world)["data"]["touched"]} == {"Ben Okafor", "Awa Traoré", None}


def test_long_body_is_cut(world: World, report: Reported) -> None:
    """Whatever happens to how many people, the body stays under 20 kB and says how much is left out."""
    staff = world.settings.staff
    many = tuple(replace(staff.locations[1], id=f"p-{i}/{'é' * 60}", person=f"p-{i}", label="é" * 200)
                 for i in range(500))
    world.settings = replace(world.settings, staff=replace(staff, locations=many))
    claims = tuple(Claim(f"{i}" + "é" * 300, "control", "é" * 300, "text", 0, 1) for i in range(50))
    world.review(claims=claims, reports=tuple(report(i, sentence="é" * 400) for i in range(90)))
    left = body(world)["data"]["left_out"]
    assert left["touched"] > 400
    assert left["sources"] > 80
    assert left["claims"] > 40


texts = st.text(max_size=400)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=texts, quote=texts, by=texts, severity=st.sampled_from(Severity), phase=st.sampled_from(
    [Phase.OCCURRED, Phase.PLANNED, Phase.THREATENED, Phase.ATTEMPTED]), low=st.none() | st.integers(0, 10**9))
def test_any_text_gives_a_valid_body(world: World, *, name: str, quote: str, by: str, severity: Severity,
                                     phase: Phase, low: int | None) -> None:
    """Whatever sources write, every message can be worded, its subject is one line and its body is valid."""
    fresh = replace(world, said=(), sent=())
    closure: Consequence = world.incident.consequences[0]
    fresh.review(
        phase=phase, severity=severity, place=replace(world.incident.place, name=name), injured=Count(low, None),
        claims=(Claim(by, "control", quote, "text", 0, 1),), consequences=(closure,),
        reports=tuple(replace(each, sentence=quote, title=name, credit=by) for each in world.incident.reports))
    body(fresh)
    for recipient in {each.recipient for each in fresh.verdict.advisories}:
        subject = fresh.words(recipient).subject
        assert subject.splitlines() == [subject]
