"""Articles in, reports out: the Bamako story, what counts as one incident, and what holds of any text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.extract.analyse import Analyser
from advisord.extract.contract import answer_of
from advisord.model import Analysis, Article, Phase
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

NOW = datetime(2024, 9, 18, 9, 0, tzinfo=UTC)
STORY = """Gunmen attacked a gendarmerie school in Bamako, the capital of Mali, at dawn on Tuesday, the army said. \
Residents heard gunfire near the airport for hours. Two gendarmes were injured.
JNIM claimed responsibility for the attack in a statement on Tuesday evening.
Bamako airport has been closed as a precaution. The United Nations advised its staff to limit their movements.
The army has ruled Mali since a military coup in 2021, which ousted the government of that time."""


@pytest.fixture(scope="module")
def reader() -> Analyser:
    """The shipped understanding."""
    return analyser(seeds_of())


def read(reader: Analyser, text: str, title: str = "") -> Analysis:
    """The analysis of an article of that day."""
    return reader.analyse(Article(id="1", title=title, text=text, published=NOW))


def test_the_story_of_bamako(reader: Analyser) -> None:
    """An attack with its claim and its wounded, a closure, an order; the coup is history; nothing else is current."""
    analysis = read(reader, STORY, "Armed group claims attack on Mali's capital")
    current = {report.hazard: report for report in analysis.reports if report.phase.is_current}
    assert set(current) == {"conflict.armed_attack", "transport.airport_closure", "order.movement_limit"}
    attack = current["conflict.armed_attack"]
    assert attack.phase is Phase.OCCURRED
    assert attack.start == "2024-09-17"
    assert attack.place is not None
    assert (attack.place.place.name, attack.place.place.country) == ("Bamako", "ML")
    assert attack.killed is None
    assert attack.injured is not None
    assert (attack.injured.min, attack.injured.max) == (2, 2)
    assert ("JNIM", "claimed") in {
        (each.name, each.attribution) for each in attack.actors if each.role == "perpetrator"
    }
    order = current["order.movement_limit"].instructions[0]
    assert (order.kind, order.issuer, order.audience) == ("order.movement_limit", "United Nations", "its staff")


def test_evidence_cuts_the_words_that_show_it(reader: Analyser) -> None:
    """Every span of evidence lies in its field, the trigger first."""
    analysis = read(reader, STORY)
    for report in analysis.reports:
        assert report.evidence[0].of == "hazard"
        assert all(0 <= each.start < each.end <= len(STORY) for each in report.evidence if each.field == "text")


@pytest.mark.parametrize(
    ("text", "hazard", "phase"),
    [
        pytest.param(
            "The airport of Bamako reopened on Wednesday after two days.",
            "transport.airport_closure",
            Phase.ENDED,
            id="over",
        ),
        pytest.param(
            "Protesters plan to hold a rally in Lagos on Monday, a police spokesman said.",
            "unrest.protest",
            Phase.PLANNED,
            id="announced",
        ),
        pytest.param(
            "Police defused a car bomb outside a hotel in Nairobi on Tuesday.",
            "conflict.bombing",
            Phase.ATTEMPTED,
            id="foiled",
        ),
        pytest.param(
            "A bomb exploded in a market in Quetta on Tuesday, killing four people.",
            "conflict.bombing",
            Phase.OCCURRED,
            id="happened",
        ),
        pytest.param("A curfew was imposed in Dhaka on Tuesday night.", "order.curfew", Phase.ONGOING, id="holds"),
    ],
)
def test_phases_are_told_apart(reader: Analyser, text: str, hazard: str, phase: Phase) -> None:
    """What happened, holds, is announced, was foiled or is over is said to be so."""
    assert (hazard, phase) in {(report.hazard, report.phase) for report in read(reader, text).reports}


def test_two_bombings_in_two_towns_are_two_incidents(reader: Analyser) -> None:
    """The other bomb in the same country is another incident."""
    reports = read(
        reader,
        "A bomb exploded in Kandahar on Monday, killing four people. "
        "Another bomb exploded in Herat on Tuesday, killing two people.",
    ).reports
    assert [report.place.surface for report in reports if report.place] == ["Kandahar", "Herat"]


def test_a_text_in_a_language_without_lexicon_has_no_reports(reader: Analyser) -> None:
    """Where nothing can be read nothing is said."""
    analysis = read(reader, "Die Bombe ist in der Stadt nicht explodiert und der Flughafen von München bleibt offen.")
    assert analysis.language == "de"
    assert analysis.reports == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(
                [
                    "A bomb exploded in Kabul",
                    "killing 20 people",
                    "on 31 February",
                    "\u2028",
                    "(",
                    ". ",
                    "police said",
                    "99999999999",
                    "airport closed",
                    "İstanbul",
                    "\ud800",
                    "\n\n",
                ]
            ),
        ),
        max_size=25,
    ).map(" ".join)
)
def test_any_text_is_answered(reader: Analyser, text: str) -> None:
    """No text whatever breaks the reading, and every span cuts the text given."""
    answer = answer_of("1", read(reader, text, text[:30]))
    json.dumps(answer)
    for report in answer["reports"]:
        for each in report["evidence"]:
            assert 0 <= each["start"] < each["end"] <= len(text if each["field"] == "text" else text[:30])


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    """Same input, same bytes, in every process."""
    line = json.dumps({"id": "1", "text": STORY, "published": NOW.isoformat()}).encode()
    outputs = {
        subprocess.run(
            [sys.executable, "-m", "advisord", "analyse"],
            input=line,
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "77")
    }
    assert len(outputs) == 1
