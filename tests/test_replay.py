"""The stored past under other rules: a difference to what was, with its reasons, and none where nothing changed."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisord.cli.main import main
from advisord.model import (
    Analysis,
    Article,
    Certainty,
    Channel,
    Contact,
    Count,
    Desk,
    Feed,
    Matcher,
    Mention,
    Person,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reach,
    Reliability,
    Report,
    Rule,
    Settings,
    Severity,
    Silence,
    Staff,
    StaffLocation,
    Urgency,
    When,
)
from advisord.settings.correlation import tables
from advisord.settings.seeds import seeds_of
from advisord.wiring.rehearsal import Kit, Rehearsal
from advisord.wiring.replay import Line, Replayed, replay

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD = Path(__file__).parent / "config" / "good"
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
UNTIL = NOW + timedelta(days=10)
BAMAKO = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.65, -8.0, "ML", "Bamako")
KATI = Place(PlaceKind.CITY, "geonames:2455518", "Kati", 12.74, -8.07, "ML", "Koulikoro")
SEGOU = Place(PlaceKind.CITY, "geonames:2451185", "Ségou", 13.43, -6.22, "ML", "Ségou")
FEED = Feed("wire", "", reliability=Reliability.B)
NEARBY = Rule("nearby", When(("conflict",)), Reach(within_km=((Severity.MINOR, 20.0),)), "attack-nearby",
              ("email", "desk"))


def person(name: str, place: Place) -> tuple[Person, StaffLocation]:
    """Somebody who lives there."""
    return (Person(name, f"Name of {name}", contact=Contact(f"{name}@example.org")),
            StaffLocation(f"{name}/home", "home", place.name or "", name, place))


def settings(*rules: Rule, without: str = "") -> Settings:
    """One in Bamako, one in Kati 13 km away, one in Ségou 210 km away, and a desk."""
    everybody = [person(name, place) for name, place in (("p-1", BAMAKO), ("p-2", KATI), ("p-3", SEGOU))
                 if name != without]
    staff = Staff(tuple(one for one, _ in everybody), tuple(place for _, place in everybody),
                  (Desk("duty", contact=Contact("duty@example.org")),))
    channels = (Channel("email", "file", "person"), Channel("desk", "file", "desk"))
    return Settings("", feeds=(FEED,), staff=staff, rules=rules, channels=channels)


@pytest.fixture(scope="module")
def kit() -> Kit:
    """What the program knows; nothing is read, since every article comes with what it tells."""
    seeds = seeds_of([])
    return Kit(seeds.hazards(), tables(seeds), _unread)


def _unread(article: Article) -> Analysis:
    raise AssertionError(article.id)


def tell(rehearsal: Rehearsal, name: str, at: datetime, killed: int | None) -> None:
    """An article of the wire about the attack in Bamako; one that tells of nobody killed tells of nothing."""
    told = Report("conflict.armed_attack", Phase.OCCURRED, Severity.SEVERE, Urgency.IMMEDIATE, Certainty.OBSERVED,
                  place=Mention("text", 0, 6, "Bamako", BAMAKO), precision=Precision.CITY, uncertainty_km=2.0,
                  start="2026-03-10", killed=Count(killed, killed) if killed is not None else None)
    article = Article(name, f"Gunmen attacked a police post in Bamako and killed {killed}", title="Attack in Bamako",
                      feed_id="wire", published=at, seen_at=at, fingerprint=f"{name}{killed}")
    rehearsal.live_through(at)
    rehearsal.tell((article,), (FEED,), at, {name: Analysis("en", reports=(told,) if killed is not None else ())})


@pytest.fixture
def past(kit: Kit) -> Iterator[Rehearsal]:
    """An attack, an update with more dead half a day later, and silence until it has run out."""
    with Rehearsal(settings(NEARBY), kit) as rehearsal:
        tell(rehearsal, "a1", NOW, 2)
        tell(rehearsal, "a2", NOW + timedelta(hours=12), 15)
        rehearsal.live_through(UNTIL)
        yield rehearsal


def lived(past: Rehearsal, *rules: Rule, since: datetime = NOW - timedelta(days=1), without: str = "") -> Replayed:
    """That past under other rules."""
    return replay(past.store, settings(*rules, without=without), past.kit, since=since, until=UNTIL)


def told(lines: tuple[Line, ...]) -> list[tuple[str, str, str]]:
    """What, to whom, and which message of the thread."""
    return [(each.what, each.sent.advisory.recipient, each.sent.kind) for each in lines]


def test_the_same_rules_change_nothing(past: Rehearsal) -> None:
    """Alerts, updates and ends under the rules of then are all as they were."""
    found = lived(past, NEARBY)
    assert (found.lines, found.incidents, found.reports) == ((), 1, 2)
    assert found.same == len(past.store.said_about(past.incidents()[0].id)[0])
    assert found.same >= 9  # alert, update and end to two people and the desk


def test_a_wider_reach_adds(past: Rehearsal) -> None:
    """Who would have been told under a wider reach stands there with place, distance and every gate."""
    found = lived(past, replace(NEARBY, reach=Reach(within_km=((Severity.MINOR, 300.0),))))
    assert told(found.lines) == [("add", "person:p-3", "alert"), ("add", "person:p-3", "end"),
                                 ("add", "person:p-3", "update")]
    why = "\n".join(found.lines[0].why)
    assert "rule nearby: home Ségou, 2" in why
    assert "(asked: within 300 km" in why or "300 km" in why
    assert "then nothing was decided" in why or "not_reached" in why
    assert (found.count("add"), found.count("drop")) == (3, 0)


def test_a_narrower_reach_drops(past: Rehearsal) -> None:
    """Who would no longer have been told stands there with the rule that comes closest and the gate that stops it."""
    found = lived(past, replace(NEARBY, reach=Reach(within_km=((Severity.MINOR, 5.0),))))
    dropped = [each for each in found.lines if each.what == "drop"]
    assert told(tuple(dropped)) == [("drop", "person:p-2", kind) for kind in ("alert", "end", "update")]
    assert "✗ distance" in "\n".join(dropped[0].why)


def test_another_template_is_a_change(past: Rehearsal) -> None:
    """What would have been said otherwise is neither added nor dropped."""
    found = lived(past, replace(NEARBY, advise="general"))
    assert {each.what for each in found.lines} == {"change"}
    assert found.lines[0].why == ("advise: general (was: attack-nearby)",)


def test_who_has_left_is_dropped(past: Rehearsal) -> None:
    """Somebody who is no longer in staff.yaml would not be told, and that is said."""
    found = lived(past, NEARBY, without="p-1")
    own = [each for each in found.lines if each.sent.advisory.recipient == "person:p-1"]
    assert [each.what for each in own] == ["drop"] * 3
    assert own[0].why == ("they are no longer in staff.yaml",)


def test_no_rules_drop_everything(past: Rehearsal) -> None:
    """Without rules nobody would have been told."""
    found = lived(past)
    assert (found.count("drop"), found.count("add"), found.same) == (lived(past, NEARBY).same, 0, 0)


def test_silences_hold_as_they_held(kit: Kit) -> None:
    """What a silence kept from people then would be kept from them again, and after its end no longer."""
    with Rehearsal(settings(NEARBY), kit) as rehearsal:
        silence = Silence("", Matcher(hazards=("conflict",)), NOW, NOW + timedelta(days=9), "p-009", "known")
        rehearsal.store.add_silence(silence)
        tell(rehearsal, "a1", NOW, 2)
        rehearsal.store.end_silence("s1", NOW + timedelta(hours=1), by="p-009", why="")
        rehearsal.live_till(NOW + timedelta(hours=1))
        tell(rehearsal, "a2", NOW + timedelta(hours=12), 15)
        rehearsal.live_through(UNTIL)
        assert lived(rehearsal, NEARBY).lines == ()


def test_only_the_asked_time_is_compared(past: Rehearsal) -> None:
    """What was said before --from is lived through, and not told."""
    found = lived(past, since=NOW + timedelta(hours=6))
    assert "alert" not in {each.sent.kind for each in found.lines}
    assert "update" in {each.sent.kind for each in found.lines}


def test_a_withdrawn_article_is_lived_again(kit: Kit) -> None:
    """An article that was taken back later alerts at first and is cancelled when it was."""
    with Rehearsal(settings(NEARBY), kit) as rehearsal:
        tell(rehearsal, "a1", NOW, 2)
        tell(rehearsal, "a1", NOW + timedelta(hours=3), None)
        rehearsal.live_through(UNTIL)
        kinds = {each.reason for each in rehearsal.store.said_about(rehearsal.incidents()[0].id)[0]}
        assert "cancelled" in kinds
        assert lived(rehearsal, NEARBY).lines == ()


def test_an_exercise_is_left_out(kit: Kit) -> None:
    """Drills tell nothing about the rules."""
    with Rehearsal(settings(NEARBY), kit) as rehearsal:
        tell(rehearsal, "a1", NOW, 2)
        incident = rehearsal.incidents()[0]
        rehearsal.store.keep_incident(replace(incident, exercise=True), NOW)
        assert lived(rehearsal).incidents == 0


def test_the_stored_past_is_not_touched(past: Rehearsal) -> None:
    """Nothing is written to the store that is asked."""
    before = (past.store.journal(), past.store.deliveries(), past.incidents())
    lived(past)
    assert (past.store.journal(), past.store.deliveries(), past.incidents()) == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, and another file of rules."""
    shutil.copytree(GOOD, tmp_path / "config")
    other = (GOOD / "rules.yaml").read_text(encoding="utf-8").replace("within_km: 50", "within_km: 500")
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    return tmp_path


def command(folder: Path, *words: str) -> tuple[int, str]:
    """The command on an empty store; status and what it says."""
    done = CliRunner().invoke(main, ["replay", *words, "--config", str(folder / "config"), "--store",
                                     f"sqlite:///{folder}/past.db"], env={"HOOK_SECRET": SECRET})
    return done.exit_code, done.output


def test_the_command_says_the_difference(folder: Path) -> None:
    """Of an empty past nothing would be otherwise; the other file's rules are taken."""
    status, said = command(folder, "--rules", str(folder / "other.yaml"), "--from", "2026-03-01", "--to", "2026-03-31")
    assert (status, said.splitlines()) == (0, [
        "2026-03-01 00:00 to 2026-03-31 00:00 UTC: 0 incidents of 0 reports",
        "would add 0, drop 0; 0 messages would go as they did"])
    status, said = command(folder, "--json")
    assert (status, '"add": 0' in said) == (0, True)


def test_faults_of_the_other_file_are_told(folder: Path) -> None:
    """A slip in the other file is told with file, line and key, as everywhere."""
    (folder / "other.yaml").write_text("rules:\n  - {id: x, wen: {}}\n", encoding="utf-8")
    status, said = command(folder, "--rules", str(folder / "other.yaml"))
    assert status == 1
    assert "other.yaml:2:" in said


def test_a_past_that_ends_before_it_begins_is_refused(folder: Path) -> None:
    """I am told which way round the instants go."""
    status, said = command(folder, "--from", "2026-03-31", "--to", "2026-03-01")
    assert (status, "--from must be before --to" in said) == (2, True)
