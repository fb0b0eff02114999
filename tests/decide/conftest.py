"""The jobs over a real store and a folder of mails, with news that is understood already and a clock that is told."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from advisord.advise.render import Renderer
from advisord.correlate.tables import Tables
from advisord.deliver.channel import sender
from advisord.match.exposures import Index
from advisord.model import (
    Advisory,
    Analysis,
    Article,
    Baseline,
    Certainty,
    Channel,
    Contact,
    Delivery,
    Desk,
    Digest,
    Evidence,
    Feed,
    FeedState,
    Hazard,
    Mention,
    Person,
    Phase,
    Place,
    PlaceKind,
    Precision,
    QuietHours,
    Reach,
    Reliability,
    Report,
    Rule,
    Settings,
    Severity,
    Staff,
    StaffLocation,
    Urgency,
    When,
    Wording,
)
from advisord.pipeline import Pipeline, Touching, adopt, deliver, read, review
from advisord.store.store import Store

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 10, 8, tzinfo=UTC)  # a Tuesday
BAMAKO = Place(PlaceKind.CITY, "geonames:2460596", "Bamako", 12.65, -8.0, "ML", "Bamako")
KATI = Place(PlaceKind.CITY, "geonames:2455518", "Kati", 12.744, -8.072, "ML", "Koulikoro")
HAZARDS = {each.code: each for each in (
    Hazard("conflict.bombing", "Security", Severity.EXTREME, 50, 48),
    Hazard("crime.robbery", "Security", Severity.MODERATE, 30, 24),
    Hazard("natural.flood", "Met", Severity.MODERATE, 30, 72),
    Hazard("unrest.protest", "Security", Severity.MINOR, 30, 24),
)}
RULE = Rule("nearby", When(), Reach(within_km=((Severity.MINOR, 30.0),)), "general", ("mail", "desk-mail"))
STAFF = Staff(
    people=(Person("p-1", "Awa Traoré", (), "en", "Africa/Bamako", Contact("awa@example.org", "+223 1")),),
    locations=(StaffLocation("p-1/home", "home", "Bamako", "p-1", BAMAKO),
               StaffLocation("kati-office", "office", "Kati office", place=KATI)),
    desks=(Desk("duty", (), "en", "UTC", Contact("duty@example.org", "+41 1")),))


@dataclass
class Life:
    """A service on a folder: `tell` is the news, `live` the jobs at that instant."""

    folder: Path
    renderer: Renderer
    settings: Settings
    now: datetime = START
    reports: dict[str, tuple[Report, ...]] = field(default_factory=dict)
    _store: Store | None = None

    @property
    def store(self) -> Store:
        """The store, opened where it is not."""
        if self._store is None:
            self._store = Store.open(self.settings.store_url)
        return self._store

    def restart(self, **changes: object) -> None:
        """Close all that is open and begin again on what was kept, with other settings where told."""
        self.store.close()
        self._store = None
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        adopt(self.pipeline, self.now)

    @property
    def pipeline(self) -> Pipeline:
        """The jobs as the settings are now."""
        def word(advisories: tuple[Advisory, ...], delivery: Delivery, channel: Channel, now: datetime) -> Wording:
            return self.renderer.wording(advisories, delivery=delivery, staff=self.settings.staff,
                                         settings=self.settings, channel=channel, now=now)

        def sum_up(baseline: Baseline, touching: Touching, delivery: Delivery, now: datetime) -> Wording:
            return self.renderer.summary(baseline, touching, delivery=delivery, settings=self.settings, now=now)

        return Pipeline(settings=self.settings, store=self.store, hazards=HAZARDS, tables=Tables(),
                        staff=Index.of(self.settings.staff),
                        analyse=lambda article: Analysis("en", (), self.reports[article.id]), fetch=None,  # type: ignore[arg-type]
                        decode=None, word=word, sum_up=sum_up,  # type: ignore[arg-type]
                        senders={each.id: sender(each) for each in self.settings.channels})

    def tell(self, hazard: str, *, feed: str = "radio", baseline: bool = False, **changes: Any) -> None:
        """An article of a feed tells that, now; `baseline`: it was there when the feed was first read."""
        number = len(self.reports) + 1
        # One word a kind, so that two kinds are never taken for copies of one story
        article = Article(f"a{number}", hazard.replace(".", ""), "", feed_id=feed,
                          published=self.now, seen_at=self.now, fingerprint=str(number), language="en",
                          baseline=baseline)
        self.reports[article.id] = (told(hazard, **changes),)
        self.store.save_poll(FeedState(feed, last_attempt_at=self.now), (article,))

    def live(self, *, until: datetime | None = None, after: timedelta = timedelta()) -> None:
        """Let the jobs run at an instant, which is now where none is told."""
        self.now = until or self.now + after
        while read(self.pipeline, self.now):
            pass
        while review(self.pipeline, self.now):
            pass
        while deliver(self.pipeline, self.now, each=in_order):
            pass

    def mails(self, to: str = "awa@example.org") -> list[EmailMessage]:
        """What somebody received, in the order in which it was decided."""
        files = sorted((self.folder / "mail").glob("*.eml"))
        read_in = [BytesParser(policy=default).parsebytes(file.read_bytes()) for file in files]
        return [each for each in read_in if to in str(each["To"])]

    def subjects(self, to: str = "awa@example.org") -> list[str]:
        """What their list of mails shows."""
        return [str(each["Subject"]) for each in self.mails(to)]


def told(hazard: str, place: Place = BAMAKO, **changes: Any) -> Report:
    """One report, understood already."""
    severity = HAZARDS[hazard].severity
    return replace(Report(hazard, Phase.OCCURRED, severity, Urgency.IMMEDIATE, Certainty.OBSERVED,
                          Mention("text", 0, 4, place.name or "", place), Precision.CITY, 5.0,
                          evidence=(Evidence("text", 0, 4, "hazard"),)), **changes)


def in_order(function: Callable[..., int], rows: Iterable[tuple[object, ...]]) -> list[int]:
    """One after the other, so that a story is the same every time."""
    return [function(*row) for row in rows]


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """The shipped templates."""
    return Renderer((ROOT / "templates",))


@pytest.fixture
def life(renderer: Renderer, tmp_path: Path) -> Iterator[Life]:
    """A service to which nothing happened yet: one person in Bamako, one rule, one desk."""
    folder = (("folder", str(tmp_path / "mail")),)
    made = Life(tmp_path, renderer, Settings(
        f"sqlite:///{tmp_path / 'life.db'}", rules=(RULE,), staff=STAFF, organisation="Example Aid",
        feeds=(Feed("radio", "", reliability=Reliability.B, name="Radio"),
               Feed("wire", "", reliability=Reliability.B, name="The Wire")),
        channels=(Channel("mail", "file", "person", folder), Channel("desk-mail", "file", "desk", folder))))
    yield made
    made.store.close()


@pytest.fixture
def ruled(life: Life) -> Callable[..., None]:
    """Changes the one rule."""
    def change(**changes: object) -> None:
        life.settings = replace(life.settings, rules=(replace(life.settings.rules[0], **changes),))  # type: ignore[arg-type]

    return change


@pytest.fixture
def kinds() -> Mapping[str, object]:
    """Values that tests build their settings of."""
    return {"night": QuietHours("22:00", "06:00", Severity.EXTREME), "daily": Digest("07:00"),
            "weekly": Digest("07:00", 0)}
