"""What must hold whatever comes: arrival in any order, shares between 0 and 1, and joining twice is silent."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.correlate.batch import Told, labels_of
from advisord.correlate.linkage import linked
from advisord.correlate.origins import signature_of, similarity
from advisord.correlate.similarity import cosines, in_context
from advisord.correlate.threads import threads_of
from advisord.model import Count, IncidentStatus, Phase, SourcedReport

WORDS = ["gunmen", "attack", "school", "army", "wounded", "airport", "smoke", "bridge", "market", "police", "convoy",
         "burned", "lorries", "customs", "officer", "night", "dawn", "claim", "village", "road", "governor"]

texts = st.lists(st.sampled_from(WORDS), min_size=6, max_size=25).map(" ".join)
kinds = st.sampled_from(["conflict.armed_attack", "conflict.bombing", "transport.airport_closure"])
phases = st.sampled_from(list(Phase))
places = st.sampled_from(["bamako", "kayes", "airport", None])
days = st.sampled_from([None, "2024-09-16", "2024-09-17"])
tolls = st.sampled_from([None, Count(2, 2), Count(4, 4)])
facts = st.lists(st.tuples(kinds, phases, places, days, tolls), min_size=1, max_size=3)
news = st.lists(st.tuples(texts, facts, st.integers(0, 30), st.sampled_from("xyz")), min_size=2, max_size=6)
several = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def articles_of(desk: Any, told: list[Any]) -> list[tuple[SourcedReport, ...]]:
    """Those articles, read."""
    return [desk.sourced(f"a{at}", *(desk.report(kind, phase, place, start=day, killed=killed)
                                     for kind, phase, place, day, killed in found),
                         text=text, hours=hours, feed=feed) for at, (text, found, hours, feed) in enumerate(told)]


def latest(articles: list[tuple[SourcedReport, ...]]) -> datetime:
    """When the last of them came."""
    return max(each.seen_at for reports in articles for each in reports)


def standing(desk: Any) -> set[Any]:
    """The incidents by what they hold and how they stand, whatever they are called.

    An ended one is a record that nothing reopens: it counts as long as its reports still belong together.
    """
    kept = [each for each in desk.incidents.values() if each.merged_into is None]
    pool = {one.id: one for each in kept for one in each.reports} | desk.denials
    together = {frozenset(one.id for one in thread.reports)
                for thread in threads_of(pool.values(), hazards=desk.hazards, tables=desk.tables)}
    held = {each.id: frozenset(one.id for one in each.reports) for each in kept}
    assert together <= set(held.values())
    return {(held[each.id], each.status, each.hazard, each.phase, each.severity, each.certainty, each.origins,
             each.credibility, each.killed, each.consequences, each.claims, each.last_report_at) for each in kept
            if each.status is IncidentStatus.OPEN or held[each.id] in together}


@several
@given(told=news, data=st.data())
def test_order_of_arrival_does_not_matter(told: list[Any], data: st.DataObject, desks: Callable[[], Any]) -> None:
    """The same articles, whatever they tell, make the same incidents in whatever order they come."""
    straight, shuffled = desks(), desks()
    articles = articles_of(straight, told)
    for article in articles:
        straight.join(article, now=latest(articles))
    for at in data.draw(st.permutations(range(len(articles)))):
        shuffled.join(articles[at], now=latest(articles))
    assert standing(straight) == standing(shuffled)


@several
@given(told=news, data=st.data())
def test_the_batch_does_not_depend_on_the_order(told: list[Any], data: st.DataObject, desks: Callable[[], Any]) -> None:
    """The same lines in another order are given the same incidents."""
    desk = desks()
    articles = articles_of(desk, told)
    order = data.draw(st.permutations(range(len(articles))))
    told_of = [Told(article) for article in articles]
    straight = labels_of(told_of, hazards=desk.hazards, tables=desk.tables)
    shuffled = labels_of([told_of[at] for at in order], hazards=desk.hazards, tables=desk.tables)
    assert [straight[at] for at in order] == list(shuffled)


@several
@given(told=news)
def test_telling_it_all_again_changes_nothing(told: list[Any], desks: Callable[[], Any]) -> None:
    """Whoever reads every article twice learns nothing the second time."""
    desk = desks()
    articles = articles_of(desk, told)
    for article in articles:
        desk.join(article, now=latest(articles))
    before = dict(desk.incidents)
    for article in articles:
        desk.join(article, now=latest(articles))
    assert desk.incidents == before


@given(st.lists(st.dictionaries(st.sampled_from(WORDS), st.floats(0.1, 9), max_size=8), min_size=1, max_size=8))
def test_cosines_are_shares(terms: list[dict[str, float]]) -> None:
    """Similarity is in [0, 1] and the same both ways."""
    table = cosines(in_context([tuple(each.items()) for each in terms]))
    assert ((table >= 0) & (table <= 1)).all()
    assert np.allclose(table, table.T, atol=1e-6)


@given(st.text(), st.text())
def test_similarity_of_texts_is_a_share(one: str, other: str) -> None:
    """The share of shingles in common is in [0, 1], and 1 for a text and itself."""
    first, second = signature_of(one.split()), signature_of(other.split())
    assert 0 <= similarity(first, second) <= 1
    assert similarity(first, first) == (1 if first else 0)


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_every_position_is_in_one_group(size: int, random: object) -> None:
    """Linkage loses nobody and puts nobody twice."""
    table = np.zeros((size, size))
    for i in range(size):
        for j in range(i):
            table[i, j] = table[j, i] = random.random()  # type: ignore[attr-defined]
    groups = linked(table, 0.5, mean_share=0.6)
    assert sorted(at for group in groups for at in group) == list(range(size))
