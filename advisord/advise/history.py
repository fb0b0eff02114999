"""Advisories and deliveries so far -> History: what one recipient was told, and what still waits to be told.

Its own module because "told" has two meanings that must not be mixed: said (decided, perhaps held for the night) and
heard (sent, or about to be).
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from advisord.model import WITHHELD, Advisory, Delivery, DeliveryState, Incident, Reason

ENDS = frozenset({Reason.CLEARED, Reason.EXPIRED, Reason.CANCELLED, Reason.MERGED})
CALLS = frozenset({Reason.NEED_HELP, Reason.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class History:
    """One recipient's conversation about one incident, oldest first."""

    said: tuple[Advisory, ...]
    sent: tuple[Delivery, ...]
    now: datetime

    @property
    def last(self) -> Advisory | None:
        """What was last decided to be said, and still stands."""
        return next(reversed(self.standing), None)

    @property
    def standing(self) -> tuple[Advisory, ...]:
        """What was said without what was taken back for now, before anybody heard of it."""
        withheld = {advisory_id for each in self.sent if _is_withheld(each) for advisory_id in each.advisory_ids}
        return tuple(each for each in self.said if each.id not in withheld)

    @property
    def held(self) -> tuple[Delivery, ...]:
        """Deliveries that wait for the morning or for review and were never tried: they may still be taken back."""
        return tuple(each for each in self.sent if each.state is DeliveryState.PENDING and not each.attempts
                     and each.due_at > self.now)

    @property
    def active(self) -> tuple[Delivery, ...]:
        """Deliveries that were not taken back: sent, on their way or waiting."""
        return tuple(each for each in self.sent if each.state is not DeliveryState.CANCELLED)

    @property
    def is_told_alone(self) -> bool:
        """Whether they heard of it otherwise than as one entry of a digest."""
        return any(not each.digest for each in self.heard)

    @property
    def has_heard(self) -> bool:
        """Whether anything was sent to them or is on its way."""
        return bool(self._on_the_way())

    @property
    def heard(self) -> tuple[Advisory, ...]:
        """What was sent to them or is on its way, without what still waits or was taken back."""
        ids = {advisory_id for each in self._on_the_way() for advisory_id in each.advisory_ids}
        return tuple(each for each in self.said if each.id in ids)

    @property
    def heard_locations(self) -> frozenset[str]:
        """The locations named in what they heard."""
        return frozenset(each.location_id for advisory in self.heard for each in advisory.exposures)

    @property
    def locations(self) -> frozenset[str]:
        """The locations that they were told of."""
        return frozenset(each.location_id for advisory in self.standing for each in advisory.exposures)

    @property
    def hazards(self) -> frozenset[str]:
        """The hazards that touched them when they were told."""
        return frozenset(each.hazard for advisory in self.standing for each in advisory.exposures)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels by which they were told, in the order of first use."""
        return tuple(dict.fromkeys(each.channel for each in self.sent))

    def previous(self, channel: str) -> str | None:
        """The last delivery of that channel's thread that they may have seen; a digest is a thread of its own."""
        digests = {each.id for each in self.said if each.digest}
        return next((each.id for each in reversed(self._on_the_way())
                     if each.channel == channel and digests.isdisjoint(each.advisory_ids)), None)

    def _on_the_way(self) -> tuple[Delivery, ...]:
        held = {each.id for each in self.held}
        return tuple(each for each in self.active if each.id not in held)


def _is_withheld(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.CANCELLED and (delivery.last_error or "").startswith(WITHHELD)


def histories_of(said: tuple[Advisory, ...], sent: tuple[Delivery, ...], now: datetime) -> dict[str, History]:
    """Each recipient's history; calls about somebody else are no part of what they were told of the incident."""
    calls = {each.id for each in said if each.reason in CALLS}
    said = tuple(each for each in said if each.id not in calls)
    sent = tuple(each for each in sent if calls.isdisjoint(each.advisory_ids))
    recipients = dict.fromkeys(each.recipient for each in said)
    return {recipient: History(
        tuple(sorted((each for each in said if each.recipient == recipient), key=_version)),
        tuple(each for each in sent if each.recipient == recipient), now) for recipient in recipients}


def inherited(incident: Incident, said: tuple[Advisory, ...], merged: tuple[Advisory, ...],
              sent: tuple[Delivery, ...], now: datetime) -> dict[str, History]:
    """The histories of those who were told of incidents that turned out to be this one, as if told of this one.

    They are taken to know what everybody else was last told of it, since the notice that the two are one says where it
    goes on; where nobody was, what they were told themselves. So they miss no change and no end of it from there on.
    """
    told = tuple(replace(each, incident=said[-1].incident if said else replace(each.incident, hazard=incident.hazard))
                 for each in merged if each.reason is not Reason.MERGED)
    return histories_of(told, sent, now)


def _version(advisory: Advisory) -> int:
    return advisory.version


def key_of(*parts: object) -> str:
    """A stable key of its parts: the same decision gives the same key, whoever decides it and how often."""
    text = "\n".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
