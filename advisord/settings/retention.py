"""`retention:` of advisord.yaml -> Retention."""
from __future__ import annotations

from advisord.model import Retention
from advisord.settings.page import Page
from advisord.settings.shape.main import MainFile


def retention_of(page: Page[MainFile] | None, top: MainFile) -> Retention:
    """How long each class is kept; an incident can't go before what was said of it, which is told."""
    written = top.retention
    for name in ("people", "messages"):
        if page and written.incidents < getattr(written, name):
            page.fault(("retention", "incidents"),
                       f"{written.incidents.days}d is shorter than retention.{name} "
                       f"({getattr(written, name).days}d): an incident goes with all that was said of it")
    return Retention(people=written.people, messages=written.messages, articles=written.articles,
                     incidents=written.incidents, journal=written.journal)
