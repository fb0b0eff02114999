"""Bytes to text, whatever the sender says about them: wrong and missing charsets are survived, hostile ones refused.

Done here and not by the XML parser, so that every check that follows sees the same text that is parsed.
"""
from __future__ import annotations

import codecs
import re

# Encodings that real feeds use, by Python's name for them. Everything else (utf-7, rot13, zlib, idna, unicode_escape …)
# is either a transformation, no charset at all, or a way around the checks.
ALLOWED = frozenset({
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii", "gb2312", "gbk",
    "gb18030", "big5", "big5hkscs", "cp950", "cp932", "cp936", "cp949", "shift_jis", "shift_jisx0213", "shift_jis_2004",
    "euc_jp", "euc_jisx0213", "euc_jis_2004", "euc_kr", "johab", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2",
    "iso2022_jp_3",
    "iso2022_jp_2004", "iso2022_jp_ext", "iso2022_kr", "hz", "koi8-r", "koi8-u", "koi8-t", "kz1048", "ptcp154",
    "tis-620", "viscii", "hp-roman8", "mac-roman", "mac-cyrillic", "mac-greek", "mac-turkish", "mac-latin2",
    "mac-iceland",
}) | {f"iso8859-{part}" for part in range(1, 17)} | {f"cp{page}" for page in (
    437, 720, 737, 775, 850, 852, 855, 856, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 1006, 1125, 1250,
    1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 37, 424, 500, 875, 1026, 1140)}
# Names that mean more than they say: every browser reads the first of each pair as the second (WHATWG Encoding).
WIDENED = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "iso8859-9": "cp1254",
           "iso8859-11": "cp874", "tis-620": "cp874", "shift_jis": "cp932", "euc_kr": "cp949"}
_SEVEN_BIT = ("iso2022", "hz")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE = (  # "<?" and "<r" without a mark
    (b"\x00\x00\x00<", "utf-32-be"), (b"<\x00\x00\x00", "utf-32-le"), (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"), (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_MAX_NAME = 40


def text_of(body: bytes, content_type: str = "") -> str:
    """The text of an answer; undecodable bytes become U+FFFD at worst.

    A byte order mark decides. Then UTF-8, whenever the bytes are valid UTF-8 beyond ASCII, since no other text is by
    accident; then what the header says, what the XML says, and last windows-1252.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for start, name in _BARE:
        if body.startswith(start):
            return body.decode(name, "replace")
    named = _named(body, content_type)
    if (text := _as_utf8(body, named)) is not None:
        return text
    for name in named:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    most_likely = named[0] if named and named[0] != "utf-8" else _mostly(body)
    return body.decode(most_likely, "replace")


def _as_utf8(body: bytes, named: tuple[str, ...]) -> str | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    shifted = text.isascii() and any(name.startswith(_SEVEN_BIT) for name in named)
    return None if shifted else text


def _mostly(body: bytes) -> str:
    """UTF-8 with a few broken bytes stays UTF-8; where most of what is beyond ASCII breaks, it is a Western page."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    beyond = sum(body.count(lead) for lead in range(0xC2, 0xF5))
    return "utf-8" if broken * 4 < beyond else "cp1252"


def _named(body: bytes, content_type: str) -> tuple[str, ...]:
    header = _HEADER.search(content_type[:400])
    declared = _DECLARED.match(body[:400])
    names = (header[1] if header else "", declared[1].decode("ascii") if declared else "")
    return tuple(dict.fromkeys(name for text in names if (name := _allowed(text))))


def _allowed(name: str) -> str | None:
    if not name or len(name) > _MAX_NAME:
        return None
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return WIDENED.get(known, known) if known in ALLOWED else None
