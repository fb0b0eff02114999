"""Learn seeds/weights/incidents.json: how likely a hit is news, from features that are the same in every language.

    python seeds/weights/learn_incidents.py ../shared/data            learn from all, write the file
    python seeds/weights/learn_incidents.py ../shared/data --check    five-fold cross-validation, nothing written

A logistic regression with an L2 penalty, by Newton's method. A hit is an example: right where the gold of its article has
a current incident of its hazard, wrong where the article has none, left out where the gold does not tell. Every set
weighs what WEIGHTS says, however many hits it has. The same input gives the same file.
"""
from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from advisord.extract.analyse import Analyser
from advisord.extract.relevance import relevance_of
from advisord.model import Article, Hazard
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

Json = dict[str, Any]
# How much each set weighs: by how like the news that is read every day it is, and how surely its labels are on hits.
WEIGHTS = {"incidents-muc4": 1.0, "incidents-news": 1.0, "relevance-glocon": 0.8, "alarms-masakhane": 0.6,
           "incidents-awsd": 0.4}
SILENT = {"background", "denied", "exercise"}
FOLDS = 5
PENALTY = 1.0
RAREST = 6  # examples that a feature must be in
STEPS = 12
TELLING = 6  # of an article labelled relevant as a whole, the first sentences that are taken to say why
NEWS, RETOLD = 0.5, 0.12


@dataclass(frozen=True, slots=True)
class Example:
    """One hit: its features, whether it is news, how much it counts, and the fold of its article."""

    features: tuple[str, ...]
    news: bool
    weight: float
    fold: int
    source: str


def rows_of(path: Path) -> list[Json]:
    """The rows of a packed set."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def article_of(row: Json) -> Article:
    """What the program sees of a row."""
    published = row.get("published")
    return Article(id=str(row["id"]), title=row.get("title") or "", text=row["text"], language=row.get("language"),
                   country=row.get("country"), published=datetime.fromisoformat(published) if published else None)


def fold_of(row: Json) -> int:
    """The fold of a row, by its text, so that the same article is always in the same."""
    return crc32(row["text"].encode()) % FOLDS


def examples_of(source: str, rows: Sequence[Json], reader: Analyser, hazards: dict[str, Hazard]) -> Iterator[Example]:
    """Every hit of every row that the gold tells something of."""
    for row in rows:
        for hit, features in reader.hits_of(article_of(row)):
            label, weight = verdict(row["gold"], hazards[hit.hazard], hit.sentence, hit.level, hazards)
            if weight:
                yield Example(tuple(features), label, weight, fold_of(row), source)


def verdict(gold: Json, hazard: Hazard, sentence: int, level: str, hazards: dict[str, Hazard]) -> tuple[bool, float]:
    """Whether a hit of that hazard is news by this gold, and how surely; weight 0: the gold does not tell."""
    if (gold.get("scope") == "muc" and not hazard.muc) or not hazard.code.startswith(tuple(gold.get("families") or [""])):
        return False, 0.0
    incidents = gold.get("incidents")
    if incidents is None:
        if gold.get("relevant"):
            return True, 0.3 if sentence <= TELLING and level != "hints" else 0.0
        return False, 1.0
    if not incidents:
        return False, 0.0 if gold.get("relevant") else 1.0
    values = {hazard.code, hazard.acled, hazard.muc}
    current = [each for each in incidents if not set(each.get("phase", ["occurred"])) <= SILENT]
    right = [each for each in current if values & set(each.get("hazard", values))]
    if right:
        sure = any(not SILENT & set(each.get("phase", [])) and not each.get("optional") for each in right)
        return True, 1.0 if sure else 0.3
    kin = {hazard.code, *hazard.kin}
    named = {name for each in incidents for name in each.get("hazard", [])}
    if any(named & {other.code, other.acled, other.muc} for code in kin if (other := hazards[code])):
        return False, 0.0
    return False, 0.5


def learned(examples: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Bias and weights."""
    counts = Counter(name for each in examples for name in each.features)
    names = sorted(name for name, count in counts.items() if count >= RAREST)
    column = {name: at for at, name in enumerate(names, start=1)}
    matrix = np.zeros((len(examples), len(names) + 1))
    matrix[:, 0] = 1
    for at, each in enumerate(examples):
        matrix[at, [column[name] for name in each.features if name in column]] = 1
    wanted = np.array([float(each.news) for each in examples])
    share = {name: sum(each.weight for each in examples if each.source == name) for name in WEIGHTS}
    scale = len(examples) / sum(WEIGHTS.values())
    weight = np.array([each.weight * WEIGHTS[each.source] / share[each.source] * scale for each in examples])
    penalty = np.full(len(names) + 1, PENALTY)
    penalty[0] = 1e-6
    solved = np.zeros(len(names) + 1)
    for _ in range(STEPS):
        guess = 1 / (1 + np.exp(-np.clip(matrix @ solved, -30, 30)))
        gradient = matrix.T @ (weight * (guess - wanted)) + penalty * solved
        curve = weight * guess * (1 - guess) + 1e-9
        hessian = (matrix * curve[:, None]).T @ matrix + np.diag(penalty)
        solved -= np.linalg.solve(hessian, gradient)
    return float(solved[0]), {name: float(solved[at]) for name, at in column.items()}


def model_of(examples: Sequence[Example]) -> Json:
    """The file's content."""
    bias, weights = learned(examples)
    return {"provenance": "learned by seeds/weights/learn_incidents.py from the development sets of the project",
            "bias": round(bias, 4), "news": NEWS, "retold": RETOLD,
            "weights": {name: round(value, 3) for name, value in sorted(weights.items()) if abs(value) >= 0.02}}


def all_examples(data: Path) -> list[Example]:
    """The examples of every set."""
    seeds = seeds_of()
    reader = analyser(seeds)
    hazards = seeds.hazards()
    return [each for source in WEIGHTS
            for each in examples_of(source, rows_of(data / f"{source}.jsonl.gz"), reader, hazards)]


def check(examples: Sequence[Example]) -> None:
    """Print precision and recall of hits at NEWS, by set, each article judged by weights that never saw it."""
    right: Counter[tuple[str, bool, bool]] = Counter()
    for fold in range(FOLDS):
        model = relevance_of(model_of([each for each in examples if each.fold != fold]))
        for each in examples:
            if each.fold == fold:
                right[each.source, each.news, model.probability(each.features) >= NEWS] += 1
    for source in WEIGHTS:
        found = right[source, True, True]
        told, news = found + right[source, False, True], found + right[source, True, False]
        print(f"{source:20} precision {found / max(told, 1):.3f} recall {found / max(news, 1):.3f} of {news} hits that are news,"
              f" {told - found} false among {right[source, False, True] + right[source, False, False]}")


def main() -> None:
    """Learn, or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    examples = all_examples(chosen.data)
    if chosen.check:
        check(examples)
        return
    target = Path(__file__).with_name("incidents.json")
    target.write_text(json.dumps(model_of(examples), indent=1) + "\n", encoding="utf-8")
    print(f"{len(examples)} hits -> {target}", file=sys.stderr)


if __name__ == "__main__":
    main()
