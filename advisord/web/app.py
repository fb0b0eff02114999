"""The table of routes -> one ASGI application; nothing is served that is not a row of it.

Answers are made in threads, since they read the store; only the live stream waits in the loop.
"""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qsl

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as ServedRoute

from advisord.errors import AdvisordError
from advisord.web.gate import VISIT, VISIT_LASTS_S, Gate
from advisord.web.route import Route
from advisord.web.visit import Visit

log = structlog.get_logger("advisord.web")

LONGEST_BODY = 128 * 1024  # bytes of a form
MOST_FIELDS = 1000
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer, under which browsers send `Origin: null` with a form
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
Handler = Callable[[Request], Awaitable[Response]]


def app_of(routes: Sequence[Route], gate: Gate) -> Starlette:
    """The application; ValueError for a row that can't be served."""
    for route in routes:
        if route.fault:
            raise ValueError(route.fault)
    served = [ServedRoute(route.path, _handler(route, gate), methods=[route.method]) for route in routes]
    return Starlette(routes=served, exception_handlers={HTTPException: _no_such, Exception: _failed})


def _handler(route: Route, gate: Gate) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _guarded(PlainTextResponse("That is too much.\n", 413), gate)
        return await run_in_threadpool(_answered, route, gate, request, body)

    return handle


async def _body(request: Request) -> bytes | None:
    """What was sent, null where it is more than any form of ours."""
    body = bytearray()
    async for some in request.stream():
        body += some
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)


def _form(request: Request, body: bytes) -> Mapping[str, str]:
    """The fields of a form, the last of each name; empty where there is none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _answered(route: Route, gate: Gate, request: Request, body: bytes) -> Response:
    greeting = gate.greet(request)
    if greeting is not None:  # its tokens must fit the cookie that goes with them
        request.cookies[gate.cookie(VISIT)] = greeting
    try:
        visit = gate.opened(route, request, _form(request, body), body)
        response = route.answer(visit) if isinstance(visit, Visit) else visit
    except AdvisordError as error:
        log.error("page_failed", path=route.path, error=str(error))  # noqa: TRY400
        response = PlainTextResponse("The service can't answer this at the moment. Alerts go on.\n", 503)
    if greeting is not None and not route.path.startswith("/assets/"):
        gate.keep(response, VISIT, greeting, VISIT_LASTS_S)
    return _guarded(response, gate)


def _guarded(response: Response, gate: Gate) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if gate.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


async def _no_such(request: Request, error: Exception) -> Response:
    """Nothing is there, or not by that method; said in a plain line to whomever."""
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("There is no such page.\n", status, HEADERS)


async def _failed(request: Request, error: Exception) -> Response:
    """A fault of ours costs this answer, and nothing else of the service."""
    log.error("page_failed", path=request.scope.get("path", ""), error=type(error).__name__, exc_info=error)
    return PlainTextResponse("The page has a fault; it is in the log. Alerts go on.\n", 500, HEADERS)
