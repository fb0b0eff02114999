"""Foreign text -> one clean line; foreign addresses -> links that may be shown: once, at the edge to the templates."""
from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

LINE_LIMIT = 300
LINK_LIMIT = 500
# Bidi embeddings, overrides and isolates, marks that turn a line round, zero-width space, BOM, soft hyphen
HIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\ufeff\u00ad\u2060")
CONTROLS = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str | None, limit: int = LINE_LIMIT) -> str:
    """The text on one line without controls and hidden marks, cut at a word to at most `limit` characters."""
    shown = "".join(_shown(char) for char in (text or "")[:4 * limit])
    line = " ".join(shown.split())
    if len(line) <= limit:
        return line
    cut = line[:limit - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{(head if space and len(head) > limit // 2 else cut).rstrip()}…"


def _shown(char: str) -> str:
    if char in HIDDEN:
        return ""
    return " " if unicodedata.category(char) in CONTROLS else char


def link(url: str | None) -> str | None:
    """The address when it is a plain http or https one, else null: it is then shown nowhere."""
    if not url or len(url) > LINK_LIMIT or not url.isascii() or any(char.isspace() or not char.isprintable()
                                                                    or char in "\"'<>`\\" for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host and parts.username is None else None
