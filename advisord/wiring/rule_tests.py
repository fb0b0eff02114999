"""Rule tests -> passed, or how what would be told differs from what was expected, and why.

Its own module because it is where an expectation meets a rehearsal; the command only prints what is found here.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from advisord.extract.where import precision_of
from advisord.match.explain import explain
from advisord.model import (
    Analysis,
    Article,
    Evidence,
    Feed,
    Gate,
    Incident,
    Mention,
    Report,
    Urgency,
)
from advisord.pipeline import why_held
from advisord.settings.rule_tests import UNNAMED, Account, Expected, RuleTest, RuleTests, Step
from advisord.wiring.rehearsal import Kit, Message, Rehearsal


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise than expected; `where` is `file:line`, `because` what led to it."""

    where: str
    words: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How one test ended; without differences it passed."""

    test: RuleTest
    differences: tuple[Difference, ...]


def results_of(tests: RuleTests, kit: Kit) -> Iterator[Result]:
    """The result of each test, in the order written; each begins with nothing known."""
    for test in tests.tests:
        with Rehearsal(tests.settings, kit) as rehearsal:
            yield Result(test, tuple(_differences(rehearsal, test)))


@dataclass(frozen=True, slots=True)
class _News:
    """What a step puts into the store."""

    articles: tuple[Article, ...]
    feeds: tuple[Feed, ...]
    known: dict[str, Analysis]


def _differences(rehearsal: Rehearsal, test: RuleTest) -> Iterator[Difference]:
    for number, step in enumerate(test.steps, 1):
        news = _news_of(step, number)
        if news.articles:
            rehearsal.live_till(step.at)
        messages = rehearsal.tell(news.articles, news.feeds, step.at, news.known)
        case = _Case(rehearsal, step, news, messages)
        yield from case.differences()


# ------------------------------------------------------------------------------------------------------------ news


def _news_of(step: Step, number: int) -> _News:
    """The step's articles: one an origin for what is told as reports, and the texts as they are."""
    articles: list[Article] = []
    feeds: list[Feed] = []
    known: dict[str, Analysis] = {}
    for origin in range(step.source.origins if step.accounts else 0):
        feed = Feed(f"report-{number}-{origin}", url="", reliability=step.source.reliability,
                    official=step.source.official)
        article = Article(feed.id, _one_word(step), feed_id=feed.id, published=step.at, seen_at=step.at,
                          fingerprint=feed.id)
        feeds.append(feed)
        articles.append(article)
        known[article.id] = Analysis("en", (), tuple(_report(each) for each in step.accounts))
    for at, text in enumerate(step.texts):
        name = f"article-{number}-{at}"
        feed = replace(UNNAMED, id=name) if text.feed is UNNAMED else text.feed
        feeds.append(feed)
        articles.append(Article(name, text.text, text.title, feed_id=feed.id, published=text.published,
                                seen_at=step.at, language=text.language, country=text.country, fingerprint=name))
    return _News(tuple(articles), tuple(feeds), known)


def _one_word(step: Step) -> str:
    """What all origins of a step write: telling enough to be one story, too short to be taken for one copied."""
    return "".join(each for account in step.accounts for each in (account.hazard + str(account.place))
                   if each.isalnum())


def _report(account: Account) -> Report:
    place = account.place
    mention = Mention("text", 0, 0, place.name or "", place) if place else None
    precision, uncertainty_km = precision_of(mention)
    return Report(
        hazard=account.hazard, phase=account.phase, severity=account.severity, urgency=Urgency.IMMEDIATE,
        certainty=account.certainty, place=mention, precision=precision, uncertainty_km=uncertainty_km,
        evidence=(Evidence("text", 0, 0, "hazard"),))


# ------------------------------------------------------------------------------------------------------- comparing


@dataclass(frozen=True, slots=True)
class _Case:
    """One step with what came of it."""

    rehearsal: Rehearsal
    step: Step
    news: _News
    messages: tuple[Message, ...]

    def differences(self) -> Iterator[Difference]:
        """What is otherwise than expected: first who lacks a message, then who has one too many."""
        for expected in self.step.told:
            yield from self._of_told(expected)
        for expected in self.step.not_told:
            yield from self._of_silent(expected.who, expected.where)
        if self.step.others:
            named = {each.who for each in self.step.told}
            for who in dict.fromkeys(each.recipient for each in self.messages):
                if who.startswith("person:") and who not in named:
                    yield from self._of_silent(who, self.step.others)

    def _of_told(self, expected: Expected) -> Iterator[Difference]:
        own = [each for each in self.messages if each.recipient == expected.who]
        if not own:
            yield Difference(expected.where, f"{_named(expected.who)} is not told, and should be",
                             tuple(self._why_silent(expected.who)))
            return
        closest = min((tuple(_mismatches(expected, each)) for each in own), key=len)
        for words in closest:
            yield Difference(expected.where, f"{_named(expected.who)}: {words}")

    def _of_silent(self, who: str, where: str) -> Iterator[Difference]:
        for message in self.messages:
            if message.recipient == who:
                advisory = message.advisory
                yield Difference(
                    where, f"{_named(who)} is told, and should not be",
                    (f"{advisory.template} by {', '.join(message.channels)}, rules {', '.join(advisory.rule_ids)}",
                     *(f"{each.rule_id}: {each.via}" + (f", {each.distance_km:.1f} km" if each.distance_km else "")
                       for each in advisory.exposures)))

    def _why_silent(self, who: str) -> Iterator[str]:
        incidents = self.rehearsal.incidents()
        held = [why for each in self.news.articles
                if (why := why_held(each, self.step.at, self.rehearsal.freshness)) is not None]
        if held:
            yield f"the article is held: {', '.join(dict.fromkeys(held))}"
        elif not incidents:
            yield "nothing that happens now was understood from it"
        for incident in incidents:
            yield f"known: {_incident_words(incident)}"
            decisions = self.rehearsal.store.decisions(incident.id, who)
            for decision in decisions[-1:]:
                yield f"decided {decision.at:%Y-%m-%d %H:%M} UTC: {decision.verdict}"
                yield from (_gate_words(gate) for gate in decision.gates if not gate.passed)
            if not decisions:
                yield from self._nearest_miss(incident, who, self.step.at)

    def _nearest_miss(self, incident: Incident, who: str, now: datetime) -> Iterator[str]:
        """The rule and place that come closest, with the gates that stop them."""
        kind, _, name = who.partition(":")
        if kind != "person":
            return
        ways = explain(incident, name, rules=self.rehearsal.settings.rules, staff=self.rehearsal.staff,
                       hazards=self.rehearsal.kit.hazards, now=now)
        for way in ways[:1]:
            place = f" and {way.location.label}" if way.location else ""
            yield f"closest: rule {way.rule_id}{place}"
            yield from (_gate_words(gate) for gate in way.gates if not gate.passed)


def _mismatches(expected: Expected, message: Message) -> Iterator[str]:
    advisory = message.advisory
    if expected.rules and set(expected.rules) != set(advisory.rule_ids):
        yield f"rule is {_list(advisory.rule_ids)}, expected {_list(expected.rules)}"
    if expected.advise and expected.advise != advisory.template:
        yield f"advise is {advisory.template}, expected {expected.advise}"
    if expected.via and set(expected.via) != set(message.channels):
        yield f"via is {_list(message.channels)}, expected {_list(expected.via)}"
    if expected.severity and expected.severity is not advisory.severity:
        yield f"severity is {advisory.severity}, expected {expected.severity}"
    if expected.reason and expected.reason is not advisory.reason:
        yield f"reason is {advisory.reason}, expected {expected.reason}"
    if expected.held is not None and expected.held != message.held:
        yield (f"held_minutes is {message.held.total_seconds() / 60:g}, "
               f"expected {expected.held.total_seconds() / 60:g}")


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _named(recipient: str) -> str:
    return recipient.removeprefix("person:")


def _gate_words(gate: Gate) -> str:
    return f"  {gate.name}: {gate.value} (asked: {gate.threshold})"


def _incident_words(incident: Incident) -> str:
    where = f"{incident.place.name}, {incident.place.country}" if incident.place else "nobody knows where"
    followed = "".join(f"; {each.hazard} {each.phase}" for each in incident.consequences)
    return (f"{incident.hazard} {incident.phase}, {incident.severity}, {where}{followed} "
            f"(credibility {incident.credibility}, {incident.status})")
