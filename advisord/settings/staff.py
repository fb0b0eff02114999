"""staff.yaml and its CSV files -> Staff: people, desks, and who is where when."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, pairwise
from pathlib import Path as FilePath

from advisord.model import Contact, Desk, Person, Place, PlaceKind, Staff, StaffLocation
from advisord.settings.faults import Path, Teller, did_you_mean, quoted
from advisord.settings.page import Page
from advisord.settings.places import PlaceError, Resolver
from advisord.settings.presence import Span, at_home, span_of
from advisord.settings.rules import digest_of
from advisord.settings.shape.staff import ContactShape, FlightShape, PersonShape, Point, SiteShape, StaffFile, StayShape
from advisord.settings.sheet import Sheet, sheet

_LONGEST_FLIGHT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Told:
    """A person or site with the file and path to tell about it."""

    teller: Teller
    path: Path


@dataclass(frozen=True, slots=True)
class Roll:
    """The staff with where each of it is written, for the cross checks; `timezoned` have said their time zone."""

    staff: Staff
    written: dict[str, Told]
    timezoned: frozenset[str]
    groups: frozenset[str]


def roll_of(page: Page[StaffFile], folder: FilePath, resolver: Resolver) -> Roll:
    """Everybody in the order written, people of CSV files last; tells the faults of places, legs and ids."""
    sites = tuple(_sites(page, resolver))
    by_id = {site.id: site for site in sites}
    people: list[Person] = []
    locations: list[StaffLocation] = list(sites)
    written = {site.id: Told(page, ("sites",)) for site in sites}
    timezoned: set[str] = set()
    for told, shape in _everybody(page, folder):
        if shape.id in written and shape.id not in by_id:
            told.teller.fault((*told.path, "id"), f"{quoted(shape.id)} is the id of somebody else already")
            continue
        written[shape.id] = told
        people.append(_person(shape))
        locations += _Whereabouts(told, shape, resolver, by_id, page.ids("sites")).locations()
        timezoned |= {shape.id} if shape.timezone else set()
    desks = tuple(_desks(page))
    groups = frozenset(chain.from_iterable(person.groups for person in people)).union(
        *(page.groups(key) for key in ("sites", "people", "desks")))
    return Roll(Staff(tuple(people), tuple(locations), desks), written, frozenset(timezoned), groups)


def _everybody(page: Page[StaffFile], folder: FilePath) -> Iterator[tuple[Told, PersonShape]]:
    for path, shape in page.items("people", page.sound.people):
        yield Told(page, path), shape
    for number, name in enumerate(page.sound.include):
        rows: Sheet | str = sheet(folder / name, name, page.findings)
        if isinstance(rows, str):
            page.fault(("include", number), rows)
            continue
        for row, shape in rows.people():
            yield Told(row, ()), shape


def _person(shape: PersonShape) -> Person:
    return Person(shape.id, shape.name, tuple(dict.fromkeys(shape.groups)), shape.language,
                  timezone=shape.timezone or "UTC", contact=_contact(shape.contact), digest=digest_of(shape.digest))


def _contact(shape: ContactShape) -> Contact:
    return Contact(shape.email, shape.phone)


def _desks(page: Page[StaffFile]) -> Iterator[Desk]:
    """The desks; a group that two of them answer for is told, since nobody would know who does."""
    answered: dict[str, str] = {}
    for path, shape in page.items("desks", page.sound.desks):
        for number, group in enumerate(shape.groups):
            if answered.setdefault(group, shape.id) != shape.id:
                page.fault((*path, "groups", number), f"desk '{answered[group]}' answers for {quoted(group)} already")
        yield Desk(shape.id, tuple(dict.fromkeys(shape.groups)), shape.language, shape.timezone,
                   contact=_contact(shape.contact))
    if not page.sound.desks and "desks" not in page.places:
        page.fault(("desks",), "name at least one desk; the first answers for everybody whom no other desk answers for")


def _sites(page: Page[StaffFile], resolver: Resolver) -> Iterator[StaffLocation]:
    for path, shape in page.items("sites", page.sound.sites):
        place = _place(page, (*path, "place"), shape.place, resolver)
        if place is not None:
            yield StaffLocation(shape.id, shape.kind, _site_label(shape, place), place=place,
                                groups=tuple(dict.fromkeys(shape.groups)))


def _site_label(shape: SiteShape, place: Place) -> str:
    if shape.name:
        return shape.name
    return f"{place.name} {shape.kind}" if place.id or place.parent else shape.id


def _place(teller: Teller, path: Path, written: str | Point, resolver: Resolver) -> Place | None:
    """The place, or null after its fault was told."""
    try:
        place = resolver.place(written)
    except PlaceError as error:
        teller.fault(path, str(error))
        return None
    if place.lat == 0 and place.lon == 0:
        teller.warn(path, "0, 0 lies in the Gulf of Guinea; it is what an empty field becomes")
    if place.kind in {PlaceKind.COUNTRY, PlaceKind.REGION}:
        teller.warn(path, f"{quoted(written)} is a whole {place.kind}; distances to it mean nothing, name a town")
    return place


@dataclass(frozen=True, slots=True)
class _Whereabouts:
    """One person's places."""

    told: Told
    shape: PersonShape
    resolver: Resolver
    sites: dict[str, StaffLocation]
    site_ids: frozenset[str]

    def locations(self) -> list[StaffLocation]:
        """Home and site while not away, then the legs in the order of time."""
        legs = sorted(self._legs(), key=lambda leg: leg[1].start)
        self._tell_overlaps([location for location, _ in legs])
        away = [span for _, span in legs]
        based = [piece for base in self._bases() for piece in at_home(base, away)]
        return based + _apart([location for location, _ in legs])

    def _bases(self) -> Iterator[StaffLocation]:
        shape = self.shape
        if shape.home is not None:
            place = self._place("home", shape.home)
            if place is not None:
                yield self._location("home", "home", place.name or self.shape.id, place=place)
        if shape.site is not None:
            site = self.sites.get(shape.site)
            if site is not None:
                yield self._location("site", "site", site.label, place=site.place)
            elif shape.site not in self.site_ids:
                self.told.teller.fault((*self.told.path, "site"), f"{quoted(shape.site)} is no site"
                                                                  f"{did_you_mean(shape.site, self.site_ids)}")

    def _legs(self) -> Iterator[tuple[StaffLocation, Span]]:
        for number, leg in enumerate(self.shape.trips):
            made = self._flight(number, leg) if isinstance(leg, FlightShape) else self._stay(number, leg)
            if made is not None:
                yield made

    def _stay(self, number: int, leg: StayShape) -> tuple[StaffLocation, Span] | None:
        span = span_of(leg.from_, leg.to, self.shape.timezone or "UTC")
        place = self._place(("trips", number, "place"), leg.place)
        if span.end <= span.start:
            self._fault(("trips", number, "to"), "lies before the day of 'from'")
            return None
        if place is None:
            return None
        day = leg.from_.strftime("%Y%m%d")
        return self._location(f"stay-{day}", "stay", place.name or day, place=place, span=span), span

    def _flight(self, number: int, leg: FlightShape) -> tuple[StaffLocation, Span] | None:
        here: Path = ("trips", number)
        airports = self._airports(here, leg)
        if not timedelta(0) < leg.arrives - leg.departs <= _LONGEST_FLIGHT:
            self._fault((*here, "arrives"), "lies before 'departs'" if leg.arrives <= leg.departs
                        else "lies more than 48 hours after 'departs'; write one leg a flight")
            return None
        if len(airports) != len(leg.via) + 2:
            return None
        codes = "-".join((leg.from_, *leg.via, leg.to))
        span = Span(leg.departs, leg.arrives, leg.departs, leg.arrives)
        location = self._location(f"{leg.flight.replace(' ', '')}-{leg.departs:%Y%m%d}", "flight",
                                  f"{leg.flight} {codes}", span=span)
        return replace(location, airports=tuple(airports)), span

    def _airports(self, here: Path, leg: FlightShape) -> list[Place]:
        found = []
        stops: Sequence[tuple[Path, str]] = (
            ((*here, "from"), leg.from_), *(((*here, "via", place), code) for place, code in enumerate(leg.via)),
            ((*here, "to"), leg.to))
        for path, code in stops:
            try:
                found.append(self.resolver.airport(code))
            except PlaceError as error:
                self._fault(path, str(error))
        return found

    def _tell_overlaps(self, legs: Sequence[StaffLocation]) -> None:
        """Two stays at once, each longer than a day of travel, can't both be true."""
        stays = [leg for leg in legs if leg.kind == "stay"]
        for before, after in pairwise(stays):
            if before.end and after.start and before.end - after.start > timedelta(days=1):
                self.told.teller.warn((*self.told.path, "trips"), f"{self.shape.id} is on two trips at once: "
                                                                  f"{before.label} and {after.label}")

    def _place(self, key: str | Path, written: str | Point) -> Place | None:
        path = (key,) if isinstance(key, str) else key
        return _place(self.told.teller, (*self.told.path, *path), written, self.resolver)

    def _fault(self, path: Path, message: str) -> None:
        self.told.teller.fault((*self.told.path, *path), message)

    def _location(self, name: str, kind: str, label: str, *, place: Place | None = None,
                  span: Span | None = None) -> StaffLocation:
        return StaffLocation(f"{self.shape.id}/{name}", kind, label, person=self.shape.id, place=place,
                             start=span.start if span else None, end=span.end if span else None,
                             groups=tuple(dict.fromkeys(self.shape.groups)))


def _apart(legs: Sequence[StaffLocation]) -> list[StaffLocation]:
    """The legs with ids of their own, where two have the same."""
    seen: dict[str, int] = {}
    apart = []
    for leg in legs:
        seen[leg.id] = seen.get(leg.id, 0) + 1
        apart.append(leg if seen[leg.id] == 1 else replace(leg, id=f"{leg.id}-{seen[leg.id]}"))
    return apart
