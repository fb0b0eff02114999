"""The Bamako morning as values: an incident with its consequence, three people, a desk, the channels."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisord.advise.decide import decide
from advisord.advise.firsts import Around
from advisord.advise.render import Renderer
from advisord.advise.verdicts import Verdict
from advisord.match.exposures import Index, exposures_of, near_of
from advisord.model import (
    Advisory,
    Alternative,
    Certainty,
    Channel,
    Claim,
    Consequence,
    Contact,
    Count,
    Delivery,
    DeliveryState,
    Desk,
    Feed,
    Hazard,
    Incident,
    Instruction,
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
    Wording,
)

ROOT = Path(__file__).parents[2]
NOW = datetime(2024, 9, 17, 8, 34, 10, tzinfo=UTC)
BAMAKO = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.65, -8.0, "ML", "Bamako", confidence=0.97)
AIRPORT = Place(PlaceKind.AIRPORT, "icao:GABS", "Modibo Keita International Airport", 12.5335, -7.9499, "ML",
                "Koulikoro", parent="geonames:2460596", iata="BKO", city="Bamako")
# As it is read in an article, which says neither code nor city
READ = replace(AIRPORT, iata=None, city=None)
PARIS = Place(PlaceKind.AIRPORT, "icao:LFPG", "Charles de Gaulle International Airport", 49.01, 2.55, "FR")
OFFICE = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.6, -8.02, "ML", "Bamako")
SEGOU = Place(PlaceKind.CITY, "geonames:2449893", "Ségou", 13.43, -6.26, "ML", "Ségou")
HAZARDS = {each.code: each for each in (
    Hazard("conflict.armed_attack", "Security", Severity.SEVERE, 50, 48),
    Hazard("conflict.suicide_bombing", "Security", Severity.EXTREME, 25, 48),
    Hazard("transport.airport_closure", "Transport", Severity.SEVERE, 0, 24),
    Hazard("order.movement_limit", "Security", Severity.MODERATE, 25, 48, areal=True),
    Hazard("order.curfew", "Security", Severity.MODERATE, 25, 72, areal=True),
    Hazard("unrest.protest", "Security", Severity.MINOR, 5, 24),
)}


def sourced(number: int, *, feed: str = "radio", hour: float = 8.2, hazard: str = "conflict.armed_attack",
            phase: Phase = Phase.OCCURRED, reliability: Reliability = Reliability.B, official: bool = False,
            sentence: str = "Gunmen attacked a gendarmerie school in Bamako before dawn.") -> SourcedReport:
    """One report of the morning."""
    at = datetime(2024, 9, 17, tzinfo=UTC) + timedelta(hours=hour)
    report = Report(hazard, phase, Severity.SEVERE, Urgency.IMMEDIATE, Certainty.OBSERVED,
                    Mention("text", 0, 6, "Bamako", BAMAKO), Precision.CITY, 2.0)
    return SourcedReport(f"r{number}", f"a{number}", feed, f"o{number}", reliability, official, at, report,
                         published=at, url=f"https://news.example/{number}", title="Attack in Bamako",
                         sentence=sentence)


INCIDENT = Incident(
    id="ML-2024-0917-1", hazard="conflict.armed_attack", phase=Phase.OCCURRED, severity=Severity.SEVERE,
    urgency=Urgency.IMMEDIATE, certainty=Certainty.OBSERVED, opened_at=datetime(2024, 9, 17, 8, 12, tzinfo=UTC),
    last_report_at=datetime(2024, 9, 17, 8, 31, tzinfo=UTC),
    reports=(sourced(1), sourced(2, feed="wire", hour=8.35), sourced(3, feed="paper", hour=8.5)),
    place=BAMAKO, precision=Precision.CITY, uncertainty_km=2.0, start="2024-09-17",
    consequences=(Consequence("transport.airport_closure", Phase.ONGOING, Severity.SEVERE, READ,
                              datetime(2024, 9, 17, 8, 20, tzinfo=UTC), datetime(2024, 9, 17, 8, 31, tzinfo=UTC)),),
    injured=Count(2, 2),
    claims=(Claim("JNIM", "responsibility", "the attack", "text", 0, 4),
            Claim("the army", "control", "under control", "text", 0, 4),
            Claim("the army", "injured", "2", "text", 0, 4)),
    instructions=(Instruction("order.movement_limit", "the UN", "its staff", "limit their movements"),),
    origins=3, credibility=2)
RULES = (
    Rule("airport-closed", When(("transport.airport_closure",), (Phase.OCCURRED, Phase.ONGOING, Phase.ENDED)),
         Reach(within_km=((Severity.MINOR, 50.0),), flying_through_h=72), "airport-closure",
         ("email", "duty-desk", "hook"), groups=("mali",)),
    Rule("serious-nearby", When(("conflict", "violence", "crime"), severity_at_least=Severity.SEVERE),
         Reach(within_km=((Severity.EXTREME, "country"), (Severity.SEVERE, 100.0), (Severity.MODERATE, 50.0))),
         "limit-movement", ("email",)),
)
STAFF = Staff(
    people=(
        Person("p-017", "Awa Traoré", ("mali",), "fr", "Africa/Bamako",
               Contact("p017@example.org", "+223 70 00 00 17")),
        Person("p-003", "Ben Okafor", ("mali",), "en", "Africa/Bamako",
               Contact("p003@example.org", "+223 70 00 00 03")),
        Person("p-040", "Chen Li", ("china",), "zh", "Asia/Shanghai", Contact("p040@example.org")),
    ),
    locations=(
        StaffLocation("bamako-office", "office", "Bamako office", place=OFFICE, groups=("mali",)),
        StaffLocation("p-003/site", "site", "Bamako office", "p-003", OFFICE, groups=("mali",)),
        StaffLocation("p-003/AF521-20240919", "flight", "AF521 BKO-CDG", "p-003", airports=(AIRPORT, PARIS),
                      start=datetime(2024, 9, 19, 22, 40, tzinfo=UTC), end=datetime(2024, 9, 20, 4, 10, tzinfo=UTC)),
        StaffLocation("p-017/stay-20240918", "stay", "Bamako", "p-017", BAMAKO,
                      start=datetime(2024, 9, 18, tzinfo=UTC), end=datetime(2024, 9, 21, tzinfo=UTC)),
        StaffLocation("p-017/home", "home", "Ségou", "p-017", SEGOU),
    ),
    desks=(Desk("africa", ("mali",), "en", "Europe/Zurich", Contact("duty@example.org", "+41 44 000 00 00")),
           Desk("asia", ("china",), "en", "Asia/Shanghai", Contact("asia@example.org"))))
CHANNELS = (Channel("email", "smtp", "person"), Channel("duty-desk", "smtp", "desk"),
            Channel("hook", "webhook", "system"))
SETTINGS = Settings("sqlite://", feeds=(
    Feed("radio", "https://radio.example/feed", name="Radio Niger"),
    Feed("wire", "https://wire.example/feed", name="Sahel Wire"),
    Feed("paper", "https://paper.example/feed", name="The Paper")),
    staff=STAFF, rules=RULES, channels=CHANNELS, organisation="Example Aid")


@dataclass
class World:
    """An incident over time with all that was said about it; `review` decides as the pipeline would."""

    renderer: Renderer
    incident: Incident = INCIDENT
    settings: Settings = SETTINGS
    now: datetime = NOW
    said: tuple[Advisory, ...] = ()
    sent: tuple[Delivery, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    around: Around = field(default_factory=Around)
    merged: tuple[tuple[Advisory, ...], tuple[Delivery, ...]] = ((), ())
    believed: Incident | None = None  # as good sources tell it, where that differs

    def review(self, *, after: timedelta = timedelta(), **changes: object) -> Verdict:
        """Let time pass, change the incident, decide, and take everything due as accepted."""
        self._deliver(self.now + after)
        self.incident = replace(self.incident, **changes)  # type: ignore[arg-type]
        index = Index.of(self.settings.staff)
        exposures = exposures_of(self.incident, rules=self.settings.rules, staff=index,
                                 hazards=HAZARDS, now=self.now)
        believed = self.believed or self.incident
        reached = exposures_of(believed, rules=self.settings.rules, staff=index, hazards=HAZARDS, now=self.now)
        near = near_of(self.incident, rules=self.settings.rules, staff=index, hazards=HAZARDS, now=self.now)
        self.verdict = decide(self.incident, exposures, said=self.said, sent=self.sent, settings=self.settings,
                              hazards=HAZARDS, now=self.now, near=near, around=self._around(),
                              merged=self.merged, vouched=(believed, reached))
        self.said += self.verdict.advisories
        taken_back = {**dict.fromkeys(self.verdict.superseded), **dict(self.verdict.withheld)}
        self.sent = tuple(replace(each, state=DeliveryState.CANCELLED, last_error=taken_back[each.id])
                          if each.id in taken_back else each for each in self.sent) + self.verdict.deliveries
        return self.verdict

    def _around(self) -> Around:
        """As the store would fetch it: the silences that hold."""
        return replace(self.around, silences=tuple(
            each for each in self.around.silences if each.until > self.now and each.ended_at is None))

    def _deliver(self, now: datetime) -> None:
        self.now = now
        self.sent = tuple(replace(each, state=DeliveryState.ACCEPTED, attempts=1)
                          if each.state is DeliveryState.PENDING and each.due_at <= now else each for each in self.sent)

    def told(self) -> dict[str, str]:
        """Whom the last review told, and why."""
        return {each.recipient: each.reason.value for each in self.verdict.advisories}

    def verdicts(self) -> dict[str, str]:
        """What the last review decided about whom."""
        return {each.recipient: each.verdict for each in self.verdict.decisions}

    def due(self, recipient: str) -> datetime:
        """When the last review's delivery to somebody is due."""
        return next(each.due_at for each in self.verdict.deliveries if each.recipient == recipient)

    def words(self, recipient: str) -> Wording:
        """What the last message to somebody says."""
        advisory = next(each for each in reversed(self.said) if each.recipient == recipient)
        delivery = next(each for each in self.sent if advisory.id in each.advisory_ids)
        channel = next(each for each in self.settings.channels if each.id == delivery.channel)
        return self.renderer.wording((advisory,), delivery=delivery, staff=self.settings.staff, settings=self.settings,
                                     channel=channel, now=self.now)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """The shipped templates, tried once."""
    return Renderer((ROOT / "templates",))


@pytest.fixture
def world(renderer: Renderer) -> World:
    """The morning of the attack, nothing said yet."""
    return World(renderer)


@pytest.fixture
def report() -> Callable[..., SourcedReport]:
    """Makes one report of the morning."""
    return sourced


@pytest.fixture
def candidates() -> tuple[Alternative, ...]:
    """Other places that a name may mean."""
    return (Alternative("geonames:1", "Bamako", "CI", 0.3),)
