"""Subjects and names in other scripts than ASCII arrive as they were written."""
from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.deliver.message import composed, header_text, sending
from advisord.model import Delivery, Severity, Wording

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
DELIVERY = Delivery("abc", "email", "person:p-1", "t", Severity.SEVERE, NOW, NOW, ("a",))
FROM = sending({"from": "Sécurité Élodie <desk@example.org>"}, channel_id="email")


def parsed(subject: str, name: str = "Aïssata Traoré") -> tuple[str, str, int]:
    """Subject and name of the mail as its reader's program shows them, and its longest header line."""
    rendered = composed(Wording(subject, "x", "", "{}"), delivery=DELIVERY, address="a@example.org",
                        recipient_name=name, sender=FROM, now=NOW, organisation="x")
    mail = message_from_bytes(rendered.body, policy=policy.default)
    # CPython's newer parser puts a space between neighbouring encoded words of a name; the older one reads RFC 2047
    written = parseaddr(message_from_bytes(rendered.body)["To"])[0]
    longest = max(len(line) for line in rendered.body.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    return str(mail["Subject"]), str(make_header(decode_header(written))), longest


@pytest.mark.parametrize("subject", [
    pytest.param("[MISE À JOUR 5] Aéroport de Bamako fermé après une attaque armée — 1 mort", id="french"),
    pytest.param("[ACT NOW] Bamako airport closed — do not travel", id="dash"),
    pytest.param("إغلاق مطار باماكو بعد هجوم مسلح — لا تذهبوا إلى المطار حتى إشعار آخر من مكتب الأمن", id="arabic"),
])
def test_subject_keeps_its_spaces(subject: str) -> None:
    """Every space between accented words arrives."""
    shown, name, longest = parsed(subject)
    assert shown == subject
    assert name == "Aïssata Traoré"
    assert longest <= 78


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=120))
def test_any_subject_and_name_arrive(subject: str, name: str) -> None:
    """Whatever a headline or a name holds, the reader sees its cleaned form."""
    shown, reader, _ = parsed(subject, name)
    assert shown == header_text(subject)
    assert reader == header_text(name)
