"""What matching one incident against 5,000 staff and 200 rules costs.

    .venv/bin/python tests/bench/bench_match.py

Every person has a home, every third a trip and every fifth a flight, spread over 120 cities of 40 countries; a rule in
four is about the incident. Prints the median of 30 runs, for an attack in a city with a closed airport. The goal is
50 ms.
"""
from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, datetime, timedelta

from advisord.match.exposures import Index, exposures_of, near_of
from advisord.model import (
    Certainty,
    Consequence,
    Hazard,
    Incident,
    Person,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reach,
    Rule,
    Severity,
    Staff,
    StaffLocation,
    Urgency,
    When,
)

PEOPLE, RULES, RUNS = 5000, 200, 30
NOW = datetime(2024, 9, 17, 9, tzinfo=UTC)
FAMILIES = ("conflict", "violence", "natural", "unrest", "transport", "health", "accident", "order")
HAZARDS = {"conflict.armed_attack": Hazard("conflict.armed_attack", "Security", Severity.SEVERE, 50, 48),
           "transport.airport_closure": Hazard("transport.airport_closure", "Transport", Severity.SEVERE, 0, 24)}


def cities(chance: random.Random) -> tuple[Place, ...]:
    """120 cities of 40 countries."""
    return tuple(Place(PlaceKind.CITY, f"c{i}", f"City {i}", chance.uniform(-40, 60), chance.uniform(-120, 140),
                       f"{i // 3:02d}", f"Region {i}") for i in range(120))


def airport(city: Place) -> Place:
    """The airport of a city."""
    return Place(PlaceKind.AIRPORT, f"icao:{city.id}", f"{city.name} Airport", city.lat, city.lon, city.country,
                 parent=city.id)


def staff(chance: random.Random, places: tuple[Place, ...]) -> Staff:
    """Homes, trips and flights."""
    people = tuple(Person(f"p{i}", f"Person {i}", (f"g{i % 20}",)) for i in range(PEOPLE))
    locations = []
    for i, person in enumerate(people):
        start = NOW + timedelta(hours=chance.uniform(-100, 100))
        home, away = chance.choice(places), chance.choice(places)
        locations.append(StaffLocation(f"{person.id}/home", "home", "home", person.id, home))
        if i % 3 == 0:
            locations.append(StaffLocation(f"{person.id}/stay", "stay", "stay", person.id, away, start=start,
                                           end=start + timedelta(days=5)))
        if i % 5 == 0:
            locations.append(StaffLocation(f"{person.id}/flight", "flight", "XX1", person.id,
                                           airports=(airport(home), airport(away)), start=start,
                                           end=start + timedelta(hours=6)))
    return Staff(people, tuple(locations))


def rules() -> tuple[Rule, ...]:
    """200 rules, a quarter of them about attacks or closures, for various groups."""
    return tuple(Rule(f"rule-{i}", When((FAMILIES[i % len(FAMILIES)],)),
                      Reach(within_km=((Severity.MODERATE, float(25 + i)), (Severity.EXTREME, "country")),
                            flying_through_h=72 if i % 8 == 4 else None),
                      "general", ("email",), groups=() if i % 4 == 0 else (f"g{i % 20}", f"g{(i + 7) % 20}"))
                 for i in range(RULES))


def incident(city: Place) -> Incident:
    """An attack in a city, whose airport closes."""
    closed = Consequence("transport.airport_closure", Phase.ONGOING, Severity.SEVERE, airport(city), NOW, NOW)
    return Incident("XX-2024-0917-1", "conflict.armed_attack", Phase.OCCURRED, Severity.SEVERE, Urgency.IMMEDIATE,
                    Certainty.OBSERVED, NOW, NOW, (), city, Precision.CITY, 2.0, consequences=(closed,))


def main() -> None:
    """Measure and print."""
    chance = random.Random(1)
    places = cities(chance)
    everybody, ruled = staff(chance, places), rules()
    started = time.perf_counter()
    index = Index.of(everybody)
    print(f"{PEOPLE} people, {len(everybody.locations)} places, {RULES} rules; index made in "
          f"{(time.perf_counter() - started) * 1000:.0f} ms, once a reload")
    for name, of in (("exposures_of", exposures_of), ("near_of", near_of)):
        times = []
        for run in range(RUNS):
            one = incident(places[run])
            started = time.perf_counter()
            found = of(one, rules=ruled, staff=index, hazards=HAZARDS, now=NOW)
            times.append((time.perf_counter() - started) * 1000)
        print(f"{name}: median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms, "
              f"{len(found)} found in the last run")


if __name__ == "__main__":
    main()
