"""A file of rule tests -> tests that can be run against the rules it names, or every fault in it at once.

Its own module because it reads parts of three other files (people, rules, places) out of one, and because what it
expects must name people, rules and channels that there are: a test that expects nothing of nobody always passes.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path as FilePath

from advisord.errors import SettingsError
from advisord.model import (
    Certainty,
    Feed,
    Phase,
    Place,
    Reason,
    Reliability,
    Rule,
    Settings,
    Severity,
    Staff,
)
from advisord.settings.config import Knowledge, templates_in
from advisord.settings.faults import Findings, Path, did_you_mean, in_order, quoted
from advisord.settings.page import Page, page
from advisord.settings.places import PlaceError, Resolver
from advisord.settings.rules import Known, rules_of
from advisord.settings.shape.rule_tests import (
    EVERYBODY_ELSE,
    AccountShape,
    RuleTestsFile,
    StepShape,
    TextShape,
    ToldShape,
)
from advisord.settings.shape.rules import RulesFile
from advisord.settings.staff import roll_of

UNNAMED = Feed("unnamed", url="", reliability=Reliability.B)  # who brings an article that names no feed


@dataclass(frozen=True, slots=True)
class Account:
    """One incident as a source would tell it; `place` null where nobody knows where."""

    hazard: str
    place: Place | None
    phase: Phase
    severity: Severity
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells an account: how good, and how many independently."""

    reliability: Reliability
    official: bool
    origins: int


@dataclass(frozen=True, slots=True)
class Text:
    """An article to read, with the feed that brings it."""

    text: str
    title: str
    feed: Feed
    published: datetime
    language: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who is to be told; empty and null say nothing. `where` is `file:line` of the expectation."""

    who: str
    where: str
    rules: tuple[str, ...] = ()
    advise: str | None = None
    via: tuple[str, ...] = ()
    severity: Severity | None = None
    reason: Reason | None = None
    held: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at an instant, and who is told; `others` is where "everybody else" is said not to be."""

    at: datetime
    accounts: tuple[Account, ...]
    source: Source
    texts: tuple[Text, ...]
    told: tuple[Expected, ...]
    not_told: tuple[Expected, ...]
    others: str | None


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One story in the order of time; `where` is `file:line` of its name."""

    name: str
    where: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RuleTests:
    """A file of tests with the configuration that they are about: always live, whatever the service does."""

    settings: Settings
    tests: tuple[RuleTest, ...]


def rule_tests(file: FilePath, base: Settings, knowledge: Knowledge, *, hazards: Mapping[str, Severity],
               environ: Mapping[str, str]) -> RuleTests:
    """The tests of a file; SettingsError with all its faults.

    `base` gives what the file leaves out; `hazards` each code's own severity.
    """
    findings = Findings()
    read = page(file, RuleTestsFile, environ, findings, name=str(file))
    if read is None or findings.faults:
        raise SettingsError(in_order(findings.faults, ()))
    resolver = Resolver(knowledge.gazetteer)
    settings = replace(base, mode="live", staff=_staff(read, base.staff, file.parent, resolver))
    if read.sound.rules is not None:  # what mutes what names rules that this file may not have
        settings = replace(settings, rules=_rules(read, settings, knowledge.hazards), inhibitions=())
    tests = tuple(_Reader(read, settings, resolver, hazards).tests())
    if findings.faults:
        raise SettingsError(in_order(findings.faults, ()))
    return RuleTests(settings, tests)


def _staff(read: Page[RuleTestsFile], base: Staff, folder: FilePath, resolver: Resolver) -> Staff:
    given = read.sound.staff
    if given is None:
        return base
    return roll_of(Page(read.document.inside("staff"), read.findings, given, {}), folder, resolver).staff


def _rules(read: Page[RuleTestsFile], settings: Settings, hazards: Collection[str]) -> tuple[Rule, ...]:
    given = read.sound.rules or []
    staff = settings.staff
    named = (*(each.groups for each in staff.people), *(each.groups for each in staff.desks),
             *(each.groups for each in staff.locations))
    groups = {group for each in named for group in each}
    known = Known(hazards, templates_in(settings.templates_dirs), groups, {each.id for each in settings.channels})
    return rules_of(Page(read.document, read.findings, RulesFile(rules=given), {}), known)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One file while its tests are read."""

    page: Page[RuleTestsFile]
    settings: Settings
    resolver: Resolver
    hazards: Mapping[str, Severity]

    def tests(self) -> Iterator[RuleTest]:
        """The tests in the order written."""
        names: set[str] = set()
        for number, shape in enumerate(self.page.sound.tests):
            path: Path = ("tests", number)
            if shape.name in names:
                self.page.fault((*path, "name"), f"{quoted(shape.name)} is the name of another test already")
            names.add(shape.name)
            steps = tuple(self._step((*path, "steps", at), each) for at, each in enumerate(shape.steps))
            for at in range(1, len(steps)):
                if steps[at].at <= steps[at - 1].at:
                    self.page.fault((*path, "steps", at, "at"), "lies before the step above it")
            if not any(each.told or each.not_told or each.others for each in steps):
                self.page.fault(path, "expects nothing; write told or not_told")
            yield RuleTest(shape.name, self._where((*path, "name")), steps)

    def _where(self, path: Path) -> str:
        fault = self.page.document.fault(path, "")
        return f"{fault.file}:{fault.line}"

    def _step(self, path: Path, shape: StepShape) -> Step:
        accounts = [self._account((*path, "report", at), each) for at, each in enumerate(shape.report)]
        texts = [self._text((*path, "article", at), each, shape.at) for at, each in enumerate(shape.article)]
        others = [at for at, who in enumerate(shape.not_told) if who == EVERYBODY_ELSE]
        return Step(
            at=shape.at, accounts=tuple(each for each in accounts if each is not None),
            source=Source(shape.source.reliability, shape.source.official, shape.source.origins), texts=tuple(texts),
            told=tuple(self._expected((*path, "told", at), each) for at, each in enumerate(shape.told)),
            not_told=tuple(self._silent((*path, "not_told", at), who) for at, who in enumerate(shape.not_told)
                           if who != EVERYBODY_ELSE),
            others=self._where((*path, "not_told", others[0])) if others else None)

    def _account(self, path: Path, shape: AccountShape) -> Account | None:
        own = self.hazards.get(shape.hazard)
        if own is None:
            self.page.fault((*path, "hazard"),
                            f"{quoted(shape.hazard)} is not a hazard{did_you_mean(shape.hazard, self.hazards)}")
            return None
        place = None
        if shape.place is not None:
            try:
                place = self.resolver.place(shape.place)
            except PlaceError as error:
                self.page.fault((*path, "place"), str(error))
        return Account(shape.hazard, place, shape.phase, shape.severity or own, shape.certainty)

    def _text(self, path: Path, shape: TextShape, at: datetime) -> Text:
        feeds = {each.id: each for each in self.settings.feeds}
        feed = feeds.get(shape.feed, UNNAMED) if shape.feed else UNNAMED
        self._known((*path, "feed"), (shape.feed,) if shape.feed else (), feeds, "a feed of feeds.yaml")
        return Text(shape.text, shape.title or "", feed, shape.published or at, shape.language or feed.language,
                    country=shape.country or feed.country)

    def _expected(self, path: Path, shape: ToldShape) -> Expected:
        rules = {each.id: each for each in self.settings.rules}
        self._somebody((*path, "who"), shape.who)
        self._known((*path, "rule"), shape.rule, rules, "a rule")
        self._known((*path, "via"), shape.via, {each.id for each in self.settings.channels}, "a channel")
        self._known((*path, "advise"), (shape.advise,) if shape.advise else (),
                    {each.advise for each in rules.values()}, "what any of the rules advises")
        held = None if shape.held_minutes is None else timedelta(minutes=shape.held_minutes)
        return Expected(shape.who, self._where((*path, "who")), rules=tuple(shape.rule), advise=shape.advise,
                        via=tuple(shape.via), severity=shape.severity, reason=shape.reason, held=held)

    def _silent(self, path: Path, who: str) -> Expected:
        self._somebody(path, who)
        return Expected(who, self._where(path))

    def _somebody(self, path: Path, who: str) -> None:
        """A fault where nobody of that id can be told."""
        kind, _, name = who.partition(":")
        staff = self.settings.staff
        known = {"person": {each.id for each in staff.people}, "desk": {each.id for each in staff.desks},
                 "hook": {each.id for each in self.settings.channels if each.audience == "system"}}[kind]
        noun = {"person": "somebody of the staff", "desk": "a desk", "hook": "a channel to a system"}[kind]
        self._known(path, (name,), known, noun)

    def _known(self, path: Path, names: Sequence[str], known: Collection[str], noun: str) -> None:
        for name in names:
            if name not in known:
                self.page.fault(path, f"{quoted(name)} is not {noun}{did_you_mean(name, known)}")
