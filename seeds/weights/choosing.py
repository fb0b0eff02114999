"""What learn_choices.py is made of: pairs of gold and program, and a logistic choice among options.

An example is one choice: the features of every option, and which are right. Learned is one weight a feature, so that a
right option gets most of exp(sum of weights), with an L2 penalty, by L-BFGS.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from learn_incidents import FOLDS, LEAST, Json, Vector, article_of, lowest

from advisord.extract.analyse import Analyser
from advisord.extract.incidents import Incident
from advisord.extract.reports import Reporter
from advisord.geo import distance_km
from advisord.model import Mention, Report
from advisord.text.fold import fold

CLOSE_KM, NEAR_KM = 25.0, 161.0
GENERIC = frozenset({
    "city", "town", "village", "department", "province", "region", "municipality", "district", "neighborhood", "county",
    "state", "area", "sector", "zone", "hill", "river", "canton", "camp", "of", "the", "de", "la", "el", "los", "las",
    "del", "road", "street", "highway"})


@dataclass(frozen=True, slots=True)
class Choice:
    """The features of every option, which are right, how much it counts, and the fold of its article."""

    options: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    weight: float
    fold: int
    source: str


def pairs_of(rows: Sequence[Json], reader: Analyser, key: str) -> Iterator[tuple[Json, Json, Reporter, Incident]]:
    """Row, what its gold tells with that key, and the incident that tells the same."""
    for row in rows:
        gold = [each for each in row["gold"].get("incidents") or [] if key in each]
        if gold and (made := reader.incidents_of(article_of(row))):
            for wanted, incident in paired(gold, *made):
                yield row, wanted, made[0], incident


def paired(gold: Sequence[Json], reporter: Reporter, incidents: Sequence[Incident]) -> Iterator[tuple[Json, Incident]]:
    """What the gold tells with the incident that tells the same, the best fitting pairs first; each once."""
    reports = [reporter.report_of(each) for each in incidents]
    current = [report for report in reports if report.phase.is_current]
    scored = []
    for i, wanted in enumerate(gold):
        for j, report in enumerate(reports):
            fits = fitting(wanted, report, incidents[j], reporter)
            if report.phase.value in wanted.get("phase", [report.phase.value]) and (
                    fits >= 2 or (len(gold) == 1 and len(current) == 1 and report.phase.is_current)):  # noqa: PLR2004
                scored.append((-fits, i, j))
    used: set[tuple[str, int]] = set()
    for _, i, j in sorted(scored):
        if not {("gold", i), ("report", j)} & used:
            used |= {("gold", i), ("report", j)}
            yield gold[i], incidents[j]


def fitting(wanted: Json, report: Report, incident: Incident, reporter: Reporter) -> float:
    """How well a report fits: its hazards, then its place and day."""
    same = is_of(wanted, report.hazard, reporter)
    might = any(is_of(wanted, each.hit.hazard, reporter) for each in incident.judged)
    place = wanted.get("place")
    near = report.place is not None and place is not None and closeness(place, report.place)
    day = any(each["from"] and each["from"] <= (report.start or "") <= each["to"] for each in wanted.get("date", []))
    return 2.0 * might + 0.5 * same + 1.5 * bool(near) + 0.5 * day


def is_of(wanted: Json, code: str, reporter: Reporter) -> bool:
    """Whether a code is one of the gold's."""
    hazard = reporter.hazards[code]
    return bool({hazard.code, hazard.acled, hazard.muc} & set(wanted.get("hazard", [hazard.code])))


def closeness(place: Json, mention: Mention) -> int:
    """2 for the place itself, 1 for what it lies in or near, 0 for another."""
    said = {bare(mention.surface), bare(mention.place.name or "")} - {""}
    if said & set(map(bare, place["names"])):
        return 2
    away = NEAR_KM + 1
    if place.get("lat") is not None and mention.place.lat is not None and mention.place.lon is not None:
        away = distance_km(place["lat"], place["lon"], mention.place.lat, mention.place.lon)
    if away <= CLOSE_KM:
        return 2
    return int(away <= NEAR_KM or bool(said & set(map(bare, place.get("chain", [])))))


def bare(name: str) -> str:
    """A name without case, signs and words for kinds of places."""
    words = "".join(each if each.isalnum() else " " for each in fold(name)).split()
    return " ".join([word for word in words if word not in GENERIC] or words)


def learned(choices: Sequence[Choice], counts_of: Mapping[str, float], penalty: float,
            rarest: Callable[[str], int]) -> dict[str, float]:
    """The weights; every set counts as `counts_of` says, a feature from `rarest` examples on."""
    counts = Counter(name for each in choices for name in {name for option in each.options for name in option})
    names = sorted(name for name, count in counts.items() if count >= rarest(name))
    column = {name: at for at, name in enumerate(names, start=1)}  # column 0 stays nought: an option may have none
    options = [[0, *(column[name] for name in option if name in column)] for each in choices for option in each.options]
    columns = np.array([at for option in options for at in option])
    rows = np.repeat(np.arange(len(options)), [len(option) for option in options])
    starts = np.concatenate(([0], np.cumsum([len(option) for option in options])[:-1]))
    groups = np.concatenate(([0], np.cumsum([len(each.options) for each in choices])[:-1]))
    group = np.repeat(np.arange(len(choices)), [len(each.options) for each in choices])
    right = np.array([each for choice in choices for each in choice.right])
    share = {name: sum(each.weight for each in choices if each.source == name) or 1.0 for name in counts_of}
    scale = len(choices) / sum(counts_of.values())
    weight = np.array([each.weight * counts_of[each.source] / share[each.source] * scale for each in choices])

    def loss(weights: Vector) -> tuple[float, Vector]:
        """The penalised loss and its gradient."""
        score = np.add.reduceat(weights[columns], starts)
        score -= np.maximum.reduceat(score, groups)[group]
        odds = np.exp(score)
        total = np.add.reduceat(odds, groups)
        good = np.maximum(np.add.reduceat(np.where(right, odds, 0.0), groups), 1e-300)
        value = (weight * (np.log(total) - np.log(good))).sum() + 0.5 * penalty * (weights ** 2).sum()
        slope = weight[group] * (odds / total[group] - np.where(right, odds, 0.0) / good[group])
        gradient = np.bincount(columns, weights=slope[rows], minlength=len(weights)) + penalty * weights
        gradient[0] = 0.0
        return float(value), gradient

    solved = lowest(loss, np.zeros(len(names) + 1))
    return {name: round(float(solved[at]), 3) for name, at in column.items() if abs(solved[at]) >= LEAST}


def check(choices: Sequence[Choice], learn: Callable[[Sequence[Choice]], dict[str, float]]) -> None:
    """Print how many are chosen right, by set, each judged by weights that never saw its article."""
    counts: Counter[tuple[str, bool]] = Counter()
    for number in range(FOLDS):
        weights = learn([each for each in choices if each.fold != number])
        for each in choices:
            if each.fold == number:
                scores = [sum(weights.get(name, 0.0) for name in option) for option in each.options]
                counts[each.source, each.right[scores.index(max(scores))]] += 1
    for source in sorted({each.source for each in choices}):
        right, wrong = counts[source, True], counts[source, False]
        print(f"{source:20} right {right / max(1, right + wrong):.3f} of {right + wrong}")
