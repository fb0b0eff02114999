"""What living 30 days of 1,000 articles a day again costs.

    .venv/bin/python tests/bench/bench_replay.py [DAYS] [ARTICLES_A_DAY]

Builds a past in an SQLite store: every article tells a report, one to twenty reports are an incident, somewhere near
one of 600 cities; 200 people at home, on trips and on flights in 60 of them. Then it is lived again under the rules
that it was lived under, and under wider ones. The goal is 60 s.
"""
from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from advisord.correlate.building import incident_of
from advisord.correlate.threads import Thread
from advisord.model import (
    Article,
    Certainty,
    Channel,
    Contact,
    Desk,
    Mention,
    Person,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reach,
    Reliability,
    Report,
    Rule,
    Settings,
    Severity,
    SourcedReport,
    Staff,
    StaffLocation,
    Urgency,
    When,
)
from advisord.settings.correlation import tables
from advisord.settings.seeds import seeds_of
from advisord.store import journal
from advisord.store.store import Store
from advisord.wiring.rehearsal import Kit
from advisord.wiring.replay import replay

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = ("conflict.armed_attack", "conflict.bombing", "violence.shooting", "unrest.riot", "natural.flood",
         "accident.explosion", "natural.earthquake", "unrest.protest")
WORDS = tuple(f"word{i}" for i in range(4000))


def cities(chance: random.Random) -> tuple[Place, ...]:
    """600 cities of 100 countries."""
    return tuple(Place(PlaceKind.CITY, f"c{i}", f"City {i}", chance.uniform(-40, 60), chance.uniform(-120, 140),
                       f"{chr(65 + i // 6 // 26)}{chr(65 + i // 6 % 26)}", f"Region {i}", confidence=0.95)
                 for i in range(600))


def staff(chance: random.Random, places: tuple[Place, ...]) -> Staff:
    """200 people in 60 cities, half of them on a trip some time."""
    places = tuple(chance.sample(places, 60))
    people = tuple(Person(f"p{i}", f"Person {i}", ("all",), contact=Contact(f"p{i}@example.org")) for i in range(200))
    locations = []
    for person in people:
        locations.append(StaffLocation(f"{person.id}/home", "home", "home", person.id, chance.choice(places)))
        if chance.random() < 0.5:
            start = BEGIN + timedelta(days=chance.uniform(0, 30))
            locations.append(StaffLocation(f"{person.id}/stay", "stay", "stay", person.id, chance.choice(places),
                                           start=start, end=start + timedelta(days=4)))
    return Staff(people, tuple(locations), (Desk("duty", contact=Contact("duty@example.org")),))


def settings(people: Staff, km: float) -> Settings:
    """Two rules, one by mail and one for the desk."""
    severe = tuple((each, km) for each in (Severity.EXTREME, Severity.SEVERE, Severity.MODERATE))
    rules = (Rule("near", When(severity_at_least=Severity.MODERATE), Reach(within_km=severe), "general",
                  ("email", "desk")),
             Rule("country", When(severity_at_least=Severity.EXTREME), Reach(same=("country",)), "general", ("desk",)))
    channels = (Channel("email", "file", "person"), Channel("desk", "file", "desk"))
    return Settings("", staff=people, rules=rules, channels=channels)


def build(store: Store, kit: Kit, days: int, a_day: int) -> int:
    """Fill the store with the past; how many incidents that made."""
    chance = random.Random(7)
    places = cities(chance)
    count, incidents = 0, 0
    while count < days * a_day:
        size = min(chance.choice((1, 1, 1, 2, 2, 3, 5, 8, 20)), days * a_day - count)
        kinds = [kit.hazards[each] for each in KINDS if each in kit.hazards]
        hazard, place = chance.choice(kinds), chance.choice(places)
        at = BEGIN + timedelta(days=chance.uniform(0, days - 1))
        telling = chance.sample(WORDS, 40)
        reports = tuple(one(chance, f"a{count + i}", hazard.code, hazard.severity, place,
                            at + timedelta(minutes=chance.uniform(0, 60 * min(hazard.ttl_h, 24)) if i else 0), telling)
                        for i in range(size))
        reports = tuple(sorted(reports, key=lambda each: each.seen_at))
        built = incident_of(Thread(reports), opened_at=reports[0].seen_at, hazards=kit.hazards)
        incident = replace(built, id=f"{place.country}-{at:%Y-%m%d}-{incidents}")
        with store._database.write() as connection:
            for report in reports:
                article = Article(report.article_id, "text", title=report.title, feed_id="f", seen_at=report.seen_at,
                                  fingerprint=report.article_id)
                journal.append(connection, journal.understood(article, (report,), (incident,)), report.seen_at)
            store._happening.keep_read(connection, incident, reports[-1].seen_at)
        count, incidents = count + size, incidents + 1
    return incidents


def one(chance: random.Random, name: str, hazard: str, severity: Severity, place: Place, at: datetime,
        telling: list[str]) -> SourcedReport:
    """One article's report of it, in words that the others use too."""
    told = Report(hazard, Phase.OCCURRED, severity, Urgency.IMMEDIATE, Certainty.OBSERVED,
                  place=Mention("text", 0, 6, place.name or "", place), precision=Precision.CITY, uncertainty_km=2.0,
                  start=f"{at:%Y-%m-%d}")
    terms = tuple((word, 1.0 / 6) for word in sorted(chance.sample(telling, 36)))
    return SourcedReport(name, name, "f", name, Reliability.B, official=False, seen_at=at, report=told, published=at,
                         title=f"{hazard} in {place.name}", sentence="It was said that it happened.", terms=terms)


def main() -> None:
    """Build, measure and print."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    a_day = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seeds = seeds_of([Path("seeds")])
    kit = Kit(seeds.hazards(), tables(seeds), _read_again)
    people = staff(random.Random(11), cities(random.Random(7)))
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/past.db") as store:
        begun = time.perf_counter()
        incidents = build(store, kit, days, a_day)
        print(f"built {days * a_day} articles, {incidents} incidents in {time.perf_counter() - begun:.0f} s")
        for km in (50.0, 200.0):
            begun, busy = time.perf_counter(), time.process_time()
            found = replay(store, settings(people, km), kit, since=BEGIN, until=BEGIN + timedelta(days=days))
            print(f"within {km:g} km: {time.perf_counter() - begun:.1f} s by the clock, "
                  f"{time.process_time() - busy:.1f} s of processor: {found.incidents} incidents, {found.reports} "
                  f"reports, would add {found.count('add')}, drop {found.count('drop')}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _read_again(article: Article) -> NoReturn:
    raise SystemExit(f"{article.id} was read again")


if __name__ == "__main__":
    main()
