"""`advisord outbox` as an officer uses it: what has not arrived, tried again or given up, and every sum right."""
from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main
from advisord.model import (
    Advisory,
    Certainty,
    Delivery,
    DeliveryState,
    Incident,
    MsgType,
    Outcome,
    Phase,
    Reason,
    Rendered,
    Severity,
    Urgency,
)
from advisord.store.store import Store

GOOD = Path(__file__).parents[1] / "config" / "good"
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
INCIDENT = Incident("ML-2026-0310-1", "conflict.suicide_bombing", Phase.OCCURRED, Severity.EXTREME, Urgency.IMMEDIATE,
                    Certainty.OBSERVED, NOW, NOW, ())


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store of four deliveries: accepted, refused, put off until the afternoon, and never tried."""
    shutil.copytree(GOOD, tmp_path / "config")
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        advisory = Advisory("a1", INCIDENT, "person:p-017", 1, MsgType.ALERT, Reason.FIRST, "general", ("bombing",),
                            NOW, INCIDENT.hazard, INCIDENT.phase, INCIDENT.severity)
        made = [Delivery(f"{name}-delivery", "email", "person:p-017", "t", Severity.EXTREME, NOW, NOW, ("a1",))
                for name in ("accepted", "refused", "putoff", "waiting")]
        store.save_review(INCIDENT, (), (), (advisory,), made, NOW, None)
        store.keep_rendered("refused-delivery", Rendered("message/rfc822", b"bytes", "subject"))
        for each, state, words in zip(made, (DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.PENDING),
                                      ("250 ok", "550 no such user", "451 later"), strict=False):
            store.record(each, Outcome(state, words), NOW, NOW + timedelta(hours=6))
    return f"sqlite:///{tmp_path}/store.db"


def outbox(url: str, *words: str) -> Result:
    """Run `advisord outbox` on that store."""
    config = Path(url.removeprefix("sqlite:///")).parent / "config"
    at = () if words[0] == "show" else ("--at", NOW.isoformat())
    return CliRunner().invoke(main, ["outbox", words[0], *words[1:], "--config", str(config), "--store", url, *at],
                              env={"COLUMNS": "200"})


def states(url: str) -> dict[str, str]:
    """Every delivery's state; the sums are right and the journal is whole."""
    with Store.open(url) as store:
        assert store.counts().balanced
        assert store.verify_journal().faults == ()
        return {each.id: str(each.state) for each in store.deliveries()}


def test_list(url: str) -> None:
    """The list names what failed, why, and what is overdue; it leaves out what arrived, and adds up."""
    said = outbox(url, "list")
    assert said.exit_code == 0
    assert "550 no such user" in said.output
    assert "451 later" in said.output
    assert "waiting-deli" in said.output
    assert "accepted-del" not in said.output
    assert "4 created = 2 pending + 1 accepted + 1 refused + 0 expired + 0 cancelled" in said.output


def test_list_says_when_the_sums_are_wrong(url: str) -> None:
    """A delivery that vanished from the file is told, with exit status 1."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("DELETE FROM delivery_advisories WHERE delivery_id = 'waiting-delivery'")
    connection.execute("DELETE FROM deliveries WHERE id = 'waiting-delivery'")
    connection.commit()
    connection.close()
    said = outbox(url, "list")
    assert said.exit_code == 1
    assert "do not add up" in said.output


def test_show(url: str) -> None:
    """One delivery with its attempts, by the beginning of its id."""
    said = outbox(url, "show", "refused")
    assert said.exit_code == 0
    assert "2026-03-10 08:00:00 refused: 550 no such user" in said.output


def test_retry_now(url: str) -> None:
    """What waits for the afternoon is due now, under its key."""
    assert outbox(url, "retry", "putoff", "--by", "officer").exit_code == 0
    with Store.open(url) as store:
        assert "putoff-delivery" in {each.id for each in store.lease(NOW, 9, 60)}
        assert "officer" in store.attempts("putoff-delivery")[-1].outcome.detail
    assert outbox(url, "retry", "putoff", "--by", "officer").exit_code == 1


def test_retry_by_channel(url: str) -> None:
    """Once a channel is mended, all that failed by it is tried; what is waiting for the first time is left alone."""
    said = outbox(url, "retry", "--channel", "email", "--by", "officer")
    assert "putoff" in said.output
    assert "waiting" not in said.output
    assert outbox(url, "retry", "--by", "officer").exit_code == 2


def test_retry_of_the_dead(url: str) -> None:
    """What was refused stays refused, and goes out once more as a new delivery, however often that is asked."""
    assert outbox(url, "retry", "refused", "--by", "officer").exit_code == 0
    assert outbox(url, "retry", "refused", "--by", "officer").exit_code == 1
    found = states(url)
    assert len(found) == 5
    assert found["refused-delivery"] == "refused"
    with Store.open(url) as store:
        (new,) = {each.id for each in store.lease(NOW, 9, 60)} - {"waiting-delivery"}
        assert store.rendered(new) is None
        assert {row.kind for row in store.journal()} >= {"retried"}


def test_give_up(url: str) -> None:
    """What is given up is cancelled, tried before or not, with who did it and why; what has ended cannot be."""
    for name in ("putoff", "waiting"):
        assert outbox(url, "give-up", name, "--by", "officer", "--why", "he is home").exit_code == 0
    assert states(url) == {"accepted-delivery": "accepted", "refused-delivery": "refused",
                           "putoff-delivery": "cancelled", "waiting-delivery": "cancelled"}
    assert outbox(url, "give-up", "accepted", "--by", "officer", "--why", "x").exit_code == 2


def test_what_is_being_tried_is_left_alone(url: str) -> None:
    """A delivery in flight is neither hastened nor given up: how that attempt ends is not known yet."""
    with Store.open(url) as store:
        assert [each.id for each in store.lease(NOW, 9, 60)] == ["waiting-delivery"]
    assert outbox(url, "give-up", "waiting", "--by", "officer", "--why", "x").exit_code == 1
    assert outbox(url, "retry", "waiting", "--by", "officer").exit_code == 1
    assert states(url)["waiting-delivery"] == "pending"
