"""Folding: same length, same meaning, any text."""
from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.text.fold import IGNORABLE, fold

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_folded_text_has_the_length_of_the_text(text: str) -> None:
    """A span found in folded text cuts the article as it was written, whatever the article holds."""
    assert len(fold(text)) == len(text)


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    """What is folded already stays as it is."""
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_folded_text_can_be_encoded(text: str) -> None:
    """Half characters of broken feeds do not stop what comes after."""
    assert fold(text).encode("utf-8").decode("utf-8") == fold(text)


def test_every_code_point_folds_to_one() -> None:
    """No character of Unicode changes the length, alone or between letters."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    folded = fold(every)
    assert len(folded) == len(every)
    assert fold(folded) == folded


@pytest.mark.parametrize(("written", "plain"), [
    pytest.param("BAMAKO", "bamako", id="case"),
    pytest.param("Ségou", "segou", id="accents"),
    pytest.param("Łódź, Tromsø, Diyarbakır", "lodz, tromso, diyarbakir", id="letters with strokes"),
    pytest.param("İstanbul", "istanbul", id="dotted capital i"),
    pytest.param("Côte d’Ivoire – «calme»", "cote d'ivoire - \"calme\"", id="typography"),
    pytest.param("a\u00a0b\tc\nd\u2028e", "a b c\nd\ne", id="white space"),
    pytest.param("أحمد في القاهرة", "احمد في القاهره", id="hamza and teh marbuta"),
    pytest.param("مقتل ١٢ شخصا، بينهم ۳", "مقتل 12 شخصا, بينهم 3", id="digits and comma of Arabic script"),
    pytest.param("انفـجـار", f"انف{IGNORABLE}ج{IGNORABLE}ار", id="tatweel"),
    pytest.param("Ångström ΣΊΣΥΦΟΣ", "angstrom σισυφος", id="Greek"),
    pytest.param("ЁЛКИ Київ", "елки киів", id="Cyrillic"),
    pytest.param("नमस्ते", "नमस्ते", id="vowel signs that are read stay"),
])
def test_what_people_write_differently_folds_to_the_same(written: str, plain: str) -> None:
    """Spelling with and without case, accents and typography is one spelling."""
    assert fold(written) == fold(plain)
    assert fold(written) in {plain, fold(plain)}


@pytest.mark.parametrize("piece", ["a", "é", "“", "ـ", "السلام ", "\ud800", "İ", "한", " \n"], ids=ascii)
def test_a_megabyte_folds_in_no_time(piece: str) -> None:
    """A megabyte of any one thing takes well under a second."""
    text = piece * (1_000_000 // len(piece))
    begun = time.perf_counter()
    fold(text)
    assert time.perf_counter() - begun < 1
