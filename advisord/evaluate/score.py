"""A labelled set and the answers to it, turned into the table: places, incidents, alarms, hazards, languages."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from advisord.evaluate.figures import Figure, Tally, ratio, total
from advisord.evaluate.gold import Answer, Gold, GoldRow, paired
from advisord.evaluate.incidents import (
    document_tally,
    found_tally,
    hazard_figures,
    incident_figures,
    judged_of,
    slot_tally,
)
from advisord.evaluate.mentions import mention_figures
from advisord.evaluate.vocabulary import Vocabulary, is_current

# what is printed for every language of its own
LANGUAGE_SLOTS = ("hazard", "place within 161 km", "place by name", "date ±1 day", "phase", "killed")


def figures_of(rows: Sequence[GoldRow], answers: Sequence[Answer], vocabulary: Vocabulary) -> tuple[Figure, ...]:
    """Every figure that the labels allow; raises EvaluationError where the answers are not those of the articles."""
    pairs = paired(rows, answers)
    judged = judged_of(pairs, vocabulary)
    failed = sum(answer.error is not None for answer in answers)
    note = f"{failed} answered with an error" if failed else ""
    return (Figure("rows", "articles", float(len(rows)), None, note), *mention_figures(pairs),
            *incident_figures(judged, vocabulary), *_alarm_figures(pairs, vocabulary),
            *hazard_figures(judged, vocabulary), *_language_figures(pairs, vocabulary))


def _language_figures(pairs: Sequence[tuple[GoldRow, Answer]], vocabulary: Vocabulary) -> list[Figure]:
    figures: list[Figure] = []
    for language in sorted({row.language or "?" for row, _ in pairs}):
        own = judged_of([(row, answer) for row, answer in pairs if (row.language or "?") == language], vocabulary)
        tallies = {"document": document_tally(own), "incident": found_tally(own)}
        tallies |= {name: slot_tally(name, own, vocabulary) for name in LANGUAGE_SLOTS}
        for name, tally in tallies.items():
            if tally.gold:
                figures += tally.figures(f"language {language}", name)
    return figures


def _relevant(gold: Gold) -> bool | None:
    """Whether the article tells an incident; null: no verdict."""
    if gold.relevant is not None or "relevant" in gold.model_fields_set:
        return gold.relevant
    return False if gold.unlabelled or gold.incidents == () else None


def _alarm_figures(pairs: Sequence[tuple[GoldRow, Answer]], vocabulary: Vocabulary) -> list[Figure]:
    """How many articles that tell nothing would alert, and how well the set's `relevant` is found where it has both."""
    judged = [(row, relevant, [report for report in answer.reports
                               if is_current(report) and vocabulary.judges(row.gold, report)])
              for row, answer in pairs if (relevant := _relevant(row.gold)) is not None]
    if not judged:
        return []
    figures: list[Figure] = []
    if {row.gold.relevant for row, _, _ in judged if row.gold.relevant is not None} == {True, False}:
        tally = total(Tally(int(relevant and bool(reports)), int(relevant), int(bool(reports)))
                      for _, relevant, reports in judged)
        figures += tally.figures("relevance: documents", "document")
    harmless = [(row, [report for report in reports if vocabulary.alarms(report)], reports)
                for row, relevant, reports in judged if not relevant]
    return figures + _false_alarm_figures(harmless)


def _false_alarm_figures(harmless: Sequence[tuple[GoldRow, Sequence[object], Sequence[object]]]) -> list[Figure]:
    section = "false alarms on irrelevant documents"
    alerted = Counter(row.language or "?" for row, alarms, _ in harmless if alarms)
    count = Counter(row.language or "?" for row, _, _ in harmless)
    told = sum(bool(reports) for _, _, reports in harmless)
    figures = [
        Figure(section, "alerted articles per 1,000", ratio(1000 * alerted.total(), len(harmless)), len(harmless)),
        Figure(section, "articles with any current report per 1,000", ratio(1000 * told, len(harmless)), len(harmless))]
    if len(count) > 1:
        figures += [Figure(section, f"alerted articles per 1,000, {language}",
                           ratio(1000 * alerted[language], number), number)
                    for language, number in sorted(count.items())]
    return figures
