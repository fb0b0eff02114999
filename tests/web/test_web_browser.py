"""The page in a real Chromium, as an officer uses it: by keyboard, on a phone, and from two places at once."""
from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from advisord.pipeline import Pipeline

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt install chromium)")
PASSWORD = "a few plain words"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"  # axe-core 4.14.1, MPL-2.0


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, desk: Any) -> Iterator[Callable[..., Page]]:
    """Opens a page of somebody who has just logged in; what its policy forbids, or a script trips over, fails."""
    contexts, wrong = [], []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    def made(name: str, *, width: int = 1280, url: str = "", **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=url or desk.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto("/")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.locator("main button").click()
        page.wait_for_url("**/incidents")
        return page

    yield made
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_second_browser_sees_changes_live(opened: Callable[..., Page], desk: Any) -> None:
    """What comes in while two officers look is on both screens within two seconds, without a reload."""
    pages = [opened(name) for name in ("omar", "vera")]
    for page in pages:
        expect(page.locator("#incidents tbody tr")).to_have_count(1)
        page.evaluate("window.stayed = true")
    time.sleep(0.7)  # the stream's first look, after which it tells what differs
    desk.publish("Bomb explodes at market in Gao", "A bomb exploded at a market in Gao, Mali, on Tuesday and killed "
                 "five people, the governor said.")
    began = time.monotonic()
    for page in pages:
        expect(page.locator("#incidents tbody tr")).to_have_count(2, timeout=5000)
    assert time.monotonic() - began < 2
    assert all(page.evaluate("window.stayed") for page in pages)


def test_what_i_am_writing_is_not_thrown_away(opened: Callable[..., Page], pipeline: Pipeline, tmp_path: Path,
                                              serve: Any) -> None:
    """While I write a reason news comes in; my words stay, and the news is there once I have left the field."""
    rules = tuple(replace(rule, send_after=timedelta(minutes=15)) for rule in pipeline.settings.rules)
    (tmp_path / "held").mkdir()
    with serve(replace(pipeline, settings=replace(pipeline.settings, rules=rules)), tmp_path / "held") as held:
        page = opened("omar", url=held.url)
        page.goto("/incidents/ML-2024-0917-1")
        page.locator("#why").press_sequentially("the governor")
        time.sleep(0.7)  # the stream's first look
        held.publish("Ten killed in attack on Bamako police station", "Gunmen attacked a police station in Bamako, "
                     "Mali, on Tuesday morning and killed ten officers, the police said.", feed="radio-niger-river")
        time.sleep(1.5)  # long enough for the part to have been fetched, had it been
        expect(page.locator("#why")).to_have_value("the governor")
        assert page.locator("article").count() == 1
        page.locator("#why").blur()
        expect(page.locator("article")).to_have_count(2, timeout=5000)
        expect(page.locator("#why")).to_have_value("the governor")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#waits")).to_have_count(0)
        stopped = [each.last_error for each in held.store.deliveries() if each.last_error]
        assert "stopped by omar: the governor" in stopped
        page.context.close()


def test_everything_is_reached_by_keyboard(opened: Callable[..., Page]) -> None:
    """With no mouse: past the menu to the content, to an incident, and out again."""
    page = opened("omar")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    link = page.get_by_role("link", name="Armed attack")
    for _ in range(10):
        page.keyboard.press("Tab")
        if link.evaluate("each => each === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/ML-*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bamako")


@pytest.mark.parametrize("path", ["/incidents", "/incidents/ML-2024-0917-1"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(opened: Callable[..., Page], path: str, scheme: str) -> None:
    """At 360 pixels nothing sticks out to the side."""
    page = opened("odile", width=360, color_scheme=scheme, locale="fr-FR")
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(opened: Callable[..., Page], pages: tuple[str, ...], scheme: str) -> None:
    """Whoever can't see well, or at all, can use every page: contrast, names, order, landmarks."""
    page = opened("omar", color_scheme=scheme)
    faults = []
    for path in pages:
        if page.goto(path).headers.get("content-type", "").startswith("text/html"):  # type: ignore[union-attr]
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run()")
            faults += [f"{path} {each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]
                       if each["impact"] in {"serious", "critical"}]
    assert faults == []


def test_every_page_fits_a_phone(opened: Callable[..., Page], pages: tuple[str, ...]) -> None:
    """At 360 pixels nothing of any page sticks out to the side."""
    page = opened("odile", width=360, locale="fr-FR")
    wide = []
    for path in pages:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(path)
    assert wide == []


def test_xss_operator(opened: Callable[..., Page], desk: Any) -> None:
    """A headline with a script in it is text on my page and runs nowhere."""
    desk.publish("<script>window.ran = 1</script><img src=x onerror='window.ran=2'> Bomb kills five in Gao",
                 "A bomb exploded at a market in Gao, Mali, on Tuesday <script>window.ran=3</script> and killed five.")
    page = opened("omar")
    paths = [link.get_attribute("href") for link in page.locator("#incidents tbody a").all()]
    shown = []
    for path in paths:
        page.goto(str(path))
        assert page.evaluate("window.ran") is None
        assert page.locator("main script").count() == 0
        shown.append(page.locator("main").inner_text())
    assert any("window.ran" in text for text in shown)


def test_logging_out_ends_it_everywhere(opened: Callable[..., Page], desk: Any) -> None:
    """After logging out, the copied cookie opens nothing."""
    page = opened("omar")
    copied = {each["name"]: each["value"] for each in page.context.cookies()}
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    with desk.client() as client:
        client.cookies.update(copied)
        assert client.get("/incidents").status_code == 303
