"""One incident's page: what was told in which words, who is touched and why, and the officer's word that ends it."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from advisord.cli.main import main
from advisord.model import IncidentStatus, Reason
from advisord.pipeline import Pipeline, review

INCIDENT = "ML-2024-0917-1"


def looked(desk: Any) -> None:
    """The service looks at what changed, and everything due is accepted."""
    while review(desk.live, desk.clock[0]):
        pass
    desk.deliver()


def send(client: httpx.Client, desk: Any, path: str, **data: str) -> httpx.Response:
    """What a form is answered with."""
    return client.post(f"/incidents/{INCIDENT}/{path}", data={**data, "token": desk.token(client)})


def reasons(desk: Any, reason: Reason) -> set[str]:
    """Who was told something for that reason."""
    return {each.recipient for each in desk.store.said_about(INCIDENT)[0] if each.reason is reason}


def shown(html: str) -> str:
    """The page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_the_words_stand_marked_where_they_were_read(desk: Any) -> None:
    """I see the article's own words, with those marked from which kind, place and figures were understood."""
    with desk.client("omar") as client:
        page = client.get(f"/incidents/{INCIDENT}").text
    marked = dict(re.findall(r'<mark title="([^"]+)">([^<]+)</mark>', page))
    assert marked["where"] == "Bamako"
    assert "three" in marked["killed"]
    assert "Gunmen attacked a police station in Bamako, the capital of Mali" in shown(page)
    assert "usually reliable" in page or "fairly reliable" in page or "cannot be judged" in page


def test_every_gate_of_whoever_is_touched_stands_there(desk: Any) -> None:
    """Each person who is touched shows the rule and every gate with what it found and asked."""
    exposure = desk.store.exposures(INCIDENT)[0]
    with desk.client("vera") as client:
        page = shown(client.get(f"/incidents/{INCIDENT}").text)
    for gate in exposure.gates:
        assert f"{gate.name} " in page
    assert exposure.rule_id in page


def test_why_is_what_the_command_says(desk: Any) -> None:
    """Why somebody was told, or not, stands there by every rule and place; nobody unknown can be asked about."""
    with desk.client("vera") as client:
        page = client.get(f"/incidents/{INCIDENT}/why", params={"who": "p-001"})
        assert page.status_code == 200
        for rule in desk.live.settings.rules:
            assert rule.id in page.text
        assert client.get(f"/incidents/{INCIDENT}/why", params={"who": "p-999"}).status_code == 404


def test_a_message_is_shown_as_it_was_sent(desk: Any) -> None:
    """What was sent can be read to the letter, from the incident it is about and from no other."""
    delivery = desk.store.deliveries(INCIDENT)[0]
    with desk.client("vera") as client:
        assert client.get(f"/incidents/{INCIDENT}/messages/{delivery.id}").status_code == 200
        assert client.get(f"/incidents/ML-2024-0917-9/messages/{delivery.id}").status_code == 404


def test_the_report_file_is_an_officers(desk: Any) -> None:
    """The duty-of-care file comes as a file, to officers alone."""
    with desk.client("omar") as client, desk.client("vera") as viewer:
        answer = client.get(f"/incidents/{INCIDENT}/report.html")
        assert "attachment" in answer.headers["content-disposition"]
        assert INCIDENT in answer.text
        assert client.get(f"/incidents/{INCIDENT}/report.json").json()["incident"]["id"] == INCIDENT
        assert client.get(f"/incidents/{INCIDENT}/report.exe").status_code == 404
        assert viewer.get(f"/incidents/{INCIDENT}/report.html").status_code == 403


@pytest.mark.parametrize(("path", "status", "reason"), [
    ("clear", IncidentStatus.CLEARED, Reason.CLEARED), ("cancel", IncidentStatus.CANCELLED, Reason.CANCELLED),
], ids=["all-clear", "cancel"])
def test_the_end_reaches_everybody_who_was_told(desk: Any, path: str, status: IncidentStatus, reason: Reason) -> None:
    """Everybody who was told reads the end in the same thread, once, with the reason; who said it is kept."""
    told = reasons(desk, Reason.FIRST)
    with desk.client("omar") as client:
        assert send(client, desk, path).status_code == 400
        assert send(client, desk, path, why="The governor confirmed it by telephone").status_code == 303
        looked(desk)
        assert desk.store.incident(INCIDENT).status is status
        assert reasons(desk, reason) == told
        assert send(client, desk, path, why="again").status_code == 409
        page = shown(client.get(f"/incidents/{INCIDENT}").text)
    looked(desk)
    ends = [each for each in desk.store.said_about(INCIDENT)[0] if each.reason is reason]
    assert len(ends) == len(told)
    assert "The governor confirmed it by telephone" in page
    assert [each.facts for each in desk.store.journal(INCIDENT) if each.kind == "ruled"] == [
        f'{{"by":"omar","status":"{status}"}}']
    threads = {each.recipient: {one.thread for one in desk.store.deliveries(INCIDENT)
                                if one.recipient == each.recipient and one.channel == each.channel}
               for each in desk.store.deliveries(INCIDENT)}
    assert all(len(each) == 1 for each in threads.values())
    assert not desk.store.verify_journal().faults


@pytest.mark.parametrize("path", ["clear", "cancel"])
def test_a_copy_of_old_news_does_not_begin_it_again(desk: Any, path: str) -> None:
    """After the officer's word, the same story printed once more is told to nobody."""
    with desk.client("omar") as client:
        send(client, desk, path, why="The governor confirmed it by telephone")
    looked(desk)
    before = len(desk.store.deliveries())
    desk.publish("Gunmen attack police station in Bamako",
                 "Gunmen attacked a police station in Bamako, the capital of Mali, this morning and killed three "
                 "officers, the police said.", feed="studio-tamani")
    looked(desk)
    assert len(desk.store.deliveries()) == before


def test_an_all_clear_does_not_hide_what_happens_next(desk: Any) -> None:
    """A new attack on the next day is a new incident, of which people are told."""
    with desk.client("omar") as client:
        send(client, desk, "clear", why="The area was searched")
    looked(desk)
    desk.clock[0] = desk.clock[0].replace(day=18, hour=15)
    desk.publish("Bomb explodes at market in Bamako",
                 "A bomb exploded at a market in Bamako, Mali, on Wednesday and killed nine people, the governor said.")
    assert len(desk.store.incidents(IncidentStatus.OPEN)) == 1


@pytest.fixture
def many(pipeline: Pipeline, tmp_path: Path, serve: Any) -> Iterator[Any]:
    """A desk in which two officers are needed to tell more than two people."""
    access = replace(pipeline.settings.access, two_people_above=2)
    with serve(replace(pipeline, settings=replace(pipeline.settings, access=access)), tmp_path) as desk:
        yield desk


def test_telling_many_that_it_is_over_needs_two(many: Any) -> None:
    """One officer asks, a second allows it; until then nobody reads of an end, and both are kept."""
    with many.client("omar") as client, many.client("odile") as second:
        assert send(client, many, "clear", why="The army holds the town").headers["location"] == "/approvals"
        looked(many)
        assert many.store.incident(INCIDENT).status is IncidentStatus.OPEN
        (asked,) = many.store.approvals.waiting(many.clock[0])
        answer = second.post(f"/approvals/{asked.id}/allow", data={"token": many.token(second)})
        assert answer.status_code == 303
    looked(many)
    assert many.store.incident(INCIDENT).status is IncidentStatus.CLEARED
    assert '"by":"omar and odile"' in next(
        each.facts for each in many.store.journal(INCIDENT) if each.kind == "ruled")


@pytest.mark.parametrize(("name", "status"), [("clear", "cleared"), ("cancel", "cancelled")])
def test_the_command_says_the_same(desk: Any, folder: Path, name: str, status: str) -> None:
    """`advisord clear` and `advisord cancel` end it once, and ask for a reason."""
    asked = [name, INCIDENT, "--config", str(folder), "--store", f"sqlite:///{desk.file}", "--by", "ada"]
    environ = {"ADVISORD_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    assert CliRunner(env=environ).invoke(main, [*asked, "--why", " "]).exit_code == 2
    done = CliRunner(env=environ).invoke(main, [*asked, "--why", "The army said so", "--at", "2024-09-17T09:00:00Z"])
    assert done.exit_code == 0, done.output
    assert f"{INCIDENT} is {status}; people who were told and now read so: 4" in done.output
    again = CliRunner(env=environ).invoke(main, [*asked, "--why", "again"])
    assert "is not open any more" in again.output
    assert again.exit_code == 1


def test_a_silence_keeps_name_reason_and_end(desk: Any) -> None:
    """The incident is silent for as long as I said; a length that is not offered, or no reason, is refused."""
    with desk.client("omar") as client:
        assert send(client, desk, "silence", span="1d").status_code == 400
        assert send(client, desk, "silence", span="9y", why="known").status_code == 404
        assert send(client, desk, "silence", span="1d", why="known to all").status_code == 303
    (kept,) = desk.store.silences(desk.clock[0])
    assert (kept.matcher.incidents, kept.author, kept.reason) == ((INCIDENT,), "omar", "known to all")
    assert (kept.until - kept.created_at).days == 1
    assert kept.mutes_extreme is False
