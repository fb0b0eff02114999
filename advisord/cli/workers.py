"""Work over many lines by one process or several, the answers in the order of the input.

Its own module because `analyse` and `correlate` share it. A worker is a value with what it knows; forked processes
share its memory, and where there is no fork each gets a copy.
"""
from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Protocol, TypeVar, cast

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from advisord.errors import AdvisordError

Batch = list[tuple[int, bytes]]
Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)

BATCH = 32  # lines that one process is given at a time: a sixtieth of a second of work
AHEAD = 4  # batches a process that may wait, so that input of any size takes bounded memory


class Worker(Protocol[Answer_co]):
    """Who answers a batch; the same in every process."""

    def answer(self, batch: Batch) -> Answer_co:
        """What becomes of those numbered lines."""


def batches(stream: Iterable[bytes]) -> Iterator[Batch]:
    """The lines that are not blank, numbered as they stand, in batches."""
    lines = ((number, data) for number, data in enumerate(stream, start=1) if data.strip(b" \t\r\n"))
    while batch := list(islice(lines, BATCH)):
        yield batch


def answers(worker: Worker[Answer], of: Iterator[Batch], jobs: int) -> Iterator[Answer]:
    """The worker's answer to each batch, in order, whoever finds it."""
    if jobs == 1:
        yield from map(worker.answer, of)
        return
    work = cast("Callable[[Batch], Answer]", _work)  # it answers as the worker does that every process is given
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(worker,)) as pool:
        waiting: deque[Future[Answer]] = deque()
        for batch in of:
            waiting.append(pool.submit(work, batch))
            while len(waiting) >= jobs * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Child:
    """What a child process was given at its start."""

    worker: Worker[object] | None = None


def _begin(worker: Worker[object]) -> None:
    _Child.worker = worker


def _work(batch: Batch) -> object:
    if _Child.worker is None:
        raise AdvisordError("a process was given work before it had begun")
    return _Child.worker.answer(batch)


@contextmanager
def bar(*, shown: bool) -> Iterator[Callable[[int], None]]:
    """What to call with so many more articles: it moves a count on standard error, or does nothing."""
    if not shown:
        yield lambda _: None
        return
    progress = Progress(SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn(),
                        console=Console(stderr=True))
    with progress:
        task = progress.add_task("", total=None)
        yield lambda count: progress.advance(task, count)
