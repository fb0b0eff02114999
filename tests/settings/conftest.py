"""Configurations to read: a small sound one, and whatever a test puts in the place of its files."""
from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from advisord.gazetteer import Gazetteer
from advisord.model import Settings
from advisord.settings.config import Examined, Loaded, examine, load
from advisord.settings.folders import shipped
from advisord.settings.seeds import seeds_of

GOOD = Path(__file__).parents[1] / "config" / "good"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENVIRON = {"HOOK_SECRET": SECRET, "NOT_WHSEC": "hunter2", "SMTP_PASSWORD": "hunter2"}


@dataclass(frozen=True)
class Known:
    """What configurations are checked against."""

    gazetteer: Gazetteer
    hazards: Mapping[str, object]


@dataclass(frozen=True)
class Folder:
    """A configuration on disk, and how to read it."""

    path: Path
    known: Known

    def examined(self, environ: Mapping[str, str] = ENVIRON) -> Examined:
        """Everything that is to say about it."""
        return examine(self.path, gazetteer=self.known.gazetteer, hazards=self.known.hazards, environ=environ)

    def loaded(self, environ: Mapping[str, str] = ENVIRON) -> Loaded:
        """As the daemon reads it."""
        return load(self.path, gazetteer=self.known.gazetteer, hazards=self.known.hazards, environ=environ)

    def settings(self) -> Settings:
        """What the daemon gets."""
        return self.loaded().settings


@pytest.fixture(scope="session")
def known() -> Known:
    """The shipped gazetteer and hazards."""
    return Known(Gazetteer.open(shipped("seeds") / "gazetteer"), seeds_of().hazards())


@pytest.fixture
def folder(tmp_path: Path, known: Known) -> Callable[..., Folder]:
    """A sound configuration with some of its files replaced: `folder(rules="…")`; `extra` are further files."""
    def made(extra: Mapping[str, str | bytes] | None = None, **files: str) -> Folder:
        path = tmp_path / "config"
        shutil.copytree(GOOD, path)
        for name, text in files.items():
            (path / f"{name}.yaml").write_text(text, encoding="utf-8")
        for name, content in (extra or {}).items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return Folder(path, known)

    return made
