"""What `correlate` knows beyond the reports: word frequencies, learned weights, agencies, kinds that last.

Its own module because it is data: `settings` reads it from seeds/correlate.yaml and seeds/weights/correlate.json, and
every function here that needs it takes it as an argument. A `Tables()` without data works and knows less.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# -ln of the share of articles that hold a word; rarer words than this all tell the same (measured: 5, 6 and 7 give
# B-cubed F1 .957, .960 and .956 on look-alike pairs)
RAREST = 6.0


@dataclass(frozen=True, slots=True)
class Tables:
    """Knowledge as data.

    `idf`: language -> word (folded) -> -ln of the share of articles with it, for the words below RAREST. `weights`:
    feature of affinity.FEATURES -> log-odds. `agencies`: name as credited, folded -> id. `consequences`: families or
    codes that follow from something else. `states`: families or codes that last and can begin again. `lasting_days`:
    family or code -> days that one of them goes on for.
    """

    idf: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    consequences: tuple[str, ...] = ("transport", "order", "infra")
    states: tuple[str, ...] = ("transport", "order", "infra")
    lasting_days: Mapping[str, float] = field(default_factory=dict)

    def is_consequence(self, hazard: str) -> bool:
        """Whether that kind of thing usually follows from another incident."""
        return within(hazard, self.consequences)

    def is_state(self, hazard: str) -> bool:
        """Whether it holds until it ends and may begin again (a closure), unlike what happens once (a bombing)."""
        return within(hazard, self.states)

    def lasts_days(self, hazard: str) -> float:
        """For how many days reports of one and the same may tell of different days; 1 where nothing else is known."""
        return self.lasting_days.get(hazard, self.lasting_days.get(hazard.split(".", maxsplit=1)[0], 1.0))


def within(hazard: str, names: tuple[str, ...]) -> bool:
    """Whether a code or its family is among those names."""
    return hazard in names or hazard.split(".", maxsplit=1)[0] in names


# What is known without any data file
NOTHING = Tables()
