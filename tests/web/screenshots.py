"""Pictures of every page, light and dark, wide and narrow: `make screenshots`; they go to var/screenshots.

Served as in the tests, with the Bamako story told and answers asked for. To be looked at by people, and not kept.
"""
from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

OUT = Path(__file__).resolve().parents[2] / "var" / "screenshots"


def test_pictures(asking: object, pages: tuple[str, ...]) -> None:
    """One of each."""
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for who, width, scheme, locale in (("omar", 1280, "light", "en-GB"), ("odile", 360, "dark", "fr-FR")):
            context = browser.new_context(viewport={"width": width, "height": 800}, locale=locale,
                                          base_url=getattr(asking, "url", ""), color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto("/login")
            page.screenshot(path=OUT / f"login-{width}-{scheme}.png")
            page.fill("#name", who)
            page.fill("#password", "a few plain words")
            page.click("main button")
            page.wait_for_url("**/incidents")
            for path in pages:
                page.goto(path)
                page.wait_for_timeout(800)
                page.screenshot(path=OUT / f"{path.strip('/').replace('/', '-')}-{width}-{scheme}.png", full_page=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", "-p", "no:randomly", "-n", "0"]))
