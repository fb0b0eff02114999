"""A disk that changes what it was given: what comes back is what was decided, or an error of the store."""
from __future__ import annotations

import contextlib
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from advisord.errors import StoreError
from advisord.model import Delivery, Outcome, Rendered
from advisord.store.database import parsed
from advisord.store.store import Store

FLIPS_A_CASE = 2
CASES = 15


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, make: Any) -> Path:
    """A folder with a store that holds forty deliveries and their bytes."""
    folder = tmp_path_factory.mktemp("whole")
    with Store.open(f"sqlite:///{folder}/advisord.db") as store:
        store.save_poll(make.state(), [make.article("a1"), make.article("a2")])
        store.save_review(make.incident(), (make.exposure(),), (make.decision(),), (make.advisory(),),
                          [made(make, number) for number in range(40)], make.now, None)
        for number in range(40):
            store.keep_rendered(f"d{number}", bytes_of(number))
    return folder


def made(make: Any, number: int) -> Delivery:
    """The delivery of that number."""
    delivery: Delivery = make.delivery(f"d{number}", recipient=f"person:p-{number:03}")
    return delivery


def bytes_of(number: int) -> Rendered:
    """Its bytes."""
    return Rendered("message/rfc822", f"To: p-{number:03}\r\n\r\nstay where you are".encode() * 20, f"subject {number}")


@pytest.mark.parametrize("seed", range(CASES))
def test_flipped_bit(whole: Path, tmp_path: Path, make: Any, seed: int) -> None:
    """With any bit of the file flipped, nothing is given out to be sent that was not decided so."""
    decided = {f"d{number}": made(make, number) for number in range(40)}
    chance = random.Random(seed)
    for turn in range(FLIPS_A_CASE):
        folder = tmp_path / str(turn)
        shutil.copytree(whole, folder)
        file = folder / "advisord.db"
        content = bytearray(file.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        with contextlib.suppress(StoreError):
            _judge(f"sqlite:///{file}", make, decided)


def _judge(url: str, make: Any, decided: dict[str, Delivery]) -> None:
    with Store.open(url) as store:
        store.take_daemon_lock("one", make.now, 60)
        store.due_feeds(make.now, 9)
        store.unread(9)
        store.due_for_review(make.now, 9)
        for delivery in store.lease(make.now, 99, 60):
            assert delivery == decided[delivery.id]
            assert store.advisories(delivery.advisory_ids) == (make.advisory(),)
            assert store.rendered(delivery.id) in {None, bytes_of(int(delivery.id[1:]))}
            store.record(delivery, Outcome(delivery.state, "later"), make.now, make.now)


def test_a_state_that_is_none(outbox: Store, url: str, make: Any) -> None:
    """A delivery whose state became nonsense is found by the sums, and refused when the next daemon begins."""
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'pendinf'")
    engine.dispose()
    assert not outbox.counts().balanced
    assert outbox.damaged() == ("d1",)
    outbox.take_daemon_lock("next", make.now, 60)
    assert outbox.counts().balanced
    assert outbox.counts().refused == 1
    assert outbox.damaged() == ("d1",)
