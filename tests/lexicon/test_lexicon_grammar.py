"""The phrase syntax of docs/lexicon.md, and lexicons that are read, refused, kept and found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisord.errors import SeedError
from advisord.lexicon.grammar import parts_of
from advisord.lexicon.lexicon import CALENDAR, CONTEXTS, TARGETS, VALUED, WORDS, bit_of
from advisord.lexicon.reading import from_bytes, lexicon_of, to_bytes
from advisord.settings.folders import shipped
from advisord.settings.seeds import Seeds, seeds_of

HAZARDS = frozenset({"conflict.bombing", "accident.fire"})


def given(**changes: Any) -> dict[str, Any]:
    """The smallest lexicon there can be, with changes."""
    return {
        "language": "xx",
        "name": "Test",
        "stopwords": ["the", "of"],
        "abbreviations": ["gen"],
        "sets": {"bomb": ["bomb", "car bomb"]},
        "hazards": {"conflict.bombing": {"tells": ["{bomb} ... exploded"], "hints": ["blast"]}},
        "discards": ["bath bomb"],
        "contexts": {name: [] for name in CONTEXTS},
        "words": {name: [] for name in WORDS},
        "targets": {name: [] for name in TARGETS},
        "numbers": {"two": 2},
        "vague": {},
        "dates": {**{name: {} for name in VALUED}, "weekdays": {"monday": 0},
                  **{name: [] for name in CALENDAR[len(VALUED):]}},
        **changes,
    }


@pytest.mark.parametrize(
    ("entry", "parts", "gaps"),
    [
        pytest.param("bomb exploded", [["bomb exploded"]], [], id="plain"),
        pytest.param(
            "bomb(s|) (exploded|went off)",
            [["bombs exploded", "bombs went off", "bomb exploded", "bomb went off"]],
            [],
            id="alternatives, one of them empty",
        ),
        pytest.param("(a (b|c)|d)", [["a b", "a c", "d"]], [], id="nested"),
        pytest.param("{bomb} ... exploded", [["bomb", "car bomb"], ["exploded"]], [70], id="set and gap"),
        pytest.param("internet ~ cut", [["internet"], ["cut"]], [20], id="short gap"),
    ],
)
def test_a_phrase_is_spelt_out(entry: str, parts: list[list[str]], gaps: list[int]) -> None:
    """An entry stands for exactly the phrases that the page says."""
    assert parts_of(entry, {"bomb": ["bomb", "car bomb"]}) == (parts, gaps)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param("{nothing} exploded", "no set 'nothing'", id="unknown set"),
        pytest.param("bomb (exploded", "not closed", id="open bracket"),
        pytest.param("bomb) exploded", "outside of brackets", id="closing bracket alone"),
        pytest.param("bomb ... (exploded|)", "may be empty", id="part that may be nothing"),
        pytest.param(" ".join(["(a|b|c|d|e|f|g|h|i|j)"] * 5), "stands for 100000", id="too many"),
    ],
)
def test_a_faulty_phrase_is_named(entry: str, said: str) -> None:
    """Whoever writes a lexicon is told which entry is wrong and how."""
    with pytest.raises(SeedError, match=said):
        parts_of(entry, {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"hazards": {"conflict.bombings": {}}}, "no code of hazards.yaml", id="unknown hazard"),
        pytest.param({"hazards": {"accident.fire": {"says": []}}}, "is none of tells", id="unknown level"),
        pytest.param({"words": {}}, "lacks 'negation'", id="word class missing"),
        pytest.param({"idioms": []}, "unknown key 'idioms'", id="unknown section"),
        pytest.param({"stopwords": [1]}, "no text", id="number among words"),
        pytest.param({"numbers": {"two": "2"}}, "no text with a number", id="text for a number"),
        pytest.param(
            {"hazards": {"accident.fire": {"tells": ["the ... fire"]}}}, "most frequent words", id="bare stopword"
        ),
    ],
)
def test_a_faulty_file_is_refused(changes: dict[str, Any], said: str) -> None:
    """A lexicon with a slip does not start half."""
    with pytest.raises(SeedError, match=said):
        lexicon_of(given(**changes), HAZARDS)


def test_a_lexicon_survives_its_bytes() -> None:
    """What comes from the cache finds what the file said."""
    built = lexicon_of(given(), HAZARDS)
    kept = from_bytes(to_bytes(built))
    text = "the car bomb in the yard exploded near a bath bomb"
    assert kept.cues.find(text) == built.cues.find(text) != []
    assert (kept.rules, kept.meanings, kept.stopwords) == (built.rules, built.meanings, built.stopwords)


def test_classes_have_bits_of_their_own() -> None:
    """No class of words is mistaken for another."""
    names = (*WORDS, *CALENDAR, *(f"target:{name}" for name in TARGETS))
    assert len({bit_of(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-9], id="cut short"),
        pytest.param(lambda data: data[:40] + b"\0" + data[41:], id="changed"),
        pytest.param(lambda _: b"", id="empty"),
    ],
)
def test_a_damaged_cache_is_built_again(tmp_path: Path, damage: Any) -> None:
    """A broken cache costs time, and nothing else."""
    seeds = Seeds((shipped("seeds"),), tmp_path)
    first = seeds.lexicon("pt")
    kept = next(tmp_path.glob("lexicon-pt-*.bin"))
    kept.write_bytes(damage(kept.read_bytes()))
    assert seeds.lexicon("pt").rules == first.rules
    assert kept.stat().st_size > 1000


def test_an_own_file_wins_over_the_shipped_one(tmp_path: Path) -> None:
    """A seeds folder beside the configuration wins file by file."""
    own = tmp_path / "seeds"
    own.mkdir()
    (own / "languages.yaml").write_text("de: [und]\n", encoding="utf-8")
    seeds = seeds_of([own, tmp_path / "absent"], cache=tmp_path / "cache")
    assert seeds.stopwords() == {"de": frozenset({"und"})}
    assert "conflict.bombing" in seeds.hazards()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("a: [", r"languages.yaml:\d", id="no YAML"),
        pytest.param("a: [x]\na: [y]\n", "stands here twice", id="doubled key"),
        pytest.param("- a\n", "is no mapping", id="list"),
    ],
)
def test_a_faulty_seed_file_is_told_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    """The message names file, line and fault."""
    (tmp_path / "languages.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SeedError, match=said):
        seeds_of([tmp_path], cache=tmp_path / "cache").stopwords()
