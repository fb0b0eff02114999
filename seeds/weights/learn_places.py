"""Labelled articles -> seeds/weights/places.json: what makes a name a place, and which place it means.

    .venv/bin/python seeds/weights/learn_places.py GOLD.jsonl.gz ... [--folds 2] [--out seeds/weights/places.json]

GOLD are JSON lines of articles with `gold.toponyms`, or with `gold.incidents` whose places have points
(see `advisord evaluate`): of those only which place a name means is learned. With --folds N nothing is written: N
models learn on all but one part of the articles each, and what they say of the part left out is printed. Deterministic:
no random number, sums in a fixed order. Models are logistic (is it a place?) and softmax over a name's places (which?),
with an L2 penalty, by full-batch Adam; features are named where they are made, in advisord/extract/mentions.py,
place_options.py, place_votes.py and toponyms.py. Every article is also learned from in capitals ("flat").
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from advisord.extract.mentions import Candidate  # noqa: E402
from advisord.extract.place_answers import confidence_features  # noqa: E402
from advisord.extract.place_options import Option  # noqa: E402
from advisord.extract.place_votes import features_of  # noqa: E402
from advisord.extract.place_words import Words  # noqa: E402
from advisord.extract.toponyms import Reader, Reading  # noqa: E402
from advisord.gazetteer import Gazetteer  # noqa: E402
from advisord.gazetteer.words import read_words  # noqa: E402
from advisord.geo import distance_km  # noqa: E402
from advisord.model import Article, Place, PlaceKind  # noqa: E402
from advisord.text.fold import fold  # noqa: E402

LEAST_WEIGHT = 0.002
# "Jordan Baker" is no country. The sets have too few persons called like one to learn it (they say -0.4).
PERSON, PERSON_WEIGHT = "first_name+surname", -3.5
NEAR_KM = 161.0  # 100 miles, the usual bound of "the right place" (Leidner 2008)
EMPTY: dict[str, dict[str, float]] = {
    name: {} for name in ("local", "compound", "prior", "first", "final", "mention", "confidence")
}
Features = Sequence[tuple[str, float]]
Groups = list[tuple[list[Features], list[bool]]]


@dataclass(frozen=True)
class Labelled:
    """An article with its gold toponyms; `partial`: names that are not labelled may be places too."""

    article: Article
    toponyms: list[dict[str, Any]]
    partial: bool


def labelled(path: Path, case: str) -> list[Labelled]:
    """The articles of a file that have toponyms, as written or in capitals."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [json.loads(line) for line in data.decode("utf-8").split("\n") if line]
    found = []
    for row in rows:
        text = capitals(row["text"]) if case == "flat" else row["text"]
        article = Article(str(row["id"]), text, "", language=row.get("language"), country=row.get("country"))
        if "toponyms" in row["gold"]:
            found.append(Labelled(article, row["gold"]["toponyms"], bool(row["gold"].get("toponyms_partial"))))
        elif toponyms := of_incidents(fold(text), row["gold"].get("incidents") or []):
            found.append(Labelled(article, toponyms, partial=True))
    return found


def of_incidents(folded: str, incidents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The names of incidents' places where they stand in the text, with the point that the label gives."""
    found = []
    for place in (incident.get("place") for incident in incidents):
        if not place or place.get("lat") is None:
            continue
        for name in place["names"]:
            hits = re.finditer(rf"(?<!\w){re.escape(fold(name))}(?!\w)", folded)
            found += [
                {"start": hit.start(), "end": hit.end(), "lat": place["lat"], "lon": place["lon"]} for hit in hits
            ]
    return found


def capitals(text: str) -> str:
    """The text in capitals, of the same length."""
    return "".join(upper if len(upper := char.upper()) == 1 else char for char in text)


# --------------------------------------------------------------------------------------------------------------


class Matrix:
    """Rows of named features as arrays; features seen in fewer than `least` rows are left out."""

    def __init__(self, rows: Sequence[Features], least: int) -> None:
        """Index the names in their order."""
        counts = Counter(name for row in rows for name, _ in row)
        self.index = {name: i for i, name in enumerate(sorted(name for name, n in counts.items() if n >= least))}
        cells = [
            (r, self.index[name], value) for r, row in enumerate(rows) for name, value in row if name in self.index
        ]
        self.row = np.array([cell[0] for cell in cells], int)
        self.column = np.array([cell[1] for cell in cells], int)
        self.value = np.array([cell[2] for cell in cells], float)
        self.rows = len(rows)

    def times(self, weights: Any) -> Any:
        """Scores of the rows."""
        return np.bincount(self.row, weights[self.column] * self.value, self.rows)

    def back(self, errors: Any) -> Any:
        """Gradient by feature."""
        return np.bincount(self.column, errors[self.row] * self.value, len(self.index))


def descend(size: int, gradient: Callable[[Any], Any], rate: float = 0.08, rounds: int = 400) -> Any:
    """Full-batch Adam from nought (Kingma & Ba 2015), the rate falling to nought."""
    weights, mean, square = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, rounds + 1):
        slope = gradient(weights)
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope * slope
        fading = rate * (1 - step / rounds) + rate / 50
        weights -= fading * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights


def logistic(rows: Sequence[Features], answers: Sequence[int], penalty: float, least: int = 3) -> dict[str, float]:
    """Weights with "bias" for the log odds of `answers`."""
    matrix, wanted = Matrix(rows, least), np.array(answers, float)

    def gradient(weights: Any) -> Any:
        odds = np.clip(matrix.times(weights[:-1]) + weights[-1], -30, 30)
        errors = 1 / (1 + np.exp(-odds)) - wanted
        return np.append(matrix.back(errors) + penalty * weights[:-1], errors.sum())

    weights = descend(len(matrix.index) + 1, gradient)
    return rounded({**dict(zip(matrix.index, weights, strict=False)), "bias": weights[-1]})


def softmax(groups: Groups, penalty: float, least: int = 5) -> dict[str, float]:
    """Weights under which the right options of each group get the most of its probability."""
    rows = [row for options, _ in groups for row in options]
    group = np.array([g for g, (options, _) in enumerate(groups) for _ in options], int)
    right = np.array([good for _, goods in groups for good in goods], float)
    matrix = Matrix(rows, least)

    def gradient(weights: Any) -> Any:
        scores = matrix.times(weights)
        peak = np.full(len(groups), -1e9)
        np.maximum.at(peak, group, scores)
        raised = np.exp(scores - peak[group])
        shares = raised / np.bincount(group, raised, len(groups))[group]
        good = raised * right
        wanted = good / np.maximum(np.bincount(group, good, len(groups)), 1e-12)[group]
        return matrix.back(shares - wanted) + penalty * weights

    return rounded(dict(zip(matrix.index, descend(len(matrix.index), gradient), strict=True)))


def rounded(weights: dict[str, Any]) -> dict[str, float]:
    """Four digits are more than enough; what is next to nothing goes."""
    return {
        name: round(float(weight), 4)
        for name, weight in sorted(weights.items())
        if abs(weight) >= LEAST_WEIGHT or name == "bias"
    }


# --------------------------------------------------------------------------------------------------------------


class Learner:
    """Learns the models of one kind of text one on top of the other."""

    def __init__(self, gazetteer: Gazetteer, words: Words, case: str) -> None:
        """Keep the tables."""
        self.gazetteer, self.words, self.case = gazetteer, words, case

    def learn(self, rows: Sequence[Labelled]) -> dict[str, dict[str, float]]:
        """All weights from these articles."""
        weights = dict(EMPTY)
        full = [row for row in rows if not row.partial]
        reader = self.reader(weights)
        pairs = [
            (reader.local_features(each, row.article.text), label)
            for row, _, labels in self.read(full, reader)
            for each, label in labels
            if label >= 0
        ]
        weights["local"] = logistic([fs for fs, _ in pairs], [label for _, label in pairs], 2.0)
        weights["local"] |= {PERSON: min(weights["local"].get(PERSON, 0.0), PERSON_WEIGHT)}
        reader = self.reader(weights)
        shapes = [
            (shape.features, self.label_of(shape.word, row))
            for row in full
            for shape in reader.shapes(row.article, fold(row.article.text))
        ]
        weights["compound"] = logistic(
            [[(f, 1.0) for f in fs] for fs, label in shapes if label >= 0],
            [label for _, label in shapes if label >= 0],
            2.0,
        )
        weights["prior"] = softmax(self.groups(rows, weights, static=True), 1.0)
        weights["first"] = softmax(self.groups(rows, weights), 1.0)
        weights["final"] = softmax(self.groups(rows, {**weights, "final": weights["first"]}), 1.0)
        reader = self.reader(weights)
        seen = [
            ([*reader.answers.name_features(name, reading.ballot), *reader.answers.mention_features(each, name)], label)
            for _, reading, labels in self.read(full, reader)
            for each, label in labels
            if label >= 0
            for name in (reading.names[each.key],)
        ]
        weights["mention"] = logistic([fs for fs, _ in seen], [label for _, label in seen], 1.0)
        return weights

    def calibrate(self, rows: Sequence[Labelled], weights: dict[str, dict[str, float]]) -> list[tuple[Features, int]]:
        """What the confidence is learned from: for each mention found, its evidence and whether the place is right."""
        reader = self.reader(weights)
        found: list[tuple[Features, int]] = []
        for row, reading, labels in self.read([row for row in rows if not row.partial], reader):
            for (each, label), sure in zip(labels, reader.sureness(reading), strict=True):
                gold = self.gold_of(each, row)
                if sure <= 0 or label < 0 or each.hidden or (gold is not None and gold.get("lat") is None):
                    continue
                name = reading.names[each.key]
                good = gold is not None and self.right(name.option, gold)
                found.append((confidence_features(name, sure), int(good)))
        return found

    def reader(self, weights: dict[str, dict[str, float]]) -> Reader:
        """The program itself, with these weights."""
        return Reader(self.gazetteer, weights, self.words.of_language("en")[1], self.case)

    def read(
        self, rows: Sequence[Labelled], reader: Reader
    ) -> list[tuple[Labelled, Reading, list[tuple[Candidate, int]]]]:
        """Each article as the program reads it, its candidates labelled 1 place, 0 none, -1 no verdict."""
        read = []
        for row in rows:
            reading = reader.read(row.article, ("", fold(row.article.text)))
            read.append((row, reading, [(each, self.label(each, row)) for each in reading.candidates]))
        return read

    def label(self, each: Candidate, row: Labelled) -> int:
        """Whether a candidate is a place by the gold; no verdict inside a longer name."""
        return -1 if each.hidden else self.label_of((each.start, each.end), row)

    def label_of(self, span: tuple[int, int], row: Labelled) -> int:
        """The same of a span."""
        hits = [gold for gold in row.toponyms if span[0] < gold["end"] and span[1] > gold["start"]]
        if any(not gold.get("optional") for gold in hits):
            return 1
        return -1 if hits or row.partial else 0

    def gold_of(self, each: Candidate, row: Labelled) -> dict[str, Any] | None:
        """The gold mention that a candidate overlaps."""
        return self.gold_at((each.start, each.end), row)

    def gold_at(self, span: tuple[int, int], row: Labelled) -> dict[str, Any] | None:
        """The same of a span."""
        hits = [gold for gold in row.toponyms if span[0] < gold["end"] and span[1] > gold["start"]]
        return next((gold for gold in hits if gold.get("lat") is not None), hits[0] if hits else None)

    def right(self, option: Option, gold: dict[str, Any]) -> bool:
        """Countries by code, everything else within 161 km."""
        if gold.get("kind") == "country" and gold.get("country"):
            return option.kind is PlaceKind.COUNTRY and self.gazetteer.countries[option.country] == gold["country"]
        return distance_km(*self.gazetteer.point(option.row), gold["lat"], gold["lon"]) <= NEAR_KM

    def groups(self, rows: Sequence[Labelled], weights: dict[str, dict[str, float]], *, static: bool = False) -> Groups:
        """For each name of each article with a known place: its options' features, and which are right."""
        found: Groups = []
        for row, reading, _ in self.read(rows, self.reader(weights)):
            done: set[int] = set()
            for each in reading.candidates:
                gold = self.gold_of(each, row)
                if gold is None or gold.get("lat") is None or each.key in done:
                    continue
                name = reading.names[each.key]
                goods = [self.right(option, gold) for option in name.options]
                if any(goods) and not all(goods):
                    done.add(each.key)
                    found.append(
                        (
                            [
                                option.features
                                if static
                                else [*option.features, *features_of(name, option, reading.ballot)]
                                for option in name.options
                            ],
                            goods,
                        )
                    )
        return found


def scores(learner: Learner, rows: Sequence[Labelled], weights: dict[str, dict[str, float]]) -> str:
    """Precision, recall, F1 of mentions by overlap, and how many of those found are placed right."""
    reader = learner.reader(weights)
    hits = found = asked = placed = good = 0
    for row in rows:
        asked += sum(not gold.get("optional") for gold in row.toponyms)
        for mention in reader.mentions(row.article, reader.read(row.article, ("", fold(row.article.text)))):
            span = (mention.start, mention.end)
            label = learner.label_of(span, row)
            found += label >= 0
            hits += label > 0
            gold = learner.gold_at(span, row)
            if gold is not None and gold.get("lat") is not None:
                placed += 1
                good += placed_right(mention.place, gold)
    precision, recall = hits / max(found, 1), hits / max(asked, 1)
    if rows and all(row.partial for row in rows):
        return f"right place {good / max(placed, 1):.3f} of {placed}"
    return (
        f"P {precision:.3f} R {recall:.3f} F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}"
        f"  right place {good / max(placed, 1):.3f} of {placed}"
    )


def placed_right(place: Place, gold: dict[str, Any]) -> bool:
    """Countries by code, everything else within 161 km."""
    if gold.get("kind") == "country" and gold.get("country"):
        return place.kind is PlaceKind.COUNTRY and place.country == gold["country"]
    if place.lat is None or place.lon is None:
        return False
    return distance_km(place.lat, place.lon, gold["lat"], gold["lon"]) <= NEAR_KM


def main() -> None:
    """Learn or cross-validate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--across", action="store_true", help="learn on each file alone and judge it on the others")
    parser.add_argument("--out", type=Path, default=ROOT / "seeds" / "weights" / "places.json")
    chosen = parser.parse_args()
    folder = ROOT / "seeds" / "gazetteer"
    gazetteer, words = Gazetteer.open(folder), Words.of(*read_words(folder))
    learned = {}
    for case in ("mixed", "flat"):
        learner = Learner(gazetteer, words, case)
        sets = {path.name: labelled(path, case) for path in chosen.gold}
        if chosen.across:
            for name, rows in sets.items():
                weights = learner.learn(rows)
                for other, judged in sets.items():
                    print(case, f"learned on {name}, judged on {other}:", scores(learner, judged, weights), flush=True)
            continue
        folds = max(2, chosen.folds)
        evidence: list[tuple[Features, int]] = []
        for fold_number in range(folds):
            taught = [row for rows in sets.values() for i, row in enumerate(rows) if i % folds != fold_number]
            weights = learner.learn(taught)
            for name, rows in sets.items():
                left = rows[fold_number::folds]
                print(case, f"fold {fold_number}", name, scores(learner, left, weights), flush=True)
                evidence += learner.calibrate(left, weights)
        confidence = logistic([fs for fs, _ in evidence], [good for _, good in evidence], 0.1)
        print(case, "confidence", confidence, *curve(evidence, confidence), sep="\n  ")
        if not chosen.folds:
            learned[case] = {**learner.learn([row for rows in sets.values() for row in rows]), "confidence": confidence}
    if learned:
        head = {"provenance": "seeds/weights/learn_places.py on the development sets; see docs/places.md"}
        chosen.out.write_text(
            json.dumps({**head, **learned}, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8"
        )


def curve(evidence: Sequence[tuple[Features, int]], weights: dict[str, float]) -> list[str]:
    """Of the answers at each tenth of confidence, how many are right."""
    bins: dict[int, list[int]] = {}
    for features, good in evidence:
        odds = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features)
        bins.setdefault(min(9, int(10 / (1 + np.exp(-odds)))), []).append(good)
    return [
        f"{tenth / 10:.1f}-{tenth / 10 + 0.1:.1f}: {sum(goods) / len(goods):.3f} of {len(goods)}"
        for tenth, goods in sorted(bins.items())
    ]


if __name__ == "__main__":
    main()
