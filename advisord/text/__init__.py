"""Mechanics of text: folding, tokens, phrases, sentences, language; knows no hazard and no place."""
