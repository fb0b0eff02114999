"""One stream of what changed: browsers fetch the parts of a page anew that they show of it.

The store is asked, not a signal of this process, so that what a command or another process changed is seen too; it is
asked by one task, while anybody listens.
"""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from advisord.errors import AdvisordError
from advisord.store.pulse import Pulse
from advisord.store.store import Store
from advisord.web.visit import Visit

LOOK_S = 0.5
LASTS_S = 600.0  # then the browser asks again, and its login is looked at again
SILENCE_S = 15.0  # a proxy closes what is silent for longer


class Tide:
    """What changed, for all who listen; lives in the loop of the server that serves it."""

    def __init__(self, store: Store) -> None:
        """Nobody listens yet."""
        self._store = store
        self._listening: set[asyncio.Queue[str]] = set()
        self._task: asyncio.Task[None] | None = None

    def stream(self, visit: Visit) -> StreamingResponse:
        """The stream for one browser."""
        del visit
        return StreamingResponse(self._told(), media_type="text/event-stream",
                                 headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def _told(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        self._listening.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        ends = asyncio.get_running_loop().time() + LASTS_S
        try:
            yield "retry: 1000\nevent: hello\ndata:\n\n"
            while (left := ends - asyncio.get_running_loop().time()) > 0:
                try:
                    topics = await asyncio.wait_for(queue.get(), min(SILENCE_S, left))
                except TimeoutError:
                    yield ":\n\n"
                else:
                    yield f"event: changed\ndata: {topics}\n\n"
        finally:
            self._listening.discard(queue)

    async def _look(self) -> None:
        before: Pulse | None = None
        while self._listening:
            now = await self._pulse()
            if now is not None and before is not None and (topics := now.changed_since(before)):
                self._tell(" ".join(topics))
            before = now or before
            await asyncio.sleep(LOOK_S)

    async def _pulse(self) -> Pulse | None:
        try:
            return await run_in_threadpool(self._store.pulse)
        except AdvisordError:  # told elsewhere; looked at again in a moment
            return None

    def _tell(self, topics: str) -> None:
        for queue in self._listening:
            if not queue.full():
                queue.put_nowait(topics)
