"""The sentences of an incident -> when it was, and until when: a day, or an instant by the clock of its place.

The day is the one that its surest sentences tell, else that of the sentences beside them, of the lead, or of the
publication. An hour told in those sentences makes it an instant. Days and hours behind "until" are its end, and so is
what an article tells of something that is over.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from advisord.extract.clock import Hour, hours_in
from advisord.extract.incidents import Incident, Judged
from advisord.extract.scene import Scene, Scenes
from advisord.extract.when import Told
from advisord.lexicon import bit_of
from advisord.model import Phase

_UNTIL, _SINCE, _LENGTH, _NUMBER, _LASTING, _NEXT = (bit_of(name) for name in (
    "until", "since", "length", "number", "lasting", "next"))
_STATES = ("order.", "transport.", "infra.", "unrest.strike", "unrest.blockade", "violence.hostage_taking")
_ARTICLE = 6  # sentences from which on a text is an article, whose day of publication tells something
_LEAD = 2  # sentences of the text that tell the news
_RECENT = 10  # days before publication within which a day is that of news
_STALE = 30  # days from which on the day of a sentence beside is that of another matter
_UNTIL_NEAR = 12  # code points between "until" and a day
_SINCE_FROM, _SINCE_TO = 13, 60  # code points between "since" and a day: "since the start of the offensive on Tuesday"
_BESIDE = 3  # code points between a number and its unit of time
_WEEK = timedelta(days=7)
_DAY_MINUTES = 24 * 60
_LONGEST = 366 * _DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Times:
    """`start` and `end` as the contract writes them; `told` is the day; `spans` show them: (start, end, of)."""

    start: str | None = None
    end: str | None = None
    told: Told | None = None
    spans: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Timer:
    """What tells the times of the incidents of one article; `alone`: there is only one that is news."""

    scenes: Scenes
    news: float
    alone: bool

    def times_of(self, incident: Incident, hazard: str, phase: Phase, zone: tzinfo | None) -> Times:
        """When an incident with that hazard and phase was; `zone` is that of its place, where known."""
        told = _coming(self._day(incident, hazard), phase)
        scenes = self._sentences(incident)
        hours = {scene.index: self._hours(scene) if zone else [] for scene in scenes}
        begin = next((hour for scene in scenes if _is_of(scene, told) for hour in hours[scene.index]
                      if hour.role != "until"), None)
        day = told.day if told else None
        if zone is None or day is None or begin is None:
            start = day.isoformat() if day else None
        else:
            start = _instant(day, begin, zone)
        if phase is Phase.ENDED:
            shown = (begin or told) if day else None
            spans = ((shown.start, shown.end, "end"),) if shown else ()
            first = day.isoformat() if day else None
            return Times(first, start, told, (*_shown(told, None), *spans))
        lasts = hazard.startswith((*_STATES, "conflict.", "unrest."))
        ends = [hour for scene in scenes for hour in hours[scene.index] if hour.role == "until"] if lasts else []
        end, span = self._end(scenes, told, begin, ends, zone) if lasts or begin else (None, None)
        return Times(start, end, told, (*_shown(told, begin), *(((*span, "end"),) if span else ())))

    def _hours(self, scene: Scene) -> list[Hour]:
        """The hours of a sentence; they matter to few sentences, so they are looked for only here."""
        return hours_in(self.scenes.passage.folded, scene.start, scene.end, scene.units)

    def _sentences(self, incident: Incident) -> list[Scene]:
        """The sentences of the incident, the surest first, and the one right behind that."""
        ordered = [each.scene for each in _by_sureness(incident)][:3]
        behind = [self.scenes[scene.index + 1] for scene in ordered[:1] if scene.index + 1 < len(self.scenes)]
        return list({scene.index: scene for scene in (*ordered, *behind)}.values())

    def _end(self, scenes: Sequence[Scene], told: Told | None, begin: Hour | None, ends: Sequence[Hour],
             zone: tzinfo | None) -> tuple[str | None, tuple[int, int] | None]:
        """The end told, and its span."""
        day = told.day if told else None
        until = next(iter(ends), None)
        for scene in scenes:
            last = next((each for each in scene.days if each.day and _is_until(scene, each)), None)
            if last and last.day:
                last_day = _next(last.day, day or self.scenes.published)
                exact = until if until and scene.start <= until.start < scene.end else None
                text = _instant(last_day, exact, zone) if exact and zone else last_day.isoformat()
                return text, (last.start, last.end)
        if until and zone and day:
            later = begin is not None and until.minute <= begin.minute
            return _instant(day + timedelta(days=later), until, zone), (until.start, until.end)
        return self._lasting(scenes, day, begin, zone) if day else (None, None)

    def _lasting(self, scenes: Sequence[Scene], day: date, begin: Hour | None,
                 zone: tzinfo | None) -> tuple[str | None, tuple[int, int] | None]:
        """The end by how long it lasts: "for 48 hours", "a three-day curfew"."""
        folded = self.scenes.passage.folded
        for scene in scenes:
            for at, unit in enumerate(scene.units[1:], start=1):
                number = scene.units[at - 1]
                minutes = number.value * unit.value
                if not _is_length(scene, at, folded) or not 0 < minutes <= _LONGEST:
                    continue
                if begin and zone:
                    return _instant(day, begin, zone, minutes), (number.start, unit.end)
                if minutes % _DAY_MINUTES == 0:
                    return (day + timedelta(minutes=minutes)).isoformat(), (number.start, unit.end)
        return None, None

    def _day(self, incident: Incident, hazard: str) -> Told | None:
        """The day of its sentences, a recent one rather than an old one; then of those beside, of the lead."""
        ordered = _by_sureness(incident)
        told = [day for each in ordered if (day := self._day_in(each.scene, hazard, each.hit.start))]
        old = not any(day.age is None or day.age < _STALE for day in told) and incident.probability >= self.news
        if told and not old:
            return next((day for day in told if _is_recent(day)), told[0])
        for each in ordered[:1]:
            for index in (each.hit.sentence + 1, each.hit.sentence - 1):
                day = self._day_in(self.scenes[index], hazard, 0) if 0 <= index < len(self.scenes) else None
                if day and (day.age is None or day.age < _STALE):
                    return day
        return self._of_lead(incident, hazard) or self._published(incident) or next(iter(told), None)

    def _day_in(self, scene: Scene, hazard: str, near: int) -> Told | None:
        """The day of a sentence nearest to a place in it; none that tells an end, or since when something else is."""
        days = [told for told in scene.days if told.day and not _is_until(scene, told) and not _is_coming(scene, told)
                and (hazard.startswith(_STATES) or not _is_since(scene, told))]
        return min(days, key=lambda told: abs(told.start - near)) if days else None

    def _of_lead(self, incident: Incident, hazard: str) -> Told | None:
        """The day that the lead tells, of the only news of an article."""
        if not self.alone or incident.probability < self.news:
            return None
        titles = self.scenes.passage.titles
        for index in range(titles, min(titles + _LEAD, len(self.scenes))):
            day = self._day_in(self.scenes[index], hazard, 0)
            if day and _is_recent(day):
                return day
        return None

    def _published(self, incident: Incident) -> Told | None:
        """The day of publication, for what headline or lead tell as news without a day."""
        first = incident.judged[0]
        late = first.hit.sentence > self.scenes.passage.titles + _LEAD
        if self.scenes.published is None or len(self.scenes) < _ARTICLE or late or incident.probability < self.news:
            return None
        return Told(first.hit.start, first.hit.end, self.scenes.published, 0)


def _by_sureness(incident: Incident) -> list[Judged]:
    return sorted(incident.judged, key=lambda each: (each.hit.level == "hints", -each.probability, each.hit.start))


def _coming(told: Told | None, phase: Phase) -> Told | None:
    """The day; of what is announced the coming one of that name, since a bare weekday is read as the last one."""
    if told is None or told.day is None or told.age is None or phase not in (Phase.PLANNED, Phase.THREATENED):
        return told
    return told._replace(day=told.day + _WEEK, age=told.age - _WEEK.days) if 0 < told.age < _WEEK.days else told


def _is_recent(told: Told) -> bool:
    return told.age is None or told.age <= _RECENT


def _is_of(scene: Scene, told: Told | None) -> bool:
    """Whether the hours of a sentence are of that day: it tells the day, or none."""
    days = [each for each in scene.days if each.day and not _is_until(scene, each)]
    return told is not None and (not days or any(told.day == each.day or told.start == each.start for each in days))


def _is_until(scene: Scene, told: Told) -> bool:
    """Whether "until" stands before the day."""
    return any(unit.mask & _UNTIL and 0 <= told.start - unit.end <= _UNTIL_NEAR for unit in scene.units)


def _is_coming(scene: Scene, told: Told) -> bool:
    """Whether a date is called a coming one that was read as past: "reporté au 8 janvier prochain"."""
    return bool(told.age and told.age > _WEEK.days) and any(
        unit.mask & _NEXT and 0 <= unit.start - told.end <= _BESIDE for unit in scene.units)


def _is_since(scene: Scene, told: Told) -> bool:
    """Whether the day is that of something else, since when this goes on; right behind "since" it is its own."""
    return any(unit.mask & _SINCE and _SINCE_FROM <= told.start - unit.end <= _SINCE_TO for unit in scene.units)


def _next(last: date, first: date | None) -> date:
    """The last day: a weekday behind "until" is a coming one."""
    while first and last < first and (first - last) <= _WEEK:
        last += _WEEK
    return last


def _is_length(scene: Scene, at: int, folded: str) -> bool:
    """Whether the unit at `at` is one of time, with a number that says how long: "for 48 hours", "48-hour"."""
    unit, number = scene.units[at], scene.units[at - 1]
    if not unit.mask & _LENGTH or not number.mask & _NUMBER or unit.start - number.end > _BESIDE:
        return False
    before = scene.units[at - 2] if at > 1 else None
    spoken = before is not None and before.mask & _LASTING and number.start - before.end <= _BESIDE
    return bool(spoken) or folded[number.end:unit.start] == "-"


def _instant(day: date, hour: Hour, zone: tzinfo, later: int = 0) -> str:
    """That hour of that day, so many minutes later, with the offset of the zone."""
    naive = datetime.combine(day, time()) + timedelta(minutes=hour.minute + later)
    aware = naive.replace(tzinfo=UTC).astimezone(zone) if hour.utc else naive.replace(tzinfo=zone)
    return aware.isoformat(timespec="minutes")


def _shown(told: Told | None, begin: Hour | None) -> tuple[tuple[int, int, str], ...]:
    """The spans of the day and of the hour."""
    day = ((told.start, told.end, "start"),) if told and told.day else ()
    return (*day, (begin.start, begin.end, "start")) if begin and day else day
