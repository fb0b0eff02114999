"""One labelled incident and one report, turned into a verdict a slot: what was to be filled, was filled, was right.

The slots are those of MUC-4's templates (Chinchor 1992) with the place by distance too. A key that was not labelled
has no verdict. "on or before D", MUC-4's default date, accepts the month before D, and asks for no date.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from advisord.evaluate.figures import Tally
from advisord.evaluate.gold import AnswerActor, AnswerPlace, AnswerReport, Incident, Interval, Range, Where
from advisord.evaluate.mentions import NEAR_KM, error_km
from advisord.evaluate.vocabulary import Vocabulary

CLOSE_KM = 25.0
OPEN_DATE_DAYS = 31
# a range counts as the number where it is at most this share of the number wide
RANGE_SHARE = 0.2

NOTHING = AnswerReport()

Slot = Callable[[Incident, AnswerReport, Vocabulary], Tally | None]


def _hazard(incident: Incident, report: AnswerReport, vocabulary: Vocabulary) -> Tally | None:
    if not incident.labels("hazard"):
        return None
    right = bool(vocabulary.names_of(report) & set(incident.hazard))
    return Tally(int(right), 1, int(bool(report.hazard)))


def _country(incident: Incident, report: AnswerReport, _: Vocabulary) -> Tally | None:
    if not incident.labels("country"):
        return None
    given = report.place.country if report.place else None
    return Tally(int(given in incident.country), 1, int(given is not None))


def _phase(incident: Incident, report: AnswerReport, _: Vocabulary) -> Tally | None:
    if not incident.labels("phase"):
        return None
    return Tally(int(report.phase in incident.phase), 1, int(bool(report.phase)))


def _place(right: Callable[[Where, AnswerPlace, Vocabulary], bool], judged: Callable[[Where], bool]) -> Slot:
    def slot(incident: Incident, report: AnswerReport, vocabulary: Vocabulary) -> Tally | None:
        if not incident.labels("place"):
            return None
        wanted, given = incident.place, place_below_country(report)
        if wanted is None:
            return Tally(0, 0, int(given is not None))
        if (wanted.optional and given is None) or not judged(wanted):
            return None
        return Tally(int(given is not None and right(wanted, given, vocabulary)), 1, int(given is not None))
    return slot


def _within(limit_km: float) -> Slot:
    def right(wanted: Where, given: AnswerPlace, _: Vocabulary) -> bool:
        error = error_km(wanted, given)
        return error is not None and error <= limit_km

    def judged(wanted: Where) -> bool:
        return wanted.lat is not None and not (limit_km < NEAR_KM and wanted.precision == "admin1")
    return _place(right, judged)


def _named(names_of: Callable[[Where], tuple[str, ...]]) -> Slot:
    def right(wanted: Where, given: AnswerPlace, vocabulary: Vocabulary) -> bool:
        return vocabulary.same_name(names_of(wanted), (given.name, given.surface))
    return _place(right, lambda _: True)


def _date(slack: timedelta) -> Slot:
    def slot(incident: Incident, report: AnswerReport, _: Vocabulary) -> Tally | None:
        if incident.date is None:
            return None
        day = day_of(report.start)
        if day is None and any(interval.first is None for interval in incident.date):
            return None
        right = day is not None and any(_holds(interval, day, slack) for interval in incident.date)
        return Tally(int(right), 1, int(day is not None))
    return slot


def _holds(interval: Interval, day: date, slack: timedelta) -> bool:
    first = interval.first or interval.last - timedelta(days=OPEN_DATE_DAYS)
    return first - slack <= day <= interval.last + slack


def _count(key: str) -> Slot:
    def slot(incident: Incident, report: AnswerReport, _: Vocabulary) -> Tally | None:
        if not incident.labels(key):
            return None
        wanted, given = getattr(incident, key), count_given(report, key)
        if wanted is None:
            return Tally(0, 0, int(given is not None))
        return Tally(int(given is not None and _counts_as(given, wanted)), 1, int(given is not None))
    return slot


def _counts_as(given: Range, wanted: int) -> bool:
    low, high = given.min, given.min if given.max is None else given.max
    return low is not None and high is not None and low <= wanted <= high and high - low <= RANGE_SHARE * wanted


def _perpetrator(incident: Incident, report: AnswerReport, vocabulary: Vocabulary) -> Tally | None:
    if not incident.labels("actors"):
        return None
    found = sum(bool(_named_in(report, each.names, vocabulary)) for each in incident.actors)
    return Tally(found, len(incident.actors), found)


def _attribution(incident: Incident, report: AnswerReport, vocabulary: Vocabulary) -> Tally | None:
    if not incident.labels("actors"):
        return None
    found = [(each, given) for each in incident.actors if (given := _named_in(report, each.names, vocabulary))]
    right = sum(any(actor.attribution == each.attribution for actor in given) for each, given in found)
    return Tally(right, len(found), len(found))


def _named_in(report: AnswerReport, names: tuple[str, ...], vocabulary: Vocabulary) -> list[AnswerActor]:
    wanted = [plain for name in names if (plain := vocabulary.plain(name))]
    return [actor for actor in report.actors if actor.role == "perpetrator"
            and (got := vocabulary.plain(actor.name))
            and any(f" {got} " in f" {name} " or f" {name} " in f" {got} " for name in wanted)]


def place_below_country(report: AnswerReport) -> AnswerPlace | None:
    """The report's place unless it is only a country."""
    return None if report.place is None or report.place.kind == "country" else report.place


def count_given(report: AnswerReport, key: str) -> Range | None:
    """The report's range of killed, injured or abducted; nothing said and nought are the same."""
    given: Range | None = getattr(report, key)
    return None if given is None or given.max == 0 or (given.max is not None and given.max < 0) else given


def day_of(stamp: str | None) -> date | None:
    """The day of an ISO date or instant, null for anything else."""
    try:
        return date.fromisoformat((stamp or "")[:10])
    except ValueError:
        return None


PERPETRATOR, ATTRIBUTION = "perpetrator (recall)", "attribution of found perpetrators"

SLOTS: Mapping[str, Slot] = MappingProxyType({
    "hazard": _hazard,
    "country": _country,
    "place within 25 km": _within(CLOSE_KM),
    "place within 161 km": _within(NEAR_KM),
    "place by name": _named(lambda where: where.names),
    "place by name, any level": _named(lambda where: where.chain),
    "date same day": _date(timedelta()),
    "date ±1 day": _date(timedelta(days=1)),
    "phase": _phase,
    "killed": _count("killed"),
    "injured": _count("injured"),
    "abducted": _count("abducted"),
    PERPETRATOR: _perpetrator,
    ATTRIBUTION: _attribution,
})
# slot -> the label that asks for it
LABELS: Mapping[str, str] = MappingProxyType(
    {name: "actors" if name in {PERPETRATOR, ATTRIBUTION} else name.split()[0] for name in SLOTS})
