"""What is amiss -> what the desks are told of it: once when it begins, again when it grows, once when it is over.

Through the outbox like every other message, so that a crash neither loses an alarm nor tells it twice.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from advisord.advise.alarming import alarm_name, alarms_to
from advisord.model import Alarm, Delivery, Settings
from advisord.watching import Amiss

AGAIN = timedelta(hours=1)  # at the earliest, of what has grown
SETTLED = timedelta(minutes=10)  # what comes and goes within that is one trouble
GROWN = 2  # times the figure that was told
UNCOUNTED = frozenset({"disk-full", "clock-jumped"})  # whose figure does not count what is wrong


class Store(Protocol):
    """What alarms need of the store."""

    def alarms(self) -> tuple[Alarm, ...]:
        """What the desks were told and is not over, as it was told last."""

    def save_alarm(self, name: str, alarm: Alarm, deliveries: Sequence[Delivery]) -> int:
        """Keep an alarm with its deliveries, once; how many of those were new."""


def raised(amiss: Sequence[Amiss], told: Sequence[Alarm], now: datetime) -> Iterator[Alarm]:
    """What is to be told by now, given what was told and stands."""
    before = {each.condition: each for each in told}
    for each in amiss:
        known = before.pop(each.condition, None)
        if known is None or (now - known.at >= AGAIN and _has_grown(each, known)):
            yield Alarm(str(each.condition), now, each.items, each.figure, each.since)
    for known in before.values():
        if abs(now - known.at) >= SETTLED:
            yield Alarm(known.condition, now, known.items, known.figure, known.since, over=True)


def _has_grown(now: Amiss, before: Alarm) -> bool:
    if set(now.items) - set(before.items):
        return True
    return str(now.condition) not in UNCOUNTED and now.figure >= GROWN * max(before.figure, 1)


def tell(store: Store, settings: Settings, amiss: Sequence[Amiss], now: datetime) -> int:
    """Tell the desks what began, grew or ended; how many messages that made."""
    return sum(store.save_alarm(alarm_name(each), each, tuple(alarms_to(each, settings, now)))
               for each in raised(amiss, store.alarms(), now))
