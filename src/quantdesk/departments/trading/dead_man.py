"""The dead man's switch: an account that no longer says that it is there has its orders cancelled.

It is written down, so a desk that was itself away cancels when it is back.
"""

from __future__ import annotations

import asyncio
import contextvars

from msgspec.structs import replace

from quantdesk.kernel import Caller, DeskError, ManualClock, Seam, department, utc

from .changes import Changes
from .core import Core
from .journal import Journal
from .placing import Placing
from .rows import DeadManRow
from .venue_operations import CancelAfter, CancelAfterSet

NS_PER_S = 1_000_000_000
LOOKS_EVERY_S = 0.25
"""How often the clock is looked at, for a market that is silent."""


class DeadMan:
    """Switches by account."""

    def __init__(self, core: Core, journal: Journal, placing: Placing, seam: Seam) -> None:
        self._core = core
        self._journal = journal
        self._placing = placing
        self._seam = seam
        self._timer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look at the clock while a switch is on. A manual clock is moved by others, who settle."""
        if self._timer is None and self._core.dead_men and not self._replays:
            # A context of its own: it does not work for whoever happened to come first.
            self._timer = asyncio.get_running_loop().create_task(
                self._keep_time(), context=contextvars.Context()
            )

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.wait([self._timer])

    @property
    def _replays(self) -> bool:
        return isinstance(self._seam.clock, ManualClock)

    async def _keep_time(self) -> None:
        try:
            while self._core.dead_men and self._journal.halted is None:
                await self._seam.clock.sleep(LOOKS_EVERY_S)
                try:
                    await self.fire()
                except DeskError:
                    continue  # it stays on: a venue that cannot be reached now may be later
        finally:
            self._timer = None

    async def set(self, request: CancelAfter, caller: Caller) -> CancelAfterSet:
        self._journal.check_open()
        due_ns = 0
        if request.seconds:
            due_ns = self._seam.now_ns() + request.seconds * NS_PER_S
        await self._write(DeadManRow(caller.account, due_ns, caller.caller_id))
        self.start()
        return CancelAfterSet(cancels_at=utc(due_ns) if due_ns else None)

    async def fire(self) -> None:
        """Cancel for those whose time has come. The switch goes off once it is done, so a crash in
        between does it again."""
        now_ns = self._seam.now_ns()
        due = [row for row in self._core.dead_men.values() if 0 < row.due_ns <= now_ns]
        for row in due:
            clerk = replace(department("dead-man", "trading.place"), account=row.account)
            await self._placing.cancel_all(clerk, instrument=None, side=None)
            if self._core.dead_men.get(row.account) is row:  # it was not renewed meanwhile
                await self._write(replace(row, due_ns=0))

    async def _write(self, row: DeadManRow) -> None:
        if row.due_ns:
            self._core.dead_men[row.account] = row
        else:
            self._core.dead_men.pop(row.account, None)
        await self._journal.submit(Changes(dead_men=[row]))
