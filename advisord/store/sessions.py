"""Who is logged in: kept by the digest of what the browser holds, so that a copy of the store lets nobody in."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import select

from advisord.store.database import Database
from advisord.store.tables import instant, micros, sessions

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """One login; `stamp` is of the account as it then was."""

    account: str
    stamp: str
    begun_at: datetime
    until: datetime


class Sessions:
    """Logins; each method is one transaction. Raises StoreError and nothing else."""

    def __init__(self, database: Database) -> None:
        """On an open database."""
        self._database = database

    def begin(self, account: str, stamp: str, now: datetime, until: datetime) -> str:
        """Begin a login; the token is for the browser and kept nowhere. Logins that are over go."""
        token = token_urlsafe(TOKEN_BYTES)
        with self._database.write() as connection:
            connection.execute(sessions.delete().where(sessions.c.until <= micros(now)))
            connection.execute(sessions.insert().values(token=_digest(token), account=account, stamp=stamp,
                                                        begun_at=micros(now), until=micros(until)))
        return token

    def of(self, token: str, now: datetime) -> Session | None:
        """The login of that token while it lasts."""
        with self._database.read() as connection:
            row = connection.execute(select(sessions).where(
                sessions.c.token == _digest(token), sessions.c.until > micros(now))).one_or_none()
        return None if row is None else Session(row.account, row.stamp, instant(row.begun_at), instant(row.until))

    def end(self, token: str) -> None:
        """End it; its token opens nothing any more."""
        with self._database.write() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == _digest(token)))


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
