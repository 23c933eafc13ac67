"""The journal: what happened becomes durable, in the order in which it happened.

The core changes its state in memory first, without waiting; the journal follows with one write at
a time, and what piles up meanwhile shares the next. If a write fails, memory is ahead of the disk:
the journal halts, nothing new is taken, and a restart recovers from what is on disk.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from quantdesk.kernel import OutcomeUnknown, Unavailable, encode
from quantdesk.services.database import Database, Statement, Write
from quantdesk.services.event import PUBLISH_EVENTS_MAX, Events, Publish

from .changes import Changes
from .schema import FENCE

WAITING_MAX = 10_000
"""Changes that may wait for the disk; beyond that new orders are refused."""
CHANGES_PER_WRITE_MAX = 256


class _Entry(Struct):
    changes: Changes
    done: asyncio.Future[None]


class Journal:
    """Takes changes in order, and tells when they are durable; publishes them after that."""

    def __init__(self, database: Database, events: Events) -> None:
        self._database = database
        self._events = events
        self._waiting: list[_Entry] = []
        self._writer: asyncio.Task[None] | None = None
        self._last: asyncio.Future[None] | None = None
        self.sequence = 0
        """Changes that are on disk."""
        self.halted: str | None = None
        """Why nothing new is taken; None while all is well."""
        self.unpublished = 0
        """Events that listeners missed because they could not be published."""

    def check_open(self) -> None:
        """Raises `Unavailable` while nothing new may be taken."""
        if self.halted is not None:
            raise Unavailable(
                f"trading has halted: {self.halted}",
                advice="Nothing new is taken. Repair the disk and restart: the desk recovers from"
                " its journal.",
            )
        if len(self._waiting) >= WAITING_MAX:
            raise Unavailable(
                f"{WAITING_MAX} changes are waiting for the disk",
                advice="Slow down and try again shortly.",
            )

    def halt(self, reason: str) -> None:
        """Take nothing new. What was submitted and is not durable fails."""
        if self.halted is None:
            self.halted = reason
        entries, self._waiting = self._waiting, []
        self._fail(entries)

    @contextmanager
    def halting_on_defects(self) -> Iterator[None]:
        """An act that fails half way leaves memory in no state to go on from."""
        try:
            yield
        except Exception as error:
            self.halt(f"a defect: {error}")
            raise

    def submit(self, changes: Changes) -> asyncio.Future[None]:
        """Queue changes behind those before. The future is done when they are durable, and
        raises `OutcomeUnknown` if the write failed."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last = done
        entry = _Entry(changes, done)
        if self.halted is not None:
            self._fail([entry])
            return done
        self._waiting.append(entry)
        if self._writer is None:
            # A context of its own: it does not work for whoever happened to come first.
            self._writer = asyncio.get_running_loop().create_task(
                self._write_all(), context=contextvars.Context()
            )
        return done

    async def flushed(self) -> None:
        """Wait until all that was submitted so far is durable. Raises like `submit`'s future."""
        if self._last is not None and not self._last.done():
            await asyncio.shield(self._last)
        if self.halted is not None:
            self.check_open()

    async def _write_all(self) -> None:
        batch: list[_Entry] = []
        try:
            while self._waiting:
                batch = self._waiting[:CHANGES_PER_WRITE_MAX]
                del self._waiting[:CHANGES_PER_WRITE_MAX]
                changes = await self._write(batch)
                await self._publish(changes)
                for entry in batch:
                    if not entry.done.done():
                        entry.done.set_result(None)
        except Exception as error:  # noqa: BLE001 - whatever it was, memory is ahead of the disk
            self.halt(f"the journal could not be written: {error}")
            self._fail(batch)
        except BaseException:
            self.halt("the desk was stopped while it wrote its journal")
            self._fail(batch)
            raise
        finally:
            self._writer = None

    async def _write(self, batch: list[_Entry]) -> Changes:
        """One atomic write of the whole batch."""
        merged = Changes()
        for entry in batch:
            merged.merge(entry.changes)
        following = self.sequence + len(batch)
        fence = Statement(FENCE, (self.sequence, following))
        await self._database.write(Write(statements=(fence, *merged.statements())))
        self.sequence = following
        return merged

    async def _publish(self, changes: Changes) -> None:
        news: tuple[tuple[str, list[object]], ...] = (
            ("orders", list(changes.order_news.values())),
            ("fills", list(changes.fill_news)),
            ("settlements", list(changes.settlement_news)),
        )
        for topic, messages in news:
            for start in range(0, len(messages), PUBLISH_EVENTS_MAX):
                page = messages[start : start + PUBLISH_EVENTS_MAX]
                payloads = tuple(encode(message) for message in page)
                try:
                    await self._events.publish(Publish(topic=topic, payloads=payloads))
                except Exception:  # noqa: BLE001 - whatever ails the events, the trade stands
                    # It is done and durable; a listener who missed it reads the journal.
                    self.unpublished += len(page)

    def _fail(self, entries: list[_Entry]) -> None:
        for entry in entries:
            if not entry.done.done():
                entry.done.set_exception(
                    OutcomeUnknown(
                        f"it could not be recorded: {self.halted}",
                        advice="Look it up once trading runs again, before doing anything else.",
                    )
                )
                entry.done.exception()  # looked at: nobody may be waiting for it
