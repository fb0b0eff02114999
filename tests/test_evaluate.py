"""Anybody's labelled set gives the figures that the field would give it, and a bad line is named."""
from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from advisord.cli.evaluate import command
from advisord.evaluate.figures import Figure, Tally
from advisord.evaluate.gold import EvaluationError, answer_of, answers_of, gold_of
from advisord.evaluate.score import figures_of
from advisord.evaluate.vocabulary import Vocabulary
from advisord.model import Analysis, Certainty, Count, Mention, Phase, Place, PlaceKind, Report, Severity, Urgency
from advisord.settings.seeds import seeds_of
from advisord.text.fold import fold

Json = dict[str, Any]

SHARED = Path(__file__).resolve().parents[2] / "shared"
BOMBING = {"hazard": ["conflict.bombing"], "country": ["NG"], "phase": ["occurred"], "killed": 11,
           "place": {"names": ["Kano"], "chain": ["Kano"], "lat": 12.0, "lon": 8.52, "precision": "city"},
           "date": [{"from": "2026-04-13", "to": "2026-04-13"}]}
RIGHT = {"hazard": "conflict.bombing", "phase": "occurred", "severity": "Severe", "start": "2026-04-13",
         "killed": {"min": 11, "max": 11},
         "place": {"kind": "city", "name": "Kano", "lat": 12.0, "lon": 8.5, "country": "NG"}}


def _vocabulary() -> Vocabulary:
    seeds = seeds_of()
    return Vocabulary(seeds.hazards(), frozenset(map(fold, seeds.table("evaluation/generic.yaml")["generic"])))


def _figures(gold: list[Json], reports: list[list[Json]], *,
             places: list[list[Json]] | None = None) -> dict[str, Figure]:
    """The figures of labels and answers, by name; the first of a name counts."""
    rows = [json.dumps({"id": str(n), "text": "x" * 50, "language": "en", "gold": each}) for n, each in enumerate(gold)]
    answers = [json.dumps({"id": str(n), "reports": each, "places": (places or [[]] * len(gold))[n]})
               for n, each in enumerate(reports)]
    found: dict[str, Figure] = {}
    for figure in figures_of(gold_of(rows, "gold"), answers_of(answers, "answers"), _vocabulary()):
        found.setdefault(figure.name, figure)
    return found


def test_right_answer() -> None:
    """An incident told with the right kind, place, day and number is right in every slot."""
    figures = _figures([{"incidents": [BOMBING]}], [[RIGHT]])
    for name in ("hazard F1", "place within 25 km F1", "date same day F1", "killed F1", "phase F1", "document F1"):
        assert figures[name].value == 1.0, name


@pytest.mark.parametrize(("change", "slot"), [
    pytest.param({"hazard": "natural.flood"}, "hazard F1", id="another kind"),
    pytest.param({"phase": "ongoing"}, "phase F1", id="another phase"),
    pytest.param({"start": "2026-04-10"}, "date ±1 day F1", id="another day"),
    pytest.param({"killed": {"min": 2, "max": 2}}, "killed F1", id="another number"),
    pytest.param({"killed": {"min": 5, "max": 15}}, "killed F1", id="too wide a range"),
    pytest.param({"place": {"kind": "country", "country": "NG"}}, "place within 161 km F1", id="only the country"),
])
def test_wrong_slot(change: Json, slot: str) -> None:
    """A wrong slot costs that slot and no other."""
    figures = _figures([{"incidents": [BOMBING]}], [[RIGHT | change]])
    assert figures[slot].value == 0.0
    assert figures["incident F1"].value == 1.0


def test_missed_and_surplus() -> None:
    """A missed incident costs recall in all slots, a report of nothing precision."""
    figures = _figures([{"incidents": [BOMBING]}, {"incidents": []}], [[], [RIGHT]])
    assert (figures["hazard recall"].value, figures["hazard precision"].value) == (0.0, 0.0)
    assert figures["document precision"].count == 1
    assert figures["alerted articles per 1,000"].value == 1000.0


def test_optional_incident() -> None:
    """An optional incident costs nothing when missed and counts when found."""
    optional = BOMBING | {"optional": True}
    missed = _figures([{"incidents": [optional]}], [[]])
    assert missed["incident recall"].value is None
    assert _figures([{"incidents": [optional]}], [[RIGHT]])["incident precision"].value == 1.0


def test_unlabelled_slot() -> None:
    """A key that was not labelled gets no verdict."""
    figures = _figures([{"incidents": [{"hazard": ["conflict.bombing"]}]}], [[RIGHT]])
    assert "killed F1" not in figures
    assert figures["hazard F1"].value == 1.0


def test_end_is_no_alarm() -> None:
    """A report that something is over alarms nobody."""
    figures = _figures([{"incidents": []}], [[RIGHT | {"phase": "ended"}]])
    assert figures["alerted articles per 1,000"].value == 0.0
    assert figures["articles with any current report per 1,000"].value == 1000.0


def test_places() -> None:
    """A name counts where it overlaps; optional names count neither way; the right place is within 161 km."""
    toponyms = [{"start": 0, "end": 4, "lat": 12.0, "lon": 8.5, "country": "NG"},
                {"start": 10, "end": 18, "optional": True, "lat": None, "lon": None}]
    places = [{"field": "text", "start": 0, "end": 5, "lat": 12.5, "lon": 8.5, "country": "NG"},
              {"field": "text", "start": 10, "end": 18}, {"field": "text", "start": 30, "end": 34}]
    figures = _figures([{"toponyms": toponyms}], [[]], places=[places])
    assert figures["contract, overlap, recall"].value == 1.0
    assert figures["contract, overlap, precision"].value == 0.5
    assert figures["accuracy@161km"].value == 1.0
    assert figures["country right"].value == 1.0


def test_hazards_and_languages() -> None:
    """Precision and recall are told for every hazard and every language."""
    figures = _figures([{"incidents": [BOMBING]}], [[RIGHT, {"hazard": "natural.flood", "phase": "occurred"}]])
    assert figures["conflict.bombing precision"].value == 1.0
    assert figures["conflict.bombing recall"].value == 1.0
    assert figures["natural.flood precision"].value == 0.0


def test_own_answer() -> None:
    """What the analyser says is judged as what it writes."""
    place = Place(kind=PlaceKind.CITY, name="Kano", lat=12.0, lon=8.5, country="NG")
    report = Report(hazard="conflict.bombing", phase=Phase.OCCURRED, severity=Severity.SEVERE,
                    urgency=Urgency.IMMEDIATE, certainty=Certainty.OBSERVED, killed=Count(11, None),
                    place=Mention("text", 3, 7, "Kano", place))
    answer = answer_of("7", Analysis("en", (Mention("text", 3, 7, "Kano", place),), (report,)))
    killed = answer.reports[0].killed
    assert killed is not None
    assert (answer.places[0].surface, answer.reports[0].phase, killed.max) == ("Kano", "occurred", None)


@pytest.mark.parametrize(("line", "said"), [
    pytest.param("{", "gold.jsonl:2: not JSON", id="no JSON"),
    pytest.param("[]", "gold.jsonl:2: Input should be", id="no object"),
    pytest.param('{"id": "2", "text": "x"}', "gold.jsonl:2: gold: Field required", id="no gold"),
    pytest.param('{"id": "2", "text": "x", "gold": {"incidents": [{"date": [{"from": null, "to": "soon"}]}]}}',
                 "gold.jsonl:2: gold.incidents.0.date.0.to", id="no date"),
    pytest.param('{"id": "1", "text": "x", "gold": {}}', "id '1' is there twice", id="doubled"),
    pytest.param("[" * 100_000, "gold.jsonl:2: not JSON", id="too deep"),
])
def test_bad_line(line: str, said: str) -> None:
    """A line that can't be used is named with what is wrong."""
    with pytest.raises(EvaluationError) as caught:
        gold_of(['{"id": "1", "text": "x", "gold": {}}', line], "gold.jsonl")
    assert said in str(caught.value)


def test_answers_of_another_set() -> None:
    """Answers that are not those of the articles are refused."""
    rows = gold_of(['{"id": "1", "text": "x", "gold": {}}'], "gold")
    with pytest.raises(EvaluationError, match="expected id '1', got '2'"):
        figures_of(rows, answers_of(['{"id": "2"}'], "answers"), _vocabulary())


def test_undefined_figures() -> None:
    """What has nothing to be divided by is no figure; nothing found of something is nought."""
    assert (Tally().precision, Tally().recall, Tally().f1) == (None, None, None)
    assert (Tally(gold=2).precision, Tally(gold=2).f1) == (0.0, 0.0)


def test_command_on_the_open_set(tmp_path: Path) -> None:
    """The command prints a table for a set of one's own, packed, and the same figures as JSON."""
    path = tmp_path / "mine.jsonl.gz"
    lines = seeds_of().path("evaluation/open.jsonl").read_text(encoding="utf-8").split("\n")[:12]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    table = CliRunner().invoke(command, [str(path)])
    assert table.exit_code == 0
    assert "document F1" in table.output
    figures = json.loads(CliRunner().invoke(command, [str(path), "--json"]).output)
    assert {figure["name"] for figure in figures} >= {"articles", "document F1", "hazard F1"}


def test_command_on_a_bad_file(tmp_path: Path) -> None:
    """A file that can't be used ends the command with status 2 and every bad line named."""
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "1"}\nnonsense\n')
    result = CliRunner().invoke(command, [str(path)])
    assert result.exit_code == 2
    assert f"{path}:1: text: Field required" in result.stderr
    assert f"{path}:2: not JSON" in result.stderr


def test_open_set_is_sound() -> None:
    """The open set is readable, speaks five languages, and a third of it tells nothing."""
    path = seeds_of().path("evaluation/open.jsonl")
    rows = gold_of(path.read_text(encoding="utf-8").split("\n"), "open.jsonl")
    codes = set(seeds_of().hazards())
    assert len(rows) >= 150
    assert {row.language for row in rows} == {"ar", "en", "es", "fr", "pt"}
    assert sum(row.gold.incidents == () for row in rows) * 3 >= len(rows)
    assert {code for row in rows for incident in row.gold.incidents or () for code in incident.hazard} <= codes


def _answer_to(row: Json, chance: random.Random, codes: list[str]) -> Json:
    """An answer made from the labels and then spoilt, so that every figure has something to count."""
    places = [{"field": each.get("field", "text"), "start": each["start"] + chance.choice([0, 0, 1, 3]),
               "end": each["end"],
               "kind": each.get("kind") or "city", "country": each.get("country"), "surface": each["surface"],
               "lat": each["lat"] and each["lat"] + chance.choice([0, 0, 2]), "lon": each["lon"]}
              for each in row["gold"].get("toponyms") or [] if chance.random() < 0.7]
    reports: list[Json] = []
    for each in row["gold"].get("incidents") or []:
        right = [code for code in each.get("hazard", []) if code in codes] or codes
        place = each.get("place") or {}
        reports.append({
            "hazard": chance.choice(right if chance.random() < 0.8 else codes),
            "phase": chance.choice([*each.get("phase", ["occurred"]), "ongoing", "background"]),
            "start": chance.choice([None, *(day["to"] for day in each.get("date") or [])]),
            "place": {"kind": chance.choice(["city", "country"]), "name": chance.choice(place.get("names") or ["x"]),
                      "lat": place.get("lat"), "lon": place.get("lon"),
                      "country": chance.choice(each.get("country", ["FR"]))},
            "killed": each.get("killed") and {"min": each["killed"], "max": each["killed"] + chance.choice([0, 9])},
            "actors": [{"name": actor["names"][0], "role": "perpetrator", "attribution": "stated"}
                       for actor in each.get("actors", [])]})
    if chance.random() < 0.3:
        reports.append({"hazard": chance.choice(codes), "phase": "occurred", "severity": "Severe"})
    return {"id": row["id"], "places": places, "reports": reports[:chance.choice([0, 1, 2, 9])]}


@pytest.mark.parametrize("name", ["places-geovirus", "incidents-news", "incidents-awsd", "relevance-glocon"])
def test_agrees_with_an_independent_scorer(name: str, tmp_path: Path) -> None:
    """Every figure that this program shares with the scorer beside the public sets is equal to its figure."""
    gold = SHARED / "data" / f"{name}.jsonl.gz"
    if not gold.exists():
        pytest.skip("the public sets are not beside this checkout")
    lines = [line for line in gzip.decompress(gold.read_bytes()).decode().split("\n") if line][:600]
    chance = random.Random(7)
    codes = sorted(seeds_of().hazards())
    answers = [json.dumps(_answer_to(json.loads(line), chance, codes)) for line in lines]
    (tmp_path / "gold.jsonl").write_text("\n".join(lines))
    (tmp_path / "answers.jsonl").write_text("\n".join(answers))
    done = subprocess.run([sys.executable, SHARED / "eval" / "score.py", tmp_path / "gold.jsonl",
                           tmp_path / "answers.jsonl", "--json"], capture_output=True, check=True)
    theirs = {(each["section"], each["name"]): (each["value"], each["count"]) for each in json.loads(done.stdout)}
    ours = {(each.section, each.name): (each.value, each.count)
            for each in figures_of(gold_of(lines, name), answers_of(answers, name), _vocabulary())}
    shared = theirs.keys() & ours.keys()
    assert len(shared) >= 6
    assert {key: ours[key] for key in shared} == {key: pytest.approx(theirs[key]) for key in shared}
