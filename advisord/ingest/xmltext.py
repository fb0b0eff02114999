"""Looks at XML as text before any parser does: refuses what is made to hurt, shortens what is far too long.

XML parsers fail here in ways that no exception reports: a chain of entities makes expat kill the process, 50 kB of
letters in an author cost feedparser 20 s. What remains possible after this is the limited child's to survive.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

MAX_ATTRIBUTES = 500  # of one tag; 40,000 cost feedparser 20 s. Length says little: pictures come inside attributes
MAX_ITEMS = 2_000  # of one answer, about a millisecond each
MAX_SUBSET = 2_000  # characters of a DTD inside the document; a few names for a few letters fit, attacks don't
MAX_ENTITIES = 20
MAX_EXPANDED = 1_000_000  # characters
MAX_FIELD = 500  # characters of an author or a date

_PROLOG = re.compile(r"\s+|<\?(?!<)[^<>]{0,2000}\?>", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s{1,20}(\w{1,40})\s{1,20}(?:\"([^\"<%]{0,100})\"|'([^'<%]{0,100})')\s{0,20}>")
_KNOWN_SET = re.compile(  # HTML's letters, which RSS 0.91 declared so; never loaded, every parser has them
    r"<!ENTITY\s{1,20}%\s{1,20}\w{1,40}\s{1,20}PUBLIC\s{1,20}\"-//W3C//ENTITIES[^\"]{0,100}\"\s{0,20}\"[^\"]{0,200}\"\s{0,20}>"
    r"|%\w{1,40};")
_NESTED = re.compile(r"&(?!#|(?:amp|lt|gt|quot|apos);)")
_REFERENCE = re.compile(r"&(\w{1,40});")
_SUBSET_END = re.compile(r"\]\s{0,100}>")
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,100})")
_WEB_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FEED = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|rdf|channel|opml)\b", re.IGNORECASE)
_HEAD = 5_000  # characters in which a document has said what it is
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BAD_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[1-24-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{2000,}")
_LONG_FIELD = re.compile(
    r"(<(?:[\w.-]{1,40}:)?(?:author|creator|contributor|publisher|owner|name|email|managingEditor|webMaster|pubDate|date|"
    r"published|updated|modified|issued|created|lastBuildDate|expirationDate|expires)(?:\s[^<>]{0,500})?>"
    rf"\s{{0,100}}(?:<!\[CDATA\[)?[^<\]]{{{MAX_FIELD}}})[^<\]]+", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s{0,10}>", re.IGNORECASE)
_ITEM_START = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>/]", re.IGNORECASE)


_REFUSED = "declares a DTD with entities of its own, as attacks do"


class HostileXmlError(ValueError):
    """XML that is not given to a parser; the message is a plain sentence."""


@dataclass(frozen=True, slots=True)
class XmlText:
    """XML fit to be parsed. `cut` says that it ends before its root does, `cut_item` that its last item is a torso."""

    text: str
    root: str
    cut: bool = False
    cut_item: bool = False
    left_out: bool = False


def checked(text: str) -> XmlText:
    """The same document without DOCTYPE and control characters, its authors and dates of bearable length.

    Raises HostileXmlError for a DTD that declares entities, and for a tag with more attributes than any feed has.
    """
    body = _BAD_REFERENCE.sub("", _NOT_XML.sub("", text))
    start, entities = _skip_prolog(body)
    root = _ROOT.match(body, start)
    if root is None:
        return XmlText(body, "")
    if any(_is_bomb(tag, body) for tag in _LONG_TAG.finditer(body)):
        raise HostileXmlError(f"holds a tag with more than {MAX_ATTRIBUTES} attributes")
    content = _LONG_FIELD.sub(r"\1", _expanded(body[start:], entities))
    kept, left_out = _first_items(content)
    cut = f"</{root[1]}" not in content[-5_000:]
    return XmlText(kept, root[1], cut, cut and not left_out and _ends_in_item(content), left_out)


def _is_bomb(tag: re.Match[str], body: str) -> bool:
    """Whether a tag has too many attributes and is one, not text in a CDATA section."""
    at = tag.start()
    return tag[0].count("=") > MAX_ATTRIBUTES and body.rfind("<![CDATA[", 0, at) <= body.rfind("]]>", 0, at)


def is_web_page(text: str) -> bool:
    """Whether an answer is HTML: a log-in page, a consent page, a captive portal."""
    return _WEB_PAGE.search(text, 0, _HEAD) is not None and _FEED.search(text, 0, _HEAD) is None


def _skip_prolog(body: str) -> tuple[int, dict[str, str]]:
    """Where the root begins, behind declarations, comments and a DTD, and its entities. Raises HostileXmlError."""
    position = 0
    entities: dict[str, str] = {}
    while position < len(body):
        if body.startswith("<!--", position):
            end = body.find("-->", position + 4)
            position = len(body) if end < 0 else end + 3
        elif body[position : position + 9].upper() == "<!DOCTYPE":
            position, found = _doctype(body, position)
            entities |= found
        elif match := _PROLOG.match(body, position):
            position = match.end()
        else:
            break
    return position, entities


def _doctype(body: str, start: int) -> tuple[int, dict[str, str]]:
    match = _DOCTYPE.match(body, start)
    at = match.end() if match else len(body)
    if not body.startswith("[", at):
        return at + 1, {}
    end = _SUBSET_END.search(body, at)
    if end is None or end.start() - at > MAX_SUBSET:
        raise HostileXmlError(_REFUSED)
    return end.end(), _harmless(body[at : end.start()])


def _harmless(subset: str) -> dict[str, str]:
    """The entities of a DTD's internal subset, each a short text that names no other one. Raises HostileXmlError."""
    entities = {name: double or single for name, double, single in _ENTITY.findall(subset)}
    rest = _KNOWN_SET.sub("", _ENTITY.sub("", subset))
    nested = any(_NESTED.search(value) for value in entities.values())
    if nested or len(entities) > MAX_ENTITIES or "%" in rest or "<!ENTITY" in rest.upper():
        raise HostileXmlError(_REFUSED)
    return entities


def _expanded(content: str, entities: dict[str, str]) -> str:
    """The document with those entities written out, so that the parser needs no DTD. Raises HostileXmlError."""
    if not entities:
        return content
    if sum(content.count(f"&{name};") * len(value) for name, value in entities.items()) > MAX_EXPANDED:
        raise HostileXmlError(_REFUSED)
    return _REFERENCE.sub(lambda match: entities.get(match[1], match[0]), content)


def _first_items(content: str) -> tuple[str, bool]:
    if content.count("</") < MAX_ITEMS:
        return content, False
    ends = islice(_ITEM_END.finditer(content), MAX_ITEMS - 1, None)
    last = next(ends, None)
    if last is None or _ITEM_START.search(content, last.end()) is None:
        return content, False
    return content[: last.end()], True


def _ends_in_item(content: str) -> bool:
    start = max((match.start() for match in _ITEM_START.finditer(content)), default=-1)
    end = max((match.start() for match in _ITEM_END.finditer(content)), default=-1)
    return start > end
