"""`advisord explain` as whoever asks why somebody was told, or not, runs it."""
from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisord.cli.main import main
from advisord.model import (
    Certainty,
    Decision,
    Gate,
    Incident,
    IncidentStatus,
    Mention,
    Phase,
    Place,
    PlaceKind,
    Reliability,
    Report,
    Severity,
    SourcedReport,
    Urgency,
)
from advisord.store.store import Store

GOOD = Path(__file__).parents[1] / "config" / "good"
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
LAGOS = Place(PlaceKind.CITY, "geonames:2332459", "Lagos", 6.45, 3.39, "NG", "Lagos")
TOLD = Report("conflict.armed_attack", Phase.OCCURRED, Severity.SEVERE, Urgency.IMMEDIATE, Certainty.OBSERVED,
              place=Mention("text", 0, 5, "Lagos", LAGOS))
SOURCE = SourcedReport("r", "a", "wire", "o", Reliability.B, official=False, seen_at=NOW, report=TOLD,
                       sentence="Gunmen attacked a bank in Lagos.")
INCIDENT = Incident("NG-2026-0310-1", TOLD.hazard, TOLD.phase, TOLD.severity, TOLD.urgency, TOLD.certainty, NOW, NOW,
                    (SOURCE,), place=LAGOS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped test configuration."""
    shutil.copytree(GOOD, tmp_path / "config")
    return tmp_path


def explained(folder: Path, incident: Incident, decisions: tuple[Decision, ...] = (), person: str = "p-001") -> str:
    """What the command says of a store with that incident."""
    url = f"sqlite:///{folder}/store.db"
    with Store.open(url) as store:
        store.save_review(incident, (), decisions, (), (), NOW, None)
    done = CliRunner().invoke(main, [
        "explain", incident.id, person, "--config", str(folder / "config"), "--store", url, "--at",
        (NOW + timedelta(hours=1)).isoformat()], env={
            "COLUMNS": "200", "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    assert done.exit_code == 0, done.output
    return done.output


def test_somebody_not_touched_at_all_sees_every_gate(folder: Path) -> None:
    """Nothing was decided about them: I see the rule, each gate in order with value and threshold, and the source."""
    said = explained(folder, INCIDENT)
    assert "no rule brought this person and this incident together" in said
    assert "nearby (conflict.armed_attack) × " in said
    gates = [line.split("│")[2].strip() for line in said.splitlines() if line.startswith("│")]
    assert gates[:gates.index("distance") + 1] == ["hazard", "status", "phase", "place", "groups", "time", "distance"]
    assert "wire (B), conflict.armed_attack occurred: “Gunmen attacked a bank in Lagos.”" in said


def test_what_was_decided_stands_there_with_its_gates(folder: Path) -> None:
    """A decision not to tell shows the gate that stopped it."""
    gate = Gate("distance", passed=False, value="61 km", threshold="50 km")
    said = explained(folder, INCIDENT, (Decision(INCIDENT.id, "person:p-001", NOW, "not_reached", (gate,)),))
    assert "08:00:00 UTC  not_reached" in said
    assert "✗ distance: 61 km (asked: 50 km)" in said


def test_an_ended_incident_says_that_it_is_over(folder: Path) -> None:
    """Of what is over I am told when it ended, and its status gate fails today."""
    over = replace(INCIDENT, status=IncidentStatus.CLEARED, ended_at=NOW + timedelta(minutes=5))
    said = explained(folder, over)
    assert "The incident is over (cleared since Tue 10 Mar 08:05 UTC)" in said
    assert "│ ✗ │ status" in said


def test_somebody_unknown_is_told_as_such(folder: Path) -> None:
    """An id that nobody in staff.yaml has is said to be so, instead of an empty table."""
    assert "Nobody in staff.yaml has the id 'p-999'" in explained(folder, INCIDENT, person="p-999")
