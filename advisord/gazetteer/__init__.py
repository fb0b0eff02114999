"""Places by name, by id, by code, and by what lies near them or around them.

Ids are stable: `geonames:<id>` for cities, `icao:<ICAO>` for airports, `iso:<CC>` for countries, `iso:<CC-SUB>` for
first-level divisions (`geonames-admin1:<CC.code>` where ISO 3166-2 has none), `admin2:<…>`, `us-post:<…>`, and our own
supplements' `region:<slug>`, `water:<slug>`, `natural:<slug>`, `city:<slug>`.
"""

from advisord.gazetteer.gazetteer import Gazetteer

__all__ = ["Gazetteer"]
