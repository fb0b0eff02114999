"""xss-operator: what a newsroom writes is text on the officer's page, whatever it looks like."""
from __future__ import annotations

from typing import Any

import pytest

SCRIPTS = {
    "xss-operator": "<script>alert(1)</script>", "xss-operator-img": "<img src=x onerror=alert(1)>",
    "xss-operator-attribute": '" onmouseover="alert(1)', "xss-operator-svg": "<svg/onload=alert(1)>",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_markup_in_the_news_is_shown_as_text(desk: Any, name: str) -> None:
    """A headline with a script in it is read as one, and the page's policy would run none."""
    text = f"Gunmen attacked a bank in Bamako {SCRIPTS[name]} and killed four people, police said."
    desk.publish(f"Gunmen attack a bank in Bamako {SCRIPTS[name]}", text)
    with desk.client("ada") as client:
        for incident in desk.store.incidents():
            answer = client.get(f"/incidents/{incident.id}")
            assert answer.status_code == 200
            assert SCRIPTS[name] not in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]
