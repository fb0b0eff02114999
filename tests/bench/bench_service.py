"""From a feed item served to the mail accepted, and the memory of the service, with the shipped configuration.

    .venv/bin/python tests/bench/bench_service.py [ROUNDS]

Starts the real service against newsrooms and a mail server on loopback, publishes an attack in Bamako, and measures
from its publication to the first mail. The goals: one poll interval + 5 s, and at most 400 MB a process.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from advisord.cli.demo import SECRET, await_start, variables_of
from advisord.cli.demo_stage import Stage
from advisord.settings.story import Item

ROOT = Path(__file__).resolve().parents[2]
INTERVAL_S = 20


def resident_mb(pid: int) -> dict[str, float]:
    """Peak resident memory in MB of the service and of each of its children."""
    pids = [pid]
    for task in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = task.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            pids.append(int(task.parent.name))
    peaks = {}
    for each in pids:
        status = Path(f"/proc/{each}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        peaks[f"process {each}"] = int(peak.split()[1]) / 1024
    return peaks


def one_round(folder: Path) -> tuple[float, dict[str, float]]:
    """Seconds from publication to the first mail, and the peaks of memory."""
    shutil.copytree(ROOT / "config", folder / "config")
    feeds = folder / "config" / "feeds.yaml"
    lines = feeds.read_text().splitlines()
    feeds.write_text("\n".join(f"    every: {INTERVAL_S}s" if "every:" in line else line for line in lines))
    published = datetime.now(UTC) + timedelta(seconds=15)
    item = Item("sahel-wire", published, "Gunmen attack police station in Bamako",
                "Gunmen attacked a police station in Bamako, the capital of Mali, and killed three officers.")
    with Stage((item,), lambda: datetime.now(UTC), SECRET) as stage:
        words = [sys.executable, "-m", "advisord", "run", "--config", str(folder / "config"), "--log-format", "json",
                 "--store", f"sqlite:///{folder / 'bench.db'}"]
        environ = {**os.environ, **variables_of(stage, datetime.now(UTC))}
        with (folder / "log").open("wb") as log, subprocess.Popen(words, env=environ, stderr=log) as service:
            await_start(service, folder / "log")
            deadline = time.monotonic() + 120
            while not stage.received.mails and time.monotonic() < deadline:
                time.sleep(0.02)
            seconds = (stage.received.mails[0].at - published).total_seconds() if stage.received.mails else float("nan")
            peaks = resident_mb(service.pid)
            service.terminate()
    return seconds, peaks


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seconds, peaks = one_round(Path(folder))
        memory = ", ".join(f"{name} {peak:.0f} MB" for name, peak in peaks.items())
        print(f"published to mail accepted: {seconds:.1f} s with a poll every {INTERVAL_S} s; {memory}")


if __name__ == "__main__":
    main()
