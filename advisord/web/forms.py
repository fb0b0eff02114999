"""Tokens of forms: bound to one browser's login, good once, and made by this process alone.

Once, so that a form sent twice (a double click, the back button, a captured request) does nothing twice. Those of a
process that has ended are refused; the page fetches itself anew and has fresh ones.
"""
from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes, token_urlsafe
from threading import Lock

GOOD_FOR = timedelta(hours=12)
NONCE_BYTES = 16


class Forms:
    """Makes tokens and spends them; safe to use from many threads."""

    def __init__(self) -> None:
        """With a key that nobody else ever knows."""
        self._key = token_bytes(32)
        self._spent: dict[str, datetime] = {}
        self._lock = Lock()

    def token(self, owner: str, now: datetime) -> str:
        """A new token for whoever holds `owner`, which is secret."""
        head = f"{token_urlsafe(NONCE_BYTES)}.{int(now.timestamp())}"
        return f"{head}.{self._seal(owner, head)}"

    def tokens(self, owner: str, now: datetime) -> Callable[[], str]:
        """What makes tokens for them."""
        return lambda: self.token(owner, now)

    def spend(self, token: str, owner: str, now: datetime) -> bool:
        """Whether it is theirs, still good, and not spent yet; it then is."""
        head, _, seal = token.rpartition(".")
        if not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(owner, head).encode()):
            return False
        nonce, _, made = head.partition(".")
        made_at = datetime.fromtimestamp(int(made), now.tzinfo)  # a number: the seal is ours
        if not made_at - timedelta(minutes=1) <= now <= made_at + GOOD_FOR:
            return False
        with self._lock:
            if nonce in self._spent:
                return False
            self._spent = {one: until for one, until in self._spent.items() if until > now}
            self._spent[nonce] = made_at + GOOD_FOR + timedelta(minutes=1)
        return True

    def _seal(self, owner: str, head: str) -> str:
        return hmac.new(self._key, f"{owner}\n{head}".encode("utf-8", "replace"), sha256).hexdigest()
