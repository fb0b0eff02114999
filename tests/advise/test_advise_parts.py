"""The small parts: quiet hours over midnight and clock changes, clean lines, links, bands."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.advise.changes import band, written
from advisord.advise.plain import link, one_line
from advisord.advise.timing import quiet_until, zone_of
from advisord.model import Count, QuietHours, Severity


def utc(text: str) -> datetime:
    """An instant of 2024 written as "03-31 00:30"."""
    return datetime.fromisoformat(f"2024-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(("between", "zone", "at", "expected"), [
    pytest.param(("22:00", "06:00"), "UTC", "01-10 21:59", "01-10 21:59", id="a minute before"),
    pytest.param(("22:00", "06:00"), "UTC", "01-10 22:00", "01-11 06:00", id="as it begins"),
    pytest.param(("22:00", "06:00"), "UTC", "01-11 05:59", "01-11 06:00", id="a minute before the end"),
    pytest.param(("22:00", "06:00"), "UTC", "01-11 06:00", "01-11 06:00", id="as it ends"),
    pytest.param(("01:00", "05:00"), "UTC", "01-11 02:00", "01-11 05:00", id="within one day"),
    pytest.param(("22:00", "06:00"), "Asia/Kathmandu", "01-10 17:00", "01-11 00:15", id="another zone"),
    pytest.param(("22:00", "06:00"), "Europe/Zurich", "03-30 23:00", "03-31 04:00", id="the night clocks go forward"),
    pytest.param(("22:00", "06:00"), "Europe/Zurich", "10-26 23:00", "10-27 05:00", id="the night clocks go back"),
])
def test_quiet_hours(between: tuple[str, str], zone: str, at: str, expected: str) -> None:
    """Quiet hours are the reader's own, whatever their clocks do."""
    quiet = QuietHours(*between, Severity.EXTREME)
    assert quiet_until(quiet, zone=zone, severity=Severity.SEVERE, at=utc(at)) == utc(expected)


def test_unknown_zone() -> None:
    """A zone that nobody knows is UTC, so that a message still has a time."""
    assert zone_of("Mars/Olympus").key == "UTC"


@given(st.text())
def test_one_line(text: str) -> None:
    """Whatever the text, the line is one, printable, and no longer than asked."""
    line = one_line(text, 40)
    assert len(line) <= 40
    assert line.splitlines() in ([], [line])
    assert line == one_line(line, 40)


@pytest.mark.parametrize(("text", "expected"), [
    pytest.param("a\r\nBcc: x", "a Bcc: x", id="line ends"),
    pytest.param("a\x85b\u2028c", "a b c", id="line ends of Unicode"),
    pytest.param("\u202ekcatta\u202c", "kcatta", id="turned round"),
    pytest.param("Ka\u200bbul", "Kabul", id="zero width"),
    pytest.param("می\u200cخواهم", "می\u200cخواهم", id="joiners that writing needs stay"),
    pytest.param(None, "", id="nothing"),
    pytest.param("word " * 20, "word word word word word word word…", id="cut at a word"),
])
def test_line(text: str | None, expected: str) -> None:
    """Foreign text becomes one clean line."""
    assert one_line(text, 36) == expected


@given(st.text())
def test_link_never_raises(url: str) -> None:
    """Any address is judged without a fault, and only http and https ones pass."""
    found = link(url)
    assert found is None or found.startswith(("http://", "https://", "HTTP", "hTTP", "Http"))


@pytest.mark.parametrize(("count", "step", "text"), [
    pytest.param(None, 0, "", id="nothing said"),
    pytest.param(Count(0, 0), 0, "0", id="nobody"),
    pytest.param(Count(1, 2), 1, "1-2", id="a few"),
    pytest.param(Count(20, None), 4 - 1, "20-", id="at least"),
    pytest.param(Count(None, 5), 2, "-5", id="at most"),
])
def test_band(count: Count | None, step: int, text: str) -> None:
    """A count has a band, and a way to be kept as it was said."""
    assert (band(count), written(count)) == (step, text)
