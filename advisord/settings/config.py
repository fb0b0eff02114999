"""A folder of configuration -> Settings, or every fault in it at once."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from advisord.errors import SettingsError
from advisord.gazetteer import Gazetteer
from advisord.model import Access, Ceilings, Channel, Inhibition, Rule, Settings, Staff
from advisord.settings.access import FILE as ACCESS
from advisord.settings.access import access_of, page_of
from advisord.settings.answers import answering_of, answers_of, tell_unanswerable
from advisord.settings.channels import channels_of
from advisord.settings.crosscheck import check_channels, check_desks, check_rules, check_staff
from advisord.settings.faults import Fault, Findings, in_order
from advisord.settings.feeds import feeds_of
from advisord.settings.folders import shipped
from advisord.settings.page import Page, page
from advisord.settings.places import Resolver
from advisord.settings.retention import retention_of
from advisord.settings.rules import Known, inhibitions_of, rules_of
from advisord.settings.shape.access import AccessFile
from advisord.settings.shape.channels import ChannelsFile
from advisord.settings.shape.feeds import FeedsFile
from advisord.settings.shape.main import MainFile
from advisord.settings.shape.rules import RulesFile
from advisord.settings.shape.staff import StaffFile
from advisord.settings.staff import Roll, roll_of
from advisord.settings.stores import store_url
from advisord.settings.watch import watch_of

FILES = ("advisord.yaml", "feeds.yaml", "staff.yaml", "rules.yaml", "channels.yaml")

_FRAMES = frozenset({"advisory", "call", "digest", "baseline", "alarm"})  # messages; advice is inside


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used, and what is odd about it."""

    settings: Settings
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a configuration holds and everything that was found; with no fault and nothing unset it can be used.

    `unset` are secrets that the environment of this command lacks, which is a fault for the daemon alone.
    """

    settings: Settings
    faults: tuple[str, ...]
    unset: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What configurations are checked against."""

    gazetteer: Gazetteer
    hazards: Collection[str]


def load(folder: Path, *, gazetteer: Gazetteer, hazards: Collection[str], environ: Mapping[str, str],
         now: datetime | None = None, rules: Path | None = None) -> Loaded:
    """The configuration of a folder; SettingsError with all its faults where it can't be used.

    `hazards` are the codes (a mapping by code will do). `now` lets trips that are over be told. `rules` is another
    file to take instead of its rules.yaml.
    """
    examined = examine(folder, gazetteer=gazetteer, hazards=hazards, environ=environ, now=now, rules=rules)
    faults = (*examined.faults, *examined.unset)
    if faults:
        raise SettingsError(faults)
    return Loaded(examined.settings, examined.warnings)


def examine(folder: Path, *, gazetteer: Gazetteer, hazards: Collection[str], environ: Mapping[str, str],
            now: datetime | None = None, rules: Path | None = None) -> Examined:
    """Everything that is to say about the configuration of a folder; raises nothing about it."""
    folder = folder.resolve()
    findings = Findings()
    if not folder.is_dir():
        findings.faults.append(Fault(str(folder), "is no folder (advisord init writes one)"))
        return Examined(Settings(store_url=""), in_order(findings.faults, FILES), (), ())
    settings = _Folder(folder, findings, environ, Knowledge(gazetteer, hazards), now, rules).settings()
    return Examined(settings, in_order(findings.faults, FILES), in_order(findings.unset, FILES),
                    in_order(findings.warnings, FILES))


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder while it is read."""

    folder: Path
    findings: Findings
    environ: Mapping[str, str]
    knowledge: Knowledge
    now: datetime | None
    rules: Path | None = None

    def settings(self) -> Settings:
        """The settings of what could be read."""
        main = page(self.folder / FILES[0], MainFile, self.environ, self.findings)
        feeds = page(self.folder / FILES[1], FeedsFile, self.environ, self.findings)
        roll = self._roll()
        channels_page = page(self.folder / FILES[4], ChannelsFile, self.environ, self.findings)
        channels = channels_of(channels_page, self.folder, self.environ) if channels_page else ()
        rules, inhibitions = self._rules(roll, channels, channels_page)
        if channels_page and not self.findings.faults:
            check_channels(channels_page, channels, rules)
        if main and roll and not self.findings.faults:
            check_desks(main, roll.staff.desks, channels)
        top = main.sound if main else MainFile()
        if main:
            tell_unanswerable(main, top, rules)
        return Settings(
            store_url=store_url(main, top.store, self.folder), feeds=feeds_of(feeds, self.folder) if feeds else (),
            staff=roll.staff if roll else Staff(), rules=rules, channels=channels, mode=top.mode,
            organisation=top.organisation, user_agent_contact=top.contact, settle=top.settle_minutes,
            config_dir=str(self.folder), templates_dirs=self._beside("templates"), seeds_dirs=self._beside("seeds"),
            retention=retention_of(main, top), page=page_of(main, top.page), access=self._access(),
            answering=answering_of(main, top, self.folder, self.environ), answers=answers_of(main, top),
            inhibitions=inhibitions, ceilings=_ceilings(top), watch=watch_of(main, top))

    def _access(self) -> Access:
        """Who may use the page: nobody, where the file is missing."""
        file = self.folder / ACCESS
        read = page(file, AccessFile, self.environ, self.findings) if file.exists() else None
        return access_of(read, file) if read else Access()

    def _roll(self) -> Roll | None:
        staff = page(self.folder / FILES[2], StaffFile, self.environ, self.findings)
        if staff is None:
            return None
        roll = roll_of(staff, self.folder, Resolver(self.knowledge.gazetteer))
        check_staff(staff, roll, self.now)
        return roll

    def _rules(self, roll: Roll | None, channels: tuple[Channel, ...],
               channels_page: Page[ChannelsFile] | None) -> tuple[tuple[Rule, ...], tuple[Inhibition, ...]]:
        rules_page = page(self.rules or self.folder / FILES[3], RulesFile, self.environ, self.findings)
        if rules_page is None:
            return (), ()
        known = Known(self.knowledge.hazards, templates_in(self._beside("templates")), roll.groups if roll else None,
                      channels_page.ids("channels") if channels_page else None,
                      _contacts(roll) if roll else None)
        rules, inhibitions = rules_of(rules_page, known), inhibitions_of(rules_page, known)
        if roll and not self.findings.faults:  # what lacks an address may be somebody whose address has a fault
            check_rules(rules_page, rules, roll, channels)
        return rules, inhibitions

    def _beside(self, kind: str) -> tuple[str, ...]:
        """The operator's own folder of that kind, where it is, before the shipped one."""
        own = self.folder / kind
        theirs = (str(own),) if own.is_dir() else ()
        return (*theirs, str(shipped("templates" if kind == "templates" else "seeds")))


def _contacts(roll: Roll) -> dict[str, str]:
    """Who can be called, by id; of a person and a desk of one id, the desk."""
    return {**{one.id: f"person:{one.id}" for one in roll.staff.people},
            **{one.id: f"desk:{one.id}" for one in roll.staff.desks}}


def _ceilings(main: MainFile) -> Ceilings:
    given = main.ceilings
    return Ceilings(person=given.person, incidents=given.incidents, desk=given.desk, person_except=given.person_except)


def templates_in(folders: Iterable[str]) -> frozenset[str]:
    """The names that `advise` can say: `<name>.<language>.txt.j2` in a folder of templates."""
    return frozenset(file.name.split(".")[0] for folder in folders
                     for file in Path(folder).glob("*.*.txt.j2")) - _FRAMES
