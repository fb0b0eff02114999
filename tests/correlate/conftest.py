"""Reports as newsrooms would tell them, for the tests of `correlate`; texts in our own words."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from advisord.correlate.incidents import join
from advisord.correlate.sourced import sourced
from advisord.correlate.tables import Tables
from advisord.model import (
    Analysis,
    Article,
    Certainty,
    Evidence,
    Feed,
    Hazard,
    Incident,
    Mention,
    Phase,
    Place,
    PlaceKind,
    Precision,
    Reliability,
    Report,
    Severity,
    SourcedReport,
    Urgency,
)
from advisord.settings.correlation import tables as load_tables
from advisord.settings.seeds import seeds_of

DAWN = datetime(2024, 9, 17, 6, 0, tzinfo=UTC)

BAMAKO = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.65, -8.0, "ML", "Bamako")
KAYES = Place(PlaceKind.CITY, "geonames:2455518", "Kayes", 14.45, -11.44, "ML", "Kayes")
AIRPORT = Place(PlaceKind.AIRPORT, "icao:GABS", "Modibo Keita International Airport", 12.53, -7.95, "ML", "Bamako")
MALI = Place(PlaceKind.COUNTRY, "iso:ML", "Mali", None, None, "ML")
FINE = {PlaceKind.CITY: (Precision.CITY, 8.0), PlaceKind.AIRPORT: (Precision.FACILITY, 2.0),
        PlaceKind.COUNTRY: (Precision.COUNTRY, 600.0)}

PLACES = {"bamako": BAMAKO, "kayes": KAYES, "airport": AIRPORT, "mali": MALI}

ATTACK_TEXT = (
    "Gunmen attacked the gendarmerie school of Faladie in Bamako before dawn, residents said. Shots were heard near "
    "the airport and smoke stood over the quarter. The army said two gendarmes were wounded and the attackers "
    "surrounded.")


@pytest.fixture(scope="session")
def hazards() -> dict[str, Hazard]:
    """The shipped hazards."""
    return seeds_of().hazards()


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The shipped word frequencies and weights."""
    return load_tables(seeds_of())


@dataclass
class Desk:
    """A store of incidents in memory, fed one article at a time as the pipeline does."""

    hazards: dict[str, Hazard]
    tables: Tables
    incidents: dict[str, Incident] = field(default_factory=dict)
    denials: dict[str, SourcedReport] = field(default_factory=dict)
    numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)
    last: tuple[Incident, ...] = ()

    @staticmethod
    def report(hazard: str = "conflict.armed_attack", phase: Phase = Phase.OCCURRED, place: str | None = "bamako",
               **more: Any) -> Report:
        """One report; its place, a name of PLACES, is known as closely as its kind says."""
        at = PLACES[place] if place else None
        precision, uncertainty = FINE[at.kind] if at else (None, None)
        told = Report(
            hazard=hazard, phase=phase, severity=Severity.SEVERE, urgency=Urgency.IMMEDIATE,
            certainty=Certainty.OBSERVED, place=Mention("text", 0, 6, at.name or "", at) if at else None,
            precision=precision, uncertainty_km=uncertainty, evidence=(Evidence("text", 0, 6, "hazard"),))
        return replace(told, **more)

    def sourced(self, article_id: str, *reports: Report, text: str = ATTACK_TEXT, hours: float = 0,
                feed: str | None = None, grade: Reliability = Reliability.B, official: bool = False,
                credit: str | None = None, language: str = "en", title: str = "",
                exercise: bool = False) -> tuple[SourcedReport, ...]:
        """The reports of an article published so many hours after dawn."""
        at = DAWN + timedelta(hours=hours)
        newsroom = Feed(feed or f"paper-{article_id}", "https://news.example/feed", reliability=grade,
                        official=official)
        article = Article(article_id, text, title, feed_id=newsroom.id, published=at, seen_at=at, credit=credit,
                          exercise=exercise)
        return sourced(article, Analysis(language, (), reports), newsroom, now=at, tables=self.tables)

    def join(self, reports: tuple[SourcedReport, ...], *, article_id: str | None = None,
             now: datetime | None = None) -> tuple[Incident, ...]:
        """What the join changed, kept for the next one."""
        changed = join(reports, tuple(self.incidents.values()), hazards=self.hazards, tables=self.tables,
                       denials=tuple(self.denials.values()), next_id=lambda stem: f"{stem}-{self.numbers()}",
                       article_id=article_id, now=now or max((each.seen_at for each in reports), default=DAWN))
        self.denials = {name: each for name, each in self.denials.items()
                        if each.article_id not in {article_id, *(told.article_id for told in reports)}}
        self.denials.update((each.id, each) for each in reports if each.report.phase is Phase.DENIED)
        self.incidents.update((each.id, each) for each in changed)
        self.last = changed
        return changed

    def tell(self, article_id: str, *reports: Report, **more: Any) -> tuple[Incident, ...]:
        """An article arrives and is joined."""
        return self.join(self.sourced(article_id, *reports, **more), article_id=article_id)

    @property
    def only(self) -> Incident:
        """The one incident there is."""
        (incident,) = self.incidents.values()
        return incident


@pytest.fixture
def desk(hazards: dict[str, Hazard], tables: Tables) -> Desk:
    """An empty desk."""
    return Desk(hazards, tables)


@pytest.fixture(scope="session")
def desks(hazards: dict[str, Hazard], tables: Tables) -> Callable[[], Desk]:
    """As many empty desks as a test wants."""
    return lambda: Desk(hazards, tables)
