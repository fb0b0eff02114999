"""One line of the table, and the counts behind a precision and a recall; all parts of the table use them."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `value` null where there was nothing to divide by, `count` what was divided by."""

    section: str
    name: str
    value: float | None
    count: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts behind a precision (`correct / predicted`) and a recall (`correct / gold`)."""

    correct: int = 0
    gold: int = 0
    predicted: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both counted together."""
        return Tally(self.correct + other.correct, self.gold + other.gold, self.predicted + other.predicted)

    @property
    def precision(self) -> float | None:
        """Nought where something was there to be found and nothing was."""
        if not self.predicted:
            return 0.0 if self.gold else None
        return self.correct / self.predicted

    @property
    def recall(self) -> float | None:
        """Null where there was nothing to find."""
        return ratio(self.correct, self.gold)

    @property
    def f1(self) -> float | None:
        """The harmonic mean; null where either is."""
        precision, recall = self.precision, self.recall
        if precision is None or recall is None:
            return None
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def figures(self, section: str, name: str, note: str = "") -> list[Figure]:
        """Precision, recall and F1."""
        return [Figure(section, f"{name} precision", self.precision, self.predicted, note),
                Figure(section, f"{name} recall", self.recall, self.gold),
                Figure(section, f"{name} F1", self.f1)]


def ratio(part: float, whole: float) -> float | None:
    """The quotient, null where there is nothing to divide by."""
    return part / whole if whole else None


def total(tallies: Iterable[Tally]) -> Tally:
    """All counted together."""
    return sum(tallies, Tally())
