"""Logging in: who gets in, for how long, and what somebody finds who guesses."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from advisord.model import Role
from advisord.pipeline import Pipeline
from advisord.web.limits import MOST_KEYS, Limit
from advisord.web.passwords import hashed, is_password


def tried(desk: Any, client: httpx.Client, name: str, password: str, path: str = "") -> httpx.Response:
    """The answer to a login."""
    return client.post("/login", data={"name": name, "password": password, "next": path,
                                       "token": desk.token(client, "/login")})


def test_after_five_wrong_passwords_the_right_one_waits_too(desk: Any) -> None:
    """Who guesses is held up, and not told which of name and password was wrong; another's login goes on."""
    with desk.client() as client:
        answers = {tried(desk, client, name, "guess").text.partition('role="alert">')[2].partition("<")[0]
                   for name in ("omar", "nobody-of-that-name")}
        assert len(answers) == 1
        for _ in range(4):
            assert tried(desk, client, "omar", "guess").status_code == 403
        held = tried(desk, client, "omar", "a few plain words")
        assert held.status_code == 429
        assert 0 < int(held.headers["retry-after"]) <= 901
        assert tried(desk, client, "vera", "a few plain words").status_code == 303
    desk.clock[0] += timedelta(minutes=16)
    with desk.client() as client:
        assert tried(desk, client, "omar", "a few plain words").status_code == 303


@pytest.mark.parametrize(("path", "goes"), [
    ("/incidents/ML-2024-0917-1", "/incidents/ML-2024-0917-1"), ("//evil.example", "/"), ("https://evil.example", "/"),
    ("/\\evil.example", "/"), ("/login", "/"), ("", "/"), ("/a\r\nSet-Cookie: x=1", "/")])
def test_after_logging_in_i_am_where_i_wanted_to_be(desk: Any, path: str, goes: str) -> None:
    """A link to the page works after the login; one that leads elsewhere leads nowhere."""
    with desk.client() as client:
        assert tried(desk, client, "omar", "a few plain words", path).headers["location"] == goes


def test_a_login_ends_with_its_time_and_with_its_account(pipeline: Pipeline, tmp_path: Path, serve: Any) -> None:
    """After twelve hours, after another password or role, and when the account goes, I am asked again."""
    with serve(pipeline, tmp_path) as desk, desk.client("omar") as client:
        assert client.get("/incidents").status_code == 200
        desk.clock[0] += timedelta(hours=12)
        assert client.get("/incidents").status_code == 303
        desk.clock[0] -= timedelta(hours=12)
        assert client.get("/incidents").status_code == 200
        access = pipeline.settings.access
        for changed in (
            [replace(each, password=hashed("another password")) for each in access.accounts],
            [replace(each, role=Role.ADMIN) for each in access.accounts],
            [each for each in access.accounts if each.name != "omar"],
        ):
            live = replace(desk.live, settings=replace(pipeline.settings, access=replace(
                access, accounts=tuple(changed))))
            desk.pipelines[0] = live
            assert client.get("/incidents").status_code == 303
        desk.pipelines[0] = desk.live
        assert client.get("/incidents").status_code == 200


def test_without_accounts_the_page_says_how_to_make_one(pipeline: Pipeline, tmp_path: Path, serve: Any) -> None:
    """On a new installation I read what to do."""
    settings = replace(pipeline.settings, access=replace(pipeline.settings.access, accounts=()))
    with serve(replace(pipeline, settings=settings), tmp_path) as desk, desk.client() as client:
        assert "advisord user add" in client.get("/login").text


def test_a_hash_that_is_none_lets_nobody_in() -> None:
    """Neither a broken hash nor none at all is a password."""
    assert is_password("correct horse", hashed("correct horse"))
    assert not is_password("wrong horse", hashed("correct horse"))
    assert not is_password("", None)
    assert not is_password("x", "$argon2id$broken")


def test_a_limit_does_not_grow_without_end(desk: Any) -> None:
    """Somebody who tries under ever other names fills no memory."""
    limit, now = Limit(1, timedelta(minutes=15)), desk.clock[0]
    for number in range(MOST_KEYS + 10):
        limit.count(str(number), now)
    assert limit.wait_s(str(MOST_KEYS + 9), now) > 0
    assert limit.wait_s("0", now) == 0
