"""What strangers' markup and characters become: plain text that says what a reader of the page would have seen."""
from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.text.clean import has_markup, html_line, html_text, one_line, plain


@pytest.mark.parametrize(("markup", "text"), [
    ("<p>One <b>two</b>\n three</p><p>Four<br>five<br/>six</p>", "One two three\n\nFour\nfive\nsix"),
    ("<ul><li>First</li><li>Second</li></ul>", "First\n\nSecond"),
    ("<table><tr><td>1</td><td>2</td></tr></table>", "1\n\n2"),
    ("<div>Blast<script>alert('x<p>')</script><style>p{}</style> near <em>base</em></div>", "Blast near base"),
    ("Caf&eacute; &amp; bar &#8212; &#x1F525;", "Café & bar — 🔥"),
    ("5 < 6 and a <3 b", "5 < 6 and a <3 b"),
    ("<pre>line 1\nline 2</pre> and\nmore", "line 1\nline 2\n\nand more"),
    ("<a href='x' title='<p>no</p>'>Link</a> text", "Link text"),
    ("safe <iframe src='x'> kept <object data='y'>too", "safe kept too"),
    ("<!-- hidden <p>x</p> -->seen", "seen"),
    ("un<wbr>broken&shy;word", "unbrokenword"),
    ("<h1>Title</h1>Body", "Title\n\nBody"),
    ("<b>no end", "no end"), ("</p></div>stray", "stray"), ("", ""), ("<p></p>", ""), ("&nbsp;", ""),
    ("<img src=x onerror=alert(1)>Fire", "Fire"), ("<noscript>no</noscript>yes", "yes"),
    ("<svg><text>x</text></svg>y", "y"),
])
def test_html_becomes_what_a_reader_sees(markup: str, text: str) -> None:
    """Blocks are lines, paragraphs stand apart, what is not shown is gone."""
    assert html_text(markup) == text


@pytest.mark.parametrize(("text", "clean"), [
    ("a\x00b\x1bc\x7fd", "abcd"), ("safe\u202egnihton\u202c", "safegnihton"), ("Ka\u200bbul\ufeff", "Kabul"),
    ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"), ("a \t\u00a0\u2003 b", "a b"),
    ("a\r\nb\rc\x0bd", "a\nb\nc\nd"), ("a\n\n\n\n\nb", "a\n\nb"), ("  a  \n  b  ", "a\nb"), ("\ud800x\uffff", "x"),
    ("نمی\u200cخواهم", "نمی\u200cخواهم"), ("क्\u200dष", "क्\u200dष"), ("👩\u200d🚒", "👩\u200d🚒"),
])
def test_characters_that_cannot_be_seen_are_gone(text: str, clean: str) -> None:
    """Controls, direction overrides and zero-width spaces go; the joiners that scripts are spelled with stay."""
    assert plain(text) == clean


def test_one_line_is_one_line() -> None:
    """Titles and names fit into a header."""
    assert (one_line(" a\r\nBcc: x\u2028y "), html_line("<p>a</p><p>b</p>")) == ("a Bcc: x y", "a b")


@pytest.mark.parametrize(("text", "marked"), [
    ("<p>x", True), ("a &amp; b", True), ("&#39;", True), ("a < b", False), ("AT&T", False), ("R&D; Q", False),
    ("", False),
])
def test_markup_is_recognised(text: str, marked: bool) -> None:
    """A tag or a reference is markup, a lone bracket or ampersand is text."""
    assert has_markup(text) == marked


@pytest.mark.parametrize("bomb", [
    "<div>" * 300_000, "<!--" * 50_000, "<p" * 300_000, "<a href='" * 100_000, "&" * 500_000, "<b><i><a><p>" * 50_000,
    "<pre>" * 50_000, "<" * 500_000, "&#" * 300_000,
], ids=lambda bomb: bomb[:12])
def test_nonsense_costs_no_time(bomb: str) -> None:
    """Markup that browsers choke on is text within the time of a normal page."""
    began = time.process_time()
    html_text(bomb)
    assert time.process_time() - began < 2


ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from("<>&;/ \n\t\x00\u202e\u200bpbri")), max_size=200)


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What has been cleaned is clean: offsets into it hold for ever."""
    assert plain(plain(text)) == plain(text)
    assert one_line(one_line(text)) == one_line(text)


@given(ANYTHING)
def test_nothing_unseen_is_left(text: str) -> None:
    """Whatever comes in, what comes out has no control character but line ends, and is valid Unicode."""
    out = html_text(text)
    assert [letter for letter in out if unicodedata.category(letter) in {"Cc", "Cs"} and letter != "\n"] == []
    assert "\n" not in html_line(text)
    assert out.encode().decode() == out
