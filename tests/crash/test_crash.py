"""Killed at any instant, the service loses nothing and says nothing under two keys; the long run is `make crash`."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = Path(__file__).with_name("crash.py")


def account(*options: str) -> dict[str, int]:
    """What the crash run counted; its own words where something was wrong."""
    done = subprocess.run([sys.executable, str(CRASH), *options], capture_output=True, text=True, timeout=280,
                          check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifty_kills() -> None:
    """Fifty kills, one at each named point and the rest at random: nothing lost, no second key, few repeats."""
    told = account("--random", "16", "--each-point", "1", "--seed", "7")
    assert told["kills"] >= 50
    assert told["points"] >= 25
    assert told["lost"] == told["new_keys"] == 0
    assert told["received"] > told["published"]
    assert told["repeats"] <= told["in_flight"]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", [
    pytest.param("mail accepted", id="kill-after-2xx-mail"), pytest.param("webhook answered", id="kill-after-2xx"),
])
def test_kill_after_2xx(point: str) -> None:
    """kill-after-2xx: ended between the server's yes and its record, a message comes again under the same key."""
    told = account("--random", "0", "--each-point", "2", "--point", point)
    assert 1 <= told["repeats"] <= told["in_flight"]
    assert told["lost"] == told["new_keys"] == 0
