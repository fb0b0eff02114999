"""How often somebody may try something: a sliding window a key, in memory."""
from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

MOST_KEYS = 10_000


class Limit:
    """At most `times` within `within` for each key; safe to use from many threads."""

    def __init__(self, times: int, within: timedelta) -> None:
        """Nothing was tried yet."""
        self._times = times
        self._within = within
        self._tried: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def wait_s(self, key: str, now: datetime) -> int:
        """Seconds until that key may try again; 0 where it may now."""
        with self._lock:
            tried = self._fresh(key, now)
            if len(tried) < self._times:
                return 0
            return max(1, int((tried[0] + self._within - now).total_seconds()) + 1)

    def count(self, key: str, now: datetime) -> None:
        """Count a try."""
        with self._lock:
            if len(self._tried) >= MOST_KEYS:  # somebody tries with ever other keys: forget what is over, else all
                self._tried = {one: at for one, at in self._tried.items() if at[-1] + self._within > now}
                if len(self._tried) >= MOST_KEYS:
                    self._tried.clear()
            tried = self._fresh(key, now)
            tried.append(now)
            self._tried[key] = tried

    def forget(self, key: str) -> None:
        """Whoever got it right begins anew."""
        with self._lock:
            self._tried.pop(key, None)

    def _fresh(self, key: str, now: datetime) -> deque[datetime]:
        tried = self._tried.get(key, deque())
        while tried and tried[0] + self._within <= now:
            tried.popleft()
        return tried
