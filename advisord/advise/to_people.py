"""Case × Exposures × History -> Verdicts about people and systems: who is told for the first time, again, or not."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from advisord.advise.firsts import First, first_of
from advisord.advise.gating import TRUSTED_FROM
from advisord.advise.history import ENDS, History
from advisord.advise.pacing import Settling, remind_at, reminder, rules_of, settling
from advisord.advise.recipients import by_hook, by_person
from advisord.advise.saying import Say, say_of
from advisord.advise.telling import told_now
from advisord.advise.timing import due_for
from advisord.advise.touched import touch_of
from advisord.advise.verdicts import SAME, Case, Verdict, Why, ids_of, rules_named, silent, withheld
from advisord.model import Exposure, Gate, Reason, Severity


def to_people(case: Case, exposures: tuple[Exposure, ...], histories: dict[str, History]) -> Iterator[Verdict]:
    """One verdict a person and system: whom it touches, and whoever was told of it."""
    touched = {**by_person(exposures), **by_hook(exposures, case.people)}
    others = [recipient for recipient in histories if not recipient.startswith("desk:")]
    for recipient in dict.fromkeys((*touched, *others)):
        history = histories.get(recipient, History((), (), case.now))
        yield _to_person(case, recipient, touched.get(recipient, ()), history)


def poorly_told(case: Case, exposures: tuple[Exposure, ...], reached: tuple[Exposure, ...],
                 histories: dict[str, History]) -> Iterator[Verdict]:
    """Whom only what poor sources add to the incident would touch."""
    decided = {*by_person(reached), *by_hook(reached, case.people), *histories}
    for recipient, own in {**by_person(exposures), **by_hook(exposures, case.people)}.items():
        if recipient not in decided:
            gate = Gate("source", passed=False, value="what touches them is told by poor sources alone",
                        threshold=f"{TRUSTED_FROM} or better, or official")
            yield silent(case, recipient, Why.POOR_SOURCE, own, (gate,))


def _to_person(case: Case, recipient: str, exposures: tuple[Exposure, ...], history: History) -> Verdict:
    """One person or system: only what has begun concerns them, and only from sources good enough to act on."""
    begun = exposures if recipient.startswith("hook:") else tuple(
        each for each in exposures if each.starts_at is None or each.starts_at <= case.now)
    if exposures and not begun and history.last is None:
        return silent(case, recipient, Why.LATER, exposures)
    first = First((), ()) if history.has_heard else first_of(
        case.incident, begun, recipient, case.people.rules, case.around)
    if first.blocked:
        return withheld(case, recipient, begun, first, history)
    again = remind_at(case.incident, begun, history, case.people.rules)
    say = (say_of(case.incident, begun, history)
           or reminder(begun, history, case.people.rules, at=again, now=case.now))
    if say is None:
        return replace(silent(case, recipient, Why.UNCHANGED, exposures, SAME), review_at=again)
    if not history.has_heard and say.reason in ENDS:
        return _unheard_end(case, recipient, say, history)
    if not history.has_heard:
        return _first(case, recipient, first, history)
    return told_now(case, recipient, say, history)


def _first(case: Case, recipient: str, first: First, history: History) -> Verdict:
    """Somebody who heard nothing yet and may be told: once enough is known."""
    wait = _settling(case, first.left)
    say = Say(Reason.FIRST, first.left, gates=(*first.gates, *wait.gates))
    if wait.until is not None:
        return replace(silent(case, recipient, Why.SETTLING, first.left, say.gates), review_at=wait.until,
                       tells_at=wait.until)
    return told_now(case, recipient, say, history)


def _settling(case: Case, exposures: tuple[Exposure, ...]) -> Settling:
    touch = touch_of(case.incident, exposures, History((), (), case.now), order=case.people.order,
                     rules=case.people.rules)
    return settling(case.incident, rules_of(exposures, case.people.rules), severity=touch.severity,
                    default=case.settle, now=case.now)


def _unheard_end(case: Case, recipient: str, say: Say, history: History) -> Verdict:
    """The end of what nobody told them yet.

    What waits for their morning or their digest alone makes one true message there: it happened, and this is how it
    stands. What was still in review or behind a ceiling, was stopped or was wrong is not said at all.
    """
    first = history.said[0]
    # Extreme breaks every night, so that this is the end of the review alone
    reviewed = due_for(rules_named(case, first.rule_ids), zone="UTC", severity=Severity.EXTREME, now=first.decided_at,
                       is_first=True, unconfirmed=first.unconfirmed).at
    waits = any(case.around.waiting.intersection(each.advisory_ids) for each in history.held)  # behind a ceiling
    if say.reason in {Reason.CANCELLED, Reason.MERGED} or not history.held or waits or reviewed > case.now:
        overtaken = silent(case, recipient, Why.OVERTAKEN, say.exposures)
        return replace(overtaken, superseded=ids_of(history.held))
    return told_now(case, recipient, replace(say, exposures=history.said[-1].exposures), history)
