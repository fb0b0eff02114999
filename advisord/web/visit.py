"""One request, once it has passed the gate: who asks, what they sent, and how to answer them."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from advisord.model import Account, Role
from advisord.web.office import Office
from advisord.web.pages import Pages, Reader


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that may be answered. `owner` is what its form tokens are bound to; `form` has each field's last value.

    `account` is null on the few pages that are for everybody.
    """

    office: Office
    pages: Pages
    request: Request
    reader: Reader
    account: Account | None
    owner: str
    token: Callable[[], str]
    form: Mapping[str, str]
    now: datetime
    body: bytes = b""

    @property
    def name(self) -> str:
        """The account's name, under which what is decided is kept."""
        return self.account.name if self.account else ""

    def part(self, name: str) -> str:
        """A part of the path, by its name in the route."""
        return str(self.request.path_params[name])

    def asked(self, name: str, default: str = "") -> str:
        """A value of the query, the last of its name."""
        return str(self.request.query_params.get(name, default))

    def may(self, role: str) -> bool:
        """Whether the account has at least that role."""
        return self.account is not None and self.account.role.rank >= Role(role).rank

    def page(self, template: str, status: int = 200, **facts: object) -> HTMLResponse:
        """A page of templates/web in the reader's language."""
        shown = self.pages.html(template, self.reader, {
            "visit": self, "account": self.account, "path": self.request.url.path, "now": self.now,
            "organisation": self.office.settings.organisation, "mode": self.office.settings.mode,
            "form_token": self.token, "may": self.may, **facts})
        return HTMLResponse(shown, status)

    def problem(self, status: int, key: str) -> HTMLResponse:
        """A page that says what went wrong, by its key in the words of problem.html.j2."""
        return self.page("problem.html.j2", status, problem=key, number=status)

    def to(self, path: str) -> Response:
        """Go and see that page: after something was changed, so that reloading changes nothing again."""
        return RedirectResponse(path, 303)
