"""The mail itself: one thread an incident, clean headers, text that stays text; every one parsed back."""
from __future__ import annotations

import email
from datetime import timedelta, timezone
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.deliver.message import body_text, composed, header_text, message_id, sending, usable_address
from advisord.errors import ChannelError
from advisord.model import Rendered, Severity

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "X-Auto-Response-Suppress",
           "Importance", "MIME-Version", "Content-Type", "Content-Language"]


def compose(make: Any, *, address: str | None = "p017@example.net", name: str = "A. Traoré", sender: str = "",
            previous: str | None = None, **wording: Any) -> Rendered:
    """A mail to p-017."""
    return composed(make.wording(**wording), delivery=make.delivery(previous=previous), address=address,
                    recipient_name=name, now=make.now, organisation="Joliba Relief",
                    sender=sending({"from": sender or "Duty desk <duty@example.org>"}, channel_id="email"))


def parsed(rendered: Rendered) -> EmailMessage:
    """The mail as a mail program reads it."""
    return email.message_from_bytes(rendered.body, policy=policy.default)


def content(part: EmailMessage) -> str:
    """The text of a part with plain line ends."""
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def raw_names(rendered: Rendered) -> list[str]:
    """The names of the headers as they stand in the bytes."""
    head = rendered.body.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line.partition(":")[0] for line in head.split("\r\n") if not line[0].isspace()]


def test_first_mail(make: Any) -> None:
    """A mail says who it is from and for, when, that a machine wrote it, and in which language."""
    rendered = compose(make)
    mail = parsed(rendered)
    assert raw_names(rendered) == HEADERS
    assert mail["From"] == "Duty desk <duty@example.org>"
    assert mail["To"].addresses[0].display_name == "A. Traoré"
    assert mail["To"].addresses[0].addr_spec == "p017@example.net"
    assert mail["Subject"] == rendered.subject == "[ACT NOW] Bamako airport closed"
    assert mail["Date"].datetime == make.now
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<d-1@example.org>", "auto-generated")
    assert (mail["Content-Language"], mail["Importance"]) == ("en", "high")


def test_text_and_html(make: Any) -> None:
    """A mail holds the text for simple programs and the HTML for others, in that order."""
    mail = parsed(compose(make, text="Größe: 3 km\n", html="<p>Größe</p>"))
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert (content(text), content(html).strip()) == ("Größe: 3 km\n", "<p>Größe</p>")


def test_same_bytes_when_composed_again(make: Any) -> None:
    """A mail composed again after a crash, before it was kept, is the same mail."""
    assert compose(make) == compose(make)


def test_one_thread(make: Any) -> None:
    """The messages of one incident to one recipient are one thread, even where the first was never accepted."""
    first, second, third = (parsed(composed(
        make.wording(), delivery=make.delivery(id=name, previous=previous), address="a@example.net", recipient_name="",
        now=make.now, organisation="", sender=sending({"from": "a@example.org"}, channel_id="email"),
    )) for name, previous in (("d-1", None), ("d-2", "d-1"), ("d-3", "d-2")))
    root = first["References"].split()[0]
    assert first["In-Reply-To"] is None
    assert (second["In-Reply-To"], second["References"].split()) == ("<d-1@example.org>", [root, "<d-1@example.org>"])
    assert (third["In-Reply-To"], third["References"].split()) == ("<d-2@example.org>", [root, "<d-2@example.org>"])


@pytest.mark.parametrize(("domain", "kept"), [
    ("a-very-long-department-name.of-an-even-longer-organisation.example.org", "example.org"),
    ("twenty-four-chars.ngo.org", "ngo.org"), ("exactly-24-chars.ngo.org", "exactly-24-chars.ngo.org"),
    ("x" * 63 + ".org", "org"),
])
@pytest.mark.parametrize("previous", ["0190f0e2-7c1a-7d44-9a55-4a6f1f9b3a11", "x" * 36, "x" * 37])
def test_long_domain_keeps_ids_whole(make: Any, domain: str, kept: str, previous: str) -> None:
    """Ids at a long domain stay what they are, neither folded nor encoded."""
    rendered = compose(make, sender=f"duty@{domain}", previous=previous)
    mail = parsed(rendered)
    assert mail["In-Reply-To"].endswith(f"@{kept}>")
    assert mail["References"].split()[1] == mail["In-Reply-To"]
    assert b"=?" not in rendered.body.partition(b"\r\n\r\n")[0].partition(b"References")[2]


@pytest.mark.parametrize("title", [
    pytest.param("x\nBcc: evil@example.com", id="subject-LF"),
    pytest.param("x\vBcc: e@x", id="subject-VT"),
    pytest.param("x\u0085Bcc: e@x", id="subject-NEL"),
    pytest.param("x\u2028Bcc: e@x", id="subject-U+2028"),
    *(pytest.param(title, id=repr(title)) for title in (
        "x\r\nBcc: evil@example.com", "x\rBcc: evil@example.com", "x\fBcc: e@x", "x\u2029Bcc: e@x", "x\0Bcc: e@x",
        "\n\n<script>", "x\r\n\r\nbody", "x\n Bcc: e@x")),
])
def test_subject_controls(make: Any, title: str) -> None:
    """A title with a raw line end or control in it is sent on one line, with the expected headers and no others."""
    rendered = compose(make, subject=title)
    assert raw_names(rendered) == HEADERS
    assert parsed(rendered)["Subject"] == " ".join(title.replace("\0", " ").split())
    assert parsed(rendered).get("Bcc") is None


@pytest.mark.parametrize("title", [
    "=?utf-8?q?x=0ABcc:_e@x?=", "=?utf-8?q?Blast=0ABcc:_evil@x.org?=", "=?utf-8?b?eApCY2M6IGVAeA==?=",
    "=?utf-8?q?x=0D=0A=0D=0Abody?=", "a =?utf-8?q?x=0ABcc:_e@x?= =?utf-8?q?y?=", "==?utf-8?q?x=0ABcc:_e@x?=",
    "=?=?utf-8?q?x=0ABcc:_e@x?=", "=\u200b?utf-8?q?x=0ABcc:_e@x?=",
])
def test_subject_encoded_word(make: Any, title: str) -> None:
    """A title that some mail programs would decode into a header stays words."""
    rendered = compose(make, subject=title)
    assert raw_names(rendered) == HEADERS
    again = parsed(rendered)
    assert again.get("Bcc") is None
    assert "\n" not in again["Subject"]


@pytest.mark.parametrize("name", [
    "A\r\nBcc: e@x", "=?utf-8?q?x=0ABcc:_e@x?=", 'A" <e@x>, "B', "A, B", "A\u2028B", "\u202eevil", "", "é" * 200,
], ids=repr)
def test_name_inject(make: Any, name: str) -> None:
    """A name of the staff list can't add a recipient or a header."""
    rendered = compose(make, name=name)
    assert raw_names(rendered) == HEADERS
    assert [address.addr_spec for address in parsed(rendered)["To"].addresses] == ["p017@example.net"]


@pytest.mark.parametrize("address", ["a@b>\r\nDATA", "a@b, c@d", "a@b\nBcc: e@x", "=?utf-8?q?a=40b?=", "nobody", ""])
def test_address_that_is_none(make: Any, address: str) -> None:
    """A mail is not written to what is no address, and the error doesn't repeat it."""
    with pytest.raises(ChannelError) as caught:
        compose(make, address=address)
    assert str(caught.value) == "channel 'email': the recipient's mail address can't be used"


def test_without_an_address(make: Any) -> None:
    """A mail for a folder needs no address."""
    assert "undisclosed-recipients" in parsed(compose(make, address=None))["To"]


def test_bidi_controls_are_stripped(make: Any) -> None:
    """Characters that turn the reading direction round don't reach the reader; Arabic does."""
    mail = parsed(compose(make, subject="a\u202eb مطار", text="a\u202eb\u2066c مطار\n", html=""))
    assert mail["Subject"] == "a b مطار"
    assert content(mail) == "abc مطار\n"


def test_minor_is_not_important(make: Any) -> None:
    """Only Severe and Extreme claim importance."""
    rendered = composed(make.wording(), delivery=make.delivery(severity=Severity.MINOR), address="a@example.net",
                        recipient_name="", now=make.now.astimezone(timezone(timedelta(hours=5))), organisation="Joliba",
                        sender=sending({"from": "a@example.org", "reply_to": "Desk <b@example.org>"}, channel_id="c"))
    mail = parsed(rendered)
    assert mail["Importance"] is None
    assert (mail["From"], mail["Reply-To"]) == ("Joliba <a@example.org>", "b@example.org")
    assert mail["Date"] == "Tue, 17 Sep 2024 08:30:00 +0000"


@pytest.mark.parametrize(("delivery_id", "sent"), [
    ("d-1", "<d-1@x>"), ("d.1", "<d.1@x>"), ("d..1", None), ("d 1", None), ("d@1", None), ("d>\r\n", None),
    ("x" * 37, None), ("", None), (".d", None),
])
def test_message_id(delivery_id: str, sent: str | None) -> None:
    """The Message-ID is the delivery's id where that can be one, and otherwise its digest."""
    made = message_id(delivery_id, "x")
    assert (made == sent) is (sent is not None)
    assert made.startswith("<")
    assert made.endswith("@x>")
    assert made[1:-3].replace("-", "").replace(".", "").isalnum()


@given(subject=st.text(), text=st.text(), html=st.text(), name=st.text(max_size=100))
def test_any_words_make_a_clean_mail(make: Any, subject: str, text: str, html: str, name: str) -> None:
    """Whatever the words, the bytes hold exactly the expected headers, and the text comes back."""
    rendered = compose(make, subject=subject, text=text, html=html, name=name)
    expected = [header for header in HEADERS if header != "Content-Type"]
    assert sorted(set(raw_names(rendered)) - {"Content-Type", "Content-Transfer-Encoding"}) == sorted(expected)
    assert rendered.body.replace(b"\r\n", b"").find(b"\n") == rendered.body.replace(b"\r\n", b"").find(b"\r") == -1
    part = parsed(rendered).get_body(("plain",))
    assert isinstance(part, EmailMessage)
    assert content(part).rstrip("\n") == body_text(text).rstrip("\n")
    assert parsed(rendered)["Subject"].split() == header_text(subject)[:250].split()


@given(st.text())
def test_header_text_is_one_line(value: str) -> None:
    """A cleaned header value is one line, can be encoded, and cleaning it again changes nothing."""
    clean = header_text(value)
    assert clean.splitlines() in ([], [clean])
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert header_text(clean) == clean
    assert "=?" not in clean


@given(st.text(max_size=60))
def test_usable_address_is_ascii(value: str) -> None:
    """An address that is let through can't be read as anything else on an SMTP line."""
    usable = usable_address(value)
    if usable is not None:
        assert usable.isascii()
        assert usable.isprintable()
        assert not set(usable) & set(' <>()[]",;:\\')
        assert usable.count("@") == 1
