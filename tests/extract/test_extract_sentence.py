"""What one sentence tells: numbers, people harmed, days."""

from __future__ import annotations

from datetime import date

import pytest

from advisord.extract.casualties import harms_in
from advisord.extract.units import quantities, units_of
from advisord.extract.when import days_told
from advisord.lexicon import Lexicon
from advisord.settings.seeds import seeds_of
from advisord.text.fold import fold

PUBLISHED = date(2024, 9, 19)  # a Thursday


@pytest.fixture(scope="module")
def lexicons() -> dict[str, Lexicon]:
    """The shipped lexicons."""
    return seeds_of().lexicons()


def harms(text: str, lexicon: Lexicon) -> list[tuple[str, int | None, int | None]]:
    """Kind, least and most of what the sentence tells."""
    folded = fold(text)
    units = units_of(folded, 0, len(folded), lexicon)
    return [(harm.kind, harm.count.min, harm.count.max) for harm in harms_in(units, folded)]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        pytest.param("at least 20 people", 20, None, id="at least"),
        pytest.param("1,200 people", 1200, 1200, id="thousands"),
        pytest.param("between 10 and 12 people", 10, 12, id="between"),
        pytest.param("10 to 12 people", 10, 12, id="to"),
        pytest.param("two hundred and fifty people", 200, 200, id="first of a list"),
        pytest.param("two hundred people", 200, 200, id="words"),
        pytest.param("dozens of people", 24, None, id="dozens"),
        pytest.param("up to 30 people", None, 30, id="at most"),
        pytest.param("about 30 people", 30, 30, id="about"),
    ],
)
def test_numbers_are_read_with_their_bounds(
    lexicons: dict[str, Lexicon], text: str, least: int | None, most: int | None
) -> None:
    """A number keeps the words that bound it."""
    folded = fold(text)
    count = quantities(units_of(folded, 0, len(folded), lexicons["en"]), folded)[0].count
    assert (count.min, count.max) == (least, most)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "Two staff members were killed and five were injured.", [("killed", 2, 2), ("injured", 5, 5)], id="passive"
        ),
        pytest.param("The blast left 3 dead and dozens wounded.", [("killed", 3, 3), ("injured", 24, None)], id="dead"),
        pytest.param(
            "He blew himself up, killing himself and 12 others.", [("killed", 12, 12)], id="attacker left out"
        ),
        pytest.param("A policeman and two civilians were killed by gunmen.", [("killed", 3, 3)], id="joined"),
        pytest.param("The minister and his two bodyguards died.", [("killed", 3, 3)], id="a noun alone is one"),
        pytest.param("3 staff (1 British, 2 Kenyan) were abducted.", [("abducted", 3, 3)], id="brackets explain"),
        pytest.param(
            "Seven workers, including two guards, were kidnapped.", [("abducted", 7, 7)], id="apposition explains"
        ),
        pytest.param("A 20-year-old man was shot dead.", [("killed", 1, 1)], id="an age is no number of people"),
        pytest.param("The aid worker was kidnapped on July 27.", [("abducted", 1, 1)], id="nor is a day"),
        pytest.param("No casualties were reported.", [("killed", 0, 0), ("injured", 0, 0)], id="nought"),
        pytest.param("The fire burned 1,107 acres.", [], id="acres"),
        pytest.param("The death toll rose to 45.", [("killed", 45, 45)], id="toll"),
        pytest.param("Maria Soto, 24, was shot dead.", [("killed", 1, 1)], id="a name with an age is one"),
        pytest.param("Maria Soto, 24, and Juan Perez, 30, were killed.", [("killed", 2, 2)], id="two names are two"),
        pytest.param("The teacher Maria Soto, 24, was shot dead.", [("killed", 1, 1)], id="a noun and an age are one"),
        pytest.param(
            "Maria Soto, 24, a nurse, and her driver were abducted.", [("abducted", 2, 2)], id="what somebody is"
        ),
        pytest.param("Maria Soto was kidnapped in Tumaco.", [("abducted", 1, 1)], id="a name alone is one"),
        pytest.param("Two guards, a nurse and a cook were killed.", [("killed", 4, 4)], id="a list is added up"),
        pytest.param(
            "Two of the five hostages were killed.", [("killed", 2, 2)], id="of a group only those told are killed"
        ),
        pytest.param(
            "Three internationals were kidnapped.", [("abducted", 3, 3)], id="an unknown noun right before the harm"
        ),
        pytest.param(
            "Four staff (two from the capital) and 1 from another office were abducted.", [("abducted", 5, 5)],
            id="what brackets explain is no distance",
        ),
        pytest.param(
            "Two guards were killed (three drivers were wounded).", [("killed", 2, 2), ("injured", 3, 3)],
            id="brackets with harm of their own",
        ),
        pytest.param("He was taken to PK12 and shot dead with an AK-47.", [("killed", 1, 1)], id="digits of a name"),
        pytest.param("A UN staff member was killed in crossfire.", [("killed", 1, 1)], id="a target that is people"),
        pytest.param("She was killed on the 8 of November.", [("killed", 1, 1)], id="a date with of"),
    ],
)
def test_harm_is_counted(
    lexicons: dict[str, Lexicon], text: str, told: list[tuple[str, int | None, int | None]]
) -> None:
    """Those killed, injured and abducted are counted, and nobody else."""
    assert harms(text, lexicons["en"]) == told


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("on 17 September", date(2024, 9, 17), id="day and month"),
        pytest.param("on September 17, 2020", date(2020, 9, 17), id="with a year"),
        pytest.param("on Tuesday", date(2024, 9, 17), id="weekday"),
        pytest.param("last Thursday", date(2024, 9, 12), id="last"),
        pytest.param("next Monday", date(2024, 9, 23), id="next"),
        pytest.param("yesterday", date(2024, 9, 18), id="yesterday"),
        pytest.param("three days ago", date(2024, 9, 16), id="ago"),
        pytest.param("on 30 December", date(2023, 12, 30), id="of last year"),
        pytest.param("on 31 February", None, id="no such day"),
        pytest.param("in 2019", None, id="a year is no day"),
    ],
)
def test_days_are_worked_out_from_publication(lexicons: dict[str, Lexicon], text: str, day: date | None) -> None:
    """Relative and incomplete days become dates by the article's own instant."""
    folded = fold(text)
    told = days_told(units_of(folded, 0, len(folded), lexicons["en"]), PUBLISHED)
    assert [each.day for each in told if each.day] == ([day] if day else [])


def test_without_publication_only_whole_dates_are_days(lexicons: dict[str, Lexicon]) -> None:
    """A weekday means nothing when nobody knows when it was written."""
    folded = fold("on Tuesday, 17 September, and on 3 May 2020")
    told = days_told(units_of(folded, 0, len(folded), lexicons["en"]), None)
    assert [each.day for each in told if each.day] == [date(2020, 5, 3)]
