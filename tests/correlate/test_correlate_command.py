"""`advisord correlate`: JSON lines in, the incident of each out."""
from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from advisord.cli.correlate import command

BLAST = {"id": "blast", "title": "Bomb kills four at Kano market", "published": "2024-05-03T10:00:00Z",
         "text": "A bomb exploded at the Kurmi market in Kano on Friday morning and killed four traders, police said."}
AGAIN = {"id": "again", "title": "Four dead in Kano market explosion", "published": "2024-05-03T12:00:00Z",
         "text": "Four people died when a bomb went off among the stalls of the Kurmi market in Kano, Nigeria."}
ELSEWHERE = {"id": "elsewhere", "title": "Bomb kills nine in Maiduguri", "published": "2024-05-03T12:00:00Z",
             "text": "A bomb exploded at a bus station in Maiduguri on Friday and killed nine passengers."}
RECIPE = {"id": "recipe", "text": "Soak the beans overnight and cook them with onions, oil and a little salt."}


def answers(lines: list[str | dict[str, Any]], *options: str, status: int = 0) -> list[dict[str, Any]]:
    """What the command writes for those lines."""
    told = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    result = CliRunner().invoke(command, options, input=told)
    assert result.exit_code == status, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_incident_two_articles() -> None:
    """Two articles of one event share an incident; the other bombing of the day has its own; a recipe has none."""
    blast, again, elsewhere, recipe = (each["incident"] for each in answers([BLAST, AGAIN, ELSEWHERE, RECIPE]))
    assert blast == again
    assert elsewhere not in {blast, None}
    assert recipe is None


def test_order_of_lines_changes_nothing() -> None:
    """The same lines turned round are given the same incidents, in their own order."""
    lines: list[str | dict[str, Any]] = [BLAST, ELSEWHERE, RECIPE, AGAIN]
    assert answers(lines[::-1]) == answers(lines)[::-1]


BURIED = {"id": "buried", "title": "Kurmi market traders mourn", "published": "2024-05-04T09:00:00Z",
          "text": "Traders of the Kurmi market in Kano buried the four dead of Friday on Saturday; stalls stayed shut."}


def test_what_others_explain_is_understood_with_them() -> None:
    """An article that tells nothing current by itself belongs to the incident of those that share its words."""
    alone, = answers([BURIED])
    blast, recipe, buried = answers([BLAST, RECIPE, BURIED])
    assert alone["incident"] is None
    assert (buried["incident"], recipe["incident"]) == (blast["incident"], None)


def test_two_processes_answer_as_one() -> None:
    """The number of processes changes nothing."""
    lines: list[str | dict[str, Any]] = [BLAST, ELSEWHERE, RECIPE, AGAIN] * 20
    assert answers(lines, "--jobs", "2") == answers(lines)


def test_bad_lines_are_answered_in_their_place() -> None:
    """A line that is no article is answered with an error, the others as ever; the status says so."""
    told = answers(["{", BLAST, "", '{"id": "x"}', '{"text": "\\ud800"}'], status=1)
    assert [sorted(each) for each in told] == [["error", "id"], ["id", "incident"], ["error", "id"], ["id", "incident"]]
    assert [each["id"] for each in told] == ["1", "blast", "x", "5"]


def test_nothing_in_nothing_out() -> None:
    """No line is given no answer."""
    assert answers([]) == []


@pytest.mark.slow
def test_look_alikes_of_the_development_set() -> None:
    """On real articles in look-alike pairs, what is in one incident belongs together and what is not does not."""
    path = Path(__file__).parents[3] / "shared/data/clusters-ecbplus.jsonl.gz"
    if not path.exists():
        pytest.skip("../shared/data is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    told = answers([{key: row[key] for key in ("id", "title", "text", "published") if key in row} for row in rows])
    told_of = [(row["gold"]["cluster"], each["incident"] or f"none of {each['id']}")
               for each, row in zip(told, rows, strict=True) if row["gold"]["security"]]
    assert b_cubed_f1([gold for gold, _ in told_of], [found for _, found in told_of]) > 0.9


def b_cubed_f1(gold: list[str], found: list[str]) -> float:
    """B-cubed F1 (Bagga and Baldwin 1998), every article of equal weight."""
    pairs = list(zip(gold, found, strict=True))
    both = {pair: pairs.count(pair) for pair in pairs}
    precision = sum(both[pair] / found.count(pair[1]) for pair in pairs) / len(pairs)
    recall = sum(both[pair] / gold.count(pair[0]) for pair in pairs) / len(pairs)
    return 2 * precision * recall / (precision + recall)
