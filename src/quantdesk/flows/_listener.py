"""A dashboard in miniature: it listens to event topics as an open screen would."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

from quantdesk.services.event import Events, Subscribe


class Listener:
    """Counts the events that arrive on `topics` until it is closed."""

    def __init__(self, events: Events, topics: Sequence[str]) -> None:
        self._events = events
        self._topics = topics
        self._tasks: list[asyncio.Task[None]] = []
        self.received = 0
        self.missed = 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def open(self) -> None:
        """Begin to listen. Opening again changes nothing."""
        if self._tasks:
            return
        self._tasks = [asyncio.create_task(self._follow(topic)) for topic in self._topics]
        await asyncio.sleep(0)

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Take what was published so far, and stop listening."""
        await self.catch_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def catch_up(self) -> None:
        """Let what was published so far arrive."""
        for _ in range(4):
            await asyncio.sleep(0)

    async def _follow(self, topic: str) -> None:
        async for event in self._events.subscribe(Subscribe(topic=topic)):
            self.received += 1
            self.missed += event.missed
