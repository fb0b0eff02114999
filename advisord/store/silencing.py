"""Silences in the store: kept when given, ended early or by themselves, never thrown away while anybody may ask.

Its own module because they are the officer's word and not the program's: written by a command beside the daemon, which
sees them at its next review.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from advisord.errors import StoreError
from advisord.model import Silence
from advisord.store.journal import Entry
from advisord.store.nouns import Nouns, digest, from_json, to_json
from advisord.store.reading import count_up, is_new
from advisord.store.tables import micros, silences

COUNTER = "silences"


class Silences:
    """Rows of silences, within the caller's transaction."""

    def __init__(self, nouns: Nouns) -> None:
        """With the adapters to share."""
        self._nouns = nouns

    def add(self, connection: Connection, silence: Silence) -> Silence:
        """Keep a new one under the next number, which it then bears as its id."""
        kept = replace(silence, id=f"s{count_up(connection, COUNTER, 1)}")
        is_new(connection, silences, id=kept.id, until=micros(kept.until), ended_at=None,
               data=to_json(self._nouns.silence, kept))
        return kept

    def end(self, connection: Connection, silence_id: str, now: datetime, *, by: str, why: str) -> Silence:
        """End one that holds; StoreError where there is none of that id, or it is over."""
        row = connection.execute(select(silences.c.data).where(silences.c.id == silence_id).with_for_update())
        data = row.scalar_one_or_none()
        if data is None:
            raise StoreError(f"silence '{silence_id}' is not there")
        found = from_json(self._nouns.silence, data, f"silence '{silence_id}'")
        if found.ended_at is not None or found.until <= now:
            raise StoreError(f"silence '{silence_id}' is over since {found.ended_at or found.until:%Y-%m-%d %H:%M} UTC")
        ended = replace(found, ended_at=now, ended_by=by, ended_why=why or None)
        connection.execute(silences.update().where(silences.c.id == silence_id).values(
            ended_at=micros(now), data=to_json(self._nouns.silence, ended)))
        return ended

    def holding(self, connection: Connection, now: datetime) -> tuple[Silence, ...]:
        """Those that hold now, the oldest first."""
        wanted = select(silences.c.data).where(silences.c.until > micros(now), silences.c.ended_at.is_(None))
        found = [from_json(self._nouns.silence, data, "a silence") for data in connection.execute(wanted).scalars()]
        return tuple(sorted(found, key=_number))

    def all(self, connection: Connection) -> tuple[Silence, ...]:
        """Every one that was ever given, the oldest first."""
        found = [from_json(self._nouns.silence, data, "a silence")
                 for data in connection.execute(select(silences.c.data)).scalars()]
        return tuple(sorted(found, key=_number))

    def entry(self, silence: Silence) -> Entry:
        """What the journal says of it: who gave or ended it, and what it mutes by ids and codes.

        The digest is of all that was written, so that a reason changed afterwards can be told.
        """
        matcher = silence.matcher
        facts: dict[str, object] = {
            "silence": silence.id, "by": silence.ended_by or silence.author, "until": silence.until.isoformat(),
            "extreme": silence.mutes_extreme,
            "incidents": list(matcher.incidents), "hazards": list(matcher.hazards), "rules": list(matcher.rules),
            "countries": list(matcher.countries), "recipients": list(matcher.recipients),
            "place": matcher.place.id if matcher.place else None,
            "words": digest(to_json(self._nouns.silence, silence).encode())}
        kind = "silenced" if silence.ended_at is None else "unsilenced"
        return Entry(kind, facts, matcher.incidents[0] if len(matcher.incidents) == 1 else None)


def about_person(connection: Connection, nouns: Nouns, recipient: str, words: Sequence[str]) -> list[Silence]:
    """The silences that are for a person, or in which a word of theirs stands."""
    rows = connection.execute(select(silences.c.data)).scalars()
    found = (from_json(nouns.silence, data, "a silence") for data in rows)
    return sorted((each for each in found if recipient in each.matcher.recipients or any(
        word in text for word in words for text in _written(each))), key=_number)


def _written(silence: Silence) -> tuple[str, ...]:
    return silence.author, silence.reason, silence.ended_by or "", silence.ended_why or ""


def forget_person(connection: Connection, nouns: Nouns, recipient: str, words: Sequence[str], gone: str) -> int:
    """Take a person out of every silence; one that was for them alone goes, for without them it would be for all."""
    about = about_person(connection, nouns, recipient, words)
    for each in about:
        others = tuple(one for one in each.matcher.recipients if one != recipient)
        if each.matcher.recipients and not others:
            connection.execute(silences.delete().where(silences.c.id == each.id))
            continue
        texts = [_cleaned(text, words, gone) for text in _written(each)]
        kept = replace(each, matcher=replace(each.matcher, recipients=others), author=texts[0], reason=texts[1],
                       ended_by=texts[2] or None, ended_why=texts[3] or None)
        connection.execute(silences.update().where(silences.c.id == each.id).values(
            data=to_json(nouns.silence, kept)))
    return len(about)


def _cleaned(text: str, words: Sequence[str], gone: str) -> str:
    for word in words:
        text = text.replace(word, gone)
    return text


def _number(silence: Silence) -> tuple[int, str]:
    digits = silence.id.removeprefix("s")
    return int(digits) if digits.isdecimal() else 0, silence.id
