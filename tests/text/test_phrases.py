"""Phrases are found where they stand, at the bounds of words, in every script."""
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.text.fold import fold
from advisord.text.phrases import Phrases, leftmost_longest

ENTRIES = (
    ("Paris", 1), ("Paris Texas", 2), ("New York", 3), ("New York City", 4), ("الخرطوم", 5), ("باماكو", 6), ("東京", 7),
    ("St. Louis", 8), ("Port-au-Prince", 9), ("Ségou", 10), ("shot dead", 11), ("Paris", 12),
)


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    """Phrases that went through their bytes, as they do at every warm start."""
    return Phrases.from_bytes(Phrases.build(ENTRIES, particles=True).to_bytes())


def cut(phrases: Phrases, text: str) -> list[tuple[str, int]]:
    """The surfaces found, with their numbers."""
    return [(text[start:end], value) for start, end, value in phrases.find(fold(text))]


@pytest.mark.parametrize(("text", "found"), [
    pytest.param("SEGOU", [("SEGOU", 10)], id="case and accents"),
    pytest.param("Se\u0301gou.", [("Se\u0301gou", 10)], id="decomposed accents"),
    pytest.param("Parish, Comparis", [], id="never inside a word"),
    pytest.param("New\nYork", [("New\nYork", 3)], id="over a line break"),
    pytest.param("NEW  YORK\r\n  CITY", [("NEW  YORK\r\n  CITY", 4), ("NEW  YORK", 3)], id="over indented lines"),
    pytest.param("New\n\nYork", [], id="not over a blank line"),
    pytest.param("new\n\n\n\nyork", [], id="not over several blank lines"),
    pytest.param("He was shot. Dead silence", [], id="not over the end of a sentence"),
    pytest.param("port au prince, Port-au-Prince", [("port au prince", 9), ("Port-au-Prince", 9)], id="hyphens"),
    pytest.param("Paris-Ségou", [("Paris", 1), ("Paris", 12), ("Ségou", 10)], id="two joined by a hyphen, one doubled"),
    pytest.param("in St. Louis", [("St. Louis", 8)], id="a full stop inside"),
    pytest.param("今日東京で", [("東京", 7)], id="script without spaces"),
    pytest.param("في الخرطوم", [("الخرطوم", 5)], id="Arabic, free"),
    pytest.param("وبالخرطوم", [("الخرطوم", 5)], id="Arabic, behind particles"),
    pytest.param("للخرطوم", [("لخرطوم", 5)], id="Arabic, the article merged"),
    pytest.param("من باماكو ولباماكو", [("باماكو", 6), ("باماكو", 6)], id="Arabic name without article"),
    pytest.param("سباماكو", [], id="Arabic, another word"),
    pytest.param("با\u064eما\u0640كو", [("با\u064eما\u0640كو", 6)], id="vowel signs and tatweel"),
    pytest.param("\ud800 Paris \udfff", [("Paris", 1), ("Paris", 12)], id="beside half characters"),
    pytest.param("", [], id="nothing"),
])
def test_phrases_are_found_as_written(phrases: Phrases, text: str, found: list[tuple[str, int]]) -> None:
    """However a phrase is cased, accented, broken over lines or joined, its span cuts it as written."""
    assert cut(phrases, text) == found


def test_the_longest_of_overlapping_phrases_counts(phrases: Phrases) -> None:
    """Of names inside one another only the longest is told."""
    assert phrases.longest(fold("New York City, Paris Texas")) == [(0, 13, 4), (15, 26, 2)]
    assert leftmost_longest([(0, 5, 1), (3, 9, 2), (5, 9, 3)]) == [(0, 5, 1), (5, 9, 3)]


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_offsets_cut_the_text(before: str, after: str) -> None:
    """Between any other text a phrase that stands alone is found, and its span cuts exactly it."""
    text = f"{before}\n\nSégou\n\n{after}"
    spans = [text[start:end] for start, end, value in Phrases.build([("segou", 10)]).find(fold(text)) if value]
    assert "Ségou" in spans
    assert all(fold(span).replace("\xad", "") == "segou" for span in spans)


@pytest.mark.parametrize("data", [b"", b"PHR1", b"nothing of ours at all, but long enough to hold a header of phrases"],
                         ids=["empty", "cut", "foreign"])
def test_bytes_that_are_no_phrases_are_refused(data: bytes) -> None:
    """A broken cache is told, never used."""
    with pytest.raises(ValueError, match="phrases"):
        Phrases.from_bytes(data)


def test_an_empty_set_finds_nothing() -> None:
    """No phrases, no finds."""
    empty = Phrases.from_bytes(Phrases.build([("", 1), (" - ", 2)]).to_bytes())
    assert len(empty) == 0
    assert empty.find("anything") == []


@pytest.mark.parametrize("piece", ["paris ", "new  york\n ", "é ", "\xad", " \n", "ولباماكو ", "東京", "a"], ids=ascii)
def test_a_megabyte_is_searched_in_little_time(phrases: Phrases, piece: str) -> None:
    """A megabyte of any one thing takes time in proportion."""
    text = fold(piece * (1_000_000 // len(piece)))
    begun = time.process_time()
    phrases.find(text)
    assert time.process_time() - begun < 2
