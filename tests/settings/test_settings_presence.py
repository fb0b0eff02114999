"""Who is at home while they travel."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.model import StaffLocation
from advisord.settings.presence import Span, at_home, span_of

HOME = StaffLocation("p/home", "home", "Ségou", person="p")


def at(day: int, hour: int = 0) -> datetime:
    """An instant of September 2024."""
    return datetime(2024, 9, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(("start", "end", "zone", "span"), [
    (date(2024, 9, 16), date(2024, 9, 20), "UTC", Span(at(16), at(21), at(17), at(20))),
    (date(2024, 9, 16), date(2024, 9, 20), "Asia/Manila", Span(at(15, 16), at(20, 16), at(16, 16), at(19, 16))),
    (date(2024, 9, 16), date(2024, 9, 16), "UTC", Span(at(16), at(17), at(17), at(17))),
    (at(16, 9), at(18, 15), "Asia/Manila", Span(at(16, 9), at(18, 15), at(16, 9), at(18, 15))),
], ids=["days", "days-elsewhere", "one-day", "instants"])
def test_a_trip_lasts_from_its_first_to_its_last_day(start: date, end: date, zone: str, span: Span) -> None:
    """Days are whole days where the person lives, and away for certain are only those between."""
    assert span_of(start, end, zone) == span


@pytest.mark.parametrize(("spans", "pieces"), [
    ([], [(None, None)]),
    ([Span(at(16), at(21), at(17), at(20))], [(None, at(17)), (at(20), None)]),
    ([Span(at(16), at(17), at(17), at(17))], [(None, None)]),
    ([Span(at(16, 8), at(16, 14), at(16, 8), at(16, 14)), Span(at(17), at(19), at(18), at(18)),
      Span(at(19, 9), at(19, 15), at(19, 9), at(19, 15))], [(None, at(16, 8)), (at(19, 15), None)]),
    ([Span(at(5), at(9), at(5), at(9)), Span(at(20), at(22), at(20), at(22))],
     [(None, at(5)), (at(9), at(20)), (at(22), None)]),
], ids=["no-trip", "days", "one-day", "one-journey", "two-journeys"])
def test_whoever_travels_is_not_at_home(spans: list[Span],
                                        pieces: list[tuple[datetime | None, datetime | None]]) -> None:
    """Flights and stays that follow each other are one absence, others leave the days between at home."""
    found = at_home(HOME, spans)
    assert [(piece.start, piece.end) for piece in found] == pieces
    assert [piece.id for piece in found] == ["p/home", "p/home-2", "p/home-3"][: len(pieces)]


_HOURS = st.integers(0, 24 * 60)


@given(st.lists(st.tuples(_HOURS, st.integers(1, 24 * 9)), max_size=6))
def test_home_and_away_never_overlap(trips: list[tuple[int, int]]) -> None:
    """At no instant is somebody in an aeroplane and at home, and the pieces of home stand in order."""
    spans = []
    for begins, hours in trips:
        start = at(1) + timedelta(hours=begins)
        spans.append(Span(start, start + timedelta(hours=hours), start, start + timedelta(hours=hours)))
    pieces = at_home(HOME, spans)
    for span in spans:
        middle = span.start + (span.end - span.start) / 2
        assert not [piece for piece in pieces if (piece.start is None or piece.start <= middle)
                    and (piece.end is None or middle < piece.end)]
    bounds = [bound for piece in pieces for bound in (piece.start, piece.end) if bound is not None]
    assert bounds == sorted(bounds)
