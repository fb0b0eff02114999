"""Features -> how likely a hit is news of an incident: a sum of named weights, learned and shipped as data.

The weights are those of a logistic regression (seeds/weights/learn_incidents.py); a feature that has none counts
nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from math import exp
from typing import Any

from advisord.errors import SeedError

_LARGEST = 30.0  # beyond it exp() says nothing new


@dataclass(frozen=True, slots=True)
class Relevance:
    """A linear model; from the probabilities `news` and `retold` on a hit is reported as news or as background."""

    bias: float
    weights: dict[str, float]
    news: float
    retold: float
    consequence: float

    def of_hit(self, features: Iterable[str], *, follows: bool) -> float:
        """As `probability`; of what `follows` from something else, told outright, `consequence` is enough to be news.

        The sets that teach most hold no closures, orders and cuts as incidents, so that these come out too low.
        """
        probability = self.probability(features)
        return max(probability, self.news) if follows and probability >= self.consequence else probability

    def probability(self, features: Iterable[str]) -> float:
        """0..1 that what is told with these features is a current incident."""
        total = self.bias + sum(map(self.weights.get, features, repeat(0.0)))
        return 1 / (1 + exp(-max(-_LARGEST, min(_LARGEST, total))))


def relevance_of(told: Mapping[str, Any]) -> Relevance:
    """The model as its file tells it; SeedError where a key is missing or no number."""
    try:
        return Relevance(
            bias=float(told["bias"]), weights={str(name): float(value) for name, value in told["weights"].items()},
            news=float(told["news"]), retold=float(told["retold"]),
            consequence=float(told["consequence"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SeedError(f"weights/incidents.json: {error!r}") from error
