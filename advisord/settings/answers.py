"""`public_url` and `answers` of advisord.yaml -> whether and how people answer."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from advisord.model import Answering, Listener, Rule, Secrets
from advisord.settings.addresses import is_address, is_loopback
from advisord.settings.page import Page
from advisord.settings.secret import from_environment, from_file
from advisord.settings.shape.main import AnswersShape, MainFile

SHORTEST_KEY = 32  # characters
LONGEST = timedelta(days=90)


def answering_of(main: Page[MainFile] | None, top: MainFile, folder: Path,
                 environ: Mapping[str, str]) -> Answering | None:
    """How people answer; null where no address is given. Tells what could not work or would not be safe."""
    if main is None or top.public_url is None:
        return None
    fault = _fault(top.public_url)
    if fault:
        main.fault(("public_url",), fault)
    lasts = top.answers.links_last
    if not timedelta() < lasts <= LONGEST:
        main.fault(("answers", "links_last"), f"is out of range (up to {LONGEST.days}d)")
    key = _key(main, top.answers, folder, environ)
    return Answering(top.public_url.rstrip("/"), lasts, Secrets({"key": key} if key else {}))


def answers_of(main: Page[MainFile] | None, top: MainFile) -> Listener:
    """Where answers come in; tells an address that can't be listened on, or that is the page's."""
    shape = top.answers
    if main is not None and not is_loopback(shape.host) and not is_address(shape.host):
        main.fault(("answers", "host"), f"{shape.host!r} is not an IP address of this machine (write 127.0.0.1)")
    if main is not None and top.public_url and top.page.enabled and shape.port == top.page.port:
        main.fault(("answers", "port"), "is the page's port; answers are published, the page is not")
    return Listener(shape.host, shape.port, top.public_url, enabled=top.public_url is not None)


def tell_unanswerable(main: Page[MainFile], top: MainFile, rules: Sequence[Rule]) -> None:
    """Warn where others would be called each time, since nobody can answer."""
    calling = [rule.id for rule in rules if rule.escalate is not None]
    if calling and top.public_url is None:
        main.warn((), f"public_url is not set, so nobody can answer, and others are called whenever rule {calling[0]} "
                      "told somebody")


def _fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is not a web address (write https://safe.example.org)"
    if not parts.hostname or parts.query or parts.fragment or parts.username or not url.isascii() or " " in url \
            or parts.path.strip("/"):
        return "is not the address of a site (write https://safe.example.org)"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)):
        return None
    return "is not encrypted; whoever listens would learn who is where (write https://…)"


def _key(main: Page[MainFile], shape: AnswersShape, folder: Path, environ: Mapping[str, str]) -> str | None:
    if shape.key_env and shape.key_file:
        main.fault(("answers", "key_file"), "stands beside key_env; one of them is enough")
    key = None
    if shape.key_env:
        key = from_environment(main, ("answers", "key_env"), shape.key_env, environ)
    elif shape.key_file:
        key = from_file(main, ("answers", "key_file"), folder / shape.key_file)
    if key is not None and len(key) < SHORTEST_KEY:
        main.fault(("answers", "key_env" if shape.key_env else "key_file"),
                   f"does not hold a key of at least {SHORTEST_KEY} characters")
    return key
