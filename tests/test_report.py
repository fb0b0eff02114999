"""The duty-of-care file: what was known when, who was told what and who was not, from a past that was lived."""
from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from advisord.cli.main import main
from advisord.model import (
    Advisory,
    Article,
    Certainty,
    Decision,
    Delivery,
    DeliveryState,
    Exposure,
    FeedState,
    Gate,
    Incident,
    Mention,
    MsgType,
    Outcome,
    Person,
    Phase,
    Place,
    PlaceKind,
    Reason,
    Reliability,
    Rendered,
    Report,
    Settings,
    Severity,
    SourcedReport,
    Staff,
    Urgency,
)
from advisord.settings.folders import shipped
from advisord.store.store import Store
from advisord.wiring.report import page_of, report_of

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BAMAKO = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.65, -8.0, "ML")
TOLD = Report("conflict.armed_attack", Phase.OCCURRED, Severity.SEVERE, Urgency.IMMEDIATE, Certainty.OBSERVED,
              place=Mention("text", 0, 6, "Bamako", BAMAKO))
SOURCE = SourcedReport("r1", "a1", "wire", "o1", Reliability.B, official=False, seen_at=NOW, report=TOLD,
                       published=NOW - 5 * MINUTE, title="Attack <script>alert(1)</script>", url="https://x.example/1",
                       sentence="Gunmen attacked a post in Bamako.")
INCIDENT = Incident("ML-2026-0310-1", TOLD.hazard, TOLD.phase, TOLD.severity, TOLD.urgency, TOLD.certainty, NOW, NOW,
                    (SOURCE,), place=BAMAKO)
MAIL = b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nStay where you are.\r\n"
SETTINGS = Settings("", staff=Staff((Person("p-1", "Awa Ba"), Person("p-2", "Ibou Ly"))), organisation="Example Relief")


@pytest.fixture
def store() -> Iterator[Store]:
    """Seen, understood a minute later, decided two later, accepted three later; somebody 30 km off was not told."""
    with Store.open("sqlite://") as opened:
        article = Article("a1", "text", feed_id="wire", fingerprint="f", seen_at=NOW)
        opened.save_poll(FeedState("wire", last_attempt_at=NOW), (article,))
        opened.save_reading(article, (SOURCE,), (INCIDENT,), NOW + MINUTE)
        at = NOW + 2 * MINUTE
        touched = Exposure(INCIDENT.id, "near", TOLD.hazard, "p-1/home", "p-1", "home Bamako", 3.0)
        advisory = Advisory("v1", INCIDENT, "person:p-1", 1, MsgType.ALERT, Reason.FIRST, "general", ("near",), at,
                            TOLD.hazard, TOLD.phase, TOLD.severity, (touched,))
        gate = Gate("distance", passed=False, value="30 km", threshold="within 20 km")
        decisions = (Decision(INCIDENT.id, "person:p-1", at, "told", advisory_id="v1"),
                     Decision(INCIDENT.id, "person:p-2", at, "not_reached", (gate,)))
        delivery = Delivery("d1", "email", "person:p-1", "t", TOLD.severity, at, at, ("v1",))
        opened.save_review(INCIDENT, (touched,), decisions, (advisory,), (delivery,), at, None)
        opened.keep_rendered("d1", Rendered("message/rfc822", MAIL, "Stay"))
        opened.record(delivery, Outcome(DeliveryState.ACCEPTED, "250 ok"), NOW + 3 * MINUTE, None)
        yield opened


def written(store: Store) -> dict[str, Any]:
    """The report, through JSON and back."""
    found: dict[str, Any] = json.loads(json.dumps(report_of(store, INCIDENT, SETTINGS, NOW + timedelta(days=1))))
    return found


def test_every_step_has_its_time(store: Store) -> None:
    """I read how long each step took, from publication to acceptance."""
    took = {(each["from"], each["to"]): each["middle"] for each in written(store)["latencies"]}
    assert took == {("published", "seen"): "5.0 min", ("seen", "understood"): "60.0 s",
                    ("understood", "first decision to tell"): "60.0 s", ("decided", "first attempt"): "60.0 s",
                    ("decided", "accepted"): "60.0 s"}


def test_who_was_told_what_and_who_was_not(store: Store) -> None:
    """Names stand beside ids, the message word for word, and the gate that stopped the other."""
    report = written(store)
    told = report["told"][0]
    assert (told["name"], told["deliveries"][0]["state"]) == ("Awa Ba (p-1)", "accepted")
    assert told["deliveries"][0]["text"].strip() == "Stay where you are."
    assert [(each["name"], each["gates"]) for each in report["not_told"]] == [
        ("Ibou Ly (p-2)", ["distance: 30 km (asked: within 20 km)"])]
    assert [(each["severity"], each["origins"]) for each in report["known"]] == [("Severe", 1)]
    assert [(each["feed"], each["grade"]) for each in report["sources"]] == [("wire", "B")]
    assert report["journal"]["faults"] == []


def test_the_timeline_is_in_order(store: Store) -> None:
    """Published, seen, understood, decided, accepted: one line each, by their instants."""
    lines = written(store)["timeline"]
    assert [each["what"].partition(":")[0].partition(" ")[0] for each in lines] == [
        "published", "seen", "understood", "decided", "decided", "accepted"]
    assert sorted(each["at"] for each in lines) == [each["at"] for each in lines]


def test_the_page_says_the_same_and_runs_nothing(store: Store) -> None:
    """The page holds message, names and sources; what a source wrote is text, and nothing is fetched."""
    page = page_of(written(store), [shipped("templates")])
    for words in ("Stay where you are.", "Awa Ba (p-1)", "Gunmen attacked a post in Bamako.", "rows verified"):
        assert words in page
    assert "<script>" not in page
    assert "src=" not in page
    assert "<link" not in page


def test_what_was_erased_is_said_to_be_gone(store: Store) -> None:
    """After an erasure the file still closes, and shows nothing of them."""
    store.erase("p-1", NOW + timedelta(days=2))
    report = written(store)
    assert report["told"] == []
    assert "Awa" not in json.dumps(report)
    assert "purged or erased" in json.dumps(report["timeline"])


def test_an_exercise_is_marked(store: Store) -> None:
    """A drill's file can't be taken for the real one."""
    report = report_of(store, replace(INCIDENT, exercise=True), SETTINGS, NOW)
    assert "EXERCISE" in page_of(report, [shipped("templates")])


def test_the_command_writes_files_for_its_owner_alone(tmp_path: Path) -> None:
    """Two files, which nobody else on the machine can read."""
    shutil.copytree(Path(__file__).parent / "config" / "good", tmp_path / "config")
    with Store.open(f"sqlite:///{tmp_path}/s.db") as store:
        store.save_reading(Article("a1", "text"), (SOURCE,), (INCIDENT,), NOW)
    done = CliRunner().invoke(main, [
        "report", INCIDENT.id, "--config", str(tmp_path / "config"), "--store", f"sqlite:///{tmp_path}/s.db", "--out",
        str(tmp_path / "out")], env={"HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    assert done.exit_code == 0, done.output
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == [f"{INCIDENT.id}.html", f"{INCIDENT.id}.json"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
