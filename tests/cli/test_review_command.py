"""`advisord review` as an officer uses it: what waits, stopped or released."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main
from advisord.model import (
    Advisory,
    Certainty,
    Decision,
    Delivery,
    DeliveryState,
    Gate,
    Incident,
    MsgType,
    Phase,
    Reason,
    Severity,
    Urgency,
)
from advisord.store.store import Store

GOOD = Path(__file__).parents[1] / "config" / "good"
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
INCIDENT = Incident("ML-2026-0310-1", "conflict.suicide_bombing", Phase.OCCURRED, Severity.EXTREME, Urgency.IMMEDIATE,
                    Certainty.OBSERVED, NOW, NOW, ())


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store in which two messages about one incident wait for ten minutes."""
    shutil.copytree(GOOD, tmp_path / "config")
    gate = Gate("review", passed=True, value="held 10 min unless stopped", threshold="the rule")
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        people = ("person:p-017", "person:p-003")
        advisories = [Advisory(f"a{i}", INCIDENT, person, 1, MsgType.ALERT, Reason.FIRST, "general", ("bombing",), NOW,
                               INCIDENT.hazard, INCIDENT.phase, INCIDENT.severity) for i, person in enumerate(people)]
        deliveries = [Delivery(f"delivery-{each.id}", "email", each.recipient, each.id, each.severity, NOW,
                               NOW + timedelta(minutes=10), (each.id,)) for each in advisories]
        decisions = [Decision(INCIDENT.id, each.recipient, NOW, "held", (gate,), each.id) for each in advisories]
        store.save_review(INCIDENT, (), decisions, advisories, deliveries, NOW, None)
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The store, to look into."""
    with Store.open(url) as opened:
        yield opened


def review(url: str, *words: str) -> Result:
    """The command, a minute after the messages were held."""
    folder = Path(url.removeprefix("sqlite:///")).parent / "config"
    at = (NOW + timedelta(minutes=1)).isoformat()
    return CliRunner().invoke(main, ["review", *words, "--config", str(folder), "--store", url, "--at", at],
                              env={"COLUMNS": "200"})


def test_what_waits_is_listed(url: str) -> None:
    """I see each message that waits, to whom, until when and why."""
    result = review(url, "list")
    assert result.exit_code == 0
    assert [("delivery-a0" in result.output, "delivery-a1" in result.output)] == [(True, True)]
    assert "Tue 10 Mar 08:10" in result.output
    assert "review: held 10 min unless stopped" in result.output


def test_all_about_an_incident_is_stopped(url: str, store: Store) -> None:
    """I stop everything that waits about an incident; my name and reason are kept, and nothing waits any more."""
    result = review(url, "stop", INCIDENT.id, "--by", "Duty", "--why", "a hoax")
    assert result.exit_code == 0
    assert sorted(result.output.splitlines()) == ["person:p-003 by email: stopped by Duty: a hoax",
                                                  "person:p-017 by email: stopped by Duty: a hoax"]
    assert {each.state for each in store.deliveries()} == {DeliveryState.CANCELLED}
    assert store.attempts("delivery-a0")[0].outcome.detail == "stopped by Duty: a hoax"
    assert "nothing waits" in review(url, "list").output


def test_one_message_is_released(url: str, store: Store) -> None:
    """I let one message go now; the other waits on."""
    result = review(url, "release", "delivery-a1", "--by", "Duty")
    assert result.output == "person:p-003 by email: released by Duty\n"
    assert [each.id for each in store.lease(NOW + timedelta(minutes=1), 9, 60)] == ["delivery-a1"]


@pytest.mark.parametrize(("words", "told"), [
    pytest.param(("stop", "ML-2026-0310-9", "--by", "Duty", "--why", "x"), f"waiting: {INCIDENT.id}", id="no such id"),
    pytest.param(("stop", "deliv", "--by", "Duty", "--why", "x"), f"waiting: {INCIDENT.id}", id="too short an id"),
    pytest.param(("stop", INCIDENT.id, "--by", "Duty"), "--why", id="without a reason"),
    pytest.param(("release", INCIDENT.id), "--by", id="without a name"),
])
def test_nothing_is_stopped_by_mistake(url: str, store: Store, *, words: tuple[str, ...], told: str) -> None:
    """Without a name, a reason or the right id nothing is done, and I am told what waits."""
    result = review(url, *words)
    assert result.exit_code != 0
    assert told in result.output
    assert {each.state for each in store.deliveries()} == {DeliveryState.PENDING}
