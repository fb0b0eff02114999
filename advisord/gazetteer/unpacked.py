"""The shipped artefact -> files that open at once: unpacked one time into a cache folder of the user.

Its own module because it is the one part of the gazetteer that writes: it makes the folder atomically (any number of
programs may start at the same instant, and one may be killed half-way), and it trusts only what its checksums confirm.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import mmap
import os
import shutil
import sys
import tempfile
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from advisord.errors import SeedError
from advisord.text.phrases import Phrases

ARTEFACT = "gazetteer.xz"
SAMPLE = "sample.txt"
FORMAT = "advisord gazetteer 1"
LOOKUP = 2  # the flag of names that are looked up, but not looked for in text
_LAYOUT = "3"  # of the cache; counted up when the files change
_KEYS = "keys"


def default_cache() -> Path:
    """The user's cache folder: XDG_CACHE_HOME, else ~/.cache, else one of our own in the folder for temporary files."""
    home = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache" if os.environ.get("HOME") else None)
    folder = Path(home) / "advisord" if home else Path(tempfile.gettempdir()) / f"advisord-{os.getuid()}"
    try:
        _private(folder)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"advisord-{os.getuid()}"
        _private(folder)
    return folder


def _private(folder: Path) -> None:
    """Make `folder` with no access for others; OSError where it cannot be written or belongs to somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder} is not ours to write")


def unpacked(artefact: Path, cache: Path | None) -> Path:
    """The folder with the files made of `artefact`, made now unless it is there and whole.

    Raises SeedError where the artefact is missing or broken, or no cache folder can be written.
    """
    try:
        digest = hashlib.sha256(artefact.read_bytes()).hexdigest()
        root = cache if cache is not None else default_cache()
        root.mkdir(parents=True, exist_ok=True)
        folder = root / f"gazetteer-{digest[:16]}-{_LAYOUT}-{version('daachorse')}-{sys.byteorder}"
        if not whole(folder):
            _make(artefact, folder)
    except (OSError, lzma.LZMAError, ValueError, KeyError) as error:
        raise SeedError(f"{artefact}: the gazetteer can't be unpacked: {error}") from error
    return folder


def whole(folder: Path) -> bool:
    """Whether every file that the manifest tells is there with its size and checksum."""
    try:
        manifest: dict[str, list[int]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        return all(
            (folder / name).stat().st_size == size and checksum(folder / name) == crc
            for name, (size, crc) in manifest.items()
        )
    except (OSError, ValueError, KeyError):
        return False


def checksum(path: Path) -> int:
    """CRC-32 of a file: against accidents, not against somebody who may write here anyway."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return 0
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return zlib.crc32(view)


def _make(artefact: Path, folder: Path) -> None:
    """Unpack beside `folder`, then rename; whoever comes second finds it there and throws its own away."""
    beside = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        files = _files(lzma.decompress(artefact.read_bytes()), _sample(artefact.parent / SAMPLE))
        told = {name: [len(data), zlib.crc32(data)] for name, data in files.items()}
        for name, data in files.items():
            _write(beside / name, data)
        _write(beside / "manifest.json", json.dumps({"files": told}).encode())
        if folder.exists():  # broken, or just made by somebody else
            folder.rename(beside / "old")
        try:
            beside.rename(folder)
        except OSError:
            if not whole(folder):
                raise
        shutil.rmtree(folder / "old", ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sample(path: Path) -> list[str]:
    """Texts like those that will be searched, or none: speed depends on it, answers do not."""
    return path.read_text(encoding="utf-8").split("\n") if path.is_file() else []


def _files(data: bytes, sample: list[str]) -> dict[str, bytes]:
    """The columns as one file, and the names as phrases: in Latin letters, in others, for look-ups only."""
    head, sections = sections_of(data)
    keys = sections[_KEYS].decode("utf-8").split("\n")
    rare = _only_looked_up(sections, len(keys))
    groups: dict[str, list[tuple[str, int]]] = {"latin": [], "other": [], "lookup": []}
    known = set(keys)
    for number, key in enumerate(keys):
        if "  " in key and " ".join(key.split()) in known:
            continue  # "st.  louis" is "st. louis", which has all its places
        groups["lookup" if rare[number] else "latin" if key.isascii() else "other"].append((key, number))
    kept = {name: part for name, part in sections.items() if name != _KEYS}
    head["sections"] = [[name, len(part)] for name, part in kept.items()]
    columns = json.dumps(head).encode() + b"\n" + b"".join(kept.values())
    return {
        "columns.bin": columns,
        **{
            f"{name}.phr": Phrases.build(entries, particles=True, corpus=sample).to_bytes()
            for name, entries in groups.items()
        },
    }


def _only_looked_up(sections: dict[str, bytes], count: int) -> list[bool]:
    """For each name whether all its places have it for look-ups only."""
    starts, flags = memoryview(sections["starts"]).cast("I"), sections["flags"]
    return [all(flag & LOOKUP for flag in flags[starts[key] : starts[key + 1]]) for key in range(count)]


def sections_of(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The head and the sections of an unpacked artefact; ValueError where it is none of this format."""
    end = data.index(b"\n")
    head: dict[str, Any] = json.loads(data[:end])
    if head.get("format") != FORMAT:
        raise ValueError(f"its format is {head.get('format')!r}, not {FORMAT!r}")
    at = end + 1
    sections: dict[str, bytes] = {}
    for name, size in head["sections"]:
        sections[name] = data[at : at + size]
        at += size
    if at != len(data):
        raise ValueError("it is cut short")
    return head, sections
