"""An incident of an article -> the Report of the contract, every field with the words that show it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from advisord.extract.actors import Groups, actors_of, targets_hit
from advisord.extract.assess import certainty_of, severity_of, urgency_of
from advisord.extract.incidents import Incident, Judged
from advisord.extract.instructions import instruction_of
from advisord.extract.people import KINDS
from advisord.extract.scene import Placed, Scene, Scenes
from advisord.extract.tolls import Toll, tolls_of
from advisord.extract.when import Told
from advisord.extract.where import Where, precision_of
from advisord.lexicon import bit_of
from advisord.model import Actor, Certainty, Claim, Count, Evidence, Hazard, Instruction, Phase, Report

_HEDGE, _SAY = bit_of("hedge"), bit_of("say")
_ORDERS = "order."
_CONSEQUENCES = ("order.", "transport.", "infra.")
_DEEDS = ("conflict", "violence", "crime", "accident", "natural", "unrest", "political", "health")
_TAKEN = ("violence.kidnapping", "violence.hostage_taking", "crime.hijacking", "crime.piracy", "crime.carjacking",
          "conflict.armed_attack")
_ARTICLE = 6  # sentences from which on a text is an article, whose day of publication tells something
_BEGINNING = 16  # sentences that are looked through for the harm of the only incident
_WEEK = timedelta(days=7)
_LEAD = 2  # sentences of the text that tell the news
_QUIET = (Phase.PLANNED, Phase.THREATENED, Phase.DENIED, Phase.EXERCISE)


@dataclass(frozen=True, slots=True)
class Reporter:
    """What turns the incidents of one article into reports."""

    scenes: Scenes
    where: Where
    hazards: Mapping[str, Hazard]
    groups: Groups
    news: float
    alone: bool
    cause: Incident | None = None

    def report_of(self, incident: Incident) -> Report:
        """The report of one incident."""
        passage = self.scenes.passage
        code = incident.hazard(passage.titles, self.hazards)
        hazard = self.hazards[code]
        shown = _shown(incident, code)
        phase = self._phase(incident, shown)
        scenes = self._scenes(incident)
        tolls = self._tolls(code, phase, self._telling(incident, scenes))
        placed = self._place(incident, hazard)
        told = _coming(self._day(incident), phase)
        mention = placed.mention if placed else None
        precision, uncertainty = precision_of(mention)
        actors, claims = self._actors(incident, code, scenes)
        return Report(
            hazard=code, phase=phase, acled=hazard.acled,
            severity=severity_of(hazard, phase, killed=_count(tolls, "killed"), injured=_count(tolls, "injured"),
                                 targets=targets_hit(scenes[:2])),
            urgency=urgency_of(phase, age_days=told.age if told else None),
            certainty=self._certainty(phase, shown.scene, claims),
            place=mention, precision=precision, uncertainty_km=uncertainty,
            start=told.day.isoformat() if told and told.day else None,
            killed=_count(tolls, "killed"), injured=_count(tolls, "injured"), abducted=_count(tolls, "abducted"),
            actors=actors, claims=claims, instructions=self._instructions(incident, code),
            evidence=self._evidence(shown, placed, told, tolls))

    def _phase(self, incident: Incident, shown: Judged) -> Phase:
        """The phase of the surest hit; background where none is news; ended where an end is told."""
        if incident.probability < self.news or all(each.phase is Phase.BACKGROUND for each in incident.judged):
            return shown.phase if shown.phase in (Phase.DENIED, Phase.EXERCISE) else Phase.BACKGROUND
        likely = [each for each in incident.judged if each.probability >= self.news]
        if any(each.phase is Phase.ENDED and each.hit.hazard == shown.hit.hazard for each in likely):
            return Phase.ENDED
        # An end of something else that it was told with ("the driver was released") is not its own.
        real = [each for each in likely if each.phase not in (*_QUIET, Phase.BACKGROUND, Phase.ENDED)]
        told = [each for each in real if each.hit.level != "hints"]
        announced = [each for each in likely if each.hit.level not in ("tells", "hints")]  # says more than a name
        best = max(told or announced or real or likely, key=lambda each: (each.probability, -each.hit.start))
        if best.phase is Phase.ATTEMPTED:  # part of it was only tried, if it was told before as what happened
            return next((each.phase for each in told if each.phase is not Phase.ATTEMPTED
                         and each.hit.start < best.hit.start), best.phase)
        return best.phase

    def _scenes(self, incident: Incident) -> list[Scene]:
        """The sentences of the incident in order, and the ones right behind them, for what is told there of harm."""
        indices = {each.hit.sentence for each in incident.judged}
        last = len(self.scenes) - 1
        indices |= {min(index + 1, last) for index in list(indices)[:3]}
        return [self.scenes[index] for index in sorted(indices)]

    def _telling(self, incident: Incident, scenes: Sequence[Scene]) -> Sequence[Scene]:
        """Where its harm is told: in its sentences; all over the article's beginning when it is the only news there."""
        if self.alone and incident.probability >= self.news:
            return [self.scenes[index] for index in range(min(len(self.scenes), _BEGINNING))]
        return scenes

    def _tolls(self, code: str, phase: Phase, scenes: Sequence[Scene]) -> dict[str, Toll]:
        """Harm by kind, where the hazard is one that harms, and happened."""
        if not code.startswith(_DEEDS) or phase in _QUIET:
            return {}
        kinds = KINDS if code in _TAKEN else KINDS[:2]
        return tolls_of(kinds, scenes)

    def _place(self, incident: Incident, hazard: Hazard) -> Placed | None:
        """The place that its sentences tell; what is only a country is narrowed by the sentences around.

        An order or a closure told without a place holds where its cause is.
        """
        placed = incident.place(hazard.code)
        if placed is None and self.cause and self.cause is not incident and hazard.code.startswith(_CONSEQUENCES):
            return self._place(self.cause, hazard)
        if placed and (placed.mention.place.kind != "country" or hazard.areal):
            return placed
        beyond = self.where.beyond([each.hit for each in incident.judged])
        if placed and beyond and beyond.mention.place.country != placed.mention.place.country:
            return placed
        return beyond or placed

    def _day(self, incident: Incident) -> Told | None:
        """The day that its sentences tell, the surest hit's first, then that of the sentence before or behind."""
        ordered = sorted(incident.judged,
                         key=lambda each: (each.hit.level == "hints", -each.probability, each.hit.start))
        for each in ordered:
            days = [told for told in each.scene.days if told.day]
            if days:
                return min(days, key=lambda told: abs(told.start - each.hit.start))
        for each in ordered[:1]:
            for index in (each.hit.sentence + 1, each.hit.sentence - 1):
                if 0 <= index < len(self.scenes):
                    days = [told for told in self.scenes[index].days if told.day]
                    if days:
                        return days[0]
        return self._published(incident)

    def _published(self, incident: Incident) -> Told | None:
        """The day of publication, for what headline or lead tell as news without a day."""
        first = incident.judged[0]
        late = first.hit.sentence > self.scenes.passage.titles + _LEAD
        if self.scenes.published is None or len(self.scenes) < _ARTICLE or late or incident.probability < self.news:
            return None
        return Told(first.hit.start, first.hit.end, self.scenes.published, 0)

    def _actors(self, incident: Incident, code: str,
                scenes: Sequence[Scene]) -> tuple[tuple[Actor, ...], tuple[Claim, ...]]:
        if not code.startswith(("conflict", "violence", "crime", "unrest", "political")):
            return (), ()
        return actors_of(scenes, [each.hit for each in incident.judged], self.scenes.passage, self.groups)

    def _certainty(self, phase: Phase, scene: Scene, claims: Sequence[Claim]) -> Certainty:
        mask = scene.mask
        return certainty_of(phase, hedged=bool(mask & _HEDGE), attributed=bool(mask & _SAY) or bool(claims))

    def _instructions(self, incident: Incident, code: str) -> tuple[Instruction, ...]:
        if not code.startswith(_ORDERS):
            return ()
        told = [each for each in incident.judged if each.hit.hazard.startswith(_ORDERS) and each.hit.level == "tells"]
        return tuple(dict.fromkeys(
            instruction_of(each.hit, each.scene, self.scenes.passage) for each in told[:3]))

    def _evidence(self, shown: Judged, placed: Placed | None, told: Told | None,
                  tolls: Mapping[str, Toll]) -> tuple[Evidence, ...]:
        """The spans, the trigger first."""
        spans = [(shown.hit.start, shown.hit.end, "hazard"), (shown.hit.start, shown.hit.end, "phase")]
        if placed:
            spans.append((placed.start, placed.end, "place"))
        if told and told.day:
            spans.append((told.start, told.end, "start"))
        spans += [(toll.shown.start, toll.shown.end, kind) for kind, toll in tolls.items()]
        return tuple(Evidence(*self.scenes.passage.of(start, end), of) for start, end, of in spans)


def _coming(told: Told | None, phase: Phase) -> Told | None:
    """The day; of what is announced the coming one of that name, since a bare weekday is read as the last one."""
    if told is None or told.day is None or told.age is None or phase not in (Phase.PLANNED, Phase.THREATENED):
        return told
    return told._replace(day=told.day + _WEEK, age=told.age - _WEEK.days) if 0 < told.age < _WEEK.days else told


def _shown(incident: Incident, code: str) -> Judged:
    """The hit that shows the incident best: of its hazard, telling, likely, early."""
    of_code = [each for each in incident.judged if each.hit.hazard == code]
    return max(of_code, key=lambda each: (each.hit.level != "hints", each.probability, -each.hit.start))


def _count(tolls: Mapping[str, Toll], kind: str) -> Count | None:
    toll = tolls.get(kind)
    return toll.count if toll else None

