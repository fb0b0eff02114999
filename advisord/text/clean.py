"""Turns what strangers send into plain text: no markup, no control characters, nothing that changes how it is read.

It stands below the stages because every edge needs the same hygiene, and because what it returns is final: offsets into
it are kept for ever, so whoever stores a text cleans it first and never again.
"""
from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser

# What is removed: C0 and C1 (but for what is whitespace), soft hyphen, bidi marks, embeddings, overrides and isolates,
# zero-width space, word joiner, invisible operators, byte order mark, interlinear marks, tags, noncharacters, lone
# surrogates. Zero-width joiner and non-joiner stay: Persian, Urdu and Burmese are spelled with them.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]")
_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_SPACED_LINE_END = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_ANY_SPACE = re.compile(r"\s+")
_PRE = re.compile(r"(<pre\b.*?(?:</pre\s*>|\Z))", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|"
    r"footer|form|h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul)"
    r"(?:[\s/>]|\Z))", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n\n<(?=/(?:br|td|th|li|dt|dd|tr|option|summary)\b|(?:br|td|th|tr|li|dd|dt|option)\b)",
                        re.IGNORECASE)
_UNSEEN = [
    "script", "style", "noscript", "template", "svg", "math", "head", "title", "textarea",
    "select", "button", "audio", "video", "canvas",
]
_EMBEDDED = re.compile(r"</?(?:iframe|noembed|noframes|xmp)\b[^<>]*>", re.IGNORECASE)  # unclosed, they swallow the rest
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_TAG = re.compile(r"<[^<>]*>?")
MAX_TAGS = 5_000  # nesting costs Lexbor its square: 5,000 levels 0.03 s, 20,000 0.44 s, 100,000 over 10 s


def plain(text: str) -> str:
    """Text of several lines without characters that can't be seen; runs of spaces are one, of blank lines one."""
    lines = _LINE_ENDS.sub("\n", _REMOVED.sub("", text))
    return _BLANK_LINES.sub("\n\n", _SPACED_LINE_END.sub("\n", _SPACES.sub(" ", lines))).strip()


def one_line(text: str) -> str:
    """The same on a single line, as titles, names and headers need it."""
    return _ANY_SPACE.sub(" ", _REMOVED.sub("", _LINE_ENDS.sub(" ", text))).strip()


def has_markup(text: str) -> bool:
    """Whether a text holds a tag or a character reference."""
    return _MARKUP.search(text) is not None


def html_text(markup: str) -> str:
    """What a reader of that HTML sees, as plain text: blocks are lines, paragraphs are set apart by a blank one.

    Scripts, styles, forms and embedded things are gone. Never raises. Of markup with more than MAX_TAGS tags only the
    tags are taken out.
    """
    if "<" not in markup:
        return plain(html.unescape(markup) if "&" in markup else markup)
    if markup.count("<") > MAX_TAGS:
        return plain(html.unescape(_TAG.sub("\n", markup)))
    tree = LexborHTMLParser(f"<body>{_with_line_ends(markup)}")
    tree.strip_tags(_UNSEEN)
    body = tree.body
    return plain(body.text(deep=True, separator="")) if body is not None else ""


def html_line(markup: str) -> str:
    """The same on a single line."""
    return one_line(html_text(markup))


def _with_line_ends(markup: str) -> str:
    """HTML whose own line ends are spaces, and that has new ones where blocks begin and end."""
    source = _REMOVED.sub("", markup)
    parts = _PRE.split(source)  # every second one is preformatted
    flowing = "".join(part if number % 2 else _ANY_SPACE.sub(" ", part) for number, part in enumerate(parts))
    return _PARAGRAPH.sub("\n<", _BLOCK.sub("\n\n<", _EMBEDDED.sub(" ", flowing)))
