"""After a power cut every committed delivery is there, on a disk that forgets what was not synced."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The disk that forgets, as a library to preload."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no C compiler to make the disk that forgets with")
    library = tmp_path_factory.mktemp("disk") / "lost_writes.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "lost_writes.c", "-ldl"], check=True)
    return library


def cuts(disk: Path, *options: str) -> dict[str, Any]:
    """What was committed and lost."""
    done = subprocess.run([sys.executable, HERE / "power.py", *options], env={**os.environ, "LD_PRELOAD": str(disk)},
                          capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.slow
def test_power_cut(disk: Path) -> None:
    """Whenever the power goes, what the store said was kept is there, and whole."""
    told = cuts(disk, "--cuts", "20", "--seed", "3")
    assert told["faults"] == []
    assert told["lost"] == 0
    assert told["committed"] > 20


def test_the_disk_forgets(disk: Path) -> None:
    """The same disk does lose what is committed without being synced, so that the test above can fail."""
    assert cuts(disk, "--cuts", "3", "--careless")["lost"] > 0
