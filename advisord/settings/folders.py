"""Where the files that come with the program are: inside an installed wheel, or in the checkout it runs from.

Its own module because seeds, templates and the sample configuration all ask the same question, and the answer is the
only place that knows how the wheel is laid out (`force-include` in pyproject.toml).
"""
from __future__ import annotations

from pathlib import Path
from typing import Literal

from advisord.errors import SeedError

Kind = Literal["config", "templates", "seeds"]


def shipped(kind: Kind) -> Path:
    """The absolute folder of that kind that came with this program; SeedError where the installation lacks it."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "shipped" / kind, package.parent / kind):
        if folder.is_dir():
            return folder
    raise SeedError(f"this installation of advisord has no folder {kind!r} (looked in {package} and beside it)")
