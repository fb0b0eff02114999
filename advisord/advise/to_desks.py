"""Case × Exposures × History -> Verdicts about desks, which are told who was told and who will be."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from advisord.advise.ceilings import WAITING
from advisord.advise.firsts import First, first_to_desk
from advisord.advise.gating import may_concern
from advisord.advise.history import History
from advisord.advise.pacing import remind_at, reminder
from advisord.advise.recipients import People, by_desk
from advisord.advise.saying import say_of
from advisord.advise.telling import told_now
from advisord.advise.verdicts import SAME, Case, Verdict, Why, silent, withheld
from advisord.model import Exposure, Severity


def to_desks(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History], *,
              near: tuple[Exposure, ...], told: tuple[Verdict, ...]) -> Iterator[Verdict]:
    """One verdict a desk: those of whom it touches or may concern, and those that were told of it.

    `told` are the verdicts about people and systems.
    """
    touched, nearby = by_desk(exposures, case.people), by_desk(near, case.people)
    others = [recipient for recipient in histories if recipient.startswith("desk:")]
    for recipient in dict.fromkeys((*touched, *nearby, *others)):
        history = histories.get(recipient, History((), (), case.now))
        yield _to_desk(case, recipient, touched.get(recipient, ()), history, near=nearby.get(recipient, ()), told=told)


def _to_desk(case: Case, recipient: str, exposures: tuple[Exposure, ...], history: History, *,
             near: tuple[Exposure, ...], told: tuple[Verdict, ...]) -> Verdict:
    """One desk: everybody it answers for, also those whom the news concerns later or only perhaps."""
    concerned = tuple(each for each in near if may_concern(each))
    if case.incident.severity.rank < Severity.SEVERE.rank:
        concerned = ()
    first = First((), ()) if history.has_heard else first_to_desk(
        case.incident, exposures or concerned, recipient, case.around)
    if first.blocked:
        return withheld(case, recipient, exposures or concerned, first, history)
    again = remind_at(case.incident, exposures, history, case.people.rules)
    say = (say_of(case.incident, exposures if history.said else exposures or concerned, history)
           or reminder(exposures, history, case.people.rules, at=again, now=case.now))
    if say is None:
        verdict = silent(case, recipient, Why.UNCHANGED, exposures, SAME) if exposures or history.said else Verdict()
        return replace(verdict, review_at=again)
    say = replace(say, exposures=exposures, gates=(*say.gates, *first.gates))
    verdict = told_now(case, recipient, say, history, basis=exposures or concerned)
    own = tuple(each for each in told if _answers_for(case.people, recipient, each))
    later = {each.recipient: one.tells_at for one in own for each in one.decisions if one.tells_at is not None}
    held = _held(own)
    return replace(verdict, advisories=tuple(replace(
        each, near=near, told=tuple(name for name in _recipients(own) if name not in held), shadow=case.is_shadow,
        later=tuple(later.items()), travellers_at=min(later.values(), default=None), settling=_are_settling(own),
        ceiling=next(iter(held.values()), ""), held=tuple(held)) for each in verdict.advisories))


def _are_settling(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether all who are told later are so because too little is known yet, so that no message waits."""
    later = {each.verdict for one in verdicts for each in one.decisions if one.tells_at is not None}
    return later == {Why.SETTLING}


def _held(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    """Whom a ceiling holds back, each with the one that does."""
    waiting = {each.advisory_id for one in verdicts for each in one.admissions if each.stand == WAITING}
    return {each.recipient: next((gate.name for gate in each.gates if not gate.passed), "")
            for one in verdicts for each in one.decisions if each.advisory_id in waiting}


def _answers_for(people: People, desk: str, verdict: Verdict) -> bool:
    """Whether a verdict is about somebody whom that desk answers for; systems are everybody's."""
    return any(each.recipient.startswith("hook:") or desk in people.desks_of(each.recipient)
               for each in verdict.decisions)


def _recipients(verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    """Who is told, or in shadow would have been."""
    return tuple(each.recipient for one in verdicts for each in one.decisions
                 if each.verdict in {Why.TOLD, Why.HELD, Why.SHADOW, Why.SETTLING})
