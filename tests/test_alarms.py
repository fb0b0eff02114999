"""The desks hear when something is amiss with the service itself: once, by a way that works, and when it is over."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisord.advise.alarming import alarms_to
from advisord.advise.render import Renderer
from advisord.alarms import raised, tell
from advisord.cli.demo import SECRET
from advisord.model import Alarm, Delivery, Settings
from advisord.settings.folders import shipped
from advisord.store.store import Store
from advisord.watching import Amiss, Condition
from advisord.wiring.workshop import Workshop

CONFIG = Path(__file__).parents[1] / "config"
NOW = datetime(2030, 1, 15, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATE = Amiss(Condition.OUTBOX_LATE, ("email",), 3, NOW - 20 * MINUTE)
FULL = Amiss(Condition.DISK_FULL, figure=400)


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """The shipped configuration."""
    made = Workshop(CONFIG, environ={"ADVISORD_HOOK_SECRET": SECRET}, store_url="sqlite://")
    yield made.settings()
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store on disk."""
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def test_it_is_told_once_and_again_when_it_is_over(store: Store, settings: Settings) -> None:
    """A disk that stays full is one message a desk; when there is room again, one more."""
    desks = len(settings.staff.desks)
    assert tell(store, settings, (FULL,), NOW) == desks
    for minute in range(1, 300):
        assert tell(store, settings, (FULL,), NOW + minute * MINUTE) == 0
    assert tell(store, settings, (), NOW + 300 * MINUTE) == desks
    assert tell(store, settings, (), NOW + 301 * MINUTE) == 0
    assert store.counts().balanced
    assert store.verify_journal().faults == ()


def test_what_comes_and_goes_is_one_alarm(store: Store, settings: Settings) -> None:
    """A channel that is late, not late and late again within ten minutes does not ring each time."""
    desks = len(settings.staff.desks)
    assert [tell(store, settings, (LATE,) if minute % 2 == 0 else (), NOW + minute * MINUTE)
            for minute in range(9)] == [desks, *[0] * 8]


@pytest.mark.parametrize(("after", "grown", "times"), [
    (59 * MINUTE, replace(LATE, items=("email", "operations")), 0),
    (60 * MINUTE, replace(LATE, items=("email", "operations")), 1), (60 * MINUTE, replace(LATE, figure=6), 1),
    (60 * MINUTE, replace(LATE, figure=5), 0), (60 * MINUTE, LATE, 0),
], ids=["too-soon", "another-channel", "doubled", "a-little-more", "the-same"])
def test_what_grows_is_told_again(after: timedelta, grown: Amiss, times: int) -> None:
    """Another channel that fails, or twice as many messages that wait, are told an hour later at the earliest."""
    told = Alarm(str(LATE.condition), NOW, LATE.items, LATE.figure, LATE.since)
    assert len(list(raised((grown,), (told,), NOW + after))) == times


def test_it_takes_a_channel_that_works(settings: Settings) -> None:
    """When the people's mail is late the desk's is used; when the desk's is, another system hears of it too."""
    def ways(*late: str) -> set[str]:
        return {each.channel for each in alarms_to(Alarm("outbox-late", NOW, late, 3), settings, NOW)}

    assert ways("email") == {"duty-desk"}
    assert ways("duty-desk") == ways("duty-desk", "email") == {"duty-desk", "operations"}


@pytest.mark.parametrize("condition", [*Condition, "another"])
@pytest.mark.parametrize("desk", ["geneva", "bamako"])
@pytest.mark.parametrize("over", [False, True], ids=["begun", "over"])
def test_an_alarm_says_what_it_is_about(settings: Settings, renderer: Renderer, condition: str, desk: str, *,
                                        over: bool) -> None:
    """In the desk's language, with what it is about, and with nothing left open."""
    alarm = Alarm(str(condition), NOW, ("one-thing", "another<b>"), 2, NOW - 20 * MINUTE, over)
    delivery = Delivery(id="d", channel="duty-desk", recipient=f"desk:{desk}", thread="t", severity=next(
        alarms_to(alarm, settings, NOW)).severity, created_at=NOW, due_at=NOW, advisory_ids=())
    words = renderer.alarm(alarm, delivery=delivery, settings=settings, now=NOW)
    assert words.subject.startswith("[SERVICE] ")
    assert "one-thing" in words.text
    assert ("{" in words.text, "<b>" in (words.html or ""), "None" in words.text) == (False, False, False)
    assert '"type":"desk.health"' in words.payload


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """The shipped templates."""
    return Renderer((shipped("templates"),))
