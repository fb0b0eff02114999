"""`advisord analyse`: articles in, incident reports out, one JSON object a line; nothing else is read or kept."""
from __future__ import annotations

import gc
import multiprocessing
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click

from advisord.cli.articles import Line, line_of, written
from advisord.cli.options import instant
from advisord.errors import AdvisordError
from advisord.extract.analyse import Analyser
from advisord.extract.contract import answer_of
from advisord.gazetteer import Gazetteer
from advisord.model import Article
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

_BATCH = 32  # lines that one process is given at a time: a sixtieth of a second of work
_AHEAD = 4  # batches a process that may wait, so that input of any size takes bounded memory
Batch = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a batch: bytes for standard output, messages for standard error, how many lines were faulty."""

    output: bytes
    messages: tuple[str, ...]
    failed: int
    lines: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Answers lines; the same in every process."""

    analyser: Analyser
    at: datetime | None
    country: str | None

    def answer(self, batch: Batch) -> Answered:
        """The answers to numbered lines, in order."""
        output: list[bytes] = []
        messages: list[str] = []
        failed = 0
        for number, data in batch:
            line = line_of(number, data)
            messages += [f"line {number}: {warning}" for warning in line.warnings]
            if line.error is not None or line.article is None:
                failed += 1
                messages.append(f"line {number}: {line.error}")
                output.append(written({"id": line.id, "error": line.error}))
            else:
                output.append(self._written(line, line.article))
        return Answered(b"".join(output), tuple(messages), failed, len(batch))

    def _written(self, line: Line, article: Article) -> bytes:
        return written(answer_of(line.id, self.analyser.analyse(article, at=self.at, country=self.country)))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--at", "at_text", metavar="TIME", help='The instant taken as "now" for articles without `published`.')
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes read.")
@click.option("--country", metavar="CC", help="Where unqualified names most likely lie, for articles that do not say.")
@click.option("--progress", is_flag=True, help="Show a bar on standard error.")
def command(file: Path | None, at_text: str | None, jobs: int, country: str | None, *, progress: bool) -> None:
    """Turn articles into incident reports.

    Reads one JSON object a line from standard input and writes one a line; or reads FILE, one plain-text article whose
    first line is its title. The format is told in docs/incidents.md. Exit status 1: a line was no article.
    """
    try:
        seeds = seeds_of()
        gazetteer = Gazetteer.open(seeds.folder("gazetteer"))
        if country is not None and (not country or country not in gazetteer.countries):
            raise click.BadParameter(f"{country!r} is no country (two capitals of ISO 3166, such as ML)",
                                     param_hint="--country")
        reader = Reader(analyser(seeds, gazetteer), instant(at_text) if at_text else None, country)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    gc.freeze()  # what is known lives as long as the process; no collection need look at it again
    if file is not None:
        _put(_answer_of_file(reader, file))
        return
    failed = _answer_all(reader, sys.stdin.buffer, jobs, progress=progress)
    if failed:
        raise SystemExit(1)


def _answer_of_file(reader: Reader, file: Path) -> bytes:
    """The answer for a plain text."""
    title, _, text = file.read_bytes().decode("utf-8", "replace").partition("\n")
    article = Article(id="1", title=title.rstrip("\r"), text=text)
    return written(answer_of("1", reader.analyser.analyse(article, at=reader.at, country=reader.country)))


def _answer_all(reader: Reader, stream: BinaryIO, jobs: int, *, progress: bool) -> int:
    """Answer every line of the stream; how many were faulty."""
    failed = 0
    with _bar(shown=progress) as advance:
        for answered in _answers(reader, _batches(stream), jobs):
            for message in answered.messages:
                click.echo(message, err=True)
            _put(answered.output)
            failed += answered.failed
            advance(answered.lines)
    return failed


def _put(output: bytes) -> None:
    sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()


def _batches(stream: Iterable[bytes]) -> Iterator[Batch]:
    """The lines that are not blank, numbered as they stand, in batches."""
    lines = ((number, data) for number, data in enumerate(stream, start=1) if data.strip(b" \t\r\n"))
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _answers(reader: Reader, batches: Iterator[Batch], jobs: int) -> Iterator[Answered]:
    """The answers in the order of the input, whoever finds them."""
    if jobs == 1:
        yield from map(reader.answer, batches)
        return
    # Forked processes share what this one has loaded. Where there is no fork, each loads for itself.
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(reader,)) as pool:
        waiting: deque[Future[Answered]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_work, batch))
            while len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Worker:
    """What a child process was given at its start."""

    reader: Reader | None = None


def _begin(reader: Reader) -> None:
    _Worker.reader = reader


def _work(batch: Batch) -> Answered:
    if _Worker.reader is None:
        raise AdvisordError("a process was given work before it had begun")
    return _Worker.reader.answer(batch)


@contextmanager
def _bar(*, shown: bool) -> Iterator[Callable[[int], None]]:
    """What to call with so many more articles: it moves a count on standard error, or does nothing."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - a tenth of a start, only for those who look
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    bar = Progress(SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn(),
                   console=Console(stderr=True))
    with bar:
        task = bar.add_task("", total=None)
        yield lambda count: bar.advance(task, count)
