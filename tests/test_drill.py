"""`advisord drill`: an article through everything, with EXERCISE on every message and in every record."""
from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Stage
from advisord.cli.main import main
from advisord.model import Article, FeedState
from advisord.pipeline import read, why_held
from advisord.settings.story import Item
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop

ROOT = Path(__file__).resolve().parents[1]
TITLE = "Gunmen attack police station in Bamako"
TEXT = ("Gunmen attacked a police station in Bamako, the capital of Mali, early this morning and killed three "
        "officers, the police said.")


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A mail server and a webhook receiver; the newsroom's item is the same story, and real."""
    item = Item("sahel-wire", datetime.now(UTC) - timedelta(hours=1), TITLE, TEXT)
    with Stage((item,), lambda: datetime.now(UTC), SECRET) as stage:
        yield stage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


@pytest.fixture
def environ(stage: Stage) -> dict[str, str]:
    """What the configuration takes from the environment."""
    return variables_of(stage, datetime.now(UTC))


def run(folder: Path, environ: dict[str, str], *words: str) -> Result:
    """A command on the configuration and a store beside it."""
    config = ["--config", str(folder), "--store", f"sqlite:///{folder.parent / 'drill.db'}"]
    return CliRunner().invoke(main, [*words, *config], env=environ)


def file_of(tmp_path: Path, text: str = f"{TITLE}\n{TEXT}\n") -> str:
    """The article on disk."""
    file = tmp_path / "article.txt"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.slow
def test_every_message_of_a_drill_says_so(folder: Path, environ: dict[str, str], stage: Stage, tmp_path: Path) -> None:
    """People, desk and systems get it as they would the real thing, each line and record marked."""
    result = run(folder, environ, "drill", file_of(tmp_path), "--now")
    assert result.exit_code == 0, result.output
    assert "EXERCISE ML-" in result.output
    assert "person:p-001 by email: accepted" in result.output
    assert {mail.recipient for mail in stage.received.mails} >= {
        "mariam.coulibaly@joliba-relief.example.org", "permanence.bamako@joliba-relief.example.org"}
    for mail in stage.received.mails:
        subject = str(mail.message["Subject"])
        assert subject.startswith(("[EXERCISE]", "[EXERCICE]")), subject
        part = mail.message.get_body(("plain",))
        assert part is not None
        assert "EXERCI" in part.get_content().splitlines()[0]
    assert stage.received.hooks
    for hook in stage.received.hooks:
        assert hook.verified
        assert '"exercise": true' in json.dumps(hook.body)
    with Store.open(f"sqlite:///{folder.parent / 'drill.db'}") as store:
        (incident,) = store.incidents()
        said, _ = store.said_about(incident.id)
        assert incident.exercise
        assert all(each.exercise for each in incident.reports)
        assert said
        assert all(each.incident.exercise for each in said)


@pytest.mark.slow
def test_a_drill_and_the_same_real_news_stay_apart(folder: Path, environ: dict[str, str], stage: Stage,
                                                   tmp_path: Path) -> None:
    """The real thing that comes while a drill runs is told in its own thread, as if there were no drill."""
    assert run(folder, environ, "drill", file_of(tmp_path), "--now").exit_code == 0
    drilled = len(stage.received.mails)
    once = run(folder, environ, "once")
    assert once.exit_code == 0, once.output
    real = stage.received.mails[drilled:]
    assert real
    assert not [mail for mail in real if "EXERCI" in str(mail.message["Subject"])]
    with Store.open(f"sqlite:///{folder.parent / 'drill.db'}") as store:
        assert sorted(each.exercise for each in store.incidents()) == [False, True]
        assert all(each.origins == 1 for each in store.incidents())


@pytest.mark.slow
def test_a_second_drill_in_the_same_words_says_why_it_is_silent(folder: Path, environ: dict[str, str],
                                                                tmp_path: Path) -> None:
    """Held again at once, it joins the first and nobody is told twice; I am told that, and the status is 1."""
    assert run(folder, environ, "drill", file_of(tmp_path), "--now").exit_code == 0
    again = run(folder, environ, "drill", file_of(tmp_path), "--now")
    assert again.exit_code == 1
    assert "nobody had to be told anything that was not told in the drill before" in again.output


@pytest.mark.slow
def test_the_service_finds_a_drill_put_into_its_store(folder: Path, environ: dict[str, str], stage: Stage,
                                                      tmp_path: Path) -> None:
    """Without --now the next round of the service reads and delivers it, from JSON as from text."""
    article = tmp_path / "article.json"
    article.write_text(json.dumps({"title": TITLE, "text": TEXT, "published": "2024-09-17T06:00:00Z"}, indent=1),
                       encoding="utf-8")
    put = run(folder, environ, "drill", str(article))
    assert put.exit_code == 0, put.output
    assert "2024-09-17 06:00 UTC is taken as now" in put.output
    assert not stage.received.mails
    assert run(folder, environ, "once").exit_code == 0
    assert [mail for mail in stage.received.mails if str(mail.message["Subject"]).startswith("[EXERCISE]")]


@pytest.mark.parametrize(("text", "words"), [
    ("The orchestra plays tonight\nIn Bamako.", "nothing that happens now was understood from it"),
    ('{"title": "a"}', "has no 'text'"), ("\n \n", "holds no text"), ("x" * 1_000_001, "is larger than 1 MB"),
], ids=["harmless", "no-article", "empty", "too-large"])
def test_what_cannot_be_drilled_is_told(folder: Path, environ: dict[str, str], tmp_path: Path, text: str,
                                        words: str) -> None:
    """A file that alerts nobody says so, and the status is not 0."""
    result = run(folder, environ, "drill", file_of(tmp_path, text), "--now")
    assert result.exit_code != 0
    assert words in result.output


def test_an_exercise_of_somebody_else_reaches_nobody(folder: Path, environ: dict[str, str]) -> None:
    """cap-exercise: what a source marks as its own drill is read, kept, and never told; nor by an id like ours."""
    now = datetime.now(UTC)
    workshop = Workshop(folder, environ=environ, store_url="sqlite://")
    pipeline = workshop.pipeline()
    theirs = Article("a", TEXT, TITLE, feed_id="sahel-wire", published=now, seen_at=now, fingerprint="a", exercise=True)
    for article in (theirs, replace(theirs, id="b", feed_id="drill", fingerprint="b")):
        assert why_held(article, now, pipeline.fresh) == "exercise"
        pipeline.store.save_poll(FeedState(article.feed_id, last_attempt_at=now), (article,))
    assert read(pipeline, now) == 2
    assert pipeline.store.incidents_with("a") + pipeline.store.incidents_with("b") == ()
    workshop.close()
