"""Logging in and out."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Semaphore

import structlog
from starlette.responses import RedirectResponse, Response

from advisord.web.gate import LOGIN, SESSION, Gate, stamp_of
from advisord.web.limits import Limit
from advisord.web.passwords import is_password
from advisord.web.route import Route, changes, reads
from advisord.web.visit import Visit

log = structlog.get_logger("advisord.web")

LASTS = timedelta(hours=12)
TRIES, TRIES_OF_ONE, WITHIN = 5, 20, timedelta(minutes=15)
AT_ONCE = 2  # each takes 64 MB for a moment


@dataclass(frozen=True, slots=True)
class Door:
    """Who is let in; remembers who tried too often."""

    gate: Gate
    by_name: Limit = field(default_factory=lambda: Limit(TRIES, WITHIN))
    by_address: Limit = field(default_factory=lambda: Limit(TRIES_OF_ONE, WITHIN))
    turns: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))

    def routes(self) -> tuple[Route, ...]:
        """The way in and the way out; asking for neither changes anything."""
        return (
            reads("/", home, None),
            reads(LOGIN, self.ask, None),
            changes(LOGIN, self.enter, None),
            changes("/logout", self.leave, None),
        )

    def ask(self, visit: Visit) -> Response:
        """The form."""
        if visit.account is not None:
            return visit.to(_local(visit.asked("next")))
        nobody = not visit.office.settings.access.accounts
        return visit.page("login.html.j2", next=_local(visit.asked("next")), name="", fault="nobody" if nobody else "")

    def enter(self, visit: Visit) -> Response:
        """Let somebody in who has the password, or say that it was not right and no more."""
        name = visit.form.get("name", "").strip()
        address = visit.request.client.host if visit.request.client else ""
        wait_s = max(self.by_name.wait_s(f"{address} {name}", visit.now), self.by_address.wait_s(address, visit.now))
        if wait_s:
            refused = self._refused(visit, "often", 429)
            refused.headers["Retry-After"] = str(wait_s)
            return refused
        account = next((one for one in visit.office.settings.access.accounts if one.name == name), None)
        with self.turns:
            is_right = is_password(visit.form.get("password", ""), account.password if account else None)
        if account is None or not is_right:
            self.by_name.count(f"{address} {name}", visit.now)
            self.by_address.count(address, visit.now)
            log.warning("login_refused", address=address)
            return self._refused(visit, "wrong", 403)
        self.by_name.forget(f"{address} {name}")
        token = visit.office.store.sessions.begin(account.name, stamp_of(account), visit.now, visit.now + LASTS)
        response = visit.to(_local(visit.form.get("next", "")))
        self.gate.keep(response, SESSION, token, int(LASTS.total_seconds()))
        log.info("login", account=account.name)
        return response

    def _refused(self, visit: Visit, fault: str, status: int) -> Response:
        return visit.page("login.html.j2", status, next=_local(visit.form.get("next", "")), fault=fault,
                          name=visit.form.get("name", ""))

    def leave(self, visit: Visit) -> Response:
        """End the login; its cookie opens nothing any more, wherever it was copied to."""
        token = visit.request.cookies.get(self.gate.cookie(SESSION))
        if token:
            visit.office.store.sessions.end(token)
        response = visit.to(LOGIN)
        response.delete_cookie(self.gate.cookie(SESSION), path="/", httponly=True, samesite="strict",
                               secure=self.gate.is_secure)
        return response


def home(visit: Visit) -> Response:
    """The first page there is."""
    return RedirectResponse("/incidents" if visit.account else LOGIN, 303)


def _local(path: str) -> str:
    """A path of ours, whatever a link said."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_local and not path.startswith(LOGIN) else "/"
