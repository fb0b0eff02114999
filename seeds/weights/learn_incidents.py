"""Learn seeds/weights/incidents.json: how likely a hit is news, from features that are the same in every language.

    python seeds/weights/learn_incidents.py ../shared/data            learn from all, write the file
    python seeds/weights/learn_incidents.py ../shared/data --check    five-fold cross-validation, nothing written

A logistic regression with an L2 penalty, by L-BFGS. A hit is an example: right where the gold of its article has
a current incident of its hazard, wrong where the article has none, left out where the gold does not tell. Every set
weighs what WEIGHTS says, however many hits it has. A word is a feature only where it is frequent in two sets at
least, so that topics of one set are not learned by heart, and never where it stands in names of places. The same
input gives the same file.
"""
from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import yaml
from numpy.typing import NDArray

from advisord.extract.analyse import Analyser
from advisord.extract.relevance import relevance_of
from advisord.model import Article, Hazard
from advisord.settings.seeds import seeds_of
from advisord.text.fold import fold
from advisord.text.haystack import Haystack
from advisord.wiring import analyser

Json = dict[str, Any]
Vector = NDArray[np.float64]
CLUSTERS = "clusters-ecbplus"  # tells whether a whole article is of an incident now: a fresh arrest, and no trial
CASES = "cases"  # our own, tests/cases: the only ones with every hazard in every language, and hard negatives
# How much each set weighs: by how like the news that is read every day it is, and how surely its labels are on hits.
WEIGHTS = {"incidents-muc4": 1.0, "incidents-news": 1.0, "relevance-glocon": 0.8, "alarms-masakhane": 0.6,
           "incidents-awsd": 0.4, CLUSTERS: 0.6, CASES: 0.8}
SILENT = {"background", "denied", "exercise"}
FOLDS = 5
PENALTY = 10.0
RAREST = 6  # examples that a feature must be in
RAREST_WORD, RAREST_IN_SET, SETS = 25, 4, 2  # a word: in all, in each of so many sets
LEAST = 0.02  # weights below it change nothing and are left out
STEPS, REMEMBERED = 150, 8
TELLING = 6  # of an article labelled relevant as a whole, the first sentences that are taken to say why
NEWS, RETOLD, CONSEQUENCE = 0.5, 0.12, 0.3


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


def rows_of_cases(folder: Path) -> list[Json]:
    """Our own cases as rows: what they state is gold, what they allow besides is left out of the gold."""
    rows: list[Json] = []
    for path in sorted(folder.glob("*/*.yaml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in told["cases"]:
            stated = [{"hazard": _listed(each["hazard"]), "phase": _listed(each.get("phase", "occurred")),
                       **({"place": {"names": _listed(each["place"])}} if each.get("place") else {})}
                      for each in case.get("reports", [])]
            allowed = [{"hazard": [each], "phase": ["background"]} for each in case.get("also", [])]
            rows.append({"id": case["id"], "title": case.get("title", ""), "text": case["text"].strip(),
                         "published": str(case.get("published", told["published"])), "language": told["language"],
                         "country": case.get("country"), "gold": {"incidents": stated + allowed}})
    return rows


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def article_of(row: Json) -> Article:
    """What the program sees of a row."""
    published = row.get("published")
    return Article(id=str(row["id"]), title=row.get("title") or "", text=row["text"], language=row.get("language"),
                   country=row.get("country"), published=datetime.fromisoformat(published) if published else None)


def fold_of(row: Json) -> int:
    """The fold of a row, by its text, so that the same article is always in the same; or by its cluster's topic."""
    topic = row["gold"].get("cluster", "").partition("-")[0]
    return crc32((topic or row["text"]).encode()) % FOLDS


def place_words(rows: Sequence[Json], reader: Analyser) -> set[str]:
    """The words that stand in names of places in several of these articles: where it happened is no sign of news."""
    counts: Counter[str] = Counter()
    for row in rows:
        article = article_of(row)
        mentions = reader.places.find(article, Haystack(fold(article.title)), Haystack(fold(article.text)))
        counts.update({word for mention in mentions for word in fold(mention.surface).split()})
    return {word for word, count in counts.items() if count >= RAREST_IN_SET}


def examples_of(source: str, rows: Sequence[Json], reader: Analyser, hazards: dict[str, Hazard]) -> Iterator[Example]:
    """Every hit of every row that the gold tells something of."""
    for row in rows:
        for hit, features in reader.hits_of(article_of(row)):
            label, weight = verdict(row["gold"], hazards[hit.hazard], hit.sentence, hit.level, hazards)
            if weight:
                yield Example(tuple(features), label, weight, fold_of(row), source)


def verdict(gold: Json, hazard: Hazard, sentence: int, level: str, hazards: dict[str, Hazard]) -> tuple[bool, float]:
    """Whether a hit of that hazard is news by this gold, and how surely; weight 0: the gold does not tell."""
    families = tuple(gold.get("families") or [""])
    if (gold.get("scope") == "muc" and not hazard.muc) or not hazard.code.startswith(families):
        return False, 0.0
    incidents = gold.get("incidents")
    if not incidents:
        telling = incidents is None and sentence <= TELLING and level != "hints"
        return (telling, 0.3 * telling) if gold.get("relevant") else (False, 1.0)
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


def vocabulary(examples: Sequence[Example]) -> list[str]:
    """The features worth a weight, in alphabetical order."""
    counts = Counter((name, each.source) for each in examples for name in each.features)
    totals: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    for (name, _), count in counts.items():
        totals[name] += count
        spread[name] += count >= RAREST_IN_SET
    return sorted(name for name, total in totals.items()
                  if (total >= RAREST_WORD and spread[name] >= SETS if name.startswith("word:") else total >= RAREST))


def learned(examples: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Bias and weights."""
    names = vocabulary(examples)
    column = {name: at for at, name in enumerate(names, start=1)}
    present = [[0, *sorted(column[name] for name in set(each.features) if name in column)] for each in examples]
    columns = np.array([at for row in present for at in row])
    rows = np.repeat(np.arange(len(examples)), [len(row) for row in present])
    starts = np.concatenate(([0], np.cumsum([len(row) for row in present])[:-1]))
    wanted = np.array([float(each.news) for each in examples])
    share = {name: sum(each.weight for each in examples if each.source == name) for name in WEIGHTS}
    scale = len(examples) / sum(WEIGHTS.values())
    weight = np.array([each.weight * WEIGHTS[each.source] / share[each.source] * scale for each in examples])
    penalty = np.full(len(names) + 1, PENALTY)
    penalty[0] = 0.0

    def loss(weights: Vector) -> tuple[float, Vector]:
        """The penalised loss and its gradient."""
        score = np.clip(np.add.reduceat(weights[columns], starts), -30, 30)
        guess = 1 / (1 + np.exp(-score))
        value = (weight * (np.log1p(np.exp(score)) - wanted * score)).sum() + 0.5 * (penalty * weights ** 2).sum()
        slope = np.bincount(columns, weights=(weight * (guess - wanted))[rows], minlength=len(weights))
        return float(value), slope + penalty * weights

    solved = lowest(loss, np.zeros(len(names) + 1))
    return float(solved[0]), {name: float(solved[at]) for name, at in column.items()}


def lowest(loss: Callable[[Vector], tuple[float, Vector]], start: Vector) -> Vector:
    """Where a convex function is lowest: L-BFGS with backtracking (Nocedal & Wright 2006, algorithm 7.5)."""
    at = start
    value, slope = loss(at)
    past: list[tuple[Vector, Vector]] = []
    for _ in range(STEPS):
        direction = -downhill(slope, past)
        step = 1.0 if past else 1 / max(1.0, float(np.abs(slope).sum()))
        while True:
            there = at + step * direction
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * step * float(slope @ direction) or step < 1e-10:  # noqa: PLR2004
                break
            step /= 2
        past = [*past, (there - at, new_slope - slope)][-REMEMBERED:]
        done = value - new_value < 1e-7 * abs(value)
        at, value, slope = there, new_value, new_slope
        if done:
            break
    return at


def downhill(slope: Vector, past: Sequence[tuple[Vector, Vector]]) -> Vector:
    """The slope turned by what was learned of the curvature."""
    turned = slope.copy()
    kept = []
    for moved, change in reversed(past):
        factor = 1 / float(change @ moved)
        part = factor * float(moved @ turned)
        turned -= part * change
        kept.append((factor, part))
    if past:
        moved, change = past[-1]
        turned *= float(moved @ change) / float(change @ change)
    for (moved, change), (factor, part) in zip(past, reversed(kept), strict=True):
        turned += (part - factor * float(change @ turned)) * moved
    return turned


def model_of(examples: Sequence[Example]) -> Json:
    """The file's content."""
    bias, weights = learned(examples)
    return {"provenance": "learned by seeds/weights/learn_incidents.py from the development sets of the project",
            "bias": round(bias, 4), "news": NEWS, "retold": RETOLD, "consequence": CONSEQUENCE,
            "weights": {name: round(value, 3) for name, value in sorted(weights.items()) if abs(value) >= LEAST}}


def all_examples(data: Path) -> list[Example]:
    """The examples of every set."""
    seeds = seeds_of()
    reader = analyser(seeds)
    hazards = seeds.hazards()
    rows = {source: rows_named(source, data) for source in WEIGHTS}
    places = place_words([row for each in rows.values() for row in each], reader)
    places -= {word for lexicon in seeds.lexicons().values() for word in lexicon.stopwords}
    return [replace(each, features=tuple(name for name in each.features if not _is_place(name, places)))
            for source in WEIGHTS for each in examples_of(source, rows[source], reader, hazards)]


def _is_place(name: str, places: set[str]) -> bool:
    return name.startswith("word:") and name.rpartition(":")[2] in places


def rows_named(source: str, data: Path) -> list[Json]:
    """The rows of one of WEIGHTS."""
    root = Path(__file__).resolve().parents[2]
    rows = rows_of_cases(root / "tests" / "cases") if source == CASES else rows_of(data / f"{source}.jsonl.gz")
    return [{**row, "gold": {**row["gold"], "relevant": row["gold"]["security"]}} if source == CLUSTERS else row
            for row in rows]


def check(examples: Sequence[Example]) -> None:
    """Print precision and recall of hits at NEWS, by set, each article judged by weights that never saw it."""
    right: Counter[tuple[str, bool, bool]] = Counter()
    for number in range(FOLDS):
        model = relevance_of(model_of([each for each in examples if each.fold != number]))
        for each in examples:
            if each.fold == number:
                right[each.source, each.news, model.probability(each.features) >= NEWS] += 1
    for source in WEIGHTS:
        found = right[source, True, True]
        told, news = found + right[source, False, True], found + right[source, True, False]
        print(f"{source:20} precision {found / max(told, 1):.3f} recall {found / max(news, 1):.3f} of {news} hits"
              f" that are news, {told - found} false among {right[source, False, True] + right[source, False, False]}")


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
