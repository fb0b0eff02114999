"""Answers from people: links, buttons, webhooks, the officer's note, the head count, and who is called."""
from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from advisord.advise.answers import Links
from advisord.advise.render import Renderer
from advisord.model import Answer, DeliveryState, Outcome, Reason, Severity, Wellbeing
from advisord.settings.folders import shipped
from advisord.wiring.answering import Desk

INCIDENT = "ML-2024-0917-1"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def link(desk: Any, person: str, wellbeing: Wellbeing = Wellbeing.SAFE) -> str:
    """The link in the message that this person got."""
    said, _ = desk.store.said_about(INCIDENT)
    advisory = next(each for each in said if each.recipient == f"person:{person}")
    return str(desk.links.to(advisory, wellbeing))


def said(desk: Any) -> list[tuple[str, str, str, str | None]]:
    """What was answered so far."""
    return [(each.person_id, str(each.wellbeing), each.way, each.by) for each in desk.store.answers.of(INCIDENT)]


def calls(desk: Any, reason: Reason) -> list[tuple[str, str | None]]:
    """To whom calls went, and about whom."""
    told, _ = desk.store.said_about(INCIDENT)
    return [(each.recipient, each.about) for each in told if each.reason is reason]


@pytest.mark.parametrize(("person", "language", "button"), [
    ("p-001", "fr", "Je suis en sécurité"), ("p-002", "en", "I am safe")], ids=["french", "english"])
def test_opening_says_nothing_and_the_button_does(asking: Any, person: str, language: str, button: str) -> None:
    """prefetch-ack: a scanner that opens the link changes nothing; I press the button and the desk knows."""
    url = link(asking, person)
    for _ in range(3):
        page = httpx.get(url, headers={"Sec-Fetch-Site": "none", "Accept-Language": "es"})
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert button in page.text
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers
    assert httpx.head(url).status_code == 200
    assert said(asking) == []
    assert httpx.post(url, headers={"Origin": asking.answers}).status_code == 303
    assert said(asking) == [(person, "safe", "link", None)]
    after = httpx.get(url)
    assert button not in after.text.partition("<h1>")[2].partition("</h1>")[0]
    assert "<button" not in after.text
    assert httpx.post(url).status_code == 303
    assert len(said(asking)) == 1


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_csrf_ack(asking: Any, headers: dict[str, str]) -> None:
    """csrf-ack: another site can not press the button, even where it knows the link."""
    assert httpx.post(link(asking, "p-001"), headers=headers).status_code == 403
    assert said(asking) == []


def test_a_link_is_for_one_answer_and_ends(asking: Any) -> None:
    """Whoever changes a letter of it, or the answer, or comes after its time, changes nothing."""
    url = link(asking, "p-001")
    head, _, token = url.rpartition("/")
    for wrong in ("h" + token[1:], token[:-2] + "AA", token.replace("ML-2024", "ML-2025"), token + "x", "x", ".", "..",
                  "%00", "s1.x.y", token[:1] + "f" + token[1:]):
        assert httpx.post(f"{head}/{wrong}").status_code == 404, wrong
        assert httpx.get(f"{head}/{wrong}").status_code == 404, wrong
    asking.clock[0] += timedelta(days=8)
    assert httpx.get(url).status_code == 404
    assert httpx.post(url).status_code == 404
    assert said(asking) == []
    with_other_key = Links(asking.answers, b"x" * 32, timedelta(days=7))
    told, _ = asking.store.said_about(INCIDENT)
    assert httpx.post(with_other_key.to(told[0], Wellbeing.SAFE)).status_code == 404


def test_nothing_but_answers_is_published(asking: Any) -> None:
    """The page, its files and its login are not on the listener that the world can reach."""
    for path in ("/", "/incidents", "/login", "/events", "/assets/page.css", "/assets/live.js", "/a/", "/hook/",
                 "/assets/vendor/htmx.min.js", "/docs", "/openapi.json"):
        assert httpx.get(f"{asking.answers}{path}").status_code in {404, 405}, path
    assert httpx.get(f"{asking.answers}/assets/answer.css").status_code == 200
    assert httpx.get(link(asking, "p-001"), headers={"Host": "evil.example"}).status_code == 421


def test_too_many_tries_have_to_wait(asking: Any) -> None:
    """Guessing is slow; who the proxy says it is for is counted, not the proxy."""
    url = f"{asking.answers}/a/s1.guess.guess"
    mine = {"X-Forwarded-For": "203.0.113.9"}
    assert [httpx.get(url, headers=mine).status_code for _ in range(61)][-1] == 429
    assert httpx.get(url, headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 404


def test_need_help_reaches_the_desk_at_once_by_every_way(asking: Any) -> None:
    """Each desk that answers for me is called by every channel for desks, now and first of all; it is journalled."""
    assert httpx.post(link(asking, "p-003", Wellbeing.HELP)).status_code == 303
    assert calls(asking, Reason.NEED_HELP) == [("desk:bamako", "p-003")]
    (call,) = asking.store.lease(asking.clock[0], 1, 60.0)
    assert (call.channel, call.recipient, call.due_at) == ("duty-desk", "desk:bamako", asking.clock[0])
    told = asking.store.advisories(call.advisory_ids)
    wording = Renderer((shipped("templates"),)).wording(
        told, delivery=call, staff=asking.live.settings.staff, settings=asking.live.settings,
        channel=next(each for each in asking.live.settings.channels if each.id == "duty-desk"), now=asking.clock[0])
    assert wording.subject.startswith("[BESOIN D’AIDE] Aïssata Diarra")
    assert "+223 70 55 01 03" in wording.text
    assert json.loads(wording.payload)["type"] == "desk.need_help"
    assert json.loads(wording.payload)["data"]["advisory"]["about"] == "p-003"
    kinds = [each.kind for each in asking.store.journal(INCIDENT)]
    assert kinds[-2:] == ["answered", "decided"]
    assert asking.store.verify_journal().faults == ()


def test_a_call_is_no_news_to_the_desk(asking: Any) -> None:
    """After a call for help the desk is told the next change of the incident as it would have been without it."""
    httpx.post(link(asking, "p-001", Wellbeing.HELP))
    asking.deliver()
    asking.clock[0] += timedelta(minutes=10)
    before = len(asking.store.said_about(INCIDENT)[0])
    asking.publish("Ten killed in attack on Bamako police station", "Gunmen attacked a police station in Bamako, Mali, "
                   "on Tuesday morning and killed ten officers, the police said.", feed="radio-niger-river")
    news = [each for each in asking.store.said_about(INCIDENT)[0][before:] if each.recipient.startswith("desk:")]
    assert news
    assert all(each.reason is not Reason.FIRST for each in news)


def test_the_head_count_adds_up(asking: Any) -> None:
    """Safe, in need of help, silent, not reached: everybody who was told is in one of them."""
    count = asking.store.answers.headcount(INCIDENT)
    assert set(count.silent) == {"p-001", "p-002", "p-003", "p-004"}
    httpx.post(link(asking, "p-001"))
    httpx.post(link(asking, "p-002", Wellbeing.HELP))
    count = asking.store.answers.headcount(INCIDENT)
    assert (count.safe, count.help, set(count.silent)) == (("p-001",), ("p-002",), {"p-003", "p-004"})
    httpx.post(link(asking, "p-002"))
    assert asking.store.answers.headcount(INCIDENT).help == ()
    with asking.client("vera") as client:
        page = client.get(f"/incidents/{INCIDENT}/headcount")
        assert "Aïssata Diarra" in page.text
        assert 'name="said"' not in page.text


def test_one_who_could_not_be_reached_is_counted_so(pipeline: Any, tmp_path: Any, serve: Any) -> None:
    """A message that the mail server refused reached nobody."""
    with serve(pipeline, tmp_path) as desk:
        desk.publish("Bomb explodes at market in Gao", "A bomb exploded at a market in Gao, Mali, on Tuesday and "
                     "killed five people, the governor said.")
        for delivery in desk.store.lease(desk.clock[0] + timedelta(hours=1), 100, 60.0):
            desk.store.record(delivery, Outcome(DeliveryState.REFUSED, "550 no such user"), desk.clock[0], None)
        count = desk.store.answers.headcount("ML-2024-0917-2")
        assert count.unreached
        assert not count.silent


def test_the_officer_notes_what_was_said_by_phone(asking: Any) -> None:
    """It counts like an answer, and stands there as the officer's word."""
    with asking.client("omar") as client:
        answer = client.post(f"/incidents/{INCIDENT}/answers/p-004", data={
            "token": asking.token(client), "said": "safe"})
        assert answer.status_code == 303
        assert "noted by: omar" in client.get(f"/incidents/{INCIDENT}/headcount").text
        assert client.post(f"/incidents/{INCIDENT}/answers/p-004", data={
            "token": asking.token(client), "said": "dead"}).status_code == 404
    assert said(asking) == [("p-004", "safe", "officer", "omar")]


def test_silence_goes_to_the_next_contact(asking: Any) -> None:
    """After half an hour my desk is called about me, after an hour the next; not again, and not once I answered."""
    desk = Desk(asking.store, asking.live.settings)
    assert desk.chase(asking.clock[0] + timedelta(minutes=29)) == 0
    httpx.post(link(asking, "p-001"))
    later = asking.clock[0] + timedelta(minutes=31)
    assert desk.chase(later) > 0
    assert desk.chase(later) == 0
    first = calls(asking, Reason.NO_ANSWER)
    assert {about for _, about in first} == {"p-002", "p-003", "p-004"}
    assert all(recipient.startswith("desk:") for recipient, _ in first)
    asking.clock[0] = later
    httpx.post(link(asking, "p-002"))
    assert desk.chase(later + timedelta(minutes=30)) > 0
    second = [each for each in calls(asking, Reason.NO_ANSWER) if each not in first]
    assert set(second) == {("person:p-009", "p-003"), ("person:p-009", "p-004")}
    assert desk.chase(later + timedelta(days=1)) == 0
    assert "p-009" not in str(asking.store.answers.headcount(INCIDENT))


def posted(desk: Any, body: dict[str, Any], *, secret: str = SECRET, name: str = "msg_1",
           at: datetime | None = None) -> int:
    """What a system's signed answer is answered with."""
    text, at = json.dumps(body), at or desk.clock[0]
    headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp())),
               "webhook-signature": Webhook(secret).sign(name, at.astimezone(UTC), text)}
    return httpx.post(f"{desk.answers}/hook/operations", content=text, headers=headers).status_code


def test_a_system_answers_by_a_signed_post(asking: Any) -> None:
    """Signed with the channel's secret it counts once; unsigned, old, repeated or about nobody it changes nothing."""
    body = {"type": "person.safe", "data": {"incident": INCIDENT, "person": "p-002"}}
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert posted(asking, body, secret=other) == 401
    assert posted(asking, body, at=asking.clock[0] - timedelta(minutes=6)) == 401
    assert httpx.post(f"{asking.answers}/hook/operations", json=body).status_code == 401
    assert httpx.post(f"{asking.answers}/hook/email", json=body).status_code == 401
    assert posted(asking, {"type": "person.gone", "data": {}}) == 400
    assert posted(asking, {"type": "person.safe", "data": {"incident": INCIDENT, "person": "nobody"}}) == 404
    assert said(asking) == []
    assert posted(asking, body, name="msg_2") == 204
    assert posted(asking, {**body, "type": "person.help"}, name="msg_2") == 204
    assert said(asking) == [("p-002", "safe", "webhook", "operations")]


def test_export_and_erasure_know_answers(asking: Any) -> None:
    """What I answered is in what I am shown of myself, and goes when I am erased."""
    httpx.post(link(asking, "p-001", Wellbeing.HELP))
    assert asking.store.held_about("p-001")["answers"][0]["wellbeing"] == "help"
    asking.store.erase("p-001", asking.clock[0], ("Mariam Coulibaly",))
    assert asking.store.answers.of(INCIDENT) == ()
    said, _ = asking.store.said_about(INCIDENT)
    assert not [each for each in said if each.about == "p-001"]
    assert asking.store.verify_journal().faults == ()


def test_a_desk_without_a_channel_of_its_own_is_called_by_mail(pipeline: Any, tmp_path: Any, serve: Any) -> None:
    """Where no channel speaks to desks, a call for help still goes out, by any mail that reaches one."""
    channels = tuple(each for each in pipeline.settings.channels if each.audience == "person")
    settings = replace(pipeline.settings, channels=channels)
    with serve(replace(pipeline, settings=settings), tmp_path) as desk:
        Desk(desk.store, settings).take(Answer(INCIDENT, "p-008", Wellbeing.HELP, desk.clock[0], "officer", "omar"))
        (call,) = [each for each in desk.store.deliveries(INCIDENT) if each.created_at == desk.clock[0]
                   and each.recipient.startswith("desk:") and each.severity is Severity.EXTREME]
        assert (call.channel, call.recipient) == ("email", "desk:geneva")
