"""The page's own and vendored files, read once: a path that is no file's name finds nothing."""
from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
         ".geojson": "application/geo+json", ".svg": "image/svg+xml", ".png": "image/png"}


ANSWERS = frozenset({"answer.css", "icon.svg"})  # what the published listener has


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; `mark` is its ETag."""

    body: bytes
    kind: str
    mark: str


def assets_of(folder: Path = FOLDER, names: frozenset[str] | None = None) -> dict[str, Asset]:
    """The files of a folder by their paths in it; all, or those named."""
    return {file.relative_to(folder).as_posix(): _asset(file) for file in sorted(folder.rglob("*"))
            if file.is_file() and file.suffix in TYPES
            and (names is None or file.relative_to(folder).as_posix() in names)}


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Asset(body, kind, f'"{sha256(body).hexdigest()[:24]}"')
