"""What stands in a lexicon file, checked -> a Lexicon; and a Lexicon <-> bytes, so that a warm start builds nothing.

It takes values, not files (settings/seeds.py reads those), and tells every fault as a SeedError that names the entry.
"""
from __future__ import annotations

import json
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisord.errors import SeedError
from advisord.lexicon.grammar import parts_of
from advisord.lexicon.lexicon import CALENDAR, CONTEXTS, TARGETS, VALUED, WORDS, Lexicon, Meaning, Rule, bit_of
from advisord.text.fold import fold
from advisord.text.phrases import Phrases

SECTIONS = ("language", "name", "stopwords", "abbreviations", "sets", "hazards", "discards", "contexts", "words",
            "targets", "numbers", "vague", "dates")
LEVELS = ("tells", "hints", "planned", "threatened", "attempted", "ended", "denied", "exercise", "background")
MOST_PARTS = 15
DISCARD = 0
DISCARDS = "discards"  # the level of a rule that swallows what stands between its first part and its last
_SIZES = struct.Struct("<3Q")
_HOLDERS = bit_of(*(f"target:{kind}" for kind in TARGETS), "issuer", "audience", "forces", "organised")


def lexicon_of(given: Mapping[str, Any], hazards: frozenset[str]) -> Lexicon:
    """The lexicon that a file's sections tell; `hazards` are the codes that may be used."""
    _checked(given)
    sets = {name: _texts(phrases, f"sets.{name}") for name, phrases in given["sets"].items()}
    rules, cues = _cues(given, sets, hazards)
    meanings, terms = _terms(given, sets)
    return Lexicon(
        language=str(given["language"]), name=str(given["name"]),
        stopwords=frozenset(fold(each) for each in _texts(given["stopwords"], "stopwords")),
        abbreviations=frozenset(fold(each) for each in _texts(given["abbreviations"], "abbreviations")),
        rules=tuple(rules), cues=Phrases.build(cues, particles=given["language"] == "ar"),
        meanings=tuple(meanings), terms=Phrases.build(terms, particles=given["language"] == "ar"))


def _checked(given: Mapping[str, Any]) -> None:
    """Refuse a file that lacks a section, a context, a word class or a target, or has one that nothing reads."""
    wanted = {"": SECTIONS, "contexts": CONTEXTS, "words": WORDS, "targets": TARGETS,
              "dates": (*VALUED, *CALENDAR[len(VALUED):])}
    for section, names in wanted.items():
        there = given if not section else given[section]
        if not isinstance(there, Mapping):
            raise SeedError(f"section {section!r} is no mapping")
        faults = [f"{section or 'the file'} lacks {name!r}" for name in names if name not in there]
        faults += [f"{section or 'the file'} has an unknown key {name!r}" for name in there if name not in names]
        if faults:
            raise SeedError("; ".join(faults))


def _texts(given: object, where: str) -> list[str]:
    """A list of strings; numbers and the YAML words for true and false are refused, so that nothing is misread."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise SeedError(f"{where} is no list")
    for each in given:
        if not isinstance(each, str):
            raise SeedError(f"{where}: {each!r} is no text (write it in quotes)")
    return list(given)


def _cues(given: Mapping[str, Any], sets: Mapping[str, Sequence[str]],
          hazards: frozenset[str]) -> tuple[list[Rule], list[tuple[str, int]]]:
    """The rules, and every phrase that is looked for in every article with its number."""
    stopwords = frozenset(given["stopwords"])
    rules: list[Rule] = []
    cues: list[tuple[str, int]] = []
    for number, name in enumerate(CONTEXTS, start=1):
        cues += [(phrase, -number)
                 for entry in _texts(given["contexts"][name], name) for phrase in _single(entry, sets)]
    discards = (("", DISCARDS, entry) for entry in _texts(given["discards"], "discards"))
    for hazard, level, entry in (*discards, *_entries(given["hazards"], hazards)):
        parts, gaps = parts_of(entry, sets)
        if level == DISCARDS and len(parts) == 1:
            cues += [(phrase, DISCARD) for phrase in parts[0]]
            continue
        if len(parts) > MOST_PARTS:
            raise SeedError(f"{entry!r}: more than {MOST_PARTS} parts")
        parts = _selective(entry, parts, stopwords)
        rules.append(Rule(hazard, level, tuple(gaps)))
        first = 16 * (len(rules) - 1) + 1
        cues += [(phrase, first + at) for at, phrases in enumerate(parts) for phrase in phrases]
    return rules, list(dict.fromkeys(cues))


def _selective(entry: str, parts: Sequence[Sequence[str]], stopwords: frozenset[str]) -> list[list[str]]:
    """The parts without phrases that are one frequent word alone, which stands everywhere and tells nothing.

    SeedError where a part consists of nothing else.
    """
    kept = [[phrase for phrase in part if phrase not in stopwords] for part in parts]
    if not all(kept):
        raise SeedError(f"{entry!r}: a part is nothing but the most frequent words")
    return kept


def _single(entry: str, sets: Mapping[str, Sequence[str]]) -> list[str]:
    """The phrases of an entry that may have no gaps."""
    parts, _ = parts_of(entry, sets)
    if len(parts) != 1:
        raise SeedError(f"{entry!r}: no gaps are allowed here")
    return parts[0]


def _entries(given: Mapping[str, Any], hazards: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Hazard, level and entry, in the order of the file."""
    for hazard, levels in given.items():
        if hazard not in hazards:
            raise SeedError(f"hazards: {hazard!r} is no code of hazards.yaml")
        for level, entries in levels.items():
            if level not in LEVELS:
                raise SeedError(f"hazards.{hazard}: {level!r} is none of {', '.join(LEVELS)}")
            for entry in _texts(entries, f"hazards.{hazard}.{level}"):
                yield hazard, level, entry


def _terms(given: Mapping[str, Any],
           sets: Mapping[str, Sequence[str]]) -> tuple[list[Meaning], list[tuple[str, int]]]:
    """The distinct meanings, and every term with the number of its meaning."""
    masks: dict[str, int] = defaultdict(int)
    values: dict[str, int] = {}
    for name, phrase, value in _worded(given, sets):
        masks[phrase] |= bit_of(name)
        if value is not None:
            values[phrase] = value
    _peopled(masks)
    meanings: dict[Meaning, int] = {}
    terms = [(phrase, meanings.setdefault(Meaning(mask, values.get(phrase, 0)), len(meanings)))
             for phrase, mask in masks.items()]
    return list(meanings), terms


def _peopled(masks: dict[str, int]) -> None:
    """Let phrases that end in a noun for people count as such: "un staff" is a target, and whoever is killed there."""
    nouns = bit_of("people", "somebody")
    for phrase in [phrase for phrase, mask in masks.items() if mask & _HOLDERS and not mask & nouns and " " in phrase]:
        words = phrase.split()
        for at in range(1, len(words)):
            tail = masks.get(" ".join(words[at:]), 0)
            if tail & nouns:
                masks[phrase] |= tail & nouns
                break


def _worded(given: Mapping[str, Any], sets: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, int | None]]:
    """Class, phrase and value of everything that is a term."""
    classes = {**given["words"], **{f"target:{kind}": words for kind, words in given["targets"].items()},
               **{name: given["dates"][name] for name in CALENDAR[len(VALUED):]}}
    for name, entries in classes.items():
        for entry in _texts(entries, name):
            for phrase in _single(entry, sets):
                yield name, fold(phrase), None
    valued = {"number": given["numbers"], "vague": given["vague"],
              **{name: given["dates"][section] for section, name in VALUED.items()}}
    for name, table in valued.items():
        for phrase, value in table.items():
            if not isinstance(phrase, str) or not isinstance(value, int):
                raise SeedError(f"{name}: {phrase!r}: {value!r} is no text with a number")
            yield name, fold(phrase), value


def to_bytes(lexicon: Lexicon) -> bytes:
    """Everything of a lexicon, for `from_bytes` on the same machine and version."""
    head = json.dumps({
        "language": lexicon.language, "name": lexicon.name, "stopwords": sorted(lexicon.stopwords),
        "abbreviations": sorted(lexicon.abbreviations), "rules": lexicon.rules, "meanings": lexicon.meanings,
    }).encode()
    cues, terms = lexicon.cues.to_bytes(), lexicon.terms.to_bytes()
    return _SIZES.pack(len(head), len(cues), len(terms)) + head + cues + terms


def from_bytes(data: bytes) -> Lexicon:
    """What `to_bytes` gave; ValueError for bytes that show they are something else."""
    if len(data) < _SIZES.size:
        raise ValueError("these bytes are no lexicon")
    head, cues, terms = _SIZES.unpack_from(data)
    if len(data) != _SIZES.size + head + cues + terms:
        raise ValueError("a lexicon cut short")
    at = _SIZES.size
    told = json.loads(data[at:at + head])
    return Lexicon(
        language=told["language"], name=told["name"], stopwords=frozenset(told["stopwords"]),
        abbreviations=frozenset(told["abbreviations"]),
        rules=tuple(Rule(hazard, level, tuple(gaps)) for hazard, level, gaps in told["rules"]),
        cues=Phrases.from_bytes(data[at + head:at + head + cues]),
        meanings=tuple(Meaning(*each) for each in told["meanings"]),
        terms=Phrases.from_bytes(data[at + head + cues:]))
