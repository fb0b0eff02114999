"""What the service may do on its host: the shipped unit, judged by systemd itself, and the container."""
from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNIT = ROOT / "docs" / "advisord.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_the_unit_leaves_the_service_little_to_do() -> None:
    """By its own judgement the exposure is 1.5 or less."""
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
                          capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for advisord.service: ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= 1.5


def test_the_unit_waits_for_what_the_service_says() -> None:
    """Ready, signs of life and the reload are told, so systemd must listen."""
    text = UNIT.read_text(encoding="utf-8")
    assert all(line in text.splitlines() for line in ("Type=notify", "WatchdogSec=120", "NotifyAccess=main"))


def test_the_container_is_unprivileged() -> None:
    """The last stage runs as a user of its own, with hashed dependencies alone."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9][0-9]*$", last, re.MULTILINE)
    assert "--require-hashes" in text
