"""Settings to one live pipeline; the only place that picks classes.

The slow parts (gazetteer, lexicons, store, decoding children) are made once and outlive a reload; everything that the
operator can edit is read anew each time.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from advisord import __version__
from advisord.advise.answers import Links
from advisord.advise.render import Renderer
from advisord.advise.trial import as_they_stand
from advisord.correlate.tables import Tables
from advisord.deliver.channel import sender
from advisord.errors import FeedError
from advisord.extract.analyse import Analyser
from advisord.gazetteer import Gazetteer
from advisord.ingest.articles import Parsed
from advisord.ingest.decode import Decoder
from advisord.ingest.fetch import Fetcher
from advisord.ingest.fetched import Fetched
from advisord.match.exposures import Index
from advisord.model import Advisory, Alarm, Baseline, Channel, Delivery, Feed, Hazard, Settings, Wording
from advisord.pipeline import Pipeline, Touching
from advisord.settings.config import load
from advisord.settings.correlation import tables
from advisord.settings.folders import shipped
from advisord.settings.seeds import Seeds, seeds_of
from advisord.store.store import Store
from advisord.wiring import analyser


class Workshop:
    """Makes pipelines from one configuration folder, and keeps what they share."""

    def __init__(self, folder: Path, *, environ: Mapping[str, str], store_url: str | None = None) -> None:
        """`store_url` is used instead of the configuration's, for tries and the demo."""
        self._folder = folder
        self._environ = environ
        self._store_url = store_url
        self._store: Store | None = None
        self._decoder: Decoder | None = None
        self._settings: Settings | None = None
        self._held = False
        self._tried = ""  # the templates that were tried, as they stood

    @cached_property
    def seeds(self) -> Seeds:
        """What the program knows; a folder `seeds` beside the configuration wins file by file."""
        return seeds_of([self._folder / "seeds"])

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Places by name and id."""
        return Gazetteer.open(self.seeds.path("gazetteer/gazetteer.xz").parent)

    @cached_property
    def analyser(self) -> Analyser:
        """The understanding half of the program."""
        return analyser(self.seeds, self.gazetteer)

    @cached_property
    def hazards(self) -> Mapping[str, Hazard]:
        """The rows of hazards.yaml by code."""
        return self.seeds.hazards()

    @cached_property
    def tables(self) -> Tables:
        """What correlating knows beyond the reports."""
        return tables(self.seeds)

    def settings(self, *, anew: bool = False) -> Settings:
        """The configuration, read once or anew; SettingsError with every fault."""
        if self._settings is None or anew:
            self._settings = load(self._folder, gazetteer=self.gazetteer, hazards=self.hazards,
                                  environ=self._environ).settings
        return self._settings

    def settings_with(self, rules: Path) -> Settings:
        """The configuration with the rules of another file; SettingsError with every fault."""
        return load(self._folder, gazetteer=self.gazetteer, hazards=self.hazards, environ=self._environ,
                    rules=rules).settings

    def store(self) -> Store:
        """The store, opened once; StoreError says what to do."""
        if self._store is None:
            self._store = Store.open(self._store_url or self.settings().store_url)
        return self._store

    def pipeline(self) -> Pipeline:
        """Read the configuration and put the pipeline together; AdvisordError when it can't be."""
        settings = self.settings(anew=True)
        renderer = self.renderer(settings)
        channels = {channel.id: sender(channel) for channel in settings.channels}
        for each in channels.values():
            each.check()
        store = self.store()
        if self._decoder is None:
            self._decoder = Decoder(agencies=self.tables.agencies).__enter__()
        fetcher = Fetcher(user_agent=user_agent(settings))

        def word(advisories: tuple[Advisory, ...], delivery: Delivery, channel: Channel, now: datetime) -> Wording:
            return renderer.wording(advisories, delivery=delivery, staff=settings.staff, settings=settings,
                                    channel=channel, now=now)

        def sum_up(baseline: Baseline, touching: Touching, delivery: Delivery, now: datetime) -> Wording:
            return renderer.summary(baseline, touching, delivery=delivery, settings=settings, now=now)

        def sound(alarm: Alarm, delivery: Delivery, now: datetime) -> Wording:
            return renderer.alarm(alarm, delivery=delivery, settings=settings, now=now)

        return Pipeline(settings=settings, store=store, hazards=self.hazards, tables=self.tables,
                        staff=Index.of(settings.staff), analyse=self.analyser.analyse, fetch=fetcher.fetch,
                        decode=self._decode, word=word, sum_up=sum_up, sound=sound, senders=channels)

    def renderer(self, settings: Settings) -> Renderer:
        """What words messages; tries the templates when they are other ones than at the last reading."""
        folders = self._template_folders(settings)
        stand = as_they_stand(folders)
        made = Renderer(folders, self.links(settings), tried=stand == self._tried)
        self._tried = stand
        return made

    def _decode(self, feed: Feed, fetched: Fetched, now: datetime) -> Parsed:
        if self._decoder is None:
            raise FeedError(feed.id, "the service is stopping")
        return self._decoder.articles_of(feed, fetched, now=now)

    def links(self, settings: Settings) -> Links | None:
        """What makes and reads the links by which people answer; null where nobody can reach them."""
        answering = settings.answering
        if answering is None:
            return None
        key = answering.secrets["key"] if "key" in answering.secrets else self.store().answers.key()
        return Links(answering.url, key.encode(), answering.lasts)

    def _template_folders(self, settings: Settings) -> tuple[Path, ...]:
        own = Path(settings.config_dir) / "templates"
        return (own, shipped("templates")) if own.is_dir() else (shipped("templates"),)

    def hold(self, owner: str, now: datetime, ttl_s: float) -> None:
        """Take or renew the store's one place for a daemon; StoreBusyError when somebody else has it."""
        if self._held:
            self.store().renew_daemon_lock(owner, now, ttl_s)
        else:
            self.store().take_daemon_lock(owner, now, ttl_s)
            self._held = True

    def close(self, owner: str | None = None) -> None:
        """Give the place back, when `owner` holds it, and close what is open."""
        if self._decoder is not None:
            self._decoder.__exit__(None, None, None)
        if self._store is not None:
            if owner is not None and self._held:
                self._store.release_daemon_lock(owner)
            self._store.close()
        self._decoder, self._store, self._held = None, None, False


def user_agent(settings: Settings) -> str:
    """A truthful name for the servers we ask, with whom to call about it where the operator says so."""
    contact = f"; {settings.user_agent_contact}" if settings.user_agent_contact else ""
    return f"advisord/{__version__} (news reader for security desks{contact})"
