"""Every route of the table, tried in every way that must be refused; made from the table, so that none is forgotten."""
from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from advisord.model import Listener, Role
from advisord.pipeline import Pipeline
from advisord.settings.folders import shipped
from advisord.store.store import Store
from advisord.web.app import HEADERS, app_of
from advisord.web.gate import Gate
from advisord.web.incidents import listed
from advisord.web.office import Office
from advisord.web.pages import Pages
from advisord.web.route import Proof, Route
from advisord.web.table import page_routes

# What stands for the variable parts of a path, where it must be something that there is
PARTS = {"incident": "ML-2024-0917-1", "path:path": "page.css", "person": "p-001"}


def nothing() -> Pipeline:
    """The table is made before any service runs."""
    raise AssertionError("a route asked for the service while the table was made")


def gate() -> Gate:
    """A gate in front of nothing, to make the table with."""
    office = Office(Store.open("sqlite://"), nothing, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    return Gate(office, Pages((shipped("templates"),)), Listener())


ROUTES = page_routes(gate())
IDS = [f"{route.method} {route.path}" for route in ROUTES]
EVERY = pytest.mark.parametrize("route", ROUTES, ids=IDS)
KEPT = [route for route in ROUTES if route.role is not None]
CHANGING = [route for route in ROUTES if route.changes]
TOKENED = [route for route in ROUTES if route.proof is Proof.TOKEN]
RANKED = [route for route in ROUTES if route.role in {Role.OFFICER, Role.ADMIN}]


def ids(routes: list[Route]) -> list[str]:
    """How tests name them."""
    return [f"{route.method} {route.path}" for route in routes]


@pytest.fixture(scope="module")
def office(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory, serve: Any) -> Iterator[Any]:
    """One desk for all of them, since nothing here may change it."""
    with serve(pipeline, tmp_path_factory.mktemp("routes")) as desk:
        desk.watch = sqlite3.connect(desk.file)
        with ExitStack() as logins:
            desk.browsers = {name: logins.enter_context(desk.client(name)) for name in ("vera", "omar", "ada")}
            yield desk
        desk.watch.close()


def path_of(route: Route) -> str:
    """The route's path with something in the place of its variable parts."""
    path = route.path
    while "{" in path:
        name = path[path.index("{") + 1:path.index("}")]
        path = path.replace("{" + name + "}", PARTS.get(name, "x"))
    return path


def asked(client: httpx.Client, route: Route, **options: Any) -> httpx.Response:
    """The answer to it, of a stream its beginning."""
    with client.stream(route.method, path_of(route), **options) as response:
        if "event-stream" not in response.headers.get("content-type", ""):
            response.read()
        return response


def changes_of(desk: Any) -> int:
    """A number that is another one after any other connection than this has changed the file."""
    return int(desk.watch.execute("PRAGMA data_version").fetchone()[0])


@pytest.mark.parametrize("route", KEPT, ids=ids(KEPT))
def test_nobody_sees_or_does_anything_without_a_login(office: Any, route: Route) -> None:
    """Whoever is not logged in is asked to, and nothing happens."""
    before = changes_of(office)
    with office.client() as client:
        response = asked(client, route)
        assert response.status_code == (401 if route.changes else 303) or "/login" in response.headers["location"]
        hacked = asked(client, route, headers={"Cookie": "advisord=made-up; advisord_visit=x"})
        assert hacked.status_code in {303, 401}
    assert changes_of(office) == before


@pytest.mark.parametrize("route", RANKED, ids=ids(RANKED))
def test_a_viewer_can_not_do_what_is_an_officers(office: Any, route: Route) -> None:
    """Whoever may only look is told so, with a token that is right, and nothing happens."""
    before = changes_of(office)
    client = office.browsers["vera"]
    assert asked(client, route, data={"token": office.token(client)}).status_code == 403
    assert changes_of(office) == before


@EVERY
@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
], ids=["origin", "null-origin", "cross-site", "same-site"])
def test_another_site_can_not_send_it(office: Any, route: Route, headers: dict[str, str]) -> None:
    """csrf-ack: what another site sends in my name changes nothing, with my login and even with a token of mine."""
    before = changes_of(office)
    client = office.browsers["ada"]
    data = {"data": {"token": office.token(client)}} if route.changes else {}
    response = asked(client, route, headers=headers, **data)
    if route.changes or "Sec-Fetch-Site" in headers:
        assert response.status_code == 403
    assert changes_of(office) == before


@pytest.mark.parametrize("route", TOKENED, ids=ids(TOKENED))
@pytest.mark.parametrize("how", ["missing", "empty", "made-up", "cut", "another's", "of-before"])
def test_a_form_without_its_own_token_does_nothing(office: Any, route: Route, how: str) -> None:
    """A token that is not there, was made up, or was given to somebody else is refused."""
    client, other = office.browsers["ada"], office.browsers["omar"]
    whole = office.token(client)
    tokens = {"missing": None, "empty": "", "made-up": "a.1726561800.b", "cut": whole[:-1],
              "another's": office.token(other), "of-before": whole.replace(".17", ".16")}
    before = changes_of(office)
    data = {} if tokens[how] is None else {"token": tokens[how]}
    assert asked(client, route, data=data).status_code == 403
    assert changes_of(office) == before


@pytest.mark.parametrize("route", TOKENED, ids=ids(TOKENED))
def test_a_form_sent_twice_does_nothing_the_second_time(office: Any, route: Route) -> None:
    """A double click, the back button or a captured request is refused."""
    with office.client("ada") as client:
        data = {"token": office.token(client)}
        first = asked(client, route, data=data)
        before = changes_of(office)
        assert asked(client, route, data=data).status_code in {401, 403}, first.status_code
        assert changes_of(office) == before


@EVERY
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_only_a_form_changes_anything(office: Any, route: Route, method: str) -> None:
    """prefetch-ack: whatever a scanner or a browser fetches of its own accord changes nothing, also as an admin."""
    before = changes_of(office)
    with office.browsers["ada"].stream(method, path_of(route)) as response:
        assert response.status_code != 500
        if method in {"PUT", "DELETE", "PATCH", "OPTIONS"}:
            assert response.status_code == 405
    assert changes_of(office) == before


@EVERY
def test_it_answers_only_under_its_own_name(office: Any, route: Route) -> None:
    """A name of somebody else's that was bent to this machine finds nothing."""
    assert asked(office.browsers["ada"], route, headers={"Host": "evil.example"}).status_code == 421


@EVERY
def test_every_answer_is_fenced(office: Any, route: Route) -> None:
    """No answer can be framed, guessed at, or made to run anything that did not come with the page."""
    response = asked(office.browsers["ada"], route)
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_nothing_is_served_that_is_not_in_the_table() -> None:
    """A page that is not a row of the table would have no checks, so there is no other way to serve one."""
    served = app_of(ROUTES, gate())
    assert [(route.path, route.methods) for route in served.routes] == [  # type: ignore[attr-defined]
        (route.path, {"GET", "HEAD"} if route.method == "GET" else {route.method}) for route in ROUTES]


@pytest.mark.parametrize("row", [
    Route("/x", listed, Role.OFFICER, "POST"), Route("/x", listed, Role.VIEWER, "GET", Proof.TOKEN),
    Route("/x", listed, Role.ADMIN, "DELETE", Proof.TOKEN),
], ids=["no-proof", "reading-with-a-token", "another-method"])
def test_a_new_route_without_a_check_is_not_served(row: Route) -> None:
    """A row that changes something without a proof stops the page, not somebody's night."""
    with pytest.raises(ValueError, match="/x"):
        app_of((row,), gate())


@pytest.mark.parametrize("headers", [
    {"Host": "["}, {"Host": "[::1"}, {"Host": ""}, {"Host": "127.0.0.1:x"}, {"Origin": "http://["}, {"Origin": "\xff"},
    {"Cookie": "advisord=\xff; advisord_visit=\xff"}, {"Accept-Language": "," * 5000}, {"Sec-Fetch-Site": "?"},
], ids=repr)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_garbage_is_no_fault_of_ours(office: Any, method: str, headers: dict[str, str]) -> None:
    """What no browser sends is refused or answered, and never a fault."""
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    with office.client() as client:
        assert client.request(method, "/login", headers=raw).status_code < 500


def test_what_is_open_to_everybody_is_known() -> None:
    """Without a login there are the login, the files it is made of, what monitoring asks, and nothing else."""
    assert {route.path for route in ROUTES if route.role is None} == {
        "/", "/login", "/logout", "/assets/{path:path}", "/healthz", "/readyz", "/metrics"}


def test_only_files_of_the_page_are_served(office: Any) -> None:
    """No path leads out of the folder of assets."""
    with office.client() as client:
        for path in ("/assets/../login.py", "/assets/%2e%2e/login.py", "/assets/vendor/../../app.py", "/assets/",
                     "/assets//etc/passwd", "/assets/vendor/vendored.tsv"):
            assert client.get(path).status_code == 404
        first = client.get("/assets/page.css")
        assert client.get("/assets/page.css", headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_form_that_is_too_much_is_refused(office: Any) -> None:
    """Nobody fills the memory of the service that sends alerts."""
    with office.client("ada") as client:
        assert client.post("/logout", content=b"a=" + b"x" * 200_000,
                           headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 413
        many = "&".join(f"a{number}=1" for number in range(3000))
        assert client.post("/logout", content=many,
                           headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 403


def test_a_page_behind_a_proxy_is_for_its_own_name(pipeline: Pipeline, tmp_path: Path, serve: Any) -> None:
    """With an https address the cookies are for https alone, and that name is answered."""
    with serve(pipeline, tmp_path, url="https://desk.example.org") as desk:
        answer = httpx.get(f"{desk.url}/login", headers={"Host": "desk.example.org"})
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-advisord_visit=")
        assert all(word in cookie for word in ("HttpOnly", "Path=/", "SameSite=strict", "Secure"))
        assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize(("named", "known"), [("omar", True), ("stranger", False), ("", False)])
def test_the_proxys_word_is_taken_from_its_address_alone(pipeline: Pipeline, tmp_path: Path, serve: Any, named: str, *,
                                                          known: bool) -> None:
    """Where a proxy says who somebody is I am in without a password; nobody else can say so."""
    access = replace(pipeline.settings.access, proxy_header="X-Remote-User", proxy_from=("127.0.0.1",))
    for trusted in (True, False):
        believed = replace(access, proxy_from=access.proxy_from if trusted else ("192.0.2.1",))
        with serve(replace(pipeline, settings=replace(pipeline.settings, access=believed)), tmp_path) as desk:
            answer = httpx.get(f"{desk.url}/incidents", headers={"X-Remote-User": named})
            assert (answer.status_code == 200) == (known and trusted)
