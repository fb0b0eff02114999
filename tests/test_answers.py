"""The whole way of an answer: news comes in, mail goes out, somebody answers on a phone, the desk is called."""
from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from advisord.cli.demo import SECRET, variables_of
from advisord.cli.demo_stage import Mail, Stage, free_port
from advisord.cli.main import main
from advisord.settings.story import Item
from advisord.store.store import Store

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE_S = 60.0


@dataclass
class Service:
    """A running `advisord run` and what it logged."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self, name: str) -> list[dict[str, object]]:
        """The log's events of that name so far."""
        lines = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
        return [line for line in lines if line["event"] == name]

    def wait_for(self, name: str, *, times: int = 1) -> dict[str, object]:
        """The event, once it came that often."""
        eventually(lambda: len(self.events(name)) >= times or self.process.poll() is not None)
        assert len(self.events(name)) >= times, self.log.read_text(encoding="utf-8")
        return self.events(name)[-1]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds, or fail."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)  # another process does the work


@contextmanager
def running(folder: Path, stage: Stage, *, log: str = "log") -> Iterator[Service]:
    """A service on that configuration, killed at the end if it still runs."""
    path = folder.parent / log
    words = [sys.executable, "-m", "advisord", "run", "--config", str(folder), "--log-format", "json", "--store",
             f"sqlite:///{folder.parent / 'service.db'}"]
    environ = {**os.environ, **variables_of(stage, datetime.now(UTC))}
    with path.open("wb") as lines, subprocess.Popen(words, env=environ, stderr=lines) as process:
        try:
            yield Service(process, path)
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped configuration, with answers."""
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    port = free_port()
    with (folder / "advisord.yaml").open("a", encoding="utf-8") as main_file:
        main_file.write(f"\npublic_url: http://127.0.0.1:{port}\nanswers: {{port: {port}}}\n")
    return folder


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Newsrooms with one item, and servers that receive."""
    item = Item("sahel-wire", datetime.now(UTC) - timedelta(hours=1), "Gunmen attack police station in Bamako",
                "Gunmen attacked a police station in Bamako, the capital of Mali, this morning and killed three "
                "officers, the police said.")
    with Stage((item,), lambda: datetime.now(UTC), SECRET) as stage:
        yield stage


def text_of(mail: Mail) -> str:
    """The plain part."""
    part = mail.message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt install chromium)")
def test_somebody_answers_from_a_phone(folder: Path, stage: Stage) -> None:
    """I tap "I need help" in the mail, press one button, and the desk has a mail with my number seconds later."""
    with running(folder, stage) as service:
        eventually(lambda: any(mail.recipient.startswith("jonas.weber") for mail in stage.received.mails))
        mine = next(mail for mail in stage.received.mails if mail.recipient.startswith("jonas.weber"))
        links = dict(zip(("safe", "help"), re.findall(r"http://127\.0\.0\.1:\d+/a/\S+", text_of(mine)), strict=True))
        assert not any("/a/" in text_of(mail) for mail in stage.received.mails if mail.recipient.startswith("duty"))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            phone = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True,
                                        java_script_enabled=False)
            page = phone.new_page()
            page.goto(links["help"])
            button = page.get_by_role("button", name="I need help")
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 48
            assert box["y"] + box["height"] <= 640  # reached without scrolling
            button.tap()
            page.get_by_role("heading", name="The desk has been called").wait_for()
            page.goto(links["safe"])
            page.get_by_role("button", name="I am safe").tap()
            page.get_by_role("heading", name="Thank you").wait_for()
            browser.close()
        eventually(lambda: any("BESOIN D’AIDE" in str(mail.message["Subject"]) for mail in stage.received.mails))
        call = next(mail for mail in stage.received.mails if "BESOIN" in str(mail.message["Subject"]))
        assert call.recipient.startswith("permanence.bamako")
        assert "+223 70 55 01 02" in text_of(call)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE_S) == 0
        assert service.events("stopped")


@pytest.mark.slow
def test_an_answer_in_a_drill_says_so_everywhere(folder: Path, stage: Stage, tmp_path: Path) -> None:
    """In a drill links are sent, answers counted, and every call marked as the exercise that it is."""
    environ = variables_of(stage, datetime.now(UTC))
    article = tmp_path / "article.txt"
    article.write_text("Gunmen attack police station in Bamako\nGunmen attacked a police station in Bamako, the "
                       "capital of Mali, early this morning and killed three officers, the police said.\n")
    config = ["--config", str(folder), "--store", f"sqlite:///{tmp_path / 'drill.db'}"]
    assert CliRunner().invoke(main, ["drill", str(article), "--now", *config], env=environ).exit_code == 0
    assert any("/a/s" in text_of(mail) for mail in stage.received.mails)
    with Store.open(f"sqlite:///{tmp_path / 'drill.db'}") as store:
        (incident,) = store.incidents()
    noted = CliRunner().invoke(main, ["answer", incident.id, "p-002", "help", "--by", "Amina", *config], env=environ)
    assert noted.output == "p-002: help, noted by Amina\n"
    again = CliRunner().invoke(main, ["answer", incident.id, "p-002", "help", "--by", "Amina", *config], env=environ)
    assert "nothing changed" in again.output
    shown = CliRunner().invoke(main, ["show", incident.id, *config], env=environ).output
    assert "1 need help" in shown
    assert "p-002: help (officer, noted by Amina)" in shown
    explained = CliRunner().invoke(main, ["explain", incident.id, "p-002", *config], env=environ).output
    assert "help (officer, noted by Amina)" in explained
    before = len(stage.received.mails)
    assert CliRunner().invoke(main, ["once", *config], env=environ).exit_code == 0
    calls = [mail for mail in stage.received.mails[before:] if "BESOIN" in str(mail.message["Subject"])]
    assert calls
    for call in calls:
        assert str(call.message["Subject"]).startswith("[EXERCICE]")
        assert all(line.startswith("[EXERCICE]") for line in text_of(call).splitlines() if line.strip())
    with Store.open(f"sqlite:///{tmp_path / 'drill.db'}") as store:
        assert [each.facts for each in store.journal(incident.id) if each.kind == "answered"] == [
            '{"answer":"help","by":"Amina","exercise":true,"recipient":"person:p-002","way":"officer"}']
