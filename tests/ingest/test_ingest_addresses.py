"""Where a feed may be fetched from: every forbidden address and spelling, with a canary that nobody may touch."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisord.addresses import AddressRefusedError, address_fault, judged_spelling, parsed_url
from advisord.errors import FeedError
from advisord.ingest.fetch import Fetcher
from advisord.model import Feed, FeedState

FORBIDDEN = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.0.1", "100.100.100.200",
    "100.127.255.254", "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "168.63.129.16", "169.254.0.1",
    "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1",
    "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2620:4f:8000::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254",
    "fe80::1", "fe80::a9fe:a9fe", "fec0::1", "ff02::1", "ff05::1:3",
)
PUBLIC = (
    "8.8.8.8", "1.1.1.1", "185.199.108.153", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1",
)
SPELLINGS = (
    "0x7f000001", "0x7f.0.0.1", "0x7f.1", "2130706433", "017700000001", "0177.0.0.1", "0177.1", "127.1", "127.0.1",
    "127.0.0.01", "127.000.000.001", "0", "00000000.0.0.0", "127.0.0.1.", "0x7f000001.", "1.0x7f", "3232235521",
    "%31%32%37.0.0.1", "127%2e0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "１２７.0.0.1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::1%25lo]",
    "localhost", "LOCALHOST", "localhost.", "example.com@127.0.0.1", "example.com:80@127.0.0.1",
    "127.0.0.1\\@example.com", "127.0.0.1\t", "a b", "127.0.0.1\x00.example.com", "",
)
SCHEMES = (
    "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "dict://127.0.0.1/", "jar:http://127.0.0.1/!/",
    "data:text/xml,<rss/>", "javascript:alert(1)", "//127.0.0.1/feed", "/etc/passwd", "http:127.0.0.1", "http:///feed",
    "https://", "unix:///run/docker.sock", "view-source:http://127.0.0.1/",
)


def _literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _refused(fetcher: Fetcher, feed: Feed) -> str:
    with pytest.raises(FeedError) as caught:
        fetcher.fetch(feed, FeedState(feed.id))
    return caught.value.reason


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_never_connected_to(address: str, fetcher: Fetcher, canary: Any) -> None:
    """A feed whose address is a number inside, reserved or local is refused before anybody is called."""
    before = canary.visits
    reason = _refused(fetcher, Feed("x", f"http://{_literal(address)}:{canary.port}/feed"))
    assert (" is at " in reason, canary.visits) == (True, before)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_of_a_forbidden_address_is_never_connected_to(address: str, fetcher: Fetcher, canary: Any) -> None:
    """A public name that leads inside is refused as the number is, also when it has a public address beside it."""
    before = canary.visits
    tricky = replace(fetcher, resolver=lambda _host, _port: ("8.8.8.8", address))
    reason = _refused(tricky, Feed("x", f"http://feeds.example.org:{canary.port}/feed"))
    assert (reason.startswith(f"'feeds.example.org' is at {address}"), canary.visits) == (True, before)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_tricky_spelling_is_never_connected_to(spelling: str, fetcher: Fetcher, canary: Any) -> None:
    """Hexadecimal, octal, short and decimal numbers, letters that stand for digits, names before an @: none gets in."""
    before = canary.visits
    _refused(fetcher, Feed("x", f"http://{spelling}:{canary.port}/feed"))
    assert canary.visits == before


@pytest.mark.parametrize("url", SCHEMES)
def test_only_http_is_fetched(url: str) -> None:
    """Other schemes and half addresses are refused with a sentence."""
    with pytest.raises(AddressRefusedError):
        parsed_url(url)


@pytest.mark.parametrize("spelling", [*SPELLINGS, *(_literal(address) for address in FORBIDDEN)])
def test_a_redirect_inside_is_refused(spelling: str, fetcher: Fetcher, canary: Any, serve: Any, answer: Any) -> None:
    """A feed that may be on a private network can't send us to another place of it: not to any address or spelling."""
    before = canary.visits
    location = f"http://{spelling}:{canary.port}/x".replace("\x00", "%00")
    server = serve(answer(b"", f"Location: {location.encode('utf-8').decode('latin-1')}", status="302 Found"))
    _refused(fetcher, Feed("x", f"{server.url}/feed", allow_private=True))
    assert (server.visits, canary.visits) == (1, before)


@pytest.mark.parametrize("url", SCHEMES[:7])
def test_a_redirect_to_another_scheme_is_refused(url: str, fetcher: Fetcher, serve: Any, answer: Any) -> None:
    """file:, gopher: and their like are not followed."""
    server = serve(answer(b"", f"Location: {url}", status="301 Moved Permanently"))
    assert "are not fetched" in _refused(fetcher, Feed("x", server.url, allow_private=True))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_fine(address: str) -> None:
    """The addresses that the public internet uses pass, right up to the edges of the forbidden blocks."""
    assert address_fault(address, allow_private=False) is None


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.9.9", "192.168.1.1", "100.64.0.9", "::1", "fd12::1",
])
def test_the_operator_can_open_private_networks(address: str) -> None:
    """allow_private: true opens loopback and the private blocks."""
    assert address_fault(address, allow_private=True) is None


@pytest.mark.parametrize("address", [
    "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "0.0.0.0", "::", "fe80::1",
    "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "224.0.0.1",
])
def test_nobody_can_open_what_is_no_network_of_theirs(address: str) -> None:
    """allow_private: true opens neither the clouds' metadata nor ways around the table."""
    assert address_fault(address, allow_private=True) is not None


@pytest.mark.parametrize("host", ["10.0.0.1", "::1", "intranet", "printer.local", "db.internal", "localhost"])
def test_names_of_the_inside_are_not_asked_of_a_proxy(host: str) -> None:
    """Behind a proxy, which resolves names itself, numbers and names of the inside are still refused."""
    with pytest.raises(AddressRefusedError):
        judged_spelling(host, allow_private=False)


@pytest.mark.parametrize("answers", [(), ("not an address",), ("8.8.8.8", "")], ids=["none", "words", "empty"])
def test_a_resolver_that_answers_nonsense_is_a_refusal(answers: tuple[str, ...], fetcher: Fetcher) -> None:
    """A host without an address, or with one that is none, is not connected to."""
    tricky = replace(fetcher, resolver=lambda _host, _port: answers)
    assert "feeds.example.org" in _refused(tricky, Feed("x", "http://feeds.example.org/"))


def test_a_name_is_judged_and_connected_to_in_one_look_up(fetcher: Fetcher, canary: Any) -> None:
    """A name that is public when judged can't be private when connected to: it is resolved once."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("198.41.0.4",) if len(asked) == 1 else ("127.0.0.1",)

    before = canary.visits
    _refused(replace(fetcher, resolver=rebinding, connect_s=0.2), Feed("x", f"http://rebind.example:{canary.port}/"))
    assert (asked, canary.visits) == (["rebind.example"], before)
