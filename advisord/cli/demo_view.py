"""Tells on the terminal what the service did, from the rows it left in the store and the mail that came in."""
from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from advisord.cli.demo_stage import Hook, Mail, Received
from advisord.model import Article, Exposure, Incident, SourcedReport
from advisord.store.store import Store

CONTEXT = 45  # characters of the sentence shown on both sides of the words that tell


class Teller:
    """Prints each new reading, exposure and message once, in the order the service came to it."""

    def __init__(self, console: Console, store: Store, received: Received) -> None:
        """Begin at the beginning of the store."""
        self._console = console
        self._store = store
        self._received = received
        self._cursor = 0
        self._touched: set[tuple[str, str, str, str]] = set()
        self._mails = 0
        self._hooks = 0

    def tell(self) -> None:
        """Print what is new since the last call."""
        for cursor, article, reports in self._store.readings(self._cursor, 100):
            self._cursor = cursor
            self._tell_reading(article, reports)
        for incident in self._store.incidents():
            self._tell_exposures(incident, self._store.exposures(incident.id))
        mails, hooks = self._received.mails[self._mails:], self._received.hooks[self._hooks:]
        self._mails += len(mails)
        self._hooks += len(hooks)
        for mail in mails:
            subject = escape(str(mail.message["Subject"]))
            self._line(mail.at, "mail", f"[cyan]{escape(mail.recipient)}[/cyan]  {subject}")
        for hook in hooks:
            self._line(hook.at, "hook", f"{escape(str(hook.body.get('type')))}  "
                                        f"{'signature right' if hook.verified else '[red]signature wrong[/red]'}")

    def _line(self, at: datetime | None, kind: str, markup: str) -> None:
        stamp = f"{at:%a %H:%M}" if at else "         "
        colour = {"read": "white", "found": "yellow", "touch": "magenta", "mail": "green", "hook": "green"}[kind]
        self._console.print(f"[dim]{stamp}[/dim] [{colour}]{kind:<5}[/{colour}] {markup}", highlight=False,
                            soft_wrap=True)

    def _tell_reading(self, article: Article, reports: tuple[SourcedReport, ...]) -> None:
        self._line(article.published, "read", f"[bold]{escape(article.feed_id)}[/bold]: {escape(article.title)}")
        if not reports:
            self._line(None, "found", "[dim]no incident[/dim]")
        for each in reports:
            self._line(None, "found", f"{described(each)}  {shown_words(article, each)}")

    def _tell_exposures(self, incident: Incident, exposures: tuple[Exposure, ...]) -> None:
        for each in exposures:
            key = (incident.id, each.rule_id, each.location_id, each.hazard)
            if each.person_id is None or key in self._touched:
                continue
            self._touched.add(key)
            distance = f", {each.distance_km:.0f} km away" if each.distance_km is not None else ""
            self._line(None, "touch", f"[bold]{escape(each.person_id)}[/bold] by {incident.id} ({each.hazard}): "
                                      f"{escape(each.via)}{distance}, rule {escape(each.rule_id)}")


def described(each: SourcedReport) -> str:
    """A report in one line of markup: hazard, phase, place, numbers, who claims it."""
    report = each.report
    place = report.place.place if report.place else None
    where = f" in {place.name or report.place.surface if report.place else ''}" if place else ""
    country = f" ({place.country})" if place and place.country else ""
    counts = "".join(f", {name} {_range(count.min, count.max)}" for name, count in (
        ("killed", report.killed), ("injured", report.injured), ("abducted", report.abducted)) if count)
    claimed = "".join(f", {actor.attribution} by {escape(actor.name)}" for actor in report.actors
                      if actor.role == "perpetrator" and actor.attribution != "stated")
    style = "yellow" if report.phase.is_current else "dim"
    return f"[{style}]{report.hazard} {report.phase}{escape(where + country)}{counts}{claimed}[/{style}]"


def shown_words(article: Article, each: SourcedReport) -> str:
    """The words that show the hazard, with some of what stands around them."""
    first = next((span for span in each.report.evidence if span.of == "hazard"), None)
    if first is None:
        return ""
    text = article.title if first.field == "title" else article.text
    before = escape(text[max(0, first.start - CONTEXT):first.start])
    words = escape(text[first.start:first.end])
    after = escape(text[first.end:first.end + CONTEXT])
    return f"[dim]“…{before}[/dim][underline]{words}[/underline][dim]{after}…”[/dim]"


def _range(low: int | None, high: int | None) -> str:
    if low == high:
        return str(low)
    return f"{low if low is not None else 0}-{high}" if high is not None else f"{low}+"


def show_received(console: Console, received: Received, *, everything: bool) -> None:
    """The mails as a table, then in full: every one, or a thread, the longest mail and one webhook."""
    table = Table("When", "To", "Subject", title=f"{len(received.mails)} mails, {len(received.hooks)} webhooks")
    for mail in received.mails:
        table.add_row(f"{mail.at:%a %H:%M}", mail.recipient, Text(str(mail.message["Subject"])))
    console.print(table)
    for mail in received.mails if everything else _sample(received.mails):
        console.print(_panel(mail))
    for hook in received.hooks if everything else received.hooks[:1]:
        console.print(Panel(Text(json.dumps(hook.body, ensure_ascii=False, indent=1)),
                            title=f"webhook {hook.key}, {'signature right' if hook.verified else 'signature WRONG'}"))


def _sample(mails: list[Mail]) -> list[Mail]:
    """The whole thread of whoever was written to first, and the first mail to everybody whose mail is longest."""
    if not mails:
        return []
    first = mails[0].recipient
    longest = max(mails, key=lambda mail: len(_plain(mail)))
    return [mail for mail in mails if mail.recipient == first] + ([longest] if longest.recipient != first else [])


def _plain(mail: Mail) -> str:
    part = mail.message.get_body(("plain",))
    return str(part.get_content()) if part else ""


def _panel(mail: Mail) -> Panel:
    shown = ("From", "To", "Subject", "Date", "Message-ID", "References")
    heads = "\n".join(f"{name}: {mail.message[name]}" for name in shown if mail.message[name])
    return Panel(Text(f"{heads}\n\n{_plain(mail)}"), title=f"mail to {mail.recipient}", border_style="green")


def save_received(received: Received, folder: Path) -> None:
    """Keep every mail as .eml and .html and every webhook body as .json, numbered in the order they came."""
    for number, mail in enumerate(received.mails, 1):
        name = f"{number:02}-{mail.recipient.partition('@')[0]}"
        (folder / f"{name}.eml").write_bytes(mail.message.as_bytes())
        html = mail.message.get_body(("html",))
        if html:
            (folder / f"{name}.html").write_text(str(html.get_content()), encoding="utf-8")
    for number, hook in enumerate(received.hooks, 1):
        _write_hook(folder / f"hook-{number:02}.json", hook)


def _write_hook(path: Path, hook: Hook) -> None:
    path.write_text(json.dumps(hook.body, ensure_ascii=False, indent=1), encoding="utf-8")
