"""The gazetteer in memory: flat columns mapped from disk, and the names as phrases.

A place is a row number everywhere inside the program where speed counts; rows are sorted by importance, so a smaller
number is the more important place, and the rows of one name come best first. `Place`s are made only for answers.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from heapq import nsmallest
from json import loads
from math import cos, radians
from pathlib import Path

from advisord.errors import SeedError
from advisord.gazetteer.unpacked import ARTEFACT, LOOKUP, unpacked
from advisord.geo import distance_km
from advisord.model import Place, PlaceKind
from advisord.text.fold import fold
from advisord.text.haystack import Haystack
from advisord.text.phrases import Found, Phrases

__all__ = ["CAPITALS", "LOOKUP", "Gazetteer"]

CAPITALS, MADE, PRIMARY = 1, 4, 8  # flags of a name: only in capitals; made by a rule; the place's own
_DEGREE = 100_000
_KM_A_DEGREE = 111.2
_NONE = -1


class Gazetteer:
    """Places and their names; immutable. The columns (`lat` … `population`) are indexed by row number.

    `lat`, `lon` in 1/100,000 degree; `kind` indexes `kinds`, `country` indexes `countries` ("" for none); `admin1`,
    `admin2`, `parent` are row numbers, -1 for none; `starts`, `posts`, `flags`: places of name n are
    `posts[starts[n]:starts[n + 1]]`, best first.
    """

    def __init__(self, folder: Path) -> None:
        """From an unpacked folder; `open` is the way in."""
        self._folder = folder
        with (folder / "columns.bin").open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        end = self._map.find(b"\n")
        head = loads(self._map[:end])
        self.kinds = tuple(PlaceKind(kind) for kind in head["kinds"])
        self.countries: tuple[str, ...] = tuple(head["countries"])
        whole = memoryview(self._map)
        parts: dict[str, memoryview] = {}
        at = end + 1
        for name, size in head["sections"]:
            parts[name] = whole[at : at + size]
            at += size
        self.lat, self.lon = parts["lat"].cast("i"), parts["lon"].cast("i")
        self.kind, self.country = parts["kind"], parts["country"].cast("H")
        self.population = parts["population"].cast("I")
        self.admin1, self.admin2, self.parent = (parts[name].cast("i") for name in ("admin1", "admin2", "parent"))
        self.starts, self.posts = parts["starts"].cast("I"), parts["posts"].cast("I")
        self.flags = parts["flags"]
        self._ids, self._names = bytes(parts["ids"]), bytes(parts["names"])
        self._id_at, self._name_at, self._by_lat = (parts[name].cast("I") for name in ("id_at", "name_at", "by_lat"))
        self._latin = self._phrases("latin")

    @classmethod
    def open(cls, folder: Path, cache: Path | None = None) -> Gazetteer:
        """From `seeds/gazetteer`; the first time this unpacks it (some seconds), later it opens in a fifth of one.

        `cache`: where to unpack to (default: the user's cache folder). Raises SeedError.
        """
        try:
            return cls(unpacked(folder / ARTEFACT, cache))
        except (OSError, ValueError) as error:
            raise SeedError(f"{folder}: the gazetteer can't be opened: {error}") from error

    def _phrases(self, name: str) -> Phrases:
        with (self._folder / f"{name}.phr").open("rb") as file:
            return Phrases.read(file)

    @cached_property
    def _other(self) -> Phrases:
        """Names in other letters than Latin, loaded when the first text needs them."""
        return self._phrases("other")

    @cached_property
    def _lookup(self) -> Phrases:
        return self._phrases("lookup")

    def __len__(self) -> int:
        """How many places it holds."""
        return len(self.kind)

    # ------------------------------------------------------------------------------------- rows, for the fast paths

    def scan(self, text: str | Haystack, cased: str | None = None) -> list[Found]:
        """Names that stand in folded text: (start, end, name number), by start, the longest first.

        With `cased`, the text before folding, only those whose first letter is no small one there.
        """
        hay = Haystack(text) if isinstance(text, str) else text
        found = self._latin.find(hay, cased)
        if hay.ascii:
            return found
        both = dict.fromkeys((*found, *self._other.find(hay, cased)))
        return sorted(both, key=lambda each: (each[0], -each[1]))

    def rows_of(self, name: int) -> Sequence[int]:
        """The places of a name number, best first."""
        return self.posts[self.starts[name] : self.starts[name + 1]]

    def id_of(self, row: int) -> str:
        """The stable id."""
        return self._ids[self._id_at[row] : self._id_at[row + 1] - 1].decode("utf-8")

    def name_of(self, row: int) -> str:
        """The canonical name."""
        return self._names[self._name_at[row] : self._name_at[row + 1] - 1].decode("utf-8")

    def row_of(self, place_id: str) -> int | None:
        """The row of an id, or null; scans the ids, a millisecond."""
        at = self._ids.find(f"\n{place_id}\n".encode())
        return bisect_left(self._id_at, at + 1) if at >= 0 else None

    def point(self, row: int) -> tuple[float, float]:
        """Latitude and longitude in degrees."""
        return self.lat[row] / _DEGREE, self.lon[row] / _DEGREE

    def place_at(self, row: int) -> Place:
        """The row as the noun that others use."""
        lat, lon = self.point(row)
        admin1, parent = self.admin1[row], self.parent[row]
        kind = self.kinds[self.kind[row]]
        return Place(
            kind,
            self.id_of(row),
            self.name_of(row),
            lat,
            lon,
            self.countries[self.country[row]] or None,
            self.name_of(row) if kind is PlaceKind.ADMIN1 else self.name_of(admin1) if admin1 >= 0 else None,
            parent=self.id_of(parent) if parent >= 0 else None,
        )

    # ------------------------------------------------------------------------------------------ for everybody else

    def place(self, place_id: str) -> Place | None:
        """The place of an id, or null."""
        row = self.row_of(place_id)
        return None if row is None else self.place_at(row)

    def named(self, name: str, country: str | None = None) -> tuple[Place, ...]:
        """Places of a name as people write it in a configuration, best first.

        "Bamako", "Bamako, ML", "Springfield, Illinois", "BKO", "GABS", an id. `country` (ISO code) keeps its places.
        """
        if ":" in name and (known := self.place(name)) is not None:
            return (known,)
        rows = self._rows_named(name)
        head, comma, within = name.rpartition(",")
        if comma and not rows:
            outer = self._within(within.strip())
            rows = [row for row in self._rows_named(head) if self._ancestors(row) & outer]
        if country:
            rows = [row for row in rows if self.countries[self.country[row]] == country]
        return tuple(self.place_at(row) for row in rows)

    def _rows_named(self, name: str) -> list[int]:
        """Rows that bear exactly this name; codes only as capitals."""
        folded = fold(name.strip())
        keys = {
            number
            for phrases in (self._latin, self._other, self._lookup)
            for start, end, number in phrases.find(folded)
            if start == 0 and end == len(folded)
        }
        rows = {row for key in keys for row, flag in self._flagged(key) if not flag & CAPITALS or name.isupper()}
        return sorted(rows, key=lambda row: (self._is_code(row, name), self._before_its_division(row, rows), row))

    def _before_its_division(self, row: int, rows: set[int]) -> int:
        """A city comes right before the division around it that bears its name; else a row comes where it is."""
        if self.kinds[self.kind[row]] is not PlaceKind.CITY:
            return 2 * row + 1
        around = self._ancestors(row) & rows
        divisions = [each for each in around if self.kinds[self.kind[each]] is not PlaceKind.COUNTRY]
        return min(2 * row, *(2 * each for each in divisions)) if divisions else 2 * row

    def _is_code(self, row: int, name: str) -> bool:
        """Airports come before towns that share three or four capitals with them."""
        return not (name.isupper() and self.kinds[self.kind[row]] is PlaceKind.AIRPORT)

    def _flagged(self, key: int) -> Iterator[tuple[int, int]]:
        first, last = self.starts[key], self.starts[key + 1]
        return zip(self.posts[first:last], self.flags[first:last], strict=True)

    def _within(self, name: str) -> set[int]:
        """Countries and divisions called `name`, countries by code too."""
        rows = {
            row
            for row in self._rows_named(name)
            if self.kinds[self.kind[row]] in {PlaceKind.COUNTRY, PlaceKind.ADMIN1, PlaceKind.ADMIN2}
        }
        for place_id in (f"iso:{name}", f"iso:US-{name}"):
            row = self.row_of(place_id) if name.isupper() else None
            rows |= {row} if row is not None else set()
        return rows

    def _ancestors(self, row: int) -> set[int]:
        country = self.country_row.get(self.country[row], _NONE)
        return {self.admin1[row], self.admin2[row], country} - {_NONE}

    @cached_property
    def country_row(self) -> dict[int, int]:
        """The row of each country, by its index in `countries`."""
        country = self.kinds.index(PlaceKind.COUNTRY)
        return {self.country[row]: row for row in range(len(self)) if self.kind[row] == country}

    def airport(self, code: str) -> Place | None:
        """The airport of an IATA or ICAO code in capitals, or null."""
        found = [place for place in self.named(code) if place.kind is PlaceKind.AIRPORT] if code.isupper() else []
        return found[0] if found else None

    def containing(self, place: Place) -> tuple[Place, ...]:
        """What lies around a place of the gazetteer: admin2, admin1, country, as far as known."""
        row = self.row_of(place.id) if place.id else None
        if row is None:
            return ()
        country = self.country_row.get(self.country[row], _NONE)
        around = (self.admin2[row], self.admin1[row], country)
        return tuple(self.place_at(each) for each in around if each not in {_NONE, row})

    def near(self, lat: float, lon: float, km: float) -> tuple[Place, ...]:
        """Cities and airports within `km` of a point, nearest first."""
        return tuple(self.place_at(row) for row in self._near(lat, lon, km, (PlaceKind.CITY, PlaceKind.AIRPORT)))

    def airports_of(self, place: Place, km: float = 60) -> tuple[Place, ...]:
        """Airports that serve a place (it is their city, or within `km`), the most important first."""
        if place.lat is None or place.lon is None:
            return ()
        rows = self._near(place.lat, place.lon, km, (PlaceKind.AIRPORT,))
        return tuple(self.place_at(row) for row in sorted(rows) if self.population[row])

    def _near(self, lat: float, lon: float, km: float, kinds: tuple[PlaceKind, ...]) -> list[int]:
        """Rows of these kinds within `km`, nearest first; looks at a belt of latitude alone."""
        belt = km / _KM_A_DEGREE
        first = bisect_left(self._by_lat, int((lat - belt) * _DEGREE), key=self.lat.__getitem__)
        wide = min(180.0, belt / max(0.01, cos(radians(min(89.0, abs(lat) + belt)))))
        wanted = {self.kinds.index(kind) for kind in kinds}
        found: list[tuple[float, int]] = []
        for row in self._by_lat[first:]:
            here = self.point(row)
            if here[0] > lat + belt:
                break
            apart = abs(here[1] - lon)
            if self.kind[row] in wanted and min(apart, 360 - apart) <= wide:
                distance = distance_km(lat, lon, *here)
                if distance <= km:
                    found.append((distance, row))
        return [row for _, row in nsmallest(len(found), found)]
