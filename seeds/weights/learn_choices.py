"""Learn seeds/weights/naming.json and where.json: by which hazard an incident is called, and where it happened.

    python seeds/weights/learn_choices.py ../shared/data            learn from all, write the files
    python seeds/weights/learn_choices.py ../shared/data --check    five-fold cross-validation, nothing written

Run it after learn_incidents.py, whose weights say what an incident is. An example is an incident that the program found
and the gold knows. Which they are depends on places and names, so that all is learned twice, beginning without any
weights: the same input gives the same files, whatever files are there.
"""
from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from choosing import Choice, check, closeness, is_of, learned, pairs_of
from learn_incidents import CASES, Json, fold_of, rows_named

from advisord.extract.analyse import Analyser
from advisord.extract.binding import Binder, Candidates, binder_of
from advisord.extract.incidents import Incident
from advisord.extract.naming import Namer, namer_of, options_of
from advisord.extract.reports import Reporter
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

ROUNDS = 2
SILENCE = 1.0
UNSURE = 0.4  # what an example counts whose right answer is only near, or none because none was found


@dataclass(frozen=True, slots=True)
class Task:
    """Something to choose: its examples, how much each set counts, the penalty, and in how many a feature must be."""

    choices_of: Callable[[str, Analyser, Sequence[Json]], Iterator[Choice]]
    sets: Mapping[str, float]
    penalty: float
    rarest: Callable[[str], int]

    def learned(self, choices: Sequence[Choice]) -> dict[str, float]:
        """The weights."""
        return dict(sorted(learned(choices, self.sets, self.penalty, self.rarest).items()))

    def choices(self, data: Path, reader: Analyser) -> list[Choice]:
        """The examples of every set."""
        return [choice for source in self.sets for choice in self.choices_of(source, reader, rows_named(source, data))]


def names_of(source: str, reader: Analyser, rows: Sequence[Json]) -> Iterator[Choice]:
    """Incidents whose words name several hazards, of which the gold accepts some."""
    for row, wanted, reporter, incident in pairs_of(rows, reader, "hazard"):
        options = options_of(incident, reporter.scenes.passage.titles, reporter.hazards)
        right = tuple(is_of(wanted, code, reporter) for code in options)
        if any(right) and not all(right):
            yield Choice(tuple(map(tuple, options.values())), right, 1.0, fold_of(row), source)


def places_of(source: str, reader: Analyser, rows: Sequence[Json]) -> Iterator[Choice]:
    """Incidents whose place the gold tells, or tells to be none; silence is the last option."""
    for row, wanted, reporter, incident in pairs_of(rows, reader, "place"):
        right, weight = verdict(wanted["place"], reporter.candidates)
        if weight and reporter.candidates.placed:
            yield Choice(features_of(reporter, incident), right, weight, fold_of(row), source)


def features_of(reporter: Reporter, incident: Incident) -> tuple[tuple[str, ...], ...]:
    """The features of the mentions and of silence."""
    candidates = reporter.candidates
    stands = candidates.stands(incident, reporter.others(incident))
    hazard = reporter.hazards[reporter.report_of(incident).hazard]
    return (*((*candidates.said(at), *told) for at, told in enumerate(stands)),
            tuple(candidates.silence(incident, hazard)))


def verdict(place: Json | None, candidates: Candidates) -> tuple[tuple[bool, ...], float]:
    """Which options are right, silence last, and how much that counts; 0: the gold does not tell.

    Right is every mention that the gold's place goes by name or point, of its province where none is closer.
    """
    none = tuple(False for _ in candidates.placed)
    if place is None:
        return (*none, True), 1.0
    close = [closeness(place, each.mention) for each in candidates.placed]
    most = max(close, default=0)
    if most:
        return (*(each == most for each in close), False), 1.0 if most == 2 else UNSURE  # noqa: PLR2004
    return (*none, True), 0.0 if place.get("optional") else UNSURE


NAMING = Task(names_of, {"incidents-muc4": 1.0, "incidents-news": 1.5, "incidents-awsd": 0.6, CASES: 1.0}, 5.0,
              lambda _: 4)
WHERE = Task(places_of, {"incidents-muc4": 1.0, "incidents-news": 0.8, "incidents-awsd": 0.6, CASES: 0.4}, 3.0,
             lambda name: 8 if name.startswith(("pw", "nw")) else 4)


def named_by(weights: Mapping[str, float]) -> Json:
    """The content of naming.json."""
    return {"provenance": "learned by seeds/weights/learn_choices.py from the development sets of the project",
            "weights": weights}


def placed_by(weights: Mapping[str, float]) -> Json:
    """The content of where.json."""
    return {**named_by({}), "silence": SILENCE, "weights": weights}


def examples(data: Path, reader: Analyser) -> tuple[list[Choice], list[Choice]]:
    """Those of naming and of places, as the last round sees them."""
    reader = replace(reader, namer=Namer({"heaviest": 1.0}), binder=Binder({}, SILENCE, reader.binder.small))
    naming: list[Choice] = []
    where: list[Choice] = []
    for _ in range(ROUNDS):
        naming = NAMING.choices(data, reader)
        reader = replace(reader, namer=namer_of(named_by(NAMING.learned(naming))))
        where = WHERE.choices(data, reader)
        reader = replace(reader, binder=binder_of(placed_by(WHERE.learned(where)), {"codes": reader.binder.small}))
    return naming, where


def main() -> None:
    """Learn, or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    naming, where = examples(chosen.data, analyser(seeds_of()))
    if chosen.check:
        check(naming, NAMING.learned)
        check(where, WHERE.learned)
        return
    folder = Path(__file__).parent
    for name, told in (("naming", named_by(NAMING.learned(naming))), ("where", placed_by(WHERE.learned(where)))):
        (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{len(naming)} incidents of several names, {len(where)} of places -> {folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
