#!/usr/bin/env python3
"""Word frequencies -> correlate_frequencies.json: how much a word tells of the article that it stands in.

    pip install wordfreq==3.1.1        # nothing that the program itself needs
    python seeds/weights/correlate_frequencies.py > seeds/weights/correlate_frequencies.json

Source: wordfreq 3.1.1 (Robyn Speer, https://github.com/rspeer/wordfreq), data under CC BY-SA 4.0, compiled from
Wikipedia, subtitles, news, books and the web. The share of articles that hold a word of frequency f is taken as
1 - (1 - f)^400, an article having some 400 words. Words held by fewer than e^-6 of all articles are not listed: they
all weigh the same (see advisord/correlate/tables.py). Numbers are left out: wordfreq counts their shapes only.
"""
from __future__ import annotations

import json
import sys
from collections import defaultdict
from math import log
from pathlib import Path

import wordfreq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from advisord.correlate.tables import RAREST
from advisord.correlate.terms import words_of

LANGUAGES = ("ar", "en", "es", "fr", "pt")
ARTICLE_WORDS = 400
STEP = 0.1


def rarity(language: str) -> dict[str, str]:
    """-ln of the share of articles, one decimal -> the folded words with it, where that is below RAREST."""
    shares: dict[str, float] = defaultdict(float)
    for written, frequency in wordfreq.get_frequency_dict(language, wordlist="best").items():
        for word in words_of(written):
            shares[word] += frequency
    words: dict[str, list[str]] = defaultdict(list)
    for word, share in sorted(shares.items()):
        rare = -log(1 - (1 - share) ** ARTICLE_WORDS) if share > 0 else RAREST
        if rare < RAREST - STEP / 2 and not any(letter.isdigit() for letter in word):
            words[f"{rare:.1f}"].append(word)
    return {rare: " ".join(each) for rare, each in sorted(words.items())}


if __name__ == "__main__":
    json.dump({"provenance": "wordfreq 3.1.1, Robyn Speer, CC BY-SA 4.0; made by correlate_frequencies.py",
               "languages": {language: rarity(language) for language in LANGUAGES}}, sys.stdout, ensure_ascii=False,
              indent=0, sort_keys=True)
    sys.stdout.write("\n")
