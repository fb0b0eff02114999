"""Matcher × what a message would be about -> whether it is meant: shared by silences and inhibitions."""
from __future__ import annotations

from dataclasses import dataclass

from advisord.geo import distance_km
from advisord.model import Exposure, Incident, Matcher, Place, PlaceKind, Severity


@dataclass(frozen=True, slots=True)
class Subject:
    """One hazard of an incident that reaches a recipient by a rule; these two are empty where none is meant."""

    incident: Incident
    hazard: str
    rule: str = ""
    recipient: str = ""

    @classmethod
    def of(cls, incident: Incident, exposure: Exposure, recipient: str) -> Subject:
        """What an exposure would have somebody told of."""
        return cls(incident, exposure.hazard, exposure.rule_id, recipient)

    @property
    def severity(self) -> Severity:
        """That of the hazard itself: a consequence has one of its own."""
        if self.hazard == self.incident.hazard:
            return self.incident.severity
        own = [each.severity for each in self.incident.consequences if each.hazard == self.hazard]
        return max(own, key=_rank, default=self.incident.severity)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it is: the consequence's own places, where it has any, beside the incident's."""
        own = (each.place for each in self.incident.consequences if each.hazard == self.hazard)
        return tuple(place for place in (*own, self.incident.place) if place is not None)


def is_meant(matcher: Matcher, subject: Subject) -> bool:
    """Whether every field of the matcher that is given fits."""
    least = matcher.severity_at_least
    return (_is_one_of(subject.incident.id, matcher.incidents)
            and _is_one_of(subject.recipient, matcher.recipients)
            and _is_one_of(subject.rule, matcher.rules)
            and (not matcher.hazards or any(is_of(subject.hazard, each) for each in matcher.hazards))
            and (not matcher.countries or any(each.country in matcher.countries for each in subject.places))
            and (least is None or subject.severity.rank >= least.rank)
            and (matcher.place is None or any(_is_around(matcher, each, subject) for each in subject.places)))


def is_of(code: str, wanted: str) -> bool:
    """Whether a hazard code is the wanted one or lies in the wanted family."""
    return code == wanted or code.startswith(f"{wanted}.")


def _rank(severity: Severity) -> int:
    return severity.rank


def _is_one_of(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def _is_around(matcher: Matcher, place: Place, subject: Subject) -> bool:
    """Inside the country or province that is meant, or within the kilometres around it that are."""
    centre = matcher.place
    if centre is None:
        return True
    if centre.id is not None and centre.id in {place.id, place.parent}:
        return True
    if centre.kind is PlaceKind.COUNTRY:
        return centre.country == place.country
    if centre.kind is PlaceKind.ADMIN1:
        return centre.country == place.country and centre.name == (place.admin1 or place.name)
    if centre.lat is None or centre.lon is None or place.lat is None or place.lon is None:
        return False
    allowed = matcher.within_km + (subject.incident.uncertainty_km or 0.0)
    return distance_km(centre.lat, centre.lon, place.lat, place.lon) <= allowed


def words_of(matcher: Matcher) -> str:
    """The matcher in the words of the command that makes one, without anybody's name."""
    place = matcher.place
    parts = [f"incident {', '.join(matcher.incidents)}" if matcher.incidents else "",
             f"hazard {', '.join(matcher.hazards)}" if matcher.hazards else "",
             f"rule {', '.join(matcher.rules)}" if matcher.rules else "",
             f"country {', '.join(matcher.countries)}" if matcher.countries else "",
             f"recipient {', '.join(matcher.recipients)}" if matcher.recipients else "",
             f"at least {matcher.severity_at_least}" if matcher.severity_at_least else "",
             f"{'in' if _is_area(place) else f'within {matcher.within_km:g} km of'} {place.name}" if place else ""]
    return "; ".join(each for each in parts if each)


def _is_area(place: Place) -> bool:
    return place.kind in {PlaceKind.COUNTRY, PlaceKind.ADMIN1}
