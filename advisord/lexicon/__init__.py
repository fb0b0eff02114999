"""What the program knows of a language: phrases that tell hazards, word classes, numbers and dates, ready to be found.

It stands below the stages and above the mechanics of text: it knows what phrases mean, but no article.
"""
from advisord.lexicon.lexicon import (
    CONTEXTS,
    TARGETS,
    WORDS,
    Lexicon,
    Meaning,
    Rule,
    bit_of,
)

__all__ = ["CONTEXTS", "TARGETS", "WORDS", "Lexicon", "Meaning", "Rule", "bit_of"]
