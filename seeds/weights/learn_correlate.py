#!/usr/bin/env python3
"""Labelled articles -> correlate.json: what each piece of evidence counts for one and the same incident.

    python seeds/weights/learn_correlate.py ../shared/data            # prints the figures, writes correlate.json
    python seeds/weights/learn_correlate.py ../shared/data --check    # learns on half of the topics, judges the others

What is learned are six numbers: the bias; the weights of words as such and of standing in a small group; how much all
facts that speak for one incident count together, and all that speak against; the share of the mean in the linkage is
told, not written (advisord/correlate/grouping.py has it). The facts' proportions to one another (JUDGED), the weight of
words in context (the unit) and of one scene (same kind, place and time: one incident by definition, unless words
are as far apart as they can be) are judgement, since no labelled set has enough of each. Pair by pair regression was
tried: it calibrates pairs and groups badly (F1 .85 on the topics that it learned from), and it believes every date that
was misread.

The score is a sum over sets, so that no set is served at the cost of another:
  look-alike pairs (clusters-ecbplus), B-cubed F1 over the security topics, twice; and of small samples of all topics,
    as a desk sees them in the first hours;
  incidents-muc4: messages whose gold names day and place, one incident a day and place; many look-alikes, few joins;
  incidents-awsd, incidents-news: B-cubed precision, every article another incident.
"""
from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from advisord.cli.articles import line_of
from advisord.correlate import grouping
from advisord.correlate.accounts import account_of
from advisord.correlate.batch import as_current
from advisord.correlate.evidence import columns_of, pieces, words_of
from advisord.correlate.linkage import linked
from advisord.correlate.sourced import outline, sourced
from advisord.correlate.tables import Tables
from advisord.model import SourcedReport
from advisord.settings.correlation import tables
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
JUDGED = {
    "one_article": 1.0, "same_kind": 0.5, "kin": 0.3, "same_family": 0.0, "other_kind": -1.0,
    "same_place": 0.4, "near_place": 0.0, "other_place": -1.0, "far_place": -2.0, "other_region": -0.7, "abroad": -2.0,
    "same_day": 1.5, "next_day": 0.7, "other_day": -0.8, "day_fits": 0.5, "day_misfits": -0.7, "told_near": 0.5,
    "told_apart": -0.5, "killed_agree": 0.3, "killed_clash": -0.3, "injured_agree": 0.3, "injured_clash": -0.3,
}
FIXED = {"words": 30.0, "one_scene": 5.0, "foreign": 2.5}
BEGIN = {"plain_words": 7.6, "few": -5.0, "bias": -6.0, "for": 1.6, "against": 1.3, "mean": 0.7}
STEPS = {"plain_words": 3.0, "few": 1.0, "bias": 0.5, "for": 0.3, "against": 0.3, "mean": 0.1}
ROUNDS = 120
# Loose groups larger than this are left out where nothing joins, for speed
LARGEST = 400


@dataclass(frozen=True)
class Loose:
    """One loose group: the positions of its articles, and the pieces of evidence of its pairs."""

    positions: tuple[int, ...]
    pieces: dict[str, Any]


@dataclass(frozen=True)
class Labelled:
    """A labelled set made ready: loose groups of articles that tell of an event, and what each tells of."""

    labels: tuple[str, ...]
    groups: tuple[Loose, ...]


class Reader:
    """Reads gold files once."""

    def __init__(self, folder: Path) -> None:
        self.folder, seeds = folder, seeds_of()
        self.tables: Tables = tables(seeds)
        self.analyser = analyser(seeds)

    def rows(self, name: str) -> list[tuple[SourcedReport, dict[str, Any]]]:
        """The leading current event of each article, or without one what it is laid beside others by; and its gold."""
        found = []
        with gzip.open(self.folder / f"{name}.jsonl.gz", "rb") as lines:
            for number, data in enumerate(lines, start=1):
                article = line_of(number, data).article
                if article is None:
                    continue
                article = replace(article, id=f"{number:06}", seen_at=NEVER)
                analysis = self.analyser.analyse(article)
                told = sourced(article, analysis, None, now=NEVER, tables=self.tables)
                lead = next((each for each in told if each.report.phase.is_current
                             and not self.tables.is_consequence(each.report.hazard)), None)
                if lead is None and all(not each.report.phase.is_current for each in told):
                    lead = as_current(outline(article, analysis, now=NEVER, tables=self.tables))
                if lead is not None:
                    found.append((lead, json.loads(data)["gold"]))
        return found

    def ready(self, rows: Sequence[tuple[SourcedReport, str]]) -> Labelled:
        """Those reports in loose groups, with the evidence of their pairs."""
        hazards = self.analyser.hazards
        accounts = [account_of(each, told=each.published) for each, _ in rows]
        groups = []
        for positions in grouping.loose_groups_of(accounts, hazards=hazards, tables=self.tables):
            members = [accounts[at] for at in positions]
            i, j = np.triu_indices(len(members), 1)
            groups.append(Loose(positions, dict(pieces(columns_of(members, hazards, self.tables), i, j,
                                                       words_of(members)))))
        return Labelled(tuple(label for _, label in rows), tuple(groups))


def weights_of(learned: dict[str, float]) -> dict[str, float]:
    """The six numbers as weights of all pieces."""
    facts = {name: each * learned["against" if each < 0 else "for"] for name, each in JUDGED.items()}
    return {**facts, **FIXED, **{name: learned[name] for name in ("plain_words", "few", "bias")}}


def found_in(labelled: Labelled, learned: dict[str, float]) -> list[int]:
    """The incident of each article under those numbers."""
    weights, incident = weights_of(learned), list(range(len(labelled.labels)))
    for group in labelled.groups:
        size = len(group.positions)
        i, j = np.triu_indices(size, 1)
        table = np.zeros((size, size))
        table[i, j] = table[j, i] = weights["bias"] + sum(weights[name] * each for name, each in group.pieces.items())
        for close in linked(table, 0.0, mean_share=learned["mean"]):
            for at in close:
                incident[group.positions[at]] = group.positions[close[0]]
    return incident


def b_cubed(gold: Sequence[str], found: Sequence[int]) -> tuple[float, float, float]:
    """Precision, recall and F1 of Bagga and Baldwin 1998."""
    in_gold, in_found, both = Counter(gold), Counter(found), Counter(zip(gold, found, strict=True))
    shared = [both[pair] for pair in zip(gold, found, strict=True)]
    precision = sum(each / in_found[of] for each, of in zip(shared, found, strict=True)) / len(gold)
    recall = sum(each / in_gold[of] for each, of in zip(shared, gold, strict=True)) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


Rows = list[tuple[SourcedReport, dict[str, Any]]]


def pairs_of(reader: Reader, rows: Rows, topics: Iterable[str]) -> dict[str, Labelled]:
    """The look-alike pairs of those topics: the security ones, and twelve small samples of all."""
    kept = [(each, gold) for each, gold in rows if gold["cluster"].split("-")[0] in set(topics)]
    sets = {"pairs": reader.ready([(each, gold["cluster"]) for each, gold in kept if gold["security"]])}
    clusters = defaultdict(list)
    for each, gold in kept:
        clusters[gold["cluster"]].append((each, gold["cluster"]))
    for seed in range(12):
        chance = random.Random(seed)
        sample = [row for name in sorted(clusters) if len(clusters[name]) > 1
                  for row in chance.sample(clusters[name], min(len(clusters[name]), chance.randint(1, 6)))]
        sets[f"small {seed}"] = reader.ready(sample)
    return sets


def others_of(reader: Reader) -> dict[str, Labelled]:
    """The sets that hold many look-alikes and few joins."""
    muc = []
    for each, gold in reader.rows("incidents-muc4"):
        if not each.report.hazard:
            continue
        first = next(iter(gold["incidents"]), {})
        date, place = (first.get("date") or [{}])[0], first.get("place")
        if place and date.get("from") and date["from"] == date["to"]:
            muc.append((each, f"{date['from']} {place['names'][0]}"))
    sets = {"muc4": reader.ready(muc)}
    for name in ("awsd", "news"):
        rows = [row for row in reader.rows(f"incidents-{name}") if row[0].report.hazard]
        ready = reader.ready([(each, str(at)) for at, (each, _) in enumerate(rows)])
        sets[name] = Labelled(ready.labels, tuple(each for each in ready.groups if len(each.positions) <= LARGEST))
    return sets


def figures(sets: dict[str, Labelled], learned: dict[str, float]) -> dict[str, float]:
    """The figures that the score is made of."""
    told = {name: b_cubed(each.labels, found_in(each, learned)) for name, each in sets.items()}
    small = [f1 for name, (_, _, f1) in told.items() if name.startswith("small")]
    found = {"pairs F1": told["pairs"][2], "small F1": sum(small) / len(small)}
    if "muc4" in told:
        found |= {"muc4 F1": told["muc4"][2], "awsd precision": told["awsd"][0], "news precision": told["news"][0]}
    return found


SHARES = {"pairs F1": 2.0, "small F1": 1.0, "muc4 F1": 0.4, "awsd precision": 0.2, "news precision": 0.2}


def learn(sets: dict[str, Labelled]) -> dict[str, float]:
    """The numbers after ROUNDS of trying others near the best so far; the same on every run."""
    chance, best = random.Random(1), dict(BEGIN)
    score = _score(sets, best)
    for _ in range(ROUNDS):
        tried = dict(best)
        for name in chance.sample(sorted(STEPS), chance.choice((1, 2, 3))):
            tried[name] += chance.gauss(0, STEPS[name])
        tried |= {"mean": min(1.0, max(0.3, tried["mean"])), "for": max(0.0, tried["for"]),
                  "against": max(0.2, tried["against"])}
        reached = _score(sets, tried)
        if reached > score:
            best, score = tried, reached
    return {name: round(each, 2) for name, each in best.items()}


def _score(sets: dict[str, Labelled], learned: dict[str, float]) -> float:
    return sum(SHARES[name] * each for name, each in figures(sets, learned).items())


def main() -> None:
    """Learns and writes, or checks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    reader = Reader(chosen.folder)
    rows, others = reader.rows("clusters-ecbplus"), others_of(reader)
    topics = sorted({gold["cluster"].split("-")[0] for _, gold in rows}, key=int)
    if chosen.check:
        for part, rest in ((topics[::2], topics[1::2]), (topics[1::2], topics[::2])):
            learned = learn({**pairs_of(reader, rows, part), **others})
            print("learned on", *part, learned)
            print("  told of the others:", figures(pairs_of(reader, rows, rest), learned))
        return
    sets = {**pairs_of(reader, rows, topics), **others}
    learned = learn(sets)
    print(learned, figures(sets, learned))
    path = Path(__file__).with_name("correlate.json")
    path.write_text(json.dumps({
        "provenance": "learned by seeds/weights/learn_correlate.py on the development sets named there",
        "learned": learned, "figures": {name: round(each, 3) for name, each in figures(sets, learned).items()},
        "weights": {name: round(each, 2) for name, each in sorted(weights_of(learned).items())}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
