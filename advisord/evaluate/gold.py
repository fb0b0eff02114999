"""Lines of a labelled set and of answers, turned into frozen values; every bad line is named, all at once.

A module of its own because this is the only place where foreign JSON comes in: behind it everything has a type. A key
that is absent from an incident was not labelled and gets no verdict; null says that the text tells none. The
difference is kept in pydantic's `model_fields_set` and asked for with `Incident.labels`.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from advisord.errors import AdvisordError
from advisord.model import Analysis, Mention, Report


class EvaluationError(AdvisordError):
    """A labelled set or a file of answers can't be used; `faults` are all of them, as `gold.jsonl:7: id: missing`."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep the faults in the order of the lines."""
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


class _Value(BaseModel):
    """A frozen value read from JSON; keys that this program does not know are somebody else's."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, coerce_numbers_to_str=True)


class Toponym(_Value):
    """A place name as labelled: `[start, end)` in code points of `field`; `optional` is neither right nor wrong."""

    start: int
    end: int
    field: str = "text"
    surface: str = ""
    lat: float | None = None
    lon: float | None = None
    kind: str | None = None
    country: str | None = None
    optional: bool = False
    unpublished: bool = False


class Where(_Value):
    """Where a labelled incident happens: acceptable `names`, and `chain` with the names of every level above."""

    names: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    precision: str | None = None
    optional: bool = False


class Interval(_Value):
    """Acceptable days, both ends included; `first` null means on or before `last`."""

    first: date | None = Field(alias="from")
    last: date = Field(alias="to")


class Perpetrator(_Value):
    """A perpetrating organisation under any of its `names`."""

    names: tuple[str, ...]
    attribution: str | None = None


class Incident(_Value):
    """A labelled incident; `hazard`, `country` and `phase` are acceptable values."""

    hazard: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    place: Where | None = None
    date: tuple[Interval, ...] | None = None
    phase: tuple[str, ...] = ()
    killed: int | None = None
    injured: int | None = None
    abducted: int | None = None
    actors: tuple[Perpetrator, ...] = ()
    optional: bool = False

    def labels(self, key: str) -> bool:
        """Whether that key was labelled at all."""
        return key in self.model_fields_set


class Gold(_Value):
    """What a set knows of one article; null is "not labelled"."""

    toponyms: tuple[Toponym, ...] | None = None
    toponyms_partial: bool = False
    toponym_fields: tuple[str, ...] = ("text",)
    incidents: tuple[Incident, ...] | None = None
    scope: str | None = None
    families: tuple[str, ...] = ()
    relevant: bool | None = None
    unlabelled: bool = False


class GoldRow(_Value):
    """One labelled article."""

    id: str
    text: str
    gold: Gold
    title: str = ""
    published: str | None = None
    language: str | None = None
    country: str | None = None


class Range(_Value):
    """A number of people as answered."""

    min: int | None = None
    max: int | None = None


class AnswerPlace(_Value):
    """A PLACE of the analyse contract, as far as it is judged."""

    field: str = "text"
    start: int = 0
    end: int = 0
    surface: str | None = None
    kind: str | None = None
    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    country: str | None = None


class AnswerActor(_Value):
    """An actor of the analyse contract."""

    name: str
    role: str | None = None
    attribution: str | None = None


class AnswerReport(_Value):
    """A REPORT of the analyse contract, as far as it is judged."""

    hazard: str | None = None
    acled: str | None = None
    phase: str | None = None
    severity: str | None = None
    place: AnswerPlace | None = None
    start: str | None = None
    killed: Range | None = None
    injured: Range | None = None
    abducted: Range | None = None
    actors: tuple[AnswerActor, ...] = ()


class Answer(_Value):
    """What the program said to one article; `error` where it could not read it."""

    id: str
    places: tuple[AnswerPlace, ...] = ()
    reports: tuple[AnswerReport, ...] = ()
    error: str | None = None


Read = TypeVar("Read", bound=_Value)


def gold_of(lines: Iterable[str], name: str) -> tuple[GoldRow, ...]:
    """The labelled articles of a file of JSON lines; raises EvaluationError naming every line that is none."""
    rows = _values_of(GoldRow, lines, name)
    _refuse_doubled(rows, name)
    return rows


def answers_of(lines: Iterable[str], name: str) -> tuple[Answer, ...]:
    """The answers of a file of JSON lines; raises EvaluationError naming every line that is none."""
    return _values_of(Answer, lines, name)


def answer_of(article_id: str, analysis: Analysis) -> Answer:
    """What the analyser said, in the form that is judged."""
    return Answer(id=article_id, places=tuple(_place_of(each) for each in analysis.places),
                  reports=tuple(_report_of(each) for each in analysis.reports))


def paired(rows: Sequence[GoldRow], answers: Sequence[Answer]) -> tuple[tuple[GoldRow, Answer], ...]:
    """Each labelled article with its answer; raises EvaluationError unless they match one by one, in order."""
    for number, (row, answer) in enumerate(zip(rows, answers, strict=False), start=1):
        if row.id != answer.id:
            raise EvaluationError([f"answer {number}: expected id '{row.id}', got '{answer.id}'"])
    if len(rows) != len(answers):
        raise EvaluationError([f"{len(rows)} labelled articles, but {len(answers)} answers"])
    return tuple(zip(rows, answers, strict=True))


def _values_of(kind: type[Read], lines: Iterable[str], name: str) -> tuple[Read, ...]:
    values: list[Read] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values.append(kind.model_validate(json.loads(line)))
        except ValidationError as error:
            faults += [f"{name}:{number}: {_fault(each)}" for each in error.errors()]
        except (ValueError, RecursionError) as error:
            faults.append(f"{name}:{number}: not JSON: {error}")
    if faults:
        raise EvaluationError(faults)
    return tuple(values)


def _fault(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"])
    return f"{path}: {error['msg']}" if path else str(error["msg"])


def _refuse_doubled(rows: Sequence[GoldRow], name: str) -> None:
    seen: set[str] = set()
    faults: list[str] = []
    for row in rows:
        if row.id in seen:
            faults.append(f"{name}: id '{row.id}' is there twice")
        seen.add(row.id)
    if faults:
        raise EvaluationError(faults)


def _place_of(mention: Mention) -> AnswerPlace:
    place = mention.place
    return AnswerPlace(field=mention.field, start=mention.start, end=mention.end, surface=mention.surface,
                       kind=place.kind.value, name=place.name, lat=place.lat, lon=place.lon, country=place.country)


def _report_of(report: Report) -> AnswerReport:
    ranges = {key: None if count is None else Range(min=count.min, max=count.max)
              for key, count in (("killed", report.killed), ("injured", report.injured), ("abducted", report.abducted))}
    return AnswerReport(
        hazard=report.hazard, acled=report.acled, phase=report.phase.value, severity=report.severity.value,
        place=None if report.place is None else _place_of(report.place), start=report.start, **ranges,
        actors=tuple(AnswerActor(name=actor.name, role=actor.role, attribution=actor.attribution)
                     for actor in report.actors))
