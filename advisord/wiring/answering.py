"""Somebody answers, or does not: what is kept, and who is called because of it.

Its own module because an answer comes by link, webhook, page or command, and must do the same whichever way.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from advisord.advise.calls import Call, call_help, call_next
from advisord.advise.recipients import people_of
from advisord.model import Advisory, Answer, Delivery, Reason, Rule, Settings, Wellbeing
from advisord.store.answers import Unanswered
from advisord.store.store import Store

log = structlog.get_logger("advisord.answers")


@dataclass(frozen=True, slots=True)
class Desk:
    """What takes answers in: the store, and the configuration as it stands now."""

    store: Store
    settings: Settings

    def take(self, answer: Answer) -> bool:
        """Keep an answer; who needs help is told to the desk at once. False where it says what was said before."""
        incident = self.store.incident(answer.incident_id)
        if incident is None:
            return False
        advisories: tuple[Advisory, ...] = ()
        sent: tuple[Delivery, ...] = ()
        if answer.wellbeing is Wellbeing.HELP:
            exposures = self.store.exposures(incident.id)
            call = Call(incident, answer.person_id, Reason.NEED_HELP, answer.at)
            rules = tuple(dict.fromkeys(each.rule_id for each in exposures if each.person_id == answer.person_id))
            advisories, sent = call_help(call, people_of(self.settings), exposures, rule_ids=rules)
        kept = self.store.answers.keep(answer, exercise=incident.exercise, calls=advisories, sent=sent)
        if kept:
            log.info("answered", incident=incident.id, person=answer.person_id, answer=answer.wellbeing,
                     way=answer.way, calls=len(sent))
        return kept

    def chase(self, now: datetime) -> int:
        """Call the next contact for everybody who was told under a rule that escalates and is silent; how many."""
        rules = {each.id: each for each in self.settings.rules if each.escalate is not None}
        if not rules:
            return 0
        soonest = min(each.escalate.after for each in rules.values() if each.escalate is not None)
        called = 0
        for incident_id in self.store.answers.open_and_silent():
            silent = self.store.answers.unanswered(incident_id)
            # Most rounds find nobody whose time can have come, and need not read the incident
            if any(now >= one.since + soonest for one in silent):
                called += self._chase(incident_id, silent, rules, now)
        return called

    def _chase(self, incident_id: str, silent: Iterable[Unanswered], by_id: Mapping[str, Rule], now: datetime) -> int:
        incident = self.store.incident(incident_id)
        if incident is None:
            return 0
        exposures = self.store.exposures(incident.id)
        touched = {each.person_id: by_id[each.rule_id] for each in reversed(exposures) if each.rule_id in by_id}
        called = 0
        for one in silent:
            rule = touched.get(one.person_id)
            if rule is None or not _is_due(one, rule, now):
                continue
            call = Call(incident, one.person_id, Reason.NO_ANSWER, now, one.steps)
            advisories, sent = call_next(call, people_of(self.settings), exposures, rule=rule)
            if self.store.answers.keep_step(one, now, exercise=incident.exercise, calls=advisories, sent=sent):
                log.info("escalated", incident=incident.id, person=one.person_id, step=one.steps, calls=len(sent))
                called += len(sent)
        return called


def _is_due(one: Unanswered, rule: Rule, now: datetime) -> bool:
    """Whether the next contact's time has come, and there is one."""
    escalate = rule.escalate
    return escalate is not None and one.steps < len(escalate.to) and now >= one.since + (one.steps + 1) * escalate.after
