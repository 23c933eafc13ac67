"""The dead man's switch: an account that no longer says that it is there has its orders cancelled.

It is written down, so a desk that was itself away cancels when it is back.
"""

from __future__ import annotations

from msgspec.structs import replace

from quantdesk.kernel import Caller, Seam, department, utc

from .changes import Changes
from .core import Core
from .journal import Journal
from .placing import Placing
from .rows import DeadManRow
from .venue_operations import CancelAfter, CancelAfterSet

NS_PER_S = 1_000_000_000


class DeadMan:
    """Switches by account."""

    def __init__(self, core: Core, journal: Journal, placing: Placing, seam: Seam) -> None:
        self._core = core
        self._journal = journal
        self._placing = placing
        self._seam = seam

    async def set(self, request: CancelAfter, caller: Caller) -> CancelAfterSet:
        self._journal.check_open()
        due_ns = 0
        if request.seconds:
            due_ns = self._seam.now_ns() + request.seconds * NS_PER_S
        await self._write(DeadManRow(caller.account, due_ns, caller.caller_id))
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
