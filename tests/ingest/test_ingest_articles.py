"""What becomes of the bytes of a feed: which articles, and what is said of those that are none."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisord.errors import FeedError
from advisord.ingest.articles import Parsed, articles_of
from advisord.ingest.fetched import Fetched
from advisord.model import Article, Feed, Hints, Reliability, Severity

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FEED = Feed("desk", "https://news.example/feed", reliability=Reliability.B)
AGENCIES = {"afp": "AFP", "agence france-presse": "AFP", "reuters": "Reuters"}
HEAD = (
    '<rss version="2.0" xmlns:georss="http://www.georss.org/georss" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2"><channel><title>t</title>')


def _rss(*items: str) -> str:
    return HEAD + "".join(f"<item>{item}</item>" for item in items) + "</channel></rss>"


def _parsed(text: str | bytes, content_type: str = "", *, feed: Feed = FEED, framed: bool = True) -> Parsed:
    body = text if isinstance(text, bytes) else text.encode()
    fetched = Fetched(body, "https://news.example/feed", "h", content_type, framed=framed)
    return articles_of(feed, fetched, now=NOW, agencies=AGENCIES)


def _one(item: str) -> Article:
    (article,) = _parsed(_rss(item)).articles
    return article


def _reason(text: str | bytes, **options: Any) -> str:
    with pytest.raises(FeedError) as caught:
        _parsed(text, **options)
    return caught.value.reason


# ------------------------------------------------------------------------------------------------------ the formats


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr-FR"><title>t</title><entry>
<id>tag:news.example,2026:1</id><title type="html">Pont &amp;amp; route ferm\u00e9s</title>
<link href="/pont"/><updated>2026-11-22T11:00:00+01:00</updated><published>2026-11-22T10:30:00+01:00</published>
<summary>Court.</summary><content type="html">&lt;p&gt;Le pont
est ferm\u00e9.&lt;/p&gt;&lt;p&gt;La route aussi.&lt;/p&gt;</content>
</entry></feed>"""
JSON_FEED = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "t", "language": "es", "items": [{
        "id": 17, "url": "https://news.example/17", "title": "Puente cerrado", "content_html": "<p>Uno.</p><p>Dos.</p>",
        "date_published": "2026-11-22T05:00:00-06:00", "authors": [{"name": "Reuters"}],
        "geometry": {"type": "Point", "coordinates": [-99.1, 19.4]}}]})
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>t</title></channel>
<item rdf:about="https://news.example/1"><title>Bridge closed</title><link>https://news.example/1</link>
<description>By order.</description><dc:date>2026-11-22T09:00:00Z</dc:date></item></rdf:RDF>"""


def test_an_rss_item_is_an_article() -> None:
    """Title, text, link, date, guid and the feed's own data are kept."""
    article = _parsed(_rss(
        "<title>Bridge closed</title><description>By order of the prefect.</description><guid>g1</guid>"
        "<link>https://news.example/1</link><pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate>",
    ), feed=replace(FEED, language="en", country="ML")).articles[0]
    assert article == Article(
        id=article.id, text="By order of the prefect.", title="Bridge closed", feed_id="desk", guid="g1",
        url="https://news.example/1", published=datetime(2026, 11, 22, 9, 0, tzinfo=UTC), seen_at=NOW, language="en",
        country="ML", fingerprint=article.fingerprint)


def test_an_atom_entry_is_an_article() -> None:
    """The full content beside a teaser is taken, paragraphs stay apart, relative links are joined."""
    (article,) = _parsed(ATOM).articles
    assert (article.title, article.text, article.url, article.language) == (
        "Pont & route fermés", "Le pont est fermé.\n\nLa route aussi.", "https://news.example/pont", "fr-FR")
    assert article.published == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_a_json_feed_is_read() -> None:
    """JSON Feed gives the same articles as XML does."""
    (article,) = _parsed(JSON_FEED).articles
    assert (article.guid, article.title, article.text, article.language, article.credit) == (
        "17", "Puente cerrado", "Uno.\n\nDos.", "es", "Reuters")
    assert (article.published, article.hints) == (
        datetime(2026, 11, 22, 11, 0, tzinfo=UTC), Hints(lat=19.4, lon=-99.1))


@pytest.mark.parametrize(("item", "text"), [
    ({"content_text": "Plain <b>text</b>"}, "Plain <b>text</b>"), ({"summary": "Short."}, "Short."),
    ({"title": "Only a title"}, ""), ({"content_html": 5, "content_text": "Kept"}, "Kept"),
])
def test_json_items_say_it_in_several_ways(item: dict[str, Any], text: str) -> None:
    """HTML, text, a summary or only a title: whatever is there is read, wrong types are not."""
    feed = {"version": "https://jsonfeed.org/version/1", "items": [{"title": "t", **item}, "no object"]}
    parsed = _parsed(json.dumps(feed))
    assert ([article.text for article in parsed.articles], parsed.faults) == ([text], ("item 2 is no object",))


def test_rdf_is_read() -> None:
    """RSS 1.0 and its Dublin Core dates are read."""
    (article,) = _parsed(RDF).articles
    assert (article.title, article.published) == ("Bridge closed", datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


def test_a_feed_without_items_is_no_failure() -> None:
    """An alert feed is empty on a good day."""
    assert _parsed(_rss()) == Parsed(())


@pytest.mark.parametrize(("text", "sentence"), [
    ("<!DOCTYPE html><html><body>Please log in</body></html>", "answered with a web page, not a feed"),
    ("  <HTML><head><title>x</title>", "answered with a web page, not a feed"),
    ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "answered with a web page, not a feed"),
    ("It works!", "answered with something that is not a feed"),
    ("<note><to>you</to></note>", "answered with something that is not a feed"),
    ("\x1f\x8b\x08\x00binary", "answered with something that is not a feed"),
    ('{"status": "ok"}', "answered with JSON that is not a JSON Feed"),
    ("[1, 2]", "answered with JSON that is not a JSON Feed"),
    ('{"version": "https://jsonfeed.org/version/1", "items": [{"id"', "answered with JSON that is broken or cut off"),
], ids=["log-in", "capitals", "xhtml", "text", "other-xml", "binary", "other-json", "list", "cut-json"])
def test_what_is_no_feed_is_said_to_be_none(text: str, sentence: str) -> None:
    """html-not-feed: a page of another kind is one failure with a plain sentence, never an empty feed."""
    assert _reason(text) == sentence


def test_a_feed_that_ends_too_early_keeps_what_was_complete() -> None:
    """A cut feed gives its complete items, not the torso, and counts as a failure."""
    whole = _rss("<title>One</title>", "<title>Two</title>", "<title>Three, and it is a long one")
    parsed = _parsed(whole.partition(", and")[0])
    assert [article.title for article in parsed.articles] == ["One", "Two"]
    assert parsed.trouble == "ends before its end; 2 complete items were read"


def test_an_endless_list_is_read_from_its_beginning() -> None:
    """Of an answer with thousands of items the first 2,000 are read, and that is said."""
    parsed = _parsed(_rss(*(f"<title>Item {number}</title>" for number in range(2_005))))
    assert (len(parsed.articles), parsed.trouble) == (2_000, None)
    assert parsed.notes == ("holds more than 2000 items; the first 2000 were read",)


def test_2000_items_are_all_there_are() -> None:
    """A feed of just so many items is whole."""
    parsed = _parsed(_rss(*(f"<title>Item {number}</title>" for number in range(2_000))))
    assert (len(parsed.articles), parsed.notes) == (2_000, ())


def test_a_cut_feed_of_unknown_length_is_a_failure() -> None:
    """Where not even the server said where the answer ends, a cut one is not read at all."""
    assert _reason(_rss("<title>One</title>")[:-20], framed=False) == "broke off before its end"


# --------------------------------------------------------------------------------------------------------- charsets


@pytest.mark.parametrize(("charset", "declared", "header"), [
    ("utf-8", "utf-8", ""), ("utf-8", "iso-8859-1", ""), ("utf-8", "", "text/xml; charset=iso-8859-1"),
    ("iso-8859-1", "iso-8859-1", ""), ("iso-8859-1", "utf-8", ""), ("iso-8859-1", "", ""),
    ("iso-8859-1", "", "text/xml; charset=iso-8859-1"), ("windows-1252", "nonsense", "text/xml; charset=more-nonsense"),
    ("utf-16", "utf-16", ""), ("utf-16-le", "", ""), ("utf-16-be", "", ""), ("utf-32", "", ""), ("utf-8-sig", "", ""),
    ("iso-8859-1", "utf-7", "text/xml; charset=rot13"), ("iso-8859-1", "x" * 30, "charset=" + "y" * 200_000),
])
def test_wrong_charsets_are_survived(charset: str, declared: str, header: str) -> None:
    """bad-codec: a feed whose charset is missing, wrong or absurd still has its accents."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (declaration + _rss("<title>Préfet blessé à Ségou</title>")).encode(charset)
    assert [article.title for article in _parsed(body, header).articles] == ["Préfet blessé à Ségou"]


@pytest.mark.parametrize(("charset", "title"), [
    ("windows-1251", "Взрыв в центре города"), ("koi8-r", "Взрыв в центре города"), ("iso-8859-6", "انفجار"),
    ("windows-1256", "انفجار"), ("gb18030", "爆炸"), ("shift_jis", "爆発"), ("euc-kr", "폭발"), ("iso-2022-jp", "爆発"),
    ("big5", "爆炸"), ("windows-1255", "פיצוץ"),
])
def test_declared_charsets_are_read(charset: str, title: str) -> None:
    """Feeds in the charsets of their countries come out in their own letters."""
    body = f'<?xml version="1.0" encoding="{charset}"?>{_rss(f"<title>{title}</title>")}'.encode(charset)
    assert [article.title for article in _parsed(body).articles] == [title]


# ------------------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize(("title", "shown"), [
    ("AT&amp;T", "AT&T"), ("AT&amp;amp;T", "AT&T"), ("Caf&amp;eacute;", "Café"),
    ("&lt;b&gt;Blast&lt;/b&gt; near base", "Blast near base"),
    ("<![CDATA[<b>Blast</b>]]>", "Blast"), ("a\n  b\tc", "a b c"), ("3 &lt; 5", "3 < 5"), ("x&amp;nbsp;y", "x y"),
    ("a\x00b\x0bc\ufffed", "abcd"), ("a&#0;b&#x1F;c", "abc"), ("safe\u202eevas", "safeevas"), ("Ka\u200bbul", "Kabul"),
    ("one\u2028two", "one two"), ("&lt;script&gt;alert(1)&lt;/script&gt;Fire", "Fire"),
    ("می\u200cخواهم", "می\u200cخواهم"),
])
def test_titles_are_plain_text(title: str, shown: str) -> None:
    """nul-and-c0: a title has no markup, no control characters and one line, and its item is kept."""
    assert _one(f"<title>{title}</title>").title == shown


def test_the_longest_text_of_an_item_is_taken() -> None:
    """Where the whole story is carried beside a teaser, the whole story is read."""
    whole = "<content:encoded><![CDATA[<p>The whole story.</p>]]></content:encoded>"
    assert _one(f"<title>t</title><description>Short.</description>{whole}").text == "The whole story."


@pytest.mark.parametrize(("link", "kept"), [
    ("https://news.example/1", "https://news.example/1"), ("/1", "https://news.example/1"),
    ("//cdn.example/1", "https://cdn.example/1"),
    ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("file:///etc/passwd", ""), ("https://a@b.example/", ""),
    ("https://x/&quot;onload=1", ""), ("https://x/" + "a" * 3000, ""), ("http://[::1", ""),
])
def test_links_are_links(link: str, kept: str) -> None:
    """link-scheme: a link leads to the web, or is none; its article is kept either way."""
    assert _one(f"<title>t</title><link>{link}</link>").url == kept


# ------------------------------------------------------------------------------------------------------------ dates


@pytest.mark.parametrize(("text", "moment"), [
    ("Sun, 22 Nov 2026 09:00:00 GMT", "2026-11-22T09:00"), ("22 Nov 2026 04:00 EST", "2026-11-22T09:00"),
    ("2026-11-22T10:00:00+01:00", "2026-11-22T09:00"), ("2026-11-22", "2026-11-22T00:00"),
    ("2026-11-22 09:00:00", "2026-11-22T09:00"), ("Sun, 22 Nov 2026 14:00:00 GMT", "2026-11-22T12:00"),
    ("Mon, 22 Nov 2027 09:00:00 GMT", None), ("9999999-01-01", None), ("Sun, 22 Nov 2026 25:61:00 GMT", None),
    ("Sun, 22 Nov 2026 10:00:00 +9999", None), ("1" * 100_000, None), ("1795176000", None), ("2026年11月20日", None),
    ("1970-01-01T00:00:00Z", None), ("yesterday", None), ("", None), ("0001-01-01T00:00:00+14:00", None),
], ids=lambda value: str(value)[:30])
def test_dates_are_plausible_or_none(text: str, moment: str | None) -> None:
    """bad-dates, future: an item with an absurd date is kept without one; a wrong zone's small future is now."""
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC) if moment else None
    assert _one(f"<title>t</title><pubDate>{text}</pubDate>").published == expected


def test_the_age_of_a_feed_is_that_of_its_newest_item() -> None:
    """A feed is as old as its content, whatever its clock says."""
    parsed = _parsed(_rss(*(f"<title>{day}</title><pubDate>2026-11-{day}T00:00:00Z</pubDate>" for day in (19, 21, 20))))
    assert parsed.newest == datetime(2026, 11, 21, tzinfo=UTC)


# ----------------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize(("element", "point"), [
    ("<georss:point>12.5 -8.0</georss:point>", (12.5, -8.0)),
    ("<geo:lat>12.5</geo:lat><geo:long>-8.0</geo:long>", (12.5, -8.0)),
    ("<georss:point>NaN inf</georss:point>", (None, None)), ("<georss:point>91 0.5</georss:point>", (None, None)),
    ("<georss:point>1 540</georss:point>", (None, None)), ("<georss:point>0 0</georss:point>", (None, None)),
    ("<georss:point>x y</georss:point>", (None, None)), ("<georss:box>1 2 3 4</georss:box>", (None, None)),
    ("<georss:polygon>" + "1 2 " * 20_000 + "</georss:polygon>", (None, None)),
    ("<geo:lat>nan</geo:lat><geo:long>1e999</geo:long>", (None, None)),
], ids=lambda value: str(value)[:40])
def test_only_points_on_the_globe_are_hints(element: str, point: tuple[float | None, float | None]) -> None:
    """geo-garbage: an absurd coordinate, a box or an outline is ignored, and the item kept."""
    hints = _one(f"<title>t</title>{element}").hints
    assert (hints.lat, hints.lon) == point


def test_cap_elements_of_an_item_are_used() -> None:
    """cap-exercise: a drill is marked as one, and the severity that a warning carries is kept."""
    article = _one("<title>t</title><cap:status>Exercise</cap:status><cap:severity>Severe</cap:severity>")
    assert (article.exercise, article.hints.severity) == (True, Severity.SEVERE)


# --------------------------------------------------------------------------------------------------------- identity


def _ids(*items: str) -> list[str]:
    return [article.id for article in _parsed(_rss(*items)).articles]


def test_an_edited_item_keeps_its_id_and_changes_its_fingerprint() -> None:
    """silent-edit: "10 dead" that becomes "0, drill" is the same article, to be read again."""
    before = _one("<title>10 dead</title><guid>g1</guid>")
    after = _one("<title>0, drill</title><guid>g1</guid>")
    assert (before.id == after.id, before.fingerprint == after.fingerprint) == (True, False)


def test_a_new_guid_for_the_same_words_keeps_the_fingerprint() -> None:
    """guid-churn: feeds that renew their guids with every poll are known by their words."""
    before = _one("<title>Bridge closed</title><description>By order.</description><guid>g1</guid>")
    after = _one("<title>Bridge closed</title><description>By order.</description><guid>g2</guid>")
    assert (before.id == after.id, before.fingerprint == after.fingerprint) == (False, True)


def test_two_feeds_may_use_one_guid() -> None:
    """guid-collide: the same guid in two feeds is two articles."""
    item = _rss("<title>t</title><guid>1</guid>")
    assert _parsed(item).articles[0].id != _parsed(item, feed=replace(FEED, id="other")).articles[0].id


@pytest.mark.parametrize(("one", "other"), [
    ("http://news.example/1", "https://www.news.example/1/"), ("https://news.example/1", "https://NEWS.example/1#comments"),
    ("https://news.example/1?id=2&amp;utm_source=rss", "https://news.example/1?id=2"),
])
def test_an_article_stays_one_when_its_address_is_dressed_differently(one: str, other: str) -> None:
    """A scheme, a campaign mark or a fragment makes no new article."""
    assert _ids(f"<title>t</title><guid>{one}</guid>") == _ids(f"<title>u</title><guid>{other}</guid>")


def test_a_guid_that_every_item_shares_names_none_of_them() -> None:
    """A feed whose guids are all the same keeps all its items, under ids that stay."""
    items = [f"<title>{name}</title><guid>feed</guid><link>https://news.example/{name}</link>" for name in "abc"]
    assert len(set(_ids(*items))) == 3
    assert _ids(*items) == _ids(*items)


def test_of_two_versions_of_an_item_the_newer_is_taken() -> None:
    """Atom lets a feed carry an entry twice; the later one is what is true."""
    item = "<guid>g</guid><link>https://news.example/1</link>"
    parsed = _parsed(_rss(
        f"<title>old</title>{item}<pubDate>2026-11-21T00:00:00Z</pubDate>",
        f"<title>new</title>{item}<pubDate>2026-11-22T00:00:00Z</pubDate>"))
    assert [article.title for article in parsed.articles] == ["new"]


def test_an_item_with_nothing_in_it_is_lost_alone() -> None:
    """A fault of one item costs that item, and is told."""
    parsed = _parsed(_rss("<title>One</title>", "<link>https://news.example/2</link>", "<title>Three</title>"))
    assert ([article.title for article in parsed.articles], parsed.faults) == (
        ["One", "Three"], ("item 2 has neither title nor text",))


# ---------------------------------------------------------------------------------------------------------- credits


@pytest.mark.parametrize(("item", "credit"), [
    ("<description>BAMAKO (AFP) - Gunmen attacked.</description>", "AFP"),
    ("<description>BAMAKO, Sept 17 (Reuters) — Gunmen attacked.</description>", "Reuters"),
    ("<description>Gunmen attacked. (Reuters)</description>", "Reuters"),
    ("<description>Des hommes armés ont attaqué. © AFP</description>", "AFP"),
    ("<description>x</description><dc:creator>Agence France-Presse</dc:creator>", "AFP"),
    ("<description>x</description><dc:creator>Awa Diallo, AFP</dc:creator>", "AFP"),
    ("<description>x</description><author>desk@news.example (Le Journal avec AFP)</author>", "AFP"),
    ("<description>The army (FAMA) said so.</description>", None),
    ("<description>AFP was told nothing.</description>", None),
])
def test_a_wire_agency_is_credited(item: str, credit: str | None) -> None:
    """What is a wire copy says so in the dateline, at its end or as its author; names in the text are no credit."""
    assert _one(f"<title>t</title>{item}").credit == credit


# ------------------------------------------------------------------------------------------------------- properties


PIECES = st.sampled_from([
    "<rss>", "</rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "<!--", "-->",
    "&amp;", "&#0;", "&nbsp;", "<!DOCTYPE x [", "<!ENTITY a 'b'>", "]>", "<entry>", "</entry>", "<feed>", "[", "}",
    '{"version":', "https://jsonfeed.org/version/1", "<pubDate>", "</pubDate>", "\x00", "é", "<a:b xmlns:a='c'>",
    "<?xml", "?>", "x", " ",
])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode())),
       st.text(max_size=30))
def test_any_bytes_are_articles_or_a_feed_error(body: bytes, content_type: str) -> None:
    """Whatever a server sends, reading it raises nothing but FeedError."""
    try:
        parsed = _parsed(body, content_type)
    except FeedError:
        return
    assert all(article.title or article.text for article in parsed.articles)
