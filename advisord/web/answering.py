"""What people see who answer from their phone, and what systems send: the only thing that is published.

No account, no cookie, no script. A link is opened by scanners and previews too, so that opening it says nothing; the
answer is the press of a button.
"""
from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.responses import PlainTextResponse, Response

from advisord.advise.answers import Links, Ticket
from advisord.advise.languages import reader_of
from advisord.advise.recipients import people_of
from advisord.deliver.webhook import signed
from advisord.errors import ChannelError, StoreError
from advisord.model import Advisory, Answer, Channel, Person, Wellbeing
from advisord.web.files import Files
from advisord.web.limits import Limit
from advisord.web.pages import Pages, Reader
from advisord.web.route import Proof, Route, reads
from advisord.web.visit import Visit
from advisord.wiring.answering import Desk

TOLERANCE = timedelta(minutes=5)  # Standard Webhooks: how old a signed request may be
REPEATS = timedelta(minutes=15)
PERSON = "person:"
KEY_PREFIX = "whsec_"
_SECONDS = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A link that holds: who answers what to which message."""

    ticket: Ticket
    advisory: Advisory
    person: Person


@dataclass(frozen=True, slots=True)
class Desks:
    """Takes answers in; remembers how often somebody tried."""

    links: Callable[[], Links | None]
    pages: Pages
    tries: Limit = field(default_factory=lambda: Limit(60, timedelta(minutes=1)))
    seen: Limit = field(default_factory=lambda: Limit(1, REPEATS))

    def routes(self, files: Files) -> tuple[Route, ...]:
        """All that is published."""
        return (
            reads("/a/{token}", self.ask, None),
            Route("/a/{token}", self.take, None, "POST", Proof.LINK),
            Route("/hook/{channel}", self.hear, None, "POST", Proof.SIGNATURE),
            reads("/assets/{path:path}", files.answer, None),
        )

    # -------------------------------------------------------------------------------------------------- people

    def ask(self, visit: Visit) -> Response:
        """What the link is about, and the button; says nothing to anybody."""
        refused = self._often(visit)
        asked = self._asked(visit)
        if refused or asked is None:
            return refused or self._gone(visit)
        given = visit.office.store.answers.latest(asked.advisory.incident.id).get(asked.person.id)
        is_given = given is not None and given.wellbeing is asked.ticket.wellbeing
        return self._page(visit, asked, given if is_given else None)

    def take(self, visit: Visit) -> Response:
        """Keep the answer; the desk is called where it is a call for help."""
        refused = self._often(visit)
        asked = self._asked(visit)
        if refused or asked is None:
            return refused or self._gone(visit)
        Desk(visit.office.store, visit.office.settings).take(Answer(
            asked.advisory.incident.id, asked.person.id, asked.ticket.wellbeing, visit.now, "link"))
        return visit.to(visit.request.url.path)

    def _asked(self, visit: Visit) -> Asked | None:
        """What the link stands for; null for one that is not ours, that is over, or that is about nobody any more."""
        links = self.links()
        ticket = links.read(visit.part("token")) if links else None
        if ticket is None or ticket.until <= visit.now:
            return None
        try:
            (advisory,) = visit.office.store.advisories([ticket.advisory_id])
        except StoreError:  # forgotten since, with all that was said of it
            return None
        people = {each.id: each for each in visit.office.settings.staff.people}
        person = people.get(advisory.recipient.removeprefix(PERSON))
        return Asked(ticket, advisory, person) if person and advisory.recipient.startswith(PERSON) else None

    def _page(self, visit: Visit, asked: Asked, given: Answer | None) -> Response:
        known = people_of(visit.office.settings)
        own = reader_of(asked.advisory.recipient, known, self.pages.languages)
        desk = own.desk.contact.phone if own.desk else None
        return self._shown(visit, Reader(own.language, own.zone), 200, asked=asked, given=given, phone=desk,
                           incident=asked.advisory.incident)

    def _gone(self, visit: Visit) -> Response:
        language = self.pages.language_for(None, visit.request.headers.get("accept-language", ""))
        return self._shown(visit, Reader(language, "UTC"), 404, asked=None, given=None, phone=None, incident=None)

    def _shown(self, visit: Visit, reader: Reader, status: int, **facts: object) -> Response:
        html = self.pages.html("answer.html.j2", reader, {
            "organisation": visit.office.settings.organisation, "path": visit.request.url.path, **facts})
        return Response(html, status, media_type="text/html; charset=utf-8")

    def _often(self, visit: Visit) -> Response | None:
        """Behind a proxy on this machine its word counts for who asks."""
        peer = visit.request.client.host if visit.request.client else ""
        passed = visit.request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        key = passed if passed and peer in {"127.0.0.1", "::1"} else peer
        wait_s = self.tries.wait_s(key, visit.now)
        if wait_s:
            return PlainTextResponse("Too often. Wait a minute.\n", 429, {"Retry-After": str(wait_s)})
        self.tries.count(key, visit.now)
        return None

    # ------------------------------------------------------------------------------------------------- systems

    def hear(self, visit: Visit) -> Response:
        """An answer that a system brings, signed with its channel's secret (Standard Webhooks)."""
        channel = next((each for each in visit.office.settings.channels
                        if each.id == visit.part("channel") and each.kind == "webhook"), None)
        name = visit.request.headers.get("webhook-id", "")
        if channel is None or not is_signed(channel, visit.request.headers, visit.body, visit.now):
            return PlainTextResponse("Not signed by a channel of ours.\n", 401)
        answer = _said(visit.body, channel, visit.now)
        if answer is None:
            return PlainTextResponse("Not an answer: docs/answers.md says how one is written.\n", 400)
        if self.seen.wait_s(f"{channel.id} {name}", visit.now):
            return Response(status_code=204)  # a repeat of what was taken
        if answer.person_id not in {each.id for each in visit.office.settings.staff.people} \
                or visit.office.store.incident(answer.incident_id) is None:
            return PlainTextResponse("No such incident or person.\n", 404)
        Desk(visit.office.store, visit.office.settings).take(answer)
        self.seen.count(f"{channel.id} {name}", visit.now)
        return Response(status_code=204)


def is_signed(channel: Channel, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the channel's secret signed exactly this, a short while ago."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if "secret" not in channel.secrets or not name or "." in name or not _SECONDS.fullmatch(at):
        return False
    signed_at = datetime.fromtimestamp(int(at), UTC)
    if abs(signed_at - now) > TOLERANCE:
        return False
    try:
        key = base64.b64decode(channel.secrets["secret"].removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ChannelError):
        return False
    wanted = dict(signed((key,), name, signed_at, body))[b"webhook-signature"].decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(each.encode(), wanted.encode()) for each in given)


def _said(body: bytes, channel: Channel, now: datetime) -> Answer | None:
    """{"type": "person.safe" or "person.help", "data": {"incident": …, "person": …}}; null for anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    data = value.get("data") if isinstance(value, dict) else None
    words = {"person.safe": Wellbeing.SAFE, "person.help": Wellbeing.HELP}
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(data, dict) or not isinstance(kind, str) or kind not in words:
        return None
    incident, person = data.get("incident"), data.get("person")
    if not isinstance(incident, str) or not isinstance(person, str):
        return None
    return Answer(incident, person, words[kind], now, "webhook", channel.id)
