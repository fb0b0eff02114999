"""An incident of an article -> the Report of the contract, every field with the words that show it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisord.extract.actors import Groups, actors_of, targets_hit
from advisord.extract.assess import certainty_of, severity_of, urgency_of
from advisord.extract.binding import Binder, Candidates
from advisord.extract.claims import claims_of
from advisord.extract.incidents import Incident, Judged
from advisord.extract.instructions import instruction_of
from advisord.extract.naming import Namer
from advisord.extract.people import KINDS
from advisord.extract.scene import Placed, Scene, Scenes
from advisord.extract.timing import Timer, Times
from advisord.extract.tolls import Toll, tolls_of
from advisord.extract.where import Where, precision_of
from advisord.extract.zones import Zones
from advisord.lexicon import bit_of
from advisord.model import Actor, Certainty, Claim, Count, Evidence, Hazard, Instruction, Phase, PlaceKind, Report

_HEDGE, _SAY = bit_of("hedge"), bit_of("say")
_ORDERS = "order."
_CONSEQUENCES = ("order.", "transport.", "infra.")
_DEEDS = ("conflict", "violence", "crime", "accident", "natural", "unrest", "political", "health")
_TAKEN = ("violence.kidnapping", "violence.hostage_taking", "crime.hijacking", "crime.piracy", "crime.carjacking",
          "conflict.armed_attack")
_BEGINNING = 16  # sentences that are looked through for the harm of the only incident
_QUIET = (Phase.PLANNED, Phase.THREATENED, Phase.DENIED, Phase.EXERCISE)


@dataclass(frozen=True, slots=True)
class Reporter:
    """What turns the incidents of one article into reports."""

    scenes: Scenes
    where: Where
    hazards: Mapping[str, Hazard]
    groups: Groups
    zones: Zones
    news: float
    candidates: Candidates
    binder: Binder
    namer: Namer
    current: tuple[Incident, ...]

    @property
    def alone(self) -> bool:
        """Whether there is only one incident that is news."""
        return len(self.current) == 1

    @property
    def cause(self) -> Incident | None:
        """What the article tells first: the cause of closures and orders told without any."""
        return self.current[0] if self.current else None

    def report_of(self, incident: Incident) -> Report:
        """The report of one incident."""
        passage = self.scenes.passage
        code = self.namer.named(incident, passage.titles, self.hazards)
        hazard = self.hazards[code]
        shown = _shown(incident, code)
        phase = self._phase(incident, shown)
        scenes = self._scenes(incident)
        tolls = self._tolls(code, phase, self._telling(incident, scenes))
        placed = self._place(incident, hazard)
        mention = placed.mention if placed else None
        times = Timer(self.scenes, self.news, self.alone).times_of(
            incident, code, phase, self.zones.of(mention.place) if mention else None)
        precision, uncertainty = precision_of(mention)
        actors, claims = self._actors(incident, code, scenes)
        return Report(
            hazard=code, phase=phase, acled=hazard.acled,
            severity=severity_of(hazard, phase, killed=_count(tolls, "killed"), injured=_count(tolls, "injured"),
                                 targets=targets_hit(scenes[:2])),
            urgency=urgency_of(phase, age_days=times.told.age if times.told else None),
            certainty=self._certainty(phase, shown.scene, claims),
            place=mention, precision=precision, uncertainty_km=uncertainty,
            start=times.start, end=times.end,
            killed=_count(tolls, "killed"), injured=_count(tolls, "injured"), abducted=_count(tolls, "abducted"),
            actors=actors, claims=self._claims(incident, phase, scenes, claims, tolls),
            instructions=self._instructions(incident, code),
            evidence=self._evidence(shown, placed, times, tolls))

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
        return tolls_of(kinds, scenes, self.scenes.passage.titles)

    def _place(self, incident: Incident, hazard: Hazard) -> Placed | None:
        """Where the learned weights put it; where they say that nothing below a country is told, the country.

        An order or a closure told without a place holds where its cause is.
        """
        placed = incident.place(hazard.code)
        if placed is None and self.cause and self.cause is not incident and hazard.code.startswith(_CONSEQUENCES):
            return self._place(self.cause, hazard)
        chosen = self.candidates.chosen(incident, self.others(incident), hazard, self.binder)
        if chosen:
            return chosen
        if placed and placed.mention.place.kind is PlaceKind.COUNTRY:
            return placed
        return self.where.country() or placed

    def others(self, incident: Incident) -> list[Incident]:
        """The other incidents that are news."""
        return [each for each in self.current if each is not incident]

    def _actors(self, incident: Incident, code: str,
                scenes: Sequence[Scene]) -> tuple[tuple[Actor, ...], tuple[Claim, ...]]:
        if not code.startswith(("conflict", "violence", "crime", "unrest", "political")):
            return (), ()
        return actors_of(scenes, [each.hit for each in incident.judged], self.scenes.passage, self.groups)

    def _claims(self, incident: Incident, phase: Phase, scenes: Sequence[Scene], claims: Sequence[Claim],
                tolls: Mapping[str, Toll]) -> tuple[Claim, ...]:
        """Those of responsibility, then who says what else; nothing of what is not told as having happened."""
        if phase is Phase.BACKGROUND:
            return tuple(claims)
        hits = [each.hit for each in incident.judged]
        return (*claims, *(each for each in claims_of(scenes, hits, self.scenes.passage, tuple(tolls))
                           if each.says != "denial" or not claims))

    def _certainty(self, phase: Phase, scene: Scene, claims: Sequence[Claim]) -> Certainty:
        mask = scene.mask
        return certainty_of(phase, hedged=bool(mask & _HEDGE), attributed=bool(mask & _SAY) or bool(claims))

    def _instructions(self, incident: Incident, code: str) -> tuple[Instruction, ...]:
        if not code.startswith(_ORDERS):
            return ()
        told = [each for each in incident.judged if each.hit.hazard.startswith(_ORDERS) and each.hit.level == "tells"]
        return tuple(dict.fromkeys(
            instruction_of(each.hit, each.scene, self.scenes.passage) for each in told[:3]))

    def _evidence(self, shown: Judged, placed: Placed | None, times: Times,
                  tolls: Mapping[str, Toll]) -> tuple[Evidence, ...]:
        """The spans, the trigger first."""
        spans = [(shown.hit.start, shown.hit.end, "hazard"), (shown.hit.start, shown.hit.end, "phase")]
        if placed:
            spans.append((placed.start, placed.end, "place"))
        spans += times.spans
        spans += [(toll.shown.start, toll.shown.end, kind) for kind, toll in tolls.items()]
        return tuple(Evidence(*self.scenes.passage.of(start, end), of) for start, end, of in spans)


def _shown(incident: Incident, code: str) -> Judged:
    """The hit that shows the incident best: of its hazard, telling, likely, early."""
    of_code = [each for each in incident.judged if each.hit.hazard == code]
    return max(of_code, key=lambda each: (each.hit.level != "hints", each.probability, -each.hit.start))


def _count(tolls: Mapping[str, Toll], kind: str) -> Count | None:
    toll = tolls.get(kind)
    return toll.count if toll else None

