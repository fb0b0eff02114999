"""What every request passes before a page answers it: name of the host, origin, login, role, token.

Nothing here knows a page. What it refuses it answers itself, and says no more than whoever asks may know.
"""
from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from advisord.model import Account, Listener
from advisord.settings.addresses import is_address
from advisord.web.forms import Forms
from advisord.web.office import Office
from advisord.web.pages import Pages, Reader
from advisord.web.route import Proof, Route
from advisord.web.visit import Visit

LOGIN = "/login"
SESSION, VISIT = "advisord", "advisord_visit"
FIELD = "token"
VISIT_LASTS_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Gate:
    """The checks, with what they remember."""

    office: Office
    pages: Pages
    listener: Listener
    forms: Forms = field(default_factory=Forms)
    has_logins: bool = True

    def opened(self, route: Route, request: Request, form: Mapping[str, str], body: bytes) -> Visit | Response:
        """The visit where the request passes every check; else the answer that refuses it."""
        if not self.is_ours(request):
            return PlainTextResponse("This is not served under that name.\n", 421)
        if self.is_foreign(request, changes=route.changes and route.proof is not Proof.SIGNATURE):
            return PlainTextResponse("Refused: this came from another site.\n", 403)
        visit = self.visit_of(request, form, body)
        if route.role is not None:
            if visit.account is None:
                return _to_login(visit, route)
            if not visit.may(route.role):
                return visit.problem(403, "role")
        if route.proof is Proof.TOKEN and not self.forms.spend(form.get(FIELD, ""), visit.owner, visit.now):
            return visit.problem(403, "token")
        return visit

    def visit_of(self, request: Request, form: Mapping[str, str], body: bytes = b"") -> Visit:
        """Who asks, by login or by the proxy's word."""
        now = self.office.now()
        account = self._account(request)
        language = self.pages.language_for(account, request.headers.get("accept-language", ""))
        owner = self._owner(request, account)
        return Visit(
            office=self.office, pages=self.pages, request=request, account=account, owner=owner, form=form, now=now,
            body=body,
            reader=Reader(language, account.timezone if account else "UTC"), token=self.forms.tokens(owner, now))

    def _account(self, request: Request) -> Account | None:
        if not self.has_logins:
            return None
        access = self.office.settings.access
        accounts = {one.name: one for one in access.accounts}
        if access.proxy_header and request.client and request.client.host in access.proxy_from:
            named = request.headers.get(access.proxy_header)
            if named is not None:
                return accounts.get(named)
        token = request.cookies.get(self.cookie(SESSION))
        session = self.office.store.sessions.of(token, self.office.now()) if token else None
        account = accounts.get(session.account) if session else None
        if session is None or account is None or not hmac.compare_digest(session.stamp, stamp_of(account)):
            return None
        return account

    def _owner(self, request: Request, account: Account | None) -> str:
        """What tokens are bound to: this browser, and the login that it has."""
        visit = request.cookies.get(self.cookie(VISIT), "")
        login = request.cookies.get(self.cookie(SESSION), "") if account else ""
        return f"{visit}\n{login}\n{account.name if account else ''}"

    def is_ours(self, request: Request) -> bool:
        """Whether it was sent to a name of ours: a page on loopback must not answer for a name that was bent to it."""
        host = request.headers.get("host", "")
        name = _name_in(f"//{host}")
        if self.listener.url is not None and host == urlsplit(self.listener.url).netloc:
            return True
        return name == "localhost" or is_address(name)  # a bent name is never an address

    def is_foreign(self, request: Request, *, changes: bool) -> bool:
        """Whether another site sent it. Following a link hither is fine, so long as it changes nothing."""
        site = request.headers.get("sec-fetch-site", "none")
        if site not in {"same-origin", "none"} and (changes or request.headers.get("sec-fetch-mode") != "navigate"):
            return True
        origin = request.headers.get("origin")
        ours = {request.headers.get("host"), urlsplit(self.listener.url or "").netloc}
        return changes and origin is not None and _host_in(origin) not in ours - {""}

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https."""
        return (self.listener.url or "").startswith("https:")

    def cookie(self, name: str) -> str:
        """The cookie's name: over https one that no other site of the domain can set."""
        return f"__Host-{name}" if self.is_secure else name

    def keep(self, response: Response, name: str, value: str, lasts_s: int) -> None:
        """Give the browser a cookie that scripts can't read and other sites can't send."""
        response.set_cookie(self.cookie(name), value, max_age=lasts_s, path="/", httponly=True, samesite="strict",
                            secure=self.is_secure)

    def greet(self, request: Request) -> str | None:
        """The visit's cookie for a browser that has none yet."""
        return None if not self.has_logins or request.cookies.get(self.cookie(VISIT)) else token_urlsafe(24)


def _name_in(url: str) -> str:
    """The name of the host in what anybody may have written; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _host_in(url: str) -> str:
    """The same with its port."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def stamp_of(account: Account) -> str:
    """A digest of what a login rests on: it ends with another password, and with another role."""
    return sha256(f"{account.name}\n{account.role}\n{account.password}".encode()).hexdigest()


def _to_login(visit: Visit, route: Route) -> Response:
    """A person who follows a link is asked to log in and comes back; a script is told."""
    wanted = visit.request.url.path + (f"?{visit.request.url.query}" if visit.request.url.query else "")
    if visit.request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": LOGIN})
    if route.changes or visit.request.headers.get("accept") == "text/event-stream":
        return visit.problem(401, "login")
    return RedirectResponse(f"{LOGIN}?next={quote(wanted, safe='/')}", 303)
