"""What the judging must know beside the labels: the hazards' other names, and words that don't tell places apart."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisord.evaluate.gold import AnswerReport, Gold
from advisord.model import Hazard, Phase, Severity

_SILENT = frozenset(phase.value for phase in Phase if not phase.is_current)
_ENDED = Phase.ENDED.value
_ALARMING = frozenset(severity.value for severity in Severity if severity.rank >= Severity.MODERATE.rank)


def is_current(report: AnswerReport) -> bool:
    """False for what tells of nothing now: background, denied, exercise."""
    return report.phase not in _SILENT


def is_silent(phases: Iterable[str]) -> bool:
    """Whether one of these phases is among those that never alert."""
    return any(phase in _SILENT for phase in phases)


def only_silent(phases: Iterable[str]) -> bool:
    """Whether all of these phases are among those that never alert."""
    return all(phase in _SILENT for phase in phases)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`hazards` by code; `generic` are folded words like "city" or "provincia" that names are compared without."""

    hazards: Mapping[str, Hazard]
    generic: frozenset[str] = frozenset()

    def names_of(self, report: AnswerReport) -> set[str]:
        """By what the report's hazard may be called: its code, its ACLED sub-event, its MUC type."""
        hazard = self.hazards.get(report.hazard or "")
        acled = report.acled or (hazard.acled if hazard else None)
        return {each for each in (report.hazard, acled, hazard.muc if hazard else None) if each}

    def judges(self, gold: Gold, report: AnswerReport) -> bool:
        """Whether the set's labellers were asked for such hazards at all."""
        hazard = self.hazards.get(report.hazard or "")
        if gold.scope == "muc" and (hazard is None or hazard.muc is None):
            return False
        return not gold.families or (report.hazard or "").startswith(gold.families)

    def alarms(self, report: AnswerReport) -> bool:
        """Whether it would reach people: current or announced, no end, at least Moderate."""
        hazard = self.hazards.get(report.hazard or "")
        severity = report.severity or (hazard.severity.value if hazard else None)
        return is_current(report) and report.phase is not None and report.phase != _ENDED and severity in _ALARMING

    def same_name(self, names: Iterable[str], given: Iterable[str | None]) -> bool:
        """Whether one of `names` equals one of `given` without case, accents, punctuation and generic words."""
        wanted = {self.plain(name) for name in names} - {""}
        return any(self.plain(name) in wanted for name in given if name)

    def plain(self, name: str) -> str:
        """The name as it is compared; generic words stay where there is nothing else."""
        letters = unicodedata.normalize("NFKD", name.casefold())
        kept = "".join(each if each.isalnum() or each == "_" else " "
                       for each in letters if not unicodedata.combining(each))
        words = kept.split()
        return " ".join([word for word in words if word not in self.generic] or words)
