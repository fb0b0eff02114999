"""The word lists of seeds/gazetteer/words -> plain mappings, for the tables that `extract` makes of them."""

from __future__ import annotations

from pathlib import Path

import yaml

from advisord.errors import SeedError

Tables = dict[str, dict[str, list[str]]]


def read_words(folder: Path) -> tuple[Tables, dict[str, list[str]], dict[str, list[str]]]:
    """Classes of words by language (*.yaml), plain lists by name (*.txt), and demonyms by country (demonyms.tsv).

    `folder` is seeds/gazetteer. All scalars are read as text ("on" is a word). Raises SeedError.
    """
    try:
        tables = {path.stem: _classes(path) for path in sorted(folder.glob("words/*.yaml"))}
        lists = {path.stem: _lines(path) for path in sorted(folder.glob("words/*.txt"))}
        demonyms: dict[str, list[str]] = {}
        for path in sorted(folder.glob("words/demonyms*.tsv")):
            for country, _, words in (line.partition("\t") for line in _lines(path)):
                demonyms.setdefault(country, []).extend(words.split("|"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SeedError(f"{folder}: the words can't be read: {error}") from error
    return tables, lists, demonyms


def _classes(path: Path) -> dict[str, list[str]]:
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - no tags, only text
    if not isinstance(data, dict) or not all(isinstance(words, list) for words in data.values()):
        raise SeedError(f"{path}: a mapping of classes to lists of words is wanted")
    return {str(name): [str(word) for word in words] for name, words in data.items()}


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
