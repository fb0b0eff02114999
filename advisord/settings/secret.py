"""Secrets from where the configuration says they are: the environment, or a file; never from YAML."""
from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path as FilePath

from advisord.settings.faults import Path
from advisord.settings.page import Page, S

_LARGEST = 65_536  # bytes; a longer file is not a secret but a slip


def from_environment(page: Page[S], path: Path, name: str, environ: Mapping[str, str]) -> str | None:
    """The variable's value; where it is not set, that is told apart from faults, since only `run` must have it."""
    value = environ.get(name, "").strip()
    if value:
        return value
    page.unset(path, f"the environment has no {name}")
    return None


def from_file(page: Page[S], path: Path, file: FilePath) -> str | None:
    """The first line of the file; a file that others can read is told as a warning."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
        mode = file.stat().st_mode
    except OSError as error:
        page.fault(path, f"{file} can't be read: {error.strerror}")
        return None
    if mode & stat.S_IROTH:
        page.warn(path, f"{file} can be read by everybody on this machine (chmod o= it)")
    lines = data[:_LARGEST].decode("utf-8", "replace").strip().splitlines()
    if len(lines) == 1 and len(data) <= _LARGEST and lines[0].isprintable():
        return lines[0]
    page.fault(path, f"{file} holds {'no secret' if not lines else 'more than one line of text'}")
    return None
