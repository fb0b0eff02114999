"""Feeds and articles: what is due is asked, what is new is kept once, what changed is read again."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event

from advisord.errors import StoreError
from advisord.model import Article, FeedState
from advisord.store.copies import marks_of
from advisord.store.database import parsed
from advisord.store.store import Store

MINUTE = timedelta(minutes=1)
STORY = ("Gunmen opened fire on a gendarmerie school in the Faladié district of the capital early on Tuesday, the army "
         "said, and asked residents to stay away from the area while soldiers searched the neighbourhood for them.")


def state(make: Any, feed_id: str = "f", **changes: Any) -> FeedState:
    """What is remembered of a feed that was asked just now."""
    remembered: FeedState = make.state(feed_id, **changes)
    return remembered


def test_new_feeds_are_due(store: Store, make: Any) -> None:
    """A feed added to the configuration is asked at once, one taken out no more, one put back knows what it knew."""
    store.sync_feeds(["a", "b"], make.now)
    assert [each.feed_id for each in store.due_feeds(make.now, 9)] == ["a", "b"]
    store.save_feed_state(state(make, "b"))
    store.sync_feeds(["b", "c", "b"], make.now)
    assert set(store.feed_states()) == {"b", "c"}
    assert [each.feed_id for each in store.due_feeds(make.now, 9)] == ["c"]
    store.sync_feeds(["a", "b", "c"], make.now)
    assert store.feed_states()["b"] == state(make, "b")
    assert [each.feed_id for each in store.due_feeds(make.now, 9)] == ["a", "c"]


def test_due_longest_first(store: Store, make: Any) -> None:
    """Of many due feeds those that wait longest are asked first, and none before its time."""
    for feed_id, minutes in (("soon", 1), ("now", 0), ("late", -5), ("later", -9)):
        store.save_feed_state(state(make, feed_id, next_at=make.now + minutes * MINUTE))
    assert [each.feed_id for each in store.due_feeds(make.now, 9)] == ["later", "late", "now"]
    assert [each.feed_id for each in store.due_feeds(make.now, 2)] == ["later", "late"]
    assert [each.feed_id for each in store.due_feeds(make.now + MINUTE, 9)] == ["later", "late", "now", "soon"]


def test_clock_set_back(store: Store, make: Any) -> None:
    """Feeds asked while the clock was ten years ahead are asked again at once when it is right."""
    ahead = make.now + timedelta(days=3650)
    store.save_feed_state(state(make, "f", next_at=ahead + MINUTE, last_attempt_at=ahead))
    assert [each.feed_id for each in store.due_feeds(make.now, 9)] == ["f"]
    store.save_feed_state(state(make, "f"))
    assert store.due_feeds(make.now, 9) == ()


def test_quiet_tick_costs_little(store: Store, url: str, make: Any) -> None:
    """With 10,000 feeds of which none is due, a tick reads an index and not the feeds."""
    store.sync_feeds([f"feed-{number}" for number in range(10_000)], make.now + MINUTE)
    asked: list[tuple[str, Any]] = []
    engine = create_engine(parsed(url))
    with Store.open(url) as reader:
        assert reader.due_feeds(make.now, 100) == ()
        event.listen(reader._database._engine, "before_cursor_execute",
                     lambda _conn, _cursor, statement, parameters, *_: asked.append((statement, parameters)))
        reader.due_feeds(make.now, 100)
    statement, parameters = asked[-1]
    explain = "EXPLAIN QUERY PLAN " if url.startswith("sqlite") else "EXPLAIN "
    with engine.connect() as connection:
        if not url.startswith("sqlite"):
            connection.exec_driver_sql("ANALYZE feeds")
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
    engine.dispose()
    assert "ix_feeds_active_next_at" in plan
    assert "ix_feeds_active_last_attempt_at" in plan
    assert "SCAN feeds" not in plan
    assert "Seq Scan" not in plan


def test_articles_are_kept_once(store: Store, make: Any) -> None:
    """A poll that brings the same articles again brings nothing new, and keeps the feed's state."""
    articles = [make.article("a1"), make.article("a2")]
    assert store.save_poll(state(make), articles) == 2
    assert store.save_poll(state(make, etag='"y"'), articles) == 0
    assert store.feed_states()["f"].etag == '"y"'
    assert store.unread(9) == tuple(articles)
    assert store.article("a1") == articles[0]
    assert store.seen(["a1", "a9"]) == {"a1"}


def test_guid_churn(store: Store, make: Any) -> None:
    """A feed that gives the same text a new guid at every poll tells nothing new, within a poll or over many."""
    first, again, third = (make.article(name, fingerprint="same") for name in ("a1", "a2", "a3"))
    assert store.save_poll(state(make), [first, again]) == 1
    assert store.save_poll(state(make), [third]) == 0
    assert store.unread(9) == (first,)


def test_guid_collide(store: Store, make: Any) -> None:
    """The same text in two feeds is two articles."""
    other = make.article("b1", feed_id="g", fingerprint="of-a1")
    assert store.save_poll(state(make), [make.article("a1")]) + store.save_poll(state(make, "g"), [other]) == 2


def test_articles_without_fingerprint(store: Store, make: Any) -> None:
    """Articles whose fingerprint nobody made are told apart by their ids alone."""
    assert store.save_poll(state(make), [make.article("a1", fingerprint=""), make.article("a2", fingerprint="")]) == 2


def test_silent_edit(store: Store, make: Any) -> None:
    """An article whose text changed is read again in its new wording."""
    first = make.article("a1", text="10 dead")
    edited = make.article("a1", text="0 dead, a drill", fingerprint="other", seen_at=make.now + MINUTE)
    store.save_poll(state(make), [first])
    store.save_reading(first, (make.report(),), (), make.now)
    assert store.unread(9) == ()
    assert store.save_poll(state(make), [edited]) == 1
    assert store.unread(9) == (edited,)
    assert store.readings(0, 9) == ()
    store.save_reading(edited, (), (), make.now)
    assert [(article, reports) for _, article, reports in store.readings(0, 9)] == [(edited, ())]


def test_edited_while_read(store: Store, make: Any) -> None:
    """An article that changes while its old wording is being read stays unread."""
    first, edited = make.article("a1"), make.article("a1", fingerprint="other")
    store.save_poll(state(make), [first])
    store.save_poll(state(make), [edited])
    store.save_reading(first, (), (), make.now)
    assert store.unread(9) == (edited,)


def test_flip_flop(store: Store, make: Any) -> None:
    """A feed that serves two wordings in turn is read each time, and fills nothing up."""
    wordings = [make.article("a1"), make.article("a1", fingerprint="other")]
    for number in range(6):
        assert store.save_poll(state(make), [wordings[number % 2]]) == 1
    assert store.unread(9) == (wordings[1],)


def test_oldest_is_read_first(store: Store, make: Any) -> None:
    """Articles are read in the order in which they were seen."""
    late, early = make.article("a1", seen_at=make.now + MINUTE), make.article("a2")
    store.save_poll(state(make), [late, early])
    assert store.unread(9) == (early, late)
    assert store.unread(1) == (early,)
    assert store.oldest_unread() == make.now
    assert store.recent_articles(make.now + MINUTE, 9) == (late,)


def test_nothing_unread(store: Store) -> None:
    """A store with nothing to read says so."""
    assert (store.unread(9), store.oldest_unread(), store.article("a1")) == ((), None, None)


def test_article_without_seen_at(store: Store, make: Any) -> None:
    """An article that doesn't say when it was seen was seen when its feed was asked."""
    store.save_poll(state(make), [make.article("a1", seen_at=None)])
    assert store.oldest_unread() == make.now


def test_readings_in_order(store: Store, make: Any) -> None:
    """Whoever follows the readings gets each with its reports, in order, and again when it was read again."""
    articles = [make.article(f"a{number}") for number in range(3)]
    store.save_poll(state(make), articles)
    for article in articles:
        told = tuple(make.report(f"{article.id}#{position}", article_id=article.id) for position in (2, 1))
        store.save_reading(article, told, (), make.now)
    first = store.readings(0, 2)
    assert [(article.id, [report.id for report in reports]) for _, article, reports in first] == [
        ("a0", ["a0#2", "a0#1"]), ("a1", ["a1#2", "a1#1"])]
    ((cursor, last, _),) = store.readings(first[-1][0], 9)
    store.save_reading(articles[0], (), (), make.now)
    assert last.id == "a2"
    assert [(article.id, reports) for _, article, reports in store.readings(cursor, 9)] == [("a0", ())]


def test_copies_are_found(store: Store, make: Any) -> None:
    """A reprint finds the reports of the story it was taken from, other news does not."""
    original = make.article("a1", text=STORY, title="Attack on school")
    other = make.article("a2", text="Rain is expected on Friday over most of the country, forecasters said today.")
    store.save_poll(state(make), [original, other])
    store.save_reading(original, (make.report("r1", article_id="a1"),), (), make.now)
    store.save_reading(other, (make.report("r2", article_id="a2"),), (), make.now)
    reprint = make.article("a3", title="What we know", text=STORY.replace("Tuesday", "the day") + " More soon.",
                           seen_at=make.now + timedelta(days=1))
    assert [report.id for report in store.recent_reports(reprint)] == ["r1"]
    assert store.recent_reports(original) == ()
    assert store.recent_reports(replace(reprint, seen_at=make.now + timedelta(days=4))) == ()


def test_marks_pass(store: Store, make: Any) -> None:
    """Marks older than anybody can copy are not kept for ever."""
    for days in (0, 7):
        article = make.article(f"a{days}", text=STORY, seen_at=make.now + timedelta(days=days))
        store.save_poll(state(make), [article])
        store.save_reading(article, (make.report(f"r{days}", article_id=article.id),), (), make.now)
    assert store.recent_reports(make.article("b", text=STORY, seen_at=make.now)) != ()
    assert [each.id for each in store.recent_reports(make.article("b", text=STORY, seen_at=make.now))] == ["r7"]


@given(st.text())
def test_marks_of_any_text(make: Any, text: str) -> None:
    """Any text has at most 24 marks, the same each time."""
    marks = marks_of(make.article(text=text))
    assert len(marks) == len(set(marks)) <= 24
    assert marks == marks_of(make.article(text=text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(title=st.text(), text=st.text(), guid=st.text(), credit=st.none() | st.text())
def test_any_article_comes_back(store: Store, make: Any, title: str, text: str, guid: str, credit: str | None) -> None:
    """Whatever stands in an article, its text comes back as it was, NUL included."""
    name = f"id{abs(hash((title, text, guid, credit)))}"
    article: Article = make.article(name, fingerprint="", title=title, text=text, guid=guid, credit=credit)
    store.save_poll(state(make), [article])
    assert store.article(article.id) == article


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff", "\ud83dx"])
def test_lone_surrogates(store: Store, make: Any, text: str) -> None:
    """Half a character, which no database holds, becomes one sign: offsets into the text stay true."""
    store.save_poll(state(make), [make.article("a1", text=text)])
    kept = store.article("a1")
    assert kept is not None
    assert len(kept.text) == len(text)


def _damage(url: str, statement: str) -> None:
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_damaged_row_costs_itself_only(store: Store, url: str, make: Any) -> None:
    """An article or incident that the disk changed into nonsense holds up no other."""
    store.save_poll(state(make), [make.article("a1"), make.article("a2")])
    store.save_reading(make.article("a3"), (), (make.incident(), make.incident("ML-2024-0917-2")), make.now)
    _damage(url, "UPDATE articles SET data = '{' WHERE id = 'a1'")
    _damage(url, "UPDATE incidents SET data = '[]' WHERE id = 'ML-2024-0917-1'")
    assert [article.id for article in store.unread(9)] == ["a2"]
    assert [incident.id for incident in store.due_for_review(make.now, 9)] == ["ML-2024-0917-2"]
    with pytest.raises(StoreError, match="article 'a1' is damaged on disk; restore the last backup"):
        store.article("a1")
    with pytest.raises(StoreError, match="incident 'ML-2024-0917-1' is damaged"):
        store.incident("ML-2024-0917-1")


def test_a_feed_with_a_damaged_state_is_asked(store: Store, url: str, make: Any) -> None:
    """A feed of which nothing can be remembered is asked as if it were new."""
    store.save_feed_state(state(make, next_at=make.now))
    _damage(url, "UPDATE feeds SET data = 'x'")
    assert store.due_feeds(make.now, 9) == (FeedState("f"),)
    assert store.feed_states() == {"f": FeedState("f")}
