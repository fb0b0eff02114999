"""Incidents read from JSON lately, so that what has not changed is not read again.

Its own module because every article is laid beside all incidents around it, and reading 300 of them from JSON takes
longer than everything else that is done with them.
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from advisord.model import Incident

Stamp = tuple[object, ...]
# Incidents kept; with its reports one takes about 20 kB
MOST = 2000


class Known:
    """Incidents by id, each with the stamp of the row that it was read from; the least lately asked for go first."""

    def __init__(self) -> None:
        """Knowing none."""
        self._kept: OrderedDict[str, tuple[Stamp, Incident]] = OrderedDict()
        self._lock = Lock()

    def of(self, stamps: Mapping[str, Stamp]) -> dict[str, Incident]:
        """Those that are known under just these stamps."""
        with self._lock:
            return {name: self._kept[name][1] for name, stamp in stamps.items()
                    if name in self._kept and self._kept[name][0] == stamp}

    def keep(self, incidents: Mapping[str, Incident], stamps: Mapping[str, Stamp]) -> None:
        """Know these from now on."""
        with self._lock:
            for name, incident in incidents.items():
                self._kept[name] = stamps[name], incident
                self._kept.move_to_end(name)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
