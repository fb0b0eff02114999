"""Exposures -> recipients: whose message an exposure is, and by which channels it can reach them."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from advisord.model import Channel, Desk, Exposure, Person, Rule, Settings, Staff

PERSON, DESK, SYSTEM = "person", "desk", "system"
# Which audience of a channel each kind of recipient is
AUDIENCES = {"person": PERSON, "desk": DESK, "hook": SYSTEM}


@dataclass(frozen=True, slots=True)
class People:
    """The configuration as deciding asks it: people and desks by id, rules in their order, channels by id."""

    persons: dict[str, Person]
    desks: dict[str, Desk]
    rules: dict[str, Rule]
    order: dict[str, int]
    channels: dict[str, Channel]
    groups_at: dict[str, tuple[str, ...]]

    def desks_for(self, exposure: Exposure) -> tuple[str, ...]:
        """The desks that answer for whom the exposure touches; the first desk where no other does."""
        person = self.persons.get(exposure.person_id or "")
        groups = set(person.groups if person else ()) | set(self.groups_at.get(exposure.location_id, ()))
        return self._desks_of(groups)

    def desks_of(self, recipient: str) -> tuple[str, ...]:
        """The desks, as recipients, that answer for a person named as a recipient."""
        person = self.persons.get(recipient.partition(":")[2])
        return tuple(f"desk:{each}" for each in self._desks_of(set(person.groups if person else ())))

    def _desks_of(self, groups: set[str]) -> tuple[str, ...]:
        own = tuple(desk.id for desk in self.desks.values() if not groups.isdisjoint(desk.groups))
        return own or tuple(self.desks)[:1]

    def via(self, rule_ids: Iterable[str], audience: str) -> tuple[str, ...]:
        """The channels of that audience that those rules name, in their order."""
        named = (channel for rule_id in rule_ids if rule_id in self.rules for channel in self.rules[rule_id].via)
        return tuple(dict.fromkeys(each for each in named if self.is_for(each, audience)))

    def is_for(self, channel_id: str, audience: str) -> bool:
        """Whether that channel exists and speaks to that audience."""
        channel = self.channels.get(channel_id)
        return channel is not None and channel.audience == audience

    def channels_to(self, recipient: str, rule_ids: tuple[str, ...]) -> tuple[str, ...]:
        """How those rules reach a recipient.

        A desk is told of everything that touches its people, whether or not the rules name its channel: then by any
        desk channel, and where there is none, by the rules' own mail in its own name.
        """
        kind, _, name = recipient.partition(":")
        if kind == "hook":
            return (name,) if self.is_for(name, SYSTEM) else ()
        found = self.via(rule_ids, AUDIENCES[kind])
        if kind == "desk" and not found:
            found = tuple(each for each in self.channels if self.is_for(each, DESK)) or self._mail_of(rule_ids)
        return tuple(each for each in found if self._can_reach(recipient, each))

    def reaching(self, recipient: str, channels: Iterable[str]) -> tuple[str, ...]:
        """Those of the channels that can reach them."""
        return tuple(each for each in channels if self._can_reach(recipient, each))

    def _mail_of(self, rule_ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in self.via(rule_ids, PERSON) if self.channels[each].kind != "webhook")

    def _can_reach(self, recipient: str, channel_id: str) -> bool:
        """Mail needs an address; a folder or a hook does not."""
        kind, _, name = recipient.partition(":")
        if self.channels[channel_id].kind != "smtp":
            return True
        whom = self.persons.get(name) if kind == "person" else self.desks.get(name)
        return whom is not None and bool(whom.contact.email)


def people_of(settings: Settings) -> People:
    """The configuration as deciding asks it."""
    return People(
        persons={each.id: each for each in settings.staff.people},
        desks={each.id: each for each in settings.staff.desks},
        rules={each.id: each for each in settings.rules},
        order={each.id: i for i, each in enumerate(settings.rules)},
        channels={each.id: each for each in settings.channels},
        groups_at=_groups_at(settings.staff))


def by_person(exposures: tuple[Exposure, ...]) -> dict[str, tuple[Exposure, ...]]:
    """Each person's own exposures by recipient; a site without a person is nobody's but the desk's."""
    found: dict[str, list[Exposure]] = {}
    for each in exposures:
        if each.person_id is not None:
            found.setdefault(f"person:{each.person_id}", []).append(each)
    return {recipient: tuple(own) for recipient, own in found.items()}


def by_hook(exposures: tuple[Exposure, ...], people: People) -> dict[str, tuple[Exposure, ...]]:
    """Each system's exposures: those of the rules that name it."""
    found: dict[str, list[Exposure]] = {}
    for each in exposures:
        for channel in people.via((each.rule_id,), SYSTEM):
            found.setdefault(f"hook:{channel}", []).append(each)
    return {recipient: tuple(own) for recipient, own in found.items()}


def by_desk(exposures: tuple[Exposure, ...], people: People) -> dict[str, tuple[Exposure, ...]]:
    """Each desk's exposures: those of the people and sites it answers for."""
    found: dict[str, list[Exposure]] = {}
    for each in exposures:
        for desk in people.desks_for(each):
            found.setdefault(f"desk:{desk}", []).append(each)
    return {recipient: tuple(own) for recipient, own in found.items()}


def _groups_at(staff: Staff) -> dict[str, tuple[str, ...]]:
    return {each.id: each.groups for each in staff.locations}
