"""The files of `seeds/` -> what the stages take: hazards, lexicons, weights; and a cache of what is slow to build.

An operator's own `seeds/` folder beside the configuration wins over the shipped one, file by file. Compiled lexicons
are
kept in the user's cache folder under a name that holds a hash of everything they were built from, so that a changed
file
is never answered from the cache; a cache that cannot be read or written costs time and nothing else.
"""
from __future__ import annotations

import contextlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import advisord
from advisord.errors import SeedError
from advisord.lexicon.lexicon import Lexicon
from advisord.lexicon.reading import from_bytes, lexicon_of, to_bytes
from advisord.model import Hazard, Severity
from advisord.settings.folders import shipped
from advisord.settings.yaml import Mapping as MapNode
from advisord.settings.yaml import Node, NotYamlError, Scalar, tree

_DIGEST = 20


@dataclass(frozen=True, slots=True)
class Seeds:
    """The folders to look in, the operator's first; every method reads afresh."""

    folders: tuple[Path, ...]
    cache: Path | None

    def path(self, name: str) -> Path:
        """The file of that name in the first folder that has it; SeedError where none has."""
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        raise SeedError(f"seeds: there is no {name} in {', '.join(map(str, self.folders))}")

    def folder(self, name: str) -> Path:
        """The folder of that name in the first folder that has it; SeedError where none has."""
        for folder in self.folders:
            if (folder / name).is_dir():
                return folder / name
        raise SeedError(f"seeds: there is no folder {name} in {', '.join(map(str, self.folders))}")

    def table(self, name: str) -> dict[str, Any]:
        """A YAML file that is one mapping, in plain values."""
        path = self.path(name)
        return _mapping(path, path.read_bytes())

    def text(self, name: str) -> str:
        """A file as text; SeedError where it is none."""
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except ValueError as error:
            raise SeedError(f"{path}: it is no UTF-8 text") from error

    def hazards(self) -> dict[str, Hazard]:
        """hazards.yaml by code, in the order of the file."""
        path = self.path("hazards.yaml")
        try:
            return {code: _hazard(code, row) for code, row in _mapping(path, path.read_bytes()).items()}
        except (TypeError, ValueError, KeyError) as error:
            raise SeedError(f"{path}: {error}") from error

    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that have a lexicon, in alphabetical order."""
        return tuple(sorted({path.stem for folder in self.folders for path in folder.glob("lexicon/*.yaml")}))

    def lexicon(self, language: str) -> Lexicon:
        """That language's lexicon, from the cache where it was built before."""
        path = self.path(f"lexicon/{language}.yaml")
        data = path.read_bytes()
        codes = self.path("hazards.yaml").read_bytes()

        def built() -> Lexicon:
            try:
                return lexicon_of(_mapping(path, data), frozenset(_mapping(self.path("hazards.yaml"), codes)))
            except SeedError as error:
                raise SeedError(f"{path}: {error}") from error

        return self.cached(f"lexicon-{language}", (data, codes), built=built)

    def lexicons(self) -> dict[str, Lexicon]:
        """Every language's lexicon by code."""
        return {language: self.lexicon(language) for language in self.languages()}

    def stopwords(self) -> dict[str, frozenset[str]]:
        """languages.yaml: the frequent words of languages that there is no lexicon for, only to tell them apart."""
        return {language: frozenset(words) for language, words in self.table("languages.yaml").items()}

    def weights(self, name: str) -> Mapping[str, Any]:
        """A learned model, weights/<name>.json."""
        path = self.path(f"weights/{name}.json")
        try:
            told: Mapping[str, Any] = json.loads(path.read_bytes())
        except ValueError as error:
            raise SeedError(f"{path}: {error}") from error
        return told

    def cached(self, name: str, sources: Iterable[bytes], *, built: Callable[[], Lexicon]) -> Lexicon:
        """What `built` gives, kept under a name made from `sources` and the versions that the bytes depend on."""
        if self.cache is None:
            return built()
        path = self.cache / f"{name}-{_fingerprint(sources)}.bin"
        with contextlib.suppress(OSError, ValueError):
            return from_bytes(_intact(path.read_bytes()))
        lexicon = built()
        with contextlib.suppress(OSError):
            _keep(path, to_bytes(lexicon))
        return lexicon


def seeds_of(overrides: Iterable[Path] = (), *, cache: Path | None = None) -> Seeds:
    """The seeds as the program finds them: in each of `overrides` that is a folder, then the shipped ones.

    `cache` is the folder for compiled files; without it the user's own by the XDG rules, or none where there is no
    home.
    """
    return Seeds(folders=(*(each for each in overrides if each.is_dir()), shipped("seeds")), cache=cache or _cache())


def _cache() -> Path | None:
    given = os.environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        return Path(given) / "advisord"
    home = os.environ.get("HOME", "")
    return Path(home) / ".cache" / "advisord" if Path(home).is_absolute() else None


def _fingerprint(sources: Iterable[bytes]) -> str:
    digest = blake2b(digest_size=12)
    for each in (*sources, advisord.__version__.encode(), version("daachorse").encode(), platform.machine().encode(),
                 *(path.read_bytes() for path in _builders())):
        digest.update(len(each).to_bytes(8, "big") + each)
    return digest.hexdigest()


def _builders() -> list[Path]:
    """The code that decides what the bytes mean."""
    package = Path(advisord.__file__).parent
    text = [package / "text" / f"{name}.py" for name in ("phrases", "haystack", "fold")]
    return [*sorted((package / "lexicon").glob("*.py")), *text]


def _intact(data: bytes) -> bytes:
    """What was kept, without its digest; ValueError where the two do not fit."""
    digest, kept = data[:_DIGEST], data[_DIGEST:]
    if blake2b(kept, digest_size=_DIGEST).digest() != digest:
        raise ValueError("the cache is damaged")
    return kept


def _keep(path: Path, data: bytes) -> None:
    """Write at once or not at all, so that a second process never reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(blake2b(data, digest_size=_DIGEST).digest() + data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _mapping(path: Path, data: bytes) -> dict[str, Any]:
    """The mapping that a YAML file tells, in plain values; doubled keys are refused."""
    try:
        root = tree(data)
    except NotYamlError as error:
        raise SeedError(f"{path}:{error.line}:{error.column} {error.message}") from error
    if not isinstance(root, MapNode):
        raise SeedError(f"{path}: is no mapping")
    plain: dict[str, Any] = _plain(root, path)
    return plain


def _plain(node: Node, path: Path) -> Any:
    """Text, whole numbers, true and false, lists and dicts, by YAML 1.2: `no` and `on` are text."""
    if isinstance(node, Scalar):
        return _value(node)
    if isinstance(node, MapNode):
        table: dict[str, Any] = {}
        for key, value in node.pairs:
            if key.text in table:
                raise SeedError(f"{path}:{key.line}:{key.column} {key.text!r} stands here twice")
            table[key.text] = _plain(value, path)
        return table
    return [_plain(each, path) for each in node.items]


def _value(node: Scalar) -> str | int | bool:
    if not node.plain:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    return int(node.text) if node.text.removeprefix("-").isdecimal() and node.text.isascii() else node.text


def _hazard(code: str, row: Mapping[str, Any]) -> Hazard:
    """One row of hazards.yaml."""
    return Hazard(
        code=code, cap=row["cap"], severity=Severity(row["severity"]), reach_km=float(row["reach_km"]),
        ttl_h=float(row["ttl_h"]), acled=row.get("acled"), oet=row.get("oet"), muc=row.get("muc"),
        kin=tuple(row.get("kin", ())), areal=bool(row.get("areal", False)))
