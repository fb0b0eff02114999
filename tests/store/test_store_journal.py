"""The journal: every fact a row, and no row that anybody changed, removed or moved goes unseen."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select, text

from advisord.model import DeliveryState, FeedState, Gate, Outcome, Rendered
from advisord.store.database import Database, parsed
from advisord.store.journal import Entry, append
from advisord.store.migrate import configuration
from advisord.store.proving import verified
from advisord.store.store import Store
from advisord.store.tables import advisories, deliveries, journal, meta, metadata, rendered

ACCEPTED = Outcome(DeliveryState.ACCEPTED, "250 2.1.5 p017@example.org ok")
TRIED = Outcome(DeliveryState.PENDING, "451 try later")


def lived(store: Store, make: Any) -> None:
    """An article is seen, understood, decided on, tried and accepted."""
    article = make.article()
    store.save_poll(FeedState("f", last_attempt_at=make.now), (article,))
    store.save_reading(article, (make.report(),), (make.incident(),), make.now)
    gate = Gate("distance", passed=False, value="6.1 km from home in Bamako", threshold="5 km")
    decisions = (make.decision(), make.decision(recipient="person:p-018", verdict="not_reached", advisory_id=None,
                                                gates=(gate,)))
    store.save_review(make.incident(), (make.exposure(),), decisions, (make.advisory(),), (make.delivery(),), make.now,
                      None)
    store.keep_rendered("d1", Rendered("message/rfc822", b"To: p017@example.org", "Subject"))
    later = make.now + timedelta(minutes=1)
    store.record(make.delivery(), TRIED, make.now, later)
    store.record(make.delivery(), ACCEPTED, later, None)


def test_what_happened_stands_there_in_order(store: Store, make: Any) -> None:
    """Seen, understood, decided, tried, accepted: one row each, about the incident and its article."""
    lived(store, make)
    rows = store.journal("ML-2024-0917-1")
    assert [each.kind for each in rows] == ["seen", "understood", "decided", "decided", "tried", "accepted"]
    assert [each.number for each in rows] == [1, 2, 3, 4, 5, 6]
    assert {each.article_id for each in rows[:2]} == {"a1"}
    facts = [json.loads(each.facts) for each in rows]
    assert facts[1]["status"] == "open"
    assert len(facts[2].pop("checksum")) == 32
    assert facts[2] == {"recipient": "person:p-017", "verdict": "told", "failed": [], "advisory": "v1", "version": 1,
                        "reason": "first", "rules": ["serious-nearby"], "template": "attack-nearby",
                        "severity": "Severe"}
    assert facts[3]["failed"] == ["distance"]
    assert facts[4]["bytes"] == facts[5]["bytes"] is not None
    assert store.verify_journal().faults == ()
    assert store.verify_journal().rows == 6


def test_nothing_personal_stands_there(store: Store, make: Any) -> None:
    """Ids and codes, and neither an address nor how far somebody is from what."""
    lived(store, make)
    written = "".join(each.facts for each in store.journal())
    assert not re.search(r"@|\bkm\b|Bamako|p017|text of", written)


def test_a_fact_that_is_kept_twice_is_told_once(store: Store, make: Any) -> None:
    """The same poll, the same review and an attempt after the end add no row."""
    lived(store, make)
    count = len(store.journal())
    store.save_poll(FeedState("f", last_attempt_at=make.now), (make.article(),))
    store.save_review(make.incident(), (), (make.decision(),), (make.advisory(),), (make.delivery(),), make.now, None)
    store.record(make.delivery(), TRIED, make.now, None)
    assert len(store.journal()) == count


def test_a_message_overtaken_before_it_went_is_told(outbox: Store, make: Any) -> None:
    """A held delivery that newer news overtakes is a row, as every other end."""
    outbox.save_review(make.incident(), (), (), (), (), make.now, None, ("d1",))
    assert [each.kind for each in outbox.journal()] == ["cancelled"]


def test_a_drill_says_so(store: Store, make: Any) -> None:
    """Every row of an exercise is marked."""
    article = make.article(exercise=True)
    incident = make.incident(exercise=True)
    store.save_articles((article,), make.now)
    store.save_reading(article, (), (incident,), make.now)
    store.save_review(incident, (), (make.decision(),), (), (), make.now, None)
    assert [json.loads(each.facts)["exercise"] for each in store.journal()] == [True, True, True]


def test_an_empty_journal_is_sound(store: Store) -> None:
    """A store in which nothing happened yet has nothing to find."""
    found = store.verify_journal()
    assert (found.rows, found.head, found.faults) == (0, "", ())


def test_it_goes_on_after_a_restart(url: str, make: Any) -> None:
    """Closing and opening the store leaves one chain."""
    with Store.open(url) as store:
        lived(store, make)
        head = store.verify_journal().head
    with Store.open(url) as store:
        assert store.verify_journal().head == head
        store.save_articles((make.article("a2"),), make.now)
        found = store.verify_journal()
    assert (found.rows, found.faults) == (7, ())


@contextmanager
def meddling(url: str) -> Iterator[Connection]:
    """Somebody at the database, past the program."""
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize(("statement", "fault"), [
    (journal.update().where(journal.c.n == 3).values(data="{}"), "row 3 was changed"),
    (journal.update().where(journal.c.n == 3).values(at=0), "row 3 was changed"),
    (journal.delete().where(journal.c.n == 1), "row 1 is missing"),
    (journal.delete().where(journal.c.n.in_((2, 3))), "rows 2 to 3 are missing"),
    (journal.delete().where(journal.c.n == 6), "row 6 is missing at the end"),
    (journal.delete(), "rows 1 to 6 are missing at the end"),
    (journal.insert().values(n=7, at=0, kind="accepted", digest="0", data="{}", hash="0"), "row 7"),
    (meta.delete().where(meta.c.key == "journal_head"), "no longer written down"),
    (meta.update().where(meta.c.key == "journal_genesis").values(value="0"), "row 1 was changed"),
    (meta.update().where(meta.c.key == "journal_head").values(value="five"), "no longer written down"),
], ids=["changed", "redated", "first-removed", "some-removed", "last-removed", "all-removed", "added", "head-removed",
        "beginning-changed", "head-changed"])
def test_meddling_is_found(url: str, make: Any, statement: Any, fault: str) -> None:
    """Whatever somebody does to a row past the program, verify names it."""
    with Store.open(url) as store:
        lived(store, make)
    with meddling(url) as connection:
        connection.execute(statement)
    with Store.open(url) as store:
        assert fault in "\n".join(store.verify_journal().faults)


@pytest.mark.parametrize(("statement", "fault"), [
    (deliveries.delete().where(deliveries.c.id == "d1"), "delivery 'd1' was accepted, and is no longer there"),
    (deliveries.update().where(deliveries.c.id == "d1").values(state="refused"), "was accepted, and is now refused"),
    (deliveries.update().where(deliveries.c.id == "d1").values(recipient="person:p-018"), "delivery 'd1' is damaged"),
    (rendered.update().values(subject="All clear", checksum="0"), "delivery 'd1' has other bytes than were sent"),
    (rendered.delete(), "delivery 'd1' has other bytes than were sent"),
    (advisories.update().values(checksum="0"), "advisory 'v1' is another one"),
    (journal.update().where(journal.c.n == 3).values(data=None, salt=None), "no purge or erasure says so"),
], ids=["removed", "other-end", "other-recipient", "other-words", "no-words", "other-advice", "details-removed"])
def test_a_changed_outbox_is_found(url: str, make: Any, statement: Any, fault: str) -> None:
    """What was decided and sent can't be changed beside the journal, not even with a new checksum."""
    with Store.open(url) as store:
        lived(store, make)
    with meddling(url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(statement)
    with Store.open(url) as store:
        assert fault in "\n".join(store.verify_journal().faults)


def test_a_journal_cut_short_with_care_is_found_by_a_head_noted_elsewhere(url: str, make: Any) -> None:
    """Who removes the last rows and sets the head right passes, but not before a head that was noted elsewhere."""
    with Store.open(url) as store:
        lived(store, make)
        number, seal = store.journal_head()
        assert (number, store.verify_journal({number: seal}).faults) == (6, ())
    with meddling(url) as connection:
        connection.execute(journal.delete().where(journal.c.n > 2))
        left = connection.execute(select(journal.c.hash).where(journal.c.n == 2)).scalar_one()
        connection.execute(meta.update().where(meta.c.key == "journal_head").values(value=f"2 {left}"))
    with Store.open(url) as store:
        assert store.verify_journal().faults == ()
        assert store.verify_journal({2: left}).faults == ()
        assert store.verify_journal({number: seal}).faults == (
            "row 6, whose head was noted elsewhere, is missing at the end",)
        assert store.verify_journal({1: seal}).faults == ("row 1, whose head was noted elsewhere, is another one",)


@pytest.mark.parametrize(("settle", "kind"), [(Store.stop, "stopped"), (Store.release, "released")],
                         ids=["stopped", "released"])
def test_who_stopped_or_released_a_message_stands_there(store: Store, make: Any, settle: Any, kind: str) -> None:
    """A row says which delivery, and who it was."""
    held = make.delivery(due_at=make.now + timedelta(minutes=10))
    store.save_review(make.incident(), (), (make.decision(),), (make.advisory(),), (held,), make.now, None)
    settle(store, ["d1"], make.now, f"{kind} by p-003: seen on the spot", by="p-003")
    row = store.journal()[-1]
    facts = json.loads(row.facts)
    assert (row.kind, facts["delivery"], facts["by"]) == (kind, "d1", "p-003")
    assert "spot" not in row.facts
    assert store.verify_journal().faults == ()


ROWS = 6
NOW = datetime(2024, 9, 17, 8, 30, tzinfo=UTC)
cell = st.sampled_from(["at", "kind", "incident_id", "article_id", "digest", "data", "salt", "hash"])


@contextmanager
def written() -> Iterator[Connection]:
    """A journal of six rows, two of which say the same."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number in range(ROWS):
            append(connection, [Entry("seen", {"feed": "f", "fingerprint": str(number // 2)}, article_id="a")], NOW)
        assert verified(connection, {}).faults == ()
        yield connection
    engine.dispose()


many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(number=st.integers(1, ROWS), column=cell, value=st.integers(0, 2**40) | st.text('abc{}"0 ', max_size=9))
def test_any_changed_cell_is_found(number: int, column: str, value: object) -> None:
    """One value of one row, whichever: found."""
    with written() as connection:
        value = value if (column == "at") == isinstance(value, int) else 7 if column == "at" else str(value)
        before = connection.execute(select(journal.c[column]).where(journal.c.n == number)).scalar_one()
        assume(before != value)
        connection.execute(journal.update().where(journal.c.n == number).values({column: value}))
        assert verified(connection, {}).faults


@many
@given(numbers=st.sets(st.integers(1, ROWS), min_size=1))
def test_any_removed_rows_are_found(numbers: set[int]) -> None:
    """Rows taken out at the beginning, in the middle or at the end, with or without closing the gap: found."""
    with written() as connection:
        connection.execute(journal.delete().where(journal.c.n.in_(numbers)))
        assert verified(connection, {}).faults
        left = connection.execute(select(journal.c.n).order_by(journal.c.n)).scalars().all()
        for to, number in enumerate(left, 1):
            connection.execute(journal.update().where(journal.c.n == number).values(n=to))
        assert verified(connection, {}).faults


@many
@given(order=st.permutations(range(1, ROWS + 1)), with_hash=st.booleans())
def test_any_other_order_is_found(order: list[int], with_hash: bool) -> None:
    """Rows that changed places, with their seals or without them: found."""
    assume(order != sorted(order))
    with written() as connection:
        rows = [dict(row) for row in connection.execute(select(journal).order_by(journal.c.n)).mappings()]
        moved = [{**rows[number - 1], "n": to} for to, number in enumerate(order, 1)]
        if not with_hash:
            moved = [{**row, "hash": rows[at]["hash"]} for at, row in enumerate(moved)]
        assume(moved != rows)
        connection.execute(journal.delete())
        connection.execute(journal.insert(), moved)
        assert verified(connection, {}).faults


def test_changing_a_row_and_its_seal_breaks_the_next(store: Store, make: Any) -> None:
    """Who seals a changed row anew has to seal all that follow, and the head."""
    lived(store, make)
    with store._database.write() as connection:
        append(connection, [Entry("seen", {"feed": "g"})], make.now)
        other = connection.execute(select(journal).where(journal.c.n == 7)).one()
        connection.execute(journal.update().where(journal.c.n == 2).values(hash=other.hash))
    assert [fault for fault in store.verify_journal().faults if "row 3" in fault]


def test_reading_an_edited_article_is_two_sights(store: Store, make: Any) -> None:
    """What a source said first, and what it said later, both stand there by the digest of their words."""
    article = make.article()
    for each in (article, replace(article, text="other", fingerprint="other")):
        store.save_articles((each,), make.now)
    assert [json.loads(each.facts)["fingerprint"] for each in store.journal()] == ["of-a1", "other"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_store_gets_a_journal(kind: str, tmp_path: Path, request: pytest.FixtureRequest, make: Any) -> None:
    """A store from before there was a journal is brought forward, keeps what it holds, and begins to write one."""
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql")
        url = server.url(server.empty())
    database = Database(parsed(url))
    with database.write() as connection:
        command.upgrade(configuration(connection), "0001")
        connection.execute(meta.insert().values(key="store_id", value="old"))
    database.close()
    with Store.open(url) as store:
        assert store.verify_journal().faults == ()
        lived(store, make)
        assert store.verify_journal().rows == 6
    with Store.open(url) as store:
        assert len(store.journal()) == 6


@pytest.mark.parametrize("meddled", [False, True], ids=["whole", "meddled-with"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_journal_of_the_first_form_is_sealed_anew(kind: str, tmp_path: Path, request: pytest.FixtureRequest, *,
                                                    meddled: bool) -> None:
    """Its rows say what they said, its old head is written down, and meddling from before is not covered up."""
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql")
        url = server.url(server.empty())
    database = Database(parsed(url))
    with database.write() as connection:
        command.upgrade(configuration(connection), "0002")
        seal = "0" * 64
        connection.execute(meta.insert(), [{"key": "store_id", "value": "old"},
                                           {"key": "journal_genesis", "value": seal}])
        for number in (1, 2):
            row = {"n": number, "at": 7, "kind": "seen", "incident_id": None, "article_id": f"a{number}",
                   "data": '{"feed":"f"}'}
            canonical = json.dumps(row, sort_keys=True, separators=(",", ":"))
            seal = sha256(f"{seal}\n{canonical}".encode()).hexdigest()
            connection.execute(text(
                "INSERT INTO journal (n, at, kind, incident_id, article_id, data, hash) VALUES (:n, :at, :kind, "
                ":incident_id, :article_id, :data, :hash)"), {**row, "hash": seal, "at": 8 if meddled else 7})
        connection.execute(meta.insert().values(key="journal_head", value=f"2 {seal}"))
    database.close()
    with Store.open(url) as store:
        assert store.verify_journal().faults == ()
        rows = store.journal()
        assert [(each.kind, each.article_id) for each in rows] == [("seen", "a1"), ("seen", "a2"), ("resealed", None)]
        assert json.loads(rows[-1].facts) == {"rows": 2, "head": seal, "whole": not meddled}
