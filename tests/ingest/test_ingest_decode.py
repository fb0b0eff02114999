"""Documents made to hurt, decoded in the real children: the feed pays with one failure, the daemon with nothing."""
from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisord.errors import FeedError
from advisord.ingest.articles import Parsed, articles_of
from advisord.ingest.decode import Decoder
from advisord.ingest.fetched import FOLDER_TYPE, Fetched
from advisord.model import Feed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://news.example/feed"
DTD = "declares a DTD with entities of its own, as attacks do"
LIMITS = "can't be decoded within the limits of time and memory"


def _rss(inside: str, head: str = "") -> str:
    return f'{head}<rss version="2.0"><channel><title>t</title>{inside}</channel></rss>'


def _item(inside: str) -> str:
    return _rss(f"<item><title>Fine</title>{inside}</item>")


def _laughs() -> str:
    nested = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 11))
    return _rss("<item><title>&l10;</title></item>", f'<!DOCTYPE rss [<!ENTITY l0 "lol">{nested}]>')


def _chain() -> str:
    links = "".join(f'<!ENTITY e{link} "&e{link + 1};">' for link in range(30_000))
    return _rss("<item><title>&e0;</title></item>", f'<!DOCTYPE rss [{links}<!ENTITY e30000 "x">]>')


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    """One decoder for all cases, as the daemon has one for all feeds, but less patient."""
    with Decoder(cpu_s=2) as decoder:
        yield decoder


def _decoded(decoder: Decoder, text: str, name: str = "x") -> Parsed | str:
    fetched = Fetched(text.encode("utf-8", "surrogatepass"), URL, "h")
    try:
        return decoder.articles_of(Feed(name, URL), fetched, now=NOW)
    except FeedError as error:
        return error.reason


REFUSED = {
    "laughs": (_laughs(), DTD),
    "quad-blowup": (_rss(_item("&a;" * 20_000), f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'), DTD),
    "small-quad": (_rss("<item><title>" + "&a;" * 500_000 + "</title></item>",
                        f'<!DOCTYPE rss [<!ENTITY a "{"a" * 99}">]>'), DTD),
    "entity-chain": (_chain(), DTD),
    "xxe-file": (_rss("<item><title>&x;</title></item>",
                      '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), DTD),
    "xxe-public": (_rss("<item><title>&x;</title></item>",
                        '<!DOCTYPE rss [<!ENTITY x PUBLIC "p" "file:///etc/passwd">]>'), DTD),
    "entity-decls": (_rss("", "<!DOCTYPE rss [" + '<!ENTITY a "b">' * 100_000 + "]>"), DTD),
    "dtd-without-end": (_rss("", "<!DOCTYPE rss [" + "] " * 1_000_000), DTD),
    "dtd-behind-a-comment": (_rss("", '<!-- <rss> --><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), DTD),
    "attrs-100k": (_rss("<item " + " ".join(f'a{number}="1"' for number in range(100_000)) + "/>"),
                   "holds a tag with more than 500 attributes"),
    "ns-50k": (_rss("").replace("<rss", "<rss " + " ".join(f'xmlns:n{number}="u"' for number in range(50_000))),
               "holds a tag with more than 500 attributes"),
    "deep-json": ("[" * 1_000_000, "answered with JSON that is broken or cut off"),
    "json-of-digits": ('{"version":"https://jsonfeed.org/version/1","items":[{"id":' + "1" * 1_000_000 + "}]}",
                       "answered with JSON that is broken or cut off"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_bombs_are_refused_at_a_glance(text: str, reason: str, decoder: Decoder) -> None:
    """What is made to hurt is refused before a parser sees it, in under a second."""
    began = time.monotonic()
    assert _decoded(decoder, text) == reason
    assert time.monotonic() - began < 5  # under a tenth of it on an idle machine


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_bombs_are_refused_by_the_eye_alone(text: str, reason: str) -> None:
    """The refusal does not rest on the child: no parser is asked."""
    with pytest.raises(FeedError) as caught:
        articles_of(Feed("x", URL), Fetched(text.encode("utf-8", "surrogatepass"), URL, "h"), now=NOW)
    assert caught.value.reason == reason


BORNE = {
    "big-token": _rss(f'<item a="{"x" * 4_800_000}"><title>Fine</title></item>'),
    "picture-in-text": _item(f'<description><![CDATA[<img src="data:{"a=b" * 50_000}">]]></description>'),
    "author-50k": _item(f"<author>{'a' * 50_000}</author>"),
    "creator-50k": _item(f'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">{"a" * 50_000}</dc:creator>'),
    "author-cdata": _item(f"<author><![CDATA[{'a' * 50_000}]]></author>"),
    "author-dots": _item(f"<author>a@{'a.' * 16_000}!</author>"),
    "date-of-digits": _item(f"<pubDate>{'1' * 100_000}</pubDate>"),
    "comment-open": _item(f"<description><![CDATA[{'<!--' * 50_000}]]></description>"),
    "html-nested": _item(f"<description><![CDATA[{'<div>' * 100_000}]]></description>"),
    "nul-and-c0": _item("<category>\x00\x0b\ufffe</category>"),
    "polygon": _item('<g:polygon xmlns:g="http://www.georss.org/georss">' + "1 2 " * 100_000 + "</g:polygon>"),
    "lone-surrogate": _item("<category>\ud800</category>"),
    "bad-codec": _rss("<item><title>Fine</title></item>", '<?xml version="1.0" encoding="rot13"?>'),
    "long-codec": _rss("<item><title>Fine</title></item>", f'<?xml version="1.0" encoding="{"x" * 200_000}"?>'),
    "dtd-without-entities": _rss("<item><title>Fine</title></item>", "<!DOCTYPE rss [<!ELEMENT rss ANY>]>"),
    "dtd-of-1999": _rss(
        "<item><title>Fine</title></item>", '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x/y">'),
    "harmless-entity": _rss("<item><title>&f;</title></item>", '<!DOCTYPE rss [<!ENTITY f "Fine">]>'),
}


@pytest.mark.parametrize("text", BORNE.values(), ids=BORNE.keys())
def test_nonsense_in_an_item_is_borne(text: str, decoder: Decoder) -> None:
    """An absurd author, date, outline or charset costs neither its item nor any time worth naming."""
    began = time.monotonic()
    parsed = _decoded(decoder, text)
    assert isinstance(parsed, Parsed)
    assert ([article.title for article in parsed.articles], time.monotonic() - began < 5) == (["Fine"], True)


@pytest.mark.parametrize("text", [
    _rss("<a>" * 1_000_000), _rss("".join(f'<a xmlns:n{number}="u{number}">' for number in range(50_000))),
    _rss("".join("<item " + " ".join(f'a{number}="1"' for number in range(400)) + "/>" for _ in range(200))),
    _item("<author>" + "aaaaaaa<b/>" * 2_000 + "</author>"), _item("<link>http://x/</link>" * 30_000),
    _rss("<item><title>t</title></item>" * 100_000),
], ids=["depth-1M", "ns-nested", "attrs-spread", "author-in-pieces", "links-30k", "items-100k"])
def test_what_passes_the_eye_is_held_by_the_limits(text: str, decoder: Decoder) -> None:
    """Documents that are only slow to parse end within the limits, with articles or with one failure."""
    began = time.monotonic()
    result = _decoded(decoder, text)
    assert isinstance(result, Parsed) or result == LIMITS
    assert time.monotonic() - began < 25


def test_an_entity_never_calls_anybody(decoder: Decoder, canary: Any) -> None:
    """xxe-http: neither a DTD, nor an entity, nor a stylesheet, nor an include makes the parser call a server."""
    before, url = canary.visits, f"http://127.0.0.1:{canary.port}/x"
    for head in (
        f'<!DOCTYPE rss SYSTEM "{url}">', f'<!DOCTYPE rss PUBLIC "p" "{url}">',
        f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{url}"> %p;]>',
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{url}">]>', f'<?xml-stylesheet href="{url}" type="text/xsl"?>',
        f'<!DOCTYPE rss [<!ENTITY % p PUBLIC "-//W3C//ENTITIES Latin 1//EN" "{url}"> %p;]>',
    ):
        include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{url}"/>'
        _decoded(decoder, _rss(f"<item><title>&x;</title>{include}</item>", head))
    assert canary.visits == before


def test_a_child_gives_what_this_process_would(decoder: Decoder) -> None:
    """Decoding elsewhere changes nothing in what comes out."""
    text = _rss("<item><title>Bridge closed</title><description>By order.</description><guid>1</guid>"
                "<pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate></item><item/>")
    fetched = Fetched(text.encode(), URL, "h")
    assert decoder.articles_of(Feed("x", URL), fetched, now=NOW) == articles_of(Feed("x", URL), fetched, now=NOW)


def test_a_plain_failure_comes_back_as_it_is(decoder: Decoder) -> None:
    """A page that is no feed is told in the same words, and the child lives on."""
    assert _decoded(decoder, "<html><body>no</body></html>") == "answered with a web page, not a feed"


def test_a_child_that_is_lost_costs_one_failure() -> None:
    """A feed that takes more processor time than it may is ended, and the next feed is read."""
    with Decoder(children=1, cpu_s=1, wall_s=20) as decoder:
        results = [_decoded(decoder, _rss("<a>" * 1_000_000), "bad"), _decoded(decoder, _item(""), "good")]
    assert results[0] == LIMITS
    assert isinstance(results[1], Parsed)


def test_a_hanging_child_is_ended_by_the_wall_clock() -> None:
    """Where processor time does not tell, the wall clock does."""
    began = time.monotonic()
    with Decoder(children=1, cpu_s=60, wall_s=1) as decoder:
        assert _decoded(decoder, _rss("<a>" * 1_000_000)) == LIMITS
    assert time.monotonic() - began < 10


def test_memory_is_limited() -> None:
    """A document that needs more memory than a child may have costs that child, not the machine."""
    with Decoder(children=1, memory_mb=200, cpu_s=20, wall_s=20) as decoder:
        rows = "{}," * 4_000_000
        assert _decoded(decoder, f'{{"version":"https://jsonfeed.org/version/1","items":[{rows}{{}}]}}') == LIMITS


def test_hostile_feeds_do_not_hold_up_the_others() -> None:
    """A feed that killed its child waits in a lane of its own from then on."""
    bad, good = _rss("<a>" * 1_000_000), _item("")
    with Decoder(children=1, cpu_s=1, wall_s=20) as decoder, ThreadPoolExecutor(5) as threads:
        _decoded(decoder, bad, "bad-0")
        hostile = threads.submit(_decoded, decoder, bad, "bad-0")
        assert all(isinstance(_decoded(decoder, good, f"good-{number}"), Parsed) for number in range(5))
        overtaken = not hostile.done()
        assert hostile.result() == LIMITS
    assert overtaken


def test_a_feed_that_behaves_again_is_trusted_again() -> None:
    """A feed that was slow once is decoded with the others as soon as it is quick."""
    with Decoder(children=1, cpu_s=1) as decoder:
        results = [_decoded(decoder, text, "x") for text in (_rss("<a>" * 1_000_000), _item(""), _item(""))]
    assert [isinstance(result, Parsed) for result in results] == [False, True, True]


def test_a_slow_feed_waits_for_its_turn_and_no_longer() -> None:
    """Many slow feeds at once cost each other a failure, not the daemon's threads their time."""
    slow = _rss("<a>" * 1_000_000)
    decoder = Decoder(children=2, cpu_s=20, wall_s=4, quick_cpu_s=0.1, queue_s=0.2)
    with decoder, ThreadPoolExecutor(4) as threads:
        reasons = set(threads.map(lambda number: _decoded(decoder, slow, f"slow-{number}"), range(4)))
    assert reasons == {LIMITS, "waited too long behind other feeds that are slow to decode"}


def test_many_threads_share_the_children() -> None:
    """The daemon's threads decode at the same time, each getting its own feed's articles."""
    with Decoder(children=2) as decoder, ThreadPoolExecutor(8) as threads:
        texts = [_rss(f"<item><title>Item {number}</title></item>") for number in range(60)]
        results = list(threads.map(lambda text: _decoded(decoder, text), texts))
    titles = [result.articles[0].title for result in results if isinstance(result, Parsed)]
    assert titles == [f"Item {number}" for number in range(60)]


def test_no_process_and_no_descriptor_is_left() -> None:
    """A decoder that ends takes its children with it."""
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    with Decoder(children=2, cpu_s=1) as decoder:
        _decoded(decoder, _item(""))
        _decoded(decoder, _rss("<a>" * 1_000_000))
    assert len(list(descriptors.iterdir())) == before


def test_a_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads strangers' bytes is not given the daemon's environment."""
    monkeypatch.setenv("ADVISORD_SMTP_PASSWORD", "canary-s3cret")
    with Decoder(children=1) as decoder:
        _decoded(decoder, _item(""))
        children = [
            environ.read_bytes() for task in Path("/proc/self/task").iterdir()
            for child in (task / "children").read_text().split() for environ in [Path(f"/proc/{child}/environ")]]
    assert (children != [], any(b"canary-s3cret" in environment for environment in children)) == (True, False)


def test_a_folder_is_decoded_in_a_child_too(decoder: Decoder) -> None:
    """Files from elsewhere are as strange as feeds."""
    body = b'{"name": "a.txt", "written": "2026-11-22T10:00:00+00:00", "content": "Bridge closed\\nBy order."}'
    parsed = decoder.articles_of(Feed("x", "file:/x"), Fetched(body, "file:/x", "h", FOLDER_TYPE), now=NOW)
    assert [article.title for article in parsed.articles] == ["Bridge closed"]


def test_a_daemon_that_dies_leaves_no_child() -> None:
    """When standard input ends, as it does when the daemon is killed, so does the child."""
    command = [sys.executable, "-m", "advisord.ingest.child", "512", "0"]
    child = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    assert child.stdout == b"\0\0\0\0"
