"""Places -> their time zones, by country and first-level division, so that an hour told becomes an instant.

A place whose country has several clocks and whose division is not known has none: better no hour than a wrong one.
"""
from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from advisord.errors import SeedError
from advisord.model import Place

_COLUMNS = 3


class Zones:
    """The IANA zone of a country (key "ML") or of a division of it ("US/Texas")."""

    __slots__ = ("_names",)

    def __init__(self, names: Mapping[str, str]) -> None:
        """From keys and names of zones."""
        self._names = names

    def of(self, place: Place | None) -> ZoneInfo | None:
        """The zone of a place; null where none is known."""
        if place is None or place.country is None:
            return None
        name = self._names.get(f"{place.country}/{place.admin1}") or self._names.get(place.country)
        try:
            return ZoneInfo(name) if name else None
        except ZoneInfoNotFoundError:  # a tz database older than the table
            return None


def zones_of(text: str) -> Zones:
    """From the lines of seeds/zones.tsv; SeedError names a line that is none."""
    names: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != _COLUMNS or not all((columns[0], columns[2])):
            raise SeedError(f"zones.tsv: line {number} is not country, division and zone")
        country, division, zone = columns
        names[f"{country}/{division}" if division else country] = zone
    return Zones(names)
