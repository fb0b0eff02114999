"""Labelled incidents and the reports that answer them, aligned and turned into figures.

As in the ALL TEMPLATES row of MUC-4 (Chinchor 1992, MUC-4 Evaluation Metrics) a missed incident loses all its slots
and a surplus report counts against precision in every slot that the set labels. A pair needs the hazard or the place
right; one incident facing one current report are always a pair. `optional` incidents cost nothing when missed.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from advisord.evaluate.figures import Figure, Tally, ratio, total
from advisord.evaluate.gold import Answer, AnswerReport, GoldRow, Incident
from advisord.evaluate.slots import (
    ATTRIBUTION,
    LABELS,
    NOTHING,
    PERPETRATOR,
    SLOTS,
    count_given,
    day_of,
    place_below_country,
)
from advisord.evaluate.vocabulary import Vocabulary, is_current, is_silent, only_silent

# What an alignment is worth: the incident's kind and place decide, the rest breaks ties
WORTH: Mapping[str, float] = MappingProxyType({
    "hazard": 2.0, "place within 161 km": 1.5, "place by name, any level": 1.5, "country": 0.25, "date ±1 day": 0.5,
    "phase": 0.25, "killed": 0.5, "injured": 0.5, "abducted": 0.5})
DECISIVE = ("hazard", "place within 161 km", "place by name, any level")


@dataclass(frozen=True, slots=True)
class Judged:
    """One article with its incidents, the reports that the set judges, and which of them meet, by index."""

    row: GoldRow
    incidents: tuple[Incident, ...]
    reports: tuple[AnswerReport, ...]
    pairs: tuple[tuple[int, int], ...]

    @property
    def met(self) -> tuple[tuple[Incident, AnswerReport], ...]:
        """The incidents found, with the reports that tell them."""
        return tuple((self.incidents[i], self.reports[j]) for i, j in self.pairs)

    @property
    def missed(self) -> tuple[Incident, ...]:
        """The incidents asked for that no report tells."""
        found = {i for i, _ in self.pairs}
        return tuple(each for i, each in enumerate(self.incidents) if i not in found and not each.optional)

    @property
    def surplus(self) -> tuple[AnswerReport, ...]:
        """The current reports that tell of no labelled incident."""
        used = {j for _, j in self.pairs}
        return tuple(each for j, each in enumerate(self.reports) if j not in used and is_current(each))


def judged_of(pairs: Sequence[tuple[GoldRow, Answer]], vocabulary: Vocabulary) -> tuple[Judged, ...]:
    """Every article whose incidents are labelled, with its reports aligned to them."""
    return tuple(_judged(row, row.gold.incidents, answer, vocabulary) for row, answer in pairs
                 if row.gold.incidents is not None)


def document_tally(judged: Iterable[Judged]) -> Tally:
    """Which articles tell an incident; those whose only incidents are optional or may be background have no verdict."""
    tallies = []
    for each in judged:
        wanted = any(not incident.optional and not is_silent(incident.phase) for incident in each.incidents)
        told = any(is_current(report) for report in each.reports)
        if wanted or not any(_accepts_current(incident) for incident in each.incidents):
            tallies.append(Tally(int(wanted and told), int(wanted), int(told)))
    return total(tallies)


def found_tally(judged: Iterable[Judged]) -> Tally:
    """Which incidents were found."""
    return total(Tally(len(each.pairs), len(each.pairs) + len(each.missed), len(each.pairs) + len(each.surplus))
                 for each in judged)


def slot_tally(name: str, judged: Sequence[Judged], vocabulary: Vocabulary) -> Tally:
    """One slot over all incidents: found, missed and surplus."""
    labelled = any(incident.labels(LABELS[name]) for each in judged for incident in each.incidents)
    missed = [Tally(0, verdict.gold, 0) for each in judged for incident in each.missed
              if (verdict := SLOTS[name](incident, NOTHING, vocabulary))]
    surplus = [Tally(0, 0, _fills(name, report)) for each in judged for report in each.surplus] if labelled else []
    return aligned_tally(name, judged, vocabulary) + total(missed) + total(surplus)


def aligned_tally(name: str, judged: Sequence[Judged], vocabulary: Vocabulary) -> Tally:
    """One slot over the incidents found."""
    return total(verdict for each in judged for incident, report in each.met
                 if (verdict := SLOTS[name](incident, report, vocabulary)))


def incident_figures(judged: Sequence[Judged], vocabulary: Vocabulary) -> list[Figure]:
    """The lines on incidents; none where the set labels none."""
    if not judged:
        return []
    codes = Counter(report.hazard or "none" for each in judged for report in each.surplus)
    worst = ", ".join(f"{code} {count}" for code, count in codes.most_common(5))
    figures = [*document_tally(judged).figures("incidents: which documents tell one", "document"),
               *found_tally(judged).figures("incidents: found", "incident", f"most surplus: {worst}" if worst else "")]
    for name in SLOTS:
        tally = slot_tally(name, judged, vocabulary)
        if tally.gold:
            figures += _slot_figures(name, tally)
    section = "incidents: slots of aligned incidents"
    figures += [Figure(section, f"{name} right", ratio(tally.correct, tally.gold), tally.gold) for name in SLOTS
                if (tally := aligned_tally(name, judged, vocabulary)).gold and name not in {PERPETRATOR, ATTRIBUTION}]
    return figures


def _slot_figures(name: str, tally: Tally) -> list[Figure]:
    section = "incidents: slots over all incidents"
    if name in {PERPETRATOR, ATTRIBUTION}:
        return [Figure(section, name, tally.recall, tally.gold)]
    return tally.figures(section, name)


def hazard_figures(judged: Sequence[Judged], vocabulary: Vocabulary) -> list[Figure]:
    """Precision and recall of every hazard: of the reports that say it, and of the incidents labelled with it first."""
    tallies: Counter[tuple[str, str]] = Counter()
    for each in judged:
        for incident, report in each.met:
            right = bool(vocabulary.names_of(report) & set(incident.hazard))
            tallies[incident.hazard[0] if incident.hazard else "", "gold"] += 1
            tallies[incident.hazard[0] if incident.hazard else "", "found"] += right
            tallies[report.hazard or "", "said"] += 1
            tallies[report.hazard or "", "right"] += right
        tallies.update((incident.hazard[0] if incident.hazard else "", "gold") for incident in each.missed)
        tallies.update((report.hazard or "", "said") for report in each.surplus)
    figures: list[Figure] = []
    for code in sorted({code for code, _ in tallies} - {""}):
        said, gold = tallies[code, "said"], tallies[code, "gold"]
        figures += [Figure("by hazard", f"{code} precision", ratio(tallies[code, "right"], said), said),
                    Figure("by hazard", f"{code} recall", ratio(tallies[code, "found"], gold), gold)]
    return figures


def _judged(row: GoldRow, incidents: tuple[Incident, ...], answer: Answer, vocabulary: Vocabulary) -> Judged:
    reports = tuple(report for report in answer.reports if vocabulary.judges(row.gold, report))
    return Judged(row, incidents, reports, _aligned(incidents, reports, vocabulary))


def _aligned(incidents: Sequence[Incident], reports: Sequence[AnswerReport],
             vocabulary: Vocabulary) -> tuple[tuple[int, int], ...]:
    alone = len(incidents) == 1 and sum(is_current(report) for report in reports) == 1
    candidates: list[tuple[float, int, int]] = []
    for i, incident in enumerate(incidents):
        for j, report in enumerate(reports):
            if is_current(report) != _accepts_current(incident) and report.phase not in incident.phase:
                continue
            right = {name for name in WORTH if (verdict := SLOTS[name](incident, report, vocabulary))
                     and verdict.correct}
            if alone or right.intersection(DECISIVE):
                candidates.append((-sum(worth for name, worth in WORTH.items() if name in right), i, j))
    return _best(candidates)


def _best(candidates: list[tuple[float, int, int]]) -> tuple[tuple[int, int], ...]:
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(candidates):
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return tuple(pairs)


def _accepts_current(incident: Incident) -> bool:
    return not incident.labels("phase") or not only_silent(incident.phase)


def _fills(name: str, report: AnswerReport) -> int:
    key = LABELS[name]
    if key == "actors":
        return 0
    if key == "place":
        return int(place_below_country(report) is not None)
    if key == "country":
        return int(report.place is not None and report.place.country is not None)
    if key == "date":
        return int(day_of(report.start) is not None)
    if key in {"killed", "injured", "abducted"}:
        return int(count_given(report, key) is not None)
    return int(bool(getattr(report, key)))
