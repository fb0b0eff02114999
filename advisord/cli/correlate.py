"""`advisord correlate`: articles in, for each the incident it tells of; design contract `correlate`.

All input is read before the first line is written, since a later article may join two incidents that looked separate.
"""
from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import click

from advisord.cli.articles import Line, line_of, written
from advisord.cli.options import instant
from advisord.cli.workers import Batch, answers, bar, batches
from advisord.correlate.batch import Told, labels_of
from advisord.correlate.sourced import outline, sourced
from advisord.correlate.tables import Tables
from advisord.errors import AdvisordError
from advisord.extract.analyse import Analyser
from advisord.model import Article, Hazard
from advisord.settings.correlation import tables
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

# Stands where a report wants to know when it was seen: nothing in a batch asks
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class Heard:
    """What is kept of one line: its id, and its reports or what is wrong with it."""

    id: Any
    told: Told = NOTHING_TOLD
    error: str | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listener:
    """Reads lines into reports; the same in every process."""

    analyser: Analyser
    tables: Tables
    at: datetime | None
    country: str | None

    def answer(self, batch: Batch) -> tuple[Heard, ...]:
        """What numbered lines tell, in order."""
        return tuple(self._heard(line_of(number, data)) for number, data in batch)

    def _heard(self, line: Line) -> Heard:
        messages = tuple(f"line {line.number}: {warning}" for warning in line.warnings)
        if line.article is None:
            return Heard(line.id, error=line.error, messages=(*messages, f"line {line.number}: {line.error}"))
        return Heard(line.id, self._told(line.number, line.article), messages=messages)

    def _told(self, number: int, article: Article) -> Told:
        """What the article tells, under the number of its line, since ids may repeat."""
        analysis = self.analyser.analyse(article, at=self.at, country=self.country)
        known = Article(id=f"{number:09}", text=article.text, title=article.title, published=article.published,
                        seen_at=article.published or NEVER)
        reports = sourced(known, analysis, None, now=NEVER, tables=self.tables)
        return Told(reports, outline(known, analysis, now=NEVER, tables=self.tables))


@click.command()
@click.option("--at", "at_text", metavar="TIME", help='The instant taken as "now" for articles without `published`.')
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes read.")
@click.option("--country", metavar="CC", help="Where unqualified names most likely lie, for articles that do not say.")
@click.option("--progress", is_flag=True, help="Show a bar on standard error.")
def command(at_text: str | None, jobs: int, country: str | None, *, progress: bool) -> None:
    """Tell which articles are about the same incident.

    Reads one JSON object a line from standard input and writes one a line, when all are read: the article's id and the
    incident it tells of, null where it tells of none that is current. The format is told in docs/correlate.md. Exit
    status 1: a line was no article.
    """
    try:
        seeds = seeds_of()
        listener = Listener(analyser(seeds), tables(seeds), instant(at_text) if at_text else None, country)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    gc.freeze()  # what is known lives as long as the process; no collection need look at it again
    heard = _heard_all(listener, sys.stdin.buffer, jobs, progress=progress)
    _write(heard, listener.analyser.hazards, listener.tables)
    if any(each.error for each in heard):
        raise SystemExit(1)


def _heard_all(listener: Listener, stream: BinaryIO, jobs: int, *, progress: bool) -> list[Heard]:
    """All lines, read; what is to be said about them is said on standard error."""
    found: list[Heard] = []
    with bar(shown=progress) as advance:
        for batch in answers(listener, batches(stream), jobs):
            found += batch
            for each in batch:
                for message in each.messages:
                    click.echo(message, err=True)
            advance(len(batch))
    return found


def _write(heard: list[Heard], hazards: Mapping[str, Hazard], known: Tables) -> None:
    labels = labels_of([each.told for each in heard], hazards=hazards, tables=known)
    for each, incident in zip(heard, labels, strict=True):
        answer = {"id": each.id, "incident": incident} if each.error is None else {"id": each.id, "error": each.error}
        sys.stdout.buffer.write(written(answer))
    sys.stdout.buffer.flush()
