"""Releasing and stopping what waits; two people where many would be told."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advisord.model import DeliveryState
from advisord.pipeline import Pipeline

INCIDENT = "ML-2024-0917-1"


@pytest.fixture
def held(pipeline: Pipeline, tmp_path: Path, serve: Any) -> Iterator[Any]:
    """A desk whose rules wait a quarter of an hour for the officer; more than two people need two officers."""
    settings = pipeline.settings
    rules = tuple(replace(rule, send_after=timedelta(minutes=15)) for rule in settings.rules)
    changed = replace(settings, rules=rules, access=replace(settings.access, two_people_above=2))
    with serve(replace(pipeline, settings=changed), tmp_path) as desk:
        yield desk


def waiting(desk: Any) -> int:
    """How many messages to people still wait."""
    return sum(each.state is DeliveryState.PENDING and each.due_at > desk.clock[0]
               for each in desk.store.deliveries(INCIDENT) if each.recipient.startswith("person:"))


def send(desk: Any, name: str, path: str, **data: str) -> int:
    """What a form sent by somebody is answered with."""
    with desk.client(name) as client:
        return int(client.post(path, data={**data, "token": desk.token(client)}).status_code)


def test_two_people_are_needed_to_tell_many(held: Any) -> None:
    """One officer asks, and nothing goes out; not they themselves, but a second one lets it go; both are kept."""
    before = waiting(held)
    assert before > 2
    assert send(held, "omar", f"/incidents/{INCIDENT}/release", why="the governor rang") == 303
    assert waiting(held) == before
    (asked,) = held.store.approvals.waiting(held.clock[0])
    assert (asked.asked_by, asked.messages) == ("omar", before)
    assert send(held, "omar", f"/approvals/{asked.id}/allow") == 409
    assert send(held, "vera", f"/approvals/{asked.id}/allow") == 403
    assert waiting(held) == before
    assert send(held, "odile", f"/approvals/{asked.id}/allow") == 303
    assert waiting(held) == 0
    assert send(held, "ada", f"/approvals/{asked.id}/allow") == 409
    told = [each.facts for each in held.store.journal(INCIDENT) if each.kind == "approval"]
    assert ['"by":"omar"' in told[0], '"by":"odile"' in told[-1]] == [True, True]


def test_a_request_can_be_taken_back_and_lapses(held: Any) -> None:
    """Whoever asked takes it back; one that nobody allowed in time does nothing any more."""
    send(held, "omar", f"/incidents/{INCIDENT}/release")
    (asked,) = held.store.approvals.waiting(held.clock[0])
    assert send(held, "omar", f"/approvals/{asked.id}/decline") == 303
    assert held.store.approvals.waiting(held.clock[0]) == ()
    send(held, "omar", f"/incidents/{INCIDENT}/release")
    (asked,) = held.store.approvals.waiting(held.clock[0])
    held.clock[0] += timedelta(hours=5)
    assert send(held, "odile", f"/approvals/{asked.id}/allow") == 409
    assert held.store.approvals.about(INCIDENT)[0].state == "declined"


def test_stopping_needs_a_reason_and_one_person(held: Any) -> None:
    """Nobody is told; who stopped it and why stands with each message."""
    assert send(held, "omar", f"/incidents/{INCIDENT}/stop") == 400
    assert waiting(held) > 0
    assert send(held, "omar", f"/incidents/{INCIDENT}/stop", why="a drill of the police") == 303
    assert waiting(held) == 0
    stopped = [each for each in held.store.deliveries(INCIDENT) if each.state is DeliveryState.CANCELLED]
    assert stopped
    assert all("omar: a drill of the police" in (each.last_error or "") for each in stopped)
    assert send(held, "omar", f"/incidents/{INCIDENT}/stop", why="again") == 409
