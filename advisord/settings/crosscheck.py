"""Whether the files fit together: somebody for each rule to tell, a way to tell them; and what looks like a slip.

What can't work is a fault and stops the start; what looks odd is a warning. Warnings about people are gathered, so that
5,000 of them don't bury the rest.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import inf

from advisord.geo import distance_km
from advisord.model import Channel, Desk, Person, Place, Rule, Staff, StaffLocation
from advisord.settings.faults import Path
from advisord.settings.page import Page
from advisord.settings.shape.channels import ChannelsFile
from advisord.settings.shape.main import MainFile
from advisord.settings.shape.rules import RulesFile
from advisord.settings.shape.staff import MAX_LAT, StaffFile
from advisord.settings.staff import Roll

_NAMED = 5  # people that a gathered warning names
_FAR_KM = 1500  # from everything else the organisation has
_CLOSE_KM = 200
_A_DAY = timedelta(days=1)


def check_rules(page: Page[RulesFile], rules: Sequence[Rule], roll: Roll, channels: Sequence[Channel]) -> None:
    """A rule without anybody or without a way to tell them is a fault; people that it can't reach are a warning."""
    by_id = {channel.id: channel for channel in channels}
    paths = {shape.id: path for path, shape in zip(_paths(page), page.sound.rules, strict=True)}
    for rule in rules:
        ways = [by_id[name] for name in rule.via if name in by_id]
        if len(ways) != len(rule.via):
            continue  # told already: no such channel
        people = [person for person in roll.staff.people if not rule.groups or set(rule.groups) & set(person.groups)]
        if not any(_works(way, people, _desks_for(rule, people, roll.staff)) for way in ways):
            page.fault((*paths[rule.id], "via"), f"rule '{rule.id}' could tell nobody: "
                                                 f"{'; '.join(_why_not(way, people) for way in ways)}")
        _tell_unreached(page, paths[rule.id], rule, ways=ways, people=people)
        _tell_timeless(page, paths[rule.id], rule, people=people, roll=roll)


def _paths(page: Page[RulesFile]) -> list[Path]:
    places = page.places.get("rules", range(len(page.sound.rules)))
    return [("rules", place) for place in places]


def _works(channel: Channel, people: Sequence[Person], desks: Sequence[Desk]) -> bool:
    if channel.kind == "webhook":
        return True
    owners: Iterable[Person | Desk] = people if channel.audience == "person" else desks
    return any(owner.contact.email or channel.kind == "file" for owner in owners)


def _desks_for(rule: Rule, people: Sequence[Person], staff: Staff) -> list[Desk]:
    """The desks that answer for the rule's people and sites; the first where nobody else does."""
    groups = {group for one in people for group in one.groups} | set(rule.groups)
    return [desk for desk in staff.desks if groups & set(desk.groups)] + list(staff.desks[:1])


def _why_not(channel: Channel, people: Sequence[Person]) -> str:
    if channel.audience == "person" and not people:
        return f"nobody is in its groups whom {channel.id} could reach"
    whom = "none of its people has" if channel.audience == "person" else "its desk hasn't"
    return f"{channel.id} needs an e-mail address, and {whom} one"


def _tell_unreached(page: Page[RulesFile], path: Path, rule: Rule, *, ways: Sequence[Channel],
                    people: Sequence[Person]) -> None:
    personal = [way.kind for way in ways if way.audience == "person"]
    if personal and "file" not in personal:
        silent = [person.id for person in people if not person.contact.email]
        if silent and len(silent) < len(people):
            page.warn((*path, "via"), f"{_counted(silent)} no e-mail address and can't be told by rule '{rule.id}'")


def _tell_timeless(page: Page[RulesFile], path: Path, rule: Rule, *, people: Sequence[Person], roll: Roll) -> None:
    timeless = [person.id for person in people if person.id not in roll.timezoned]
    if rule.quiet_hours and timeless:
        page.warn((*path, "quiet_hours"), f"{_counted(timeless)} no time zone; their night is taken as that of UTC")


def check_desks(page: Page[MainFile], desks: Sequence[Desk], channels: Sequence[Channel]) -> None:
    """What nobody may be told at once goes to a desk, and in shadow everything does: so one must be within reach."""
    mailed = any(desk.contact.email for desk in desks)
    if any(way.kind == "file" or (mailed if way.kind == "smtp" else way.audience == "desk") for way in channels):
        return
    words = "no desk can be told anything: name an e-mail address for one in staff.yaml, and a channel of kind smtp"
    if page.sound.mode == "shadow":
        page.fault(("mode",), f"shadow tells the desk alone, and {words}")
    else:
        page.warn((), words)


def check_staff(page: Page[StaffFile], roll: Roll, now: datetime | None) -> None:
    """Warnings about people and places; `now` null leaves out what needs a date."""
    staff = roll.staff
    for desk in staff.desks:
        if not (desk.contact.email or desk.contact.phone):
            page.warn(("desks",), f"desk '{desk.id}' has neither e-mail address nor telephone number")
    uncalled = [one.id for one in staff.people if not (one.contact.email or one.contact.phone)]
    if uncalled:
        page.warn(("people",), f"{_counted(uncalled)} neither e-mail address nor telephone number")
    placed = {location.person for location in staff.locations}
    nowhere = [person.id for person in staff.people if person.id not in placed]
    if nowhere:
        page.warn(("people",), f"{_counted(nowhere)} no home, site or trip, so nothing can touch them")
    _tell_past(page, staff, now)
    _tell_gaps(page, staff)
    _tell_swapped(roll)


def _tell_past(page: Page[StaffFile], staff: Staff, now: datetime | None) -> None:
    past = [location.id for location in staff.locations
            if now is not None and location.kind in {"stay", "flight"} and location.end and location.end <= now]
    if past:
        page.warn(("people",), f"{len(past)} {'trip lies' if len(past) == 1 else 'trips lie'} in the past: "
                               f"{_some(past)}")


def _tell_gaps(page: Page[StaffFile], staff: Staff) -> None:
    """Whoever lands far from home and then is nowhere counts as at home, which is told, since it is seldom so."""
    by_person: dict[str, list[StaffLocation]] = {}
    for location in staff.locations:
        if location.person is not None:
            by_person.setdefault(location.person, []).append(location)
    gaps = [flight.id for locations in by_person.values() for flight in locations
            if flight.kind == "flight" and not _is_followed(flight, locations)]
    if gaps:
        page.warn(("people",), f"after {len(gaps)} {'flight' if len(gaps) == 1 else 'flights'} nothing says where the "
                               f"traveller is ({_some(gaps)}); they count as at home")


def _is_followed(flight: StaffLocation, others: Sequence[StaffLocation]) -> bool:
    """Whether a leg follows within a day, or the flight went home."""
    landed, airport = flight.end, flight.airports[-1]
    for other in others:
        if other.kind == "home" and other.place and _nearest_to(airport, other.place) <= _CLOSE_KM:
            return True
        if other.kind in {"stay", "flight"} and other is not flight and landed and other.start and other.end \
                and other.start <= landed + _A_DAY and other.end > landed:
            return True
    return False


def _nearest_to(one: Place, other: Place) -> float:
    return inf if one.lat is None or one.lon is None else _nearest(one.lat, one.lon, (other,))


def _tell_swapped(roll: Roll) -> None:
    """Coordinates far from everything, whose mirror image is close to something, were written the wrong way round."""
    points = [place for location in roll.staff.locations for place in (location.place,) if place is not None]
    named = {place.id: place for place in points if place.id is not None}
    for location in roll.staff.locations:
        place = location.place
        if place is None or place.id is not None or place.lat is None or place.lon is None or not named:
            continue
        if _nearest(place.lat, place.lon, named.values()) > _FAR_KM \
                and abs(place.lon) <= MAX_LAT and _nearest(place.lon, place.lat, named.values()) < _CLOSE_KM:
            told = roll.written[location.person or location.id]
            told.teller.warn(told.path, f"{location.label}: latitude and longitude look swapped "
                                        f"({place.lat:g}, {place.lon:g})")


def _nearest(lat: float, lon: float, places: Iterable[Place]) -> float:
    return min((distance_km(lat, lon, place.lat, place.lon) for place in places
                if place.lat is not None and place.lon is not None), default=inf)


def check_channels(page: Page[ChannelsFile], channels: Sequence[Channel], rules: Sequence[Rule]) -> None:
    """A channel that no rule uses is told, since its owner may wait for messages that never come."""
    used = {name for rule in rules for name in rule.via}
    for channel in channels:
        if channel.id not in used and rules:
            page.warn(("channels",), f"no rule sends by '{channel.id}'")


def _counted(ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"{ids[0]} has"
    return f"{len(ids)} people ({_some(ids)}) have"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (", …" if len(ids) > _NAMED else "")
